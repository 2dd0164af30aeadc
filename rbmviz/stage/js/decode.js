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

const ARRAY_TYPES = { f8: Float64Array, f4: Float32Array, u1: Uint8Array };

/** Turn the bytes of one message into {header, frames}; throw when they are not one. */
export function decodeMessage(bytes) {
  // Typed arrays need aligned memory; a view into a larger buffer may not be.
  const message = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const magic = String.fromCharCode(...message.subarray(0, 4));
  if (magic !== "RBM1") throw new Error(`The message starts with "${magic}", not "RBM1".`);
  const headerLength = view.getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(message.subarray(8, 8 + headerLength)));
  const blocks = new Map(header.blocks.map((block) => [block.name, readBlock(message, block)]));
  const frames = [];
  for (let k = 0; k < header.n_frames; k++) frames.push(readFrame(header, blocks, k));
  return { header, frames };
}

function readBlock(message, { dtype, shape, offset }) {
  const length = shape.reduce((product, size) => product * size, 1);
  const values = new ARRAY_TYPES[dtype](message.buffer, message.byteOffset + offset, length);
  return { values, shape, perFrame: length / shape[0] };
}

function readFrame(header, blocks, k) {
  const part = (name) => {
    const block = blocks.get(name);
    return block ? block.values.subarray(k * block.perFrame, (k + 1) * block.perFrame) : null;
  };
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
    data: part("data"),
    samples: part("samples"),
    states: hasStates ? part("states") : null,
    statesP: hasStates ? statesP : null,
  };
}
