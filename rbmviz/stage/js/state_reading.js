// What one state is: its image, bits and numbers; and the spurious modes as small captioned images.

import { setAttribute, setText } from "./dom.js";
import { _ } from "./language.js";
import { ROUNDING } from "./state_frames.js";
import { MINUS, decimal, whole } from "./words.js";
import { pixelRatio } from "./zoom.js";

const CAPTION_HEIGHT = 18; // CSS pixels under an image
const FOUND_TILE = 44;
const FOUND_PITCH = 66;

/** Four decimals, or 2.1e-5 where those would hide a number. */
export function fine(value, signed = false) {
  if (!Number.isFinite(value) || value === 0 || Math.abs(value) >= 5e-4) return decimal(value, 4, signed);
  const sign = value < 0 ? MINUS : signed ? "+" : "";
  return sign + Math.abs(value).toExponential(1).replace("-", MINUS);
}

/** The bits of a state, unit 0 first, in groups as its image has rows. */
export function bitsOf(state, { nVisible, imageShape }) {
  const [rows, columns] = imageShape;
  const bits = Array.from({ length: nVisible }, (_, k) => (state >> k) & 1);
  return Array.from({ length: rows }, (_, r) => bits.slice(r * columns, (r + 1) * columns).join("")).join(" ");
}

/** The numbers of a state under the names of its outputs. */
export function numbersOfState(frame, state) {
  const { p, logPTilde, space, frequency, change, scalars } = frame;
  const step = (value) => (Math.abs(value) < ROUNDING ? 0 : value);
  return {
    log_p_tilde: logPTilde[state],
    free_energy: -logPTilde[state],
    p_model: p[state],
    p_data: space.data[state],
    frequency: frequency[state],
    push_up: space.data[state],
    push_down: -p[state],
    push: space.data[state] - p[state],
    change: step(change[state]),
    change_p: step(change[state] - scalars.change_of_log_z),
  };
}

const SIGNED = new Set(["push_up", "push_down", "push", "change", "change_p"]);
const KINDS_OF_STATE = ["", _("a local mode"), _("a spurious mode")];

/** Write all numbers of one state; unrounded they are in data-value. */
export function writeState(find, frame, state) {
  for (const [name, value] of Object.entries(numbersOfState(frame, state))) {
    const output = find(name);
    const nats = name.startsWith("log_p") || name.startsWith("free") ? decimal(value, 3) : fine(value, SIGNED.has(name));
    setText(output, nats);
    setAttribute(output, "data-value", String(value));
  }
  setText(find("bits"), bitsOf(state, frame.space));
  const shown = frame.space.data[state] > 0 ? _("in the data") : _("not in the data");
  setText(find("kind"), [shown, KINDS_OF_STATE[frame.modes[state]]].filter(Boolean).join(", "));
  setText(find("frequency-name"), _("frequency, {label}", { label: frame.label }));
}

/** The same as a sentence. */
export function stateSentence(frame, state) {
  const numbers = numbersOfState(frame, state);
  return (
    _("State {bits}: log p tilde {log_p}, p model {model}, p data {data}, ", {
      bits: bitsOf(state, frame.space),
      log_p: decimal(numbers.log_p_tilde, 3),
      model: fine(numbers.p_model),
      data: fine(numbers.p_data),
    }) +
    _("frequency {frequency}, pushes together {push}, next update {change} nats", {
      frequency: fine(numbers.frequency),
      push: fine(numbers.push, true),
      change: fine(numbers.change, true),
    })
  );
}

function fitCanvas(canvas, width, height, ratio) {
  const context = canvas.getContext("2d");
  canvas.width = Math.max(1, Math.floor(width * ratio));
  canvas.height = Math.max(1, Math.floor(height * ratio));
  canvas.style.width = `${canvas.width / ratio}px`;
  canvas.style.height = `${canvas.height / ratio}px`;
  return context;
}

/** Draw a state's image with a frame; returns its height. */
function drawImage(context, state, { nVisible, imageShape }, { x, y, size, ink, frame, line }) {
  const [rows, columns] = imageShape;
  const cell = Math.max(1, Math.floor((size - 2 * line) / Math.max(rows, columns)));
  const height = rows * cell + 2 * line;
  context.fillStyle = ink;
  for (let k = 0; k < nVisible; k++) {
    if (!((state >> k) & 1)) continue;
    context.fillRect(x + line + (k % columns) * cell, y + line + Math.floor(k / columns) * cell, cell, cell);
  }
  context.strokeStyle = frame;
  context.lineWidth = line;
  context.strokeRect(x + line / 2, y + line / 2, columns * cell + line, rows * cell + line);
  return height;
}

export function drawState(canvas, frame, state, theme, hues) {
  const ratio = pixelRatio(canvas);
  const [size, line] = [72, Math.round(2 * ratio)];
  const [rows, columns] = frame.space.imageShape;
  const cell = Math.floor((size * ratio - 2 * line) / Math.max(rows, columns));
  const context = fitCanvas(canvas, size, (rows * cell + 2 * line) / ratio + 1, ratio);
  const hue = frame.space.data[state] > 0 ? hues.positive : frame.modes[state] === 2 ? hues.negative : hues.border;
  drawImage(context, state, frame.space, {
    x: 0,
    y: 0,
    size: size * ratio,
    ink: theme.text,
    frame: hue,
    line,
  });
  setAttribute(canvas, "aria-label", _("State {bits}", { bits: bitsOf(state, frame.space) }));
}

/** Draw the strongest spurious modes as they fit, each with its probability. */
export function drawFound(find, canvas, frame, theme, hues) {
  const states = [];
  frame.modes.forEach((kind, state) => kind === 2 && states.push(state));
  states.sort((a, b) => frame.p[b] - frame.p[a] || a - b);
  const total = states.reduce((sum, state) => sum + frame.p[state], 0);
  const room = find("found-room").clientWidth;
  const shown = states.slice(0, Math.max(1, Math.floor(room / FOUND_PITCH)));
  const note =
    states.length === 0
      ? _("none: no state without data is a local maximum of p that stands out from chance")
      : _("{n}, together p = {p} (exact)", { n: whole(states.length), p: fine(total) }) +
        (shown.length < states.length ? _("; the strongest {n}", { n: shown.length }) : "");
  setText(find("found-note"), note);
  const ratio = pixelRatio(find("found-room"));
  const context = fitCanvas(canvas, Math.max(1, shown.length * FOUND_PITCH), FOUND_TILE + CAPTION_HEIGHT, ratio);
  context.textBaseline = "top";
  context.font = `${14 * ratio}px ${theme.font}`;
  shown.forEach((state, n) => {
    const x = n * FOUND_PITCH * ratio;
    const options = { x, y: 0, size: FOUND_TILE * ratio, ink: theme.text, frame: hues.negative, line: 2 * ratio };
    const height = drawImage(context, state, frame.space, options);
    context.fillStyle = theme.text;
    context.fillText(fine(frame.p[state]), x, height + 3 * ratio);
  });
  const told = shown.map((state) => _("{bits} with p {p}", { bits: bitsOf(state, frame.space), p: fine(frame.p[state]) }));
  setAttribute(canvas, "aria-label", told.length ? _("Spurious modes: {list}.", { list: told.join("; ") }) : _("No spurious modes."));
}
