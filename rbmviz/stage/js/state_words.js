// What stands beside the pictures of all states, and the pictures themselves in words, from the numbers.

import { setAttribute, setText } from "./dom.js";
import { _ } from "./language.js";
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
    setText(place, none
        ? _("This update changes nothing: the two phases cancel.")
        : _("longest arrow {length}", { length: brief(longest) + unit }));
  }
  const nSamples = whole(scalars.n_samples);
  const exactly = _("{n} exact samples", { n: nSamples });
  setText(find("estimate-name"), isExact ? exactly : _("{label} (estimated)", { label }));
  setText(find("samples-name"), isExact ? exactly : _("frequency, {label} (estimated)", { label }));
  setText(find("step-name"), isExact ? _("the exact gradient") : label);
  setText(find("rate-name"), brief(frame.learningRate));
  setText(find("log-z-change"), `${fine(scalars.change_of_log_z, true)} nats`);
  setText(find("tiles-title"), _("All {n} states", { n: whole(frame.space.count) }));
}

export function describeTiles(canvas, frame) {
  const order = [...frame.p.keys()].sort((a, b) => frame.p[b] - frame.p[a]).slice(0, 3);
  const top = order.map((state) => _("{bits} with p {p}", { bits: bitsOf(state, frame.space), p: fine(frame.p[state]) })).join(", ");
  const where = _("{n} states at step {step}.", { n: whole(frame.space.count), step: whole(frame.step) });
  setAttribute(canvas, "aria-label", `${where} ${frame.verdict} ${_("Most probable: {list}.", { list: top })}`);
}

export function describeLandscape(canvas, frame, arrows) {
  const isPush = arrows === "push";
  const values = isPush ? frame.p.map((p, state) => frame.space.data[state] - p) : frame.change;
  const up = values.indexOf(largestOf(values));
  const down = values.indexOf(-largestOf(values.map((value) => -value)));
  const what = isPush ? _("Both pushes together") : _("The next update changes log p tilde");
  const far = (state) => _("{value} at {bits}", { value: fine(values[state], true), bits: bitsOf(state, frame.space) });
  setAttribute(canvas, "aria-label", _("Landscape at step {step}. {what}: from {low} to {high}.", {
      step: whole(frame.step),
      what,
      low: far(down),
      high: far(up),
    }));
}
