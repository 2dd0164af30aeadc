// The exact numbers do not come with every frame. The latest known ones stay, with the step they
// belong to, so that a viewer can show them as what they are: exact, but of that step.

export class Memory {
  constructor() {
    this.forget(null);
  }

  forget(run) {
    this.run = run;
    this.exact = null; // {values, step}
    this.states = null; // {v, p, complete, step}
    this.scalars = new Map(); // name -> {value, step}
  }

  /** Keep what this frame knows; a new run forgets the old one. */
  take(frame) {
    if (frame.run !== this.run) this.forget(frame.run);
    const { step, scalars } = frame;
    if (frame.exact) this.exact = { values: frame.exact, step };
    if (frame.states) {
      this.states = { v: frame.states, p: frame.statesP, complete: scalars.states_complete === 1, step };
    }
    for (const name of Object.keys(scalars)) {
      if (!Number.isNaN(scalars[name])) this.scalars.set(name, { value: scalars[name], step });
    }
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
