// Slow motion: one update told in five stages, with the numbers of the frame on screen. The frame's
// phases are those of the update that starts from it, so only the last stage asks for a new frame.

import { _ } from "./language.js";
import { MINUS, brief, decimal, parameterName, summary, whole } from "./words.js";

const STAGE_LASTS = 2200; // milliseconds

/** How the samples of the negative phase were made, in one sentence. */
function howSampled({ kind, label, n_samples: count }) {
  if (kind === "exact") return _("all states are summed, none is sampled");
  if (kind === "none") return _("it is not asked, and zero is taken in its place");
  if (kind === "contrastive_divergence") {
    const steps = Number(label.match(/\d+/)?.[0] ?? 1);
    return steps === 1
      ? _("{label} starts chains at the data and takes 1 Gibbs step", { label })
      : _("{label} starts chains at the data and takes {steps} Gibbs steps", { label, steps });
  }
  const named = { n: whole(count), label };
  if (kind === "mean_field") return _("{n} fixed points of {label} stand in for samples", named);
  if (kind === "persistent_tempering") return _("{n} chains of {label} swap states between hot and cold", named);
  if (kind.startsWith("persistent")) return _("{n} chains of {label} go on from where they were", named);
  return _("{n} samples from {label}", named);
}

/** The five stages as [name, caption]. */
export function tell(frame, header) {
  const { nVisible, nHidden, positive, negative, step } = frame;
  const difference = positive.map((value, n) => value - negative[n]);
  const { largest, at } = summary(difference, nVisible, nHidden);
  const name = parameterName(at, nVisible, nHidden);
  const rows = whole(header.batch_size);
  return [
    ["clamp", _("1 Clamp. {rows} rows of data are set on the visible units.", { rows })],
    ["infer", _("2 Infer h. P(h | v) is exact: given v, the hidden units are independent. Positive phase.")],
    ["sample", _("3 Sample the model: {how}. Negative phase.", { how: howSampled(header.negative) })],
    [
      "subtract",
      _("4 Subtract. Positive {minus} negative = gradient; largest {largest} at {name}.", {
        minus: MINUS,
        largest: decimal(largest, 3),
        name,
      }),
    ],
    [
      "apply",
      _("5 Apply. Parameters move by {rate} \u00d7 gradient. Step {step} \u2192 {next}.", {
        rate: brief(header.learning_rate),
        step,
        next: step + 1,
      }),
    ],
  ];
}

export class Narration {
  /** caption(text or null, stage name) shows a stage; step() asks for the update. */
  constructor(caption, step) {
    this.caption = caption;
    this.step = step;
    this.timer = 0;
    this.running = false;
  }

  start(frame, header) {
    this.end();
    this.running = true;
    const stages = tell(frame, header);
    const show = (n) => {
      if (n === stages.length) return this.end();
      const [name, text] = stages[n];
      this.caption(text, name);
      if (name === "apply") this.step();
      this.timer = setTimeout(() => show(n + 1), STAGE_LASTS);
    };
    show(0);
  }

  end() {
    if (!this.running) return;
    clearTimeout(this.timer);
    this.running = false;
    this.caption(null, null);
  }
}
