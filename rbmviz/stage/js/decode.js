// Reads one message of the server. The layout is documented in message.py, beside this folder.

export const SCALAR_NAMES = [
  "step",
  "mean_log_p_tilde",
  "log_z",
  "log_z_estimate",
  "log_z_low",
  "log_z_high",
  "mean_log_likelihood",
  "error_norm",
  "gradient_norm",
  "exact_gradient_norm",
  "angle",
  "norm_ratio",
  "states_complete",
];

const ARRAY_TYPES = { f8: Float64Array, f4: Float32Array, u2: Uint16Array, u1: Uint8Array };

/** Turn the bytes of one message into {header, frames, past}; throw when they are not one.
 *
 * past is null, or what the message brings of the recording: all serial numbers, and some frames.
 */
export function decodeMessage(bytes) {
  const { header, blocks } = readMessage(bytes);
  const frames = [];
  for (let k = 0; k < header.n_frames; k++) frames.push(readFrame(header, blocks, "", k));
  if (!header.recording) return { header, frames, past: null };
  const { serials, sent, hows } = header.recording;
  const past = sent.map(([serial, how], k) => {
    // A copy: a view would keep the whole message alive.
    const frame = readFrame(header, blocks, "past_", k, (part) => part.slice());
    return { ...frame, serial, how: hows[how] };
  });
  return { header, frames, past: { serials, frames: past } };
}

/** Read the header and the blocks by name: {values, shape, perFrame} each. */
export function readMessage(bytes) {
  // Typed arrays need aligned memory; a view into a larger buffer may not be.
  const message = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const magic = String.fromCharCode(...message.subarray(0, 4));
  if (magic !== "RBM1") throw new Error(`The message starts with "${magic}", not "RBM1".`);
  const headerLength = view.getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(message.subarray(8, 8 + headerLength)));
  const blocks = new Map(header.blocks.map((block) => [block.name, readBlock(message, block)]));
  return { header, blocks };
}

function readBlock(message, { dtype, shape, offset, coding }) {
  const length = shape.reduce((product, size) => product * size, 1);
  const begin = message.byteOffset + offset;
  const values = coding
    ? uncode(new Uint8Array(message.buffer, begin, 2 * length), shape, coding)
    : new ARRAY_TYPES[dtype](message.buffer, begin, length);
  return { values, shape, perFrame: length / shape[0] };
}

/** Undo coding.py: two planes of bytes make the differences from frame to frame of whole numbers. */
function uncode(planes, shape, { low, scale, unknown }) {
  const length = planes.length / 2;
  const perFrame = length / shape[0];
  const levels = new Uint16Array(length);
  const values = new Float32Array(length);
  for (let n = 0; n < length; n++) {
    const step = (planes[n] << 8) | planes[length + n];
    levels[n] = step + (n < perFrame ? 0 : levels[n - perFrame]); // modulo 2^16
    values[n] = low + levels[n] * scale;
  }
  for (const k of unknown) values.fill(NaN, k * perFrame, (k + 1) * perFrame);
  return values;
}

function readFrame(header, blocks, prefix, k, taken = (part) => part) {
  const part = (name, rows) => {
    const block = blocks.get(prefix + name);
    if (!block) return null;
    const used = rows === undefined ? block.perFrame : rows * header.n_visible;
    return taken(block.values.subarray(k * block.perFrame, k * block.perFrame + used));
  };
  const [nData, nSamples] = part("rows") ?? [];
  const scalars = {};
  part("scalars").forEach((value, n) => (scalars[SCALAR_NAMES[n]] = value));
  const exact = part("exact");
  const statesP = part("states_p");
  const hasStates = statesP !== null && statesP.length > 0 && !Number.isNaN(statesP[0]);
  const [rows, columns] = header.image_shape ?? [1, header.n_visible];
  const fits = rows * columns === header.n_visible;
  return {
    run: header.run,
    nVisible: header.n_visible,
    nHidden: header.n_hidden,
    imageShape: fits ? [rows, columns] : [1, header.n_visible],
    step: scalars.step,
    scalars,
    weights: part("weights"),
    positive: part("positive"),
    negative: part("negative"),
    exact: exact && !Number.isNaN(exact[0]) ? exact : null,
    data: part("data", nData),
    samples: part("samples", nSamples),
    states: hasStates ? part("states") : null,
    statesP: hasStates ? statesP : null,
  };
}
