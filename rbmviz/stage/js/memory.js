// The exact numbers do not come with every frame. The latest known ones stay, with the step they
// belong to: a viewer fades what is of another step, and names that step.

export class Memory {
  constructor() {
    this.forget(null);
  }

  forget(run) {
    this.run = run;
    this.isNew = true; // no frame was taken yet
    this.exact = null; // {values, step, always}
    this.states = null; // {v, p, complete, step, always}
    this.scalars = new Map(); // name -> {value, step, always}
  }

  /** Keep what this frame knows; a new run forgets the old one. */
  take(frame) {
    if (frame.run !== this.run) this.forget(frame.run);
    const { step, scalars } = frame;
    this.exact = this.#latest(this.exact, frame.exact && { values: frame.exact }, step);
    const complete = scalars.states_complete === 1;
    const states = frame.states && { v: frame.states, p: frame.statesP, complete };
    this.states = this.#latest(this.states, states, step);
    for (const name of Object.keys(scalars)) {
      const found = Number.isNaN(scalars[name]) ? null : { value: scalars[name] };
      const known = this.#latest(this.scalars.get(name) ?? null, found, step);
      if (known) this.scalars.set(name, known);
    }
    this.isNew = false;
  }

  /** always: every frame since the first brought it. */
  #latest(known, found, step) {
    if (found) return { ...found, step, always: this.isNew || known?.always === true };
    return known && { ...known, always: false };
  }

  /** The latest known value of a scalar, NaN when there is none. */
  value(name) {
    return this.scalars.get(name)?.value ?? NaN;
  }

  /** The step that value belongs to. */
  stepOf(name) {
    return this.scalars.get(name)?.step ?? NaN;
  }
}

/** Whether something remembered is of another step than the one on the screen.
 *
 * While playing, what comes with some frames only counts as late in all of them: a note that comes
 * and goes could not be read.
 */
export function isLate(known, step, playing) {
  return known.step !== step || (playing && !known.always);
}
