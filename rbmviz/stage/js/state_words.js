// What stands beside the pictures of all states, and the pictures themselves in words, from the numbers.

import { setAttribute, setText } from "./dom.js";
import { largestOf } from "./state_frames.js";
import { bitsOf, fine } from "./state_reading.js";
import { brief, decimal, whole } from "./words.js";

/** Write the ends of the landscape's axis beside it. */
export function writeAxis(find, { low, high, isCut, top, bottom }, quantity) {
  const number = (value) => (quantity === "linear" ? brief(value) : decimal(value, 1));
  setText(find("axis-high"), number(high));
  setText(find("axis-low"), (isCut ? "\u2264 " : "") + number(low));
  find("axis-high").style.top = `${top}px`;
  find("axis-low").style.top = `${bottom}px`;
}

/** Name the estimator, the step and the length of an arrow. */
export function writeLegend({ find, root }, frame, longest, arrows) {
  const { label, isExact, scalars } = frame;
  const none = arrows === "change" && longest === 0;
  const unit = arrows === "change" ? " nats" : "";
  for (const place of root.querySelectorAll(".longest")) {
    setText(place, none ? "This update changes nothing: the two phases cancel." : `longest arrow ${brief(longest)}${unit}`);
  }
  const nSamples = whole(scalars.n_samples);
  setText(find("estimate-name"), isExact ? `${nSamples} exact samples` : `${label} (estimated)`);
  setText(find("samples-name"), isExact ? `${nSamples} exact samples` : `frequency, ${label} (estimated)`);
  setText(find("step-name"), isExact ? "the exact gradient" : label);
  setText(find("rate-name"), brief(frame.learningRate));
  setText(find("log-z-change"), `${fine(scalars.change_of_log_z, true)} nats`);
  setText(find("tiles-title"), `All ${whole(frame.space.count)} states`);
}

export function describeTiles(canvas, frame) {
  const order = [...frame.p.keys()].sort((a, b) => frame.p[b] - frame.p[a]).slice(0, 3);
  const top = order.map((state) => `${bitsOf(state, frame.space)} with p ${fine(frame.p[state])}`).join(", ");
  const where = `${whole(frame.space.count)} states at step ${whole(frame.step)}.`;
  setAttribute(canvas, "aria-label", `${where} ${frame.verdict} Most probable: ${top}.`);
}

export function describeLandscape(canvas, frame, arrows) {
  const isPush = arrows === "push";
  const values = isPush ? frame.p.map((p, state) => frame.space.data[state] - p) : frame.change;
  const up = values.indexOf(largestOf(values));
  const down = values.indexOf(-largestOf(values.map((value) => -value)));
  const what = isPush ? "Both pushes together" : "The next update changes log p tilde";
  const far = (state) => `${fine(values[state], true)} at ${bitsOf(state, frame.space)}`;
  setAttribute(canvas, "aria-label", `Landscape at step ${whole(frame.step)}. ${what}: from ${far(down)} to ${far(up)}.`);
}
