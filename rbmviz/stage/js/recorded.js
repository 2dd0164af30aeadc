// The recording of the run, as far as the server has sent it: looking back asks nobody.

import { Memory } from "./memory.js";

export class Recorded {
  constructor() {
    this.forget(null);
  }

  forget(id) {
    this.id = id;
    this.held = new Map(); // serial number -> frame
    this.frames = []; // those that are still kept, in the order of their steps
    this.complete = false;
  }

  /** Take what one message brings: all serial numbers, and the frames that were missing. */
  take(serials, frames) {
    for (const frame of frames) this.held.set(frame.serial, { ...frame, run: `recording ${this.id}` });
    const kept = serials.filter((serial) => this.held.has(serial));
    this.complete = kept.length === serials.length;
    this.held = new Map(kept.map((serial) => [serial, this.held.get(serial)]));
    this.frames = [...this.held.values()];
  }

  /** The highest serial number held: the server sends what lies above. */
  get newest() {
    return Math.max(0, ...this.held.keys());
  }

  /** What was known at a frame: numbers that do not come with every frame are the latest before. */
  memoryAt(index) {
    const memory = new Memory();
    for (const frame of this.frames.slice(0, index + 1)) memory.take(frame);
    return memory;
  }
}

/** The mean log-likelihood of a frame as {value, exact}, NaN when it is not known. */
export function likelihoodOf({ scalars }) {
  if (Number.isFinite(scalars.mean_log_likelihood)) return { value: scalars.mean_log_likelihood, exact: true };
  return { value: scalars.mean_log_p_tilde - scalars.log_z_estimate, exact: false };
}
