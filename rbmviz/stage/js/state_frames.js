// Reads a message of states.py, beside this folder, and blends two of its frames.

import { readMessage } from "./decode.js";

export const STATE_SCALAR_NAMES = [
  "step",
  "log_z",
  "change_of_log_z",
  "mean_log_likelihood",
  "mass_outside",
  "n_samples",
];

export const ROUNDING = 1e-10; // nats: a change below is the rounding of a change of zero

/** Turn the bytes of one message into {header, frames}; every array has one number a state. */
export function decodeStates(bytes) {
  const { header, blocks } = readMessage(bytes);
  const [gridRows, gridColumns] = blocks.get("grid").shape;
  const space = {
    nVisible: header.n_visible,
    count: 2 ** header.n_visible,
    imageShape: header.image_shape,
    data: blocks.get("data").values,
    grid: { numbers: blocks.get("grid").values, rows: gridRows, columns: gridColumns },
  };
  const frames = [];
  for (let k = 0; k < header.n_frames; k++) frames.push(readStates(header, blocks, space, k));
  return { header, frames };
}

function readStates(header, blocks, space, k) {
  const part = (name) => {
    const { values, perFrame } = blocks.get(name);
    return values.subarray(k * perFrame, (k + 1) * perFrame);
  };
  const scalars = {};
  part("scalars").forEach((value, n) => (scalars[STATE_SCALAR_NAMES[n]] = value));
  const logP = part("log_p");
  return {
    run: header.run,
    step: scalars.step,
    space,
    scalars,
    verdict: header.verdicts[k],
    label: header.negative.label,
    isExact: header.negative.exact,
    learningRate: header.learning_rate,
    p: logP.map(Math.exp),
    logPTilde: logP.map((value) => value + scalars.log_z),
    frequency: part("frequency"),
    change: part("change"),
    modes: part("modes"),
  };
}

/** The picture between two frames of one space; share runs from 0 to 1. */
export function blendFrames(from, to, share) {
  if (share >= 1 || !from || from.space.count !== to.space.count) return to;
  const mixed = (name) => to[name].map((value, n) => from[name][n] + share * (value - from[name][n]));
  const known = Number.isFinite(from.frequency[0]) && Number.isFinite(to.frequency[0]);
  return {
    ...to,
    p: mixed("p"),
    logPTilde: mixed("logPTilde"),
    change: mixed("change"),
    frequency: known ? mixed("frequency") : to.frequency,
  };
}

/** Numbers of the states, the most probable first; equal ones in the order of their numbers. */
export function byProbability({ logPTilde }) {
  return Uint32Array.from(logPTilde.keys()).sort((a, b) => logPTilde[b] - logPTilde[a] || a - b);
}

/** The largest number of an array that is one. */
export function largestOf(values) {
  let largest = -Infinity;
  for (const value of values) if (value > largest) largest = value;
  return largest;
}
