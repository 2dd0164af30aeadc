// Slow motion: one update told in five stages, with the numbers of the frame on screen. The frame's
// phases are those of the update that starts from it, so only the last stage asks for a new frame.

import { MINUS, brief, decimal, parameterName, summary, whole } from "./words.js";

const STAGE_LASTS = 2200; // milliseconds

/** How the samples of the negative phase were made, in one sentence. */
function howSampled({ kind, label, n_samples: count }) {
  if (kind === "exact") return "all states are summed, none is sampled";
  if (kind === "none") return "it is not asked, and zero is taken in its place";
  if (kind === "contrastive_divergence") {
    const steps = Number(label.match(/\d+/)?.[0] ?? 1);
    return `${label} starts chains at the data and takes ${steps} Gibbs step${steps === 1 ? "" : "s"}`;
  }
  if (kind === "mean_field") return `${whole(count)} fixed points of ${label} stand in for samples`;
  if (kind === "persistent_tempering") return `${whole(count)} chains of ${label} swap states between hot and cold`;
  if (kind.startsWith("persistent")) return `${whole(count)} chains of ${label} go on from where they were`;
  return `${whole(count)} samples from ${label}`;
}

/** The five stages as [name, caption]. */
export function tell(frame, header) {
  const { nVisible, nHidden, positive, negative, step } = frame;
  const difference = positive.map((value, n) => value - negative[n]);
  const { largest, at } = summary(difference, nVisible, nHidden);
  const name = parameterName(at, nVisible, nHidden);
  const rows = whole(header.batch_size);
  return [
    ["clamp", `1 Clamp. ${rows} rows of data are set on the visible units.`],
    ["infer", "2 Infer h. P(h | v) is exact: given v, the hidden units are independent. Positive phase."],
    ["sample", `3 Sample the model: ${howSampled(header.negative)}. Negative phase.`],
    ["subtract", `4 Subtract. Positive ${MINUS} negative = gradient; largest ${decimal(largest, 3)} at ${name}.`],
    ["apply", `5 Apply. Parameters move by ${brief(header.learning_rate)} \u00d7 gradient. Step ${step} \u2192 ${step + 1}.`],
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
