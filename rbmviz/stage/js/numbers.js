// The numbers: of one parameter under its panels, of the whole model in the strip below.

import { setAttribute, setText } from "./dom.js";
import { _ } from "./language.js";
import { isLate } from "./memory.js";
import { decimal, parameterName, whole } from "./words.js";

/** Write positive - negative = gradient of one parameter, each number under its panel.
 *
 * known: the latest exact phase, or null. An exact number of another step is given with its step.
 */
export function writeParameter(find, frame, known, index, { isExactMethod, isAbsent, playing }) {
  const { nVisible, nHidden } = frame;
  const positive = frame.positive[index];
  const negative = frame.negative[index];
  const exact = known ? known.values[index] : NaN;
  const write = (name, value, signed, note) => {
    const output = find(name);
    setText(output, decimal(value, 4, signed));
    setAttribute(output, "data-value", String(value));
    setText(find(`${name}-note`), note);
  };
  write("gradient", positive - negative, true, parameterName(index, nVisible, nHidden));
  write("positive", positive, false, _("mean over the batch"));
  write("negative", negative, false, isExactMethod ? _("exact") : isAbsent ? _("left out") : _("estimated"));
  if (!known) return write("exact", NaN, false, _("not known"));
  if (isLate(known, frame.step, playing)) {
    return write("exact", exact, false, _("exact at step {step}", { step: whole(known.step) }));
  }
  write("exact", exact, false, isExactMethod ? _("exact") : _("error {error}", { error: decimal(negative - exact, 4, true) }));
}

const BETWEEN = " \u00b7 ";
const FACTS = [
  { key: "log_z", term: "log <i>Z</i>" },
  { key: "log_p_tilde", term: _("mean {log_p}", { log_p: "log <i class='p tilde'>p</i>(<i>v</i>)" }) },
  { key: "likelihood", term: _("mean log-likelihood") },
  { key: "comparison", term: _("estimate against exact") },
];

/** The strip of numbers about the whole model. */
export class Facts {
  constructor(find) {
    const list = find("facts");
    list.innerHTML = FACTS.map(
      ({ key, term }) => `<div data-fact="${key}"><dt>${term}</dt><dd><span></span><span></span></dd></div>`,
    ).join("");
    this.cells = new Map();
    for (const { key } of FACTS) this.cells.set(key, list.querySelector(`[data-fact="${key}"] dd`));
  }

  /** Numbers that do not come with every frame are given with the step they belong to. */
  write(memory, header, step, playing) {
    const known = (name) => Number.isFinite(memory.value(name));
    const late = (name) => isLate(memory.scalars.get(name), step, playing);
    /** Say something of a number, with its step and faded where that is another one. */
    const said = (name, text) => {
      if (!late(name)) return { text };
      return { text: text + _(" (step {step})", { step: whole(memory.stepOf(name)) }), isLate: true };
    };
    /** The value of a number that belongs to another one, NaN when they are of two steps. */
    const beside = (name, first) => (memory.stepOf(name) === memory.stepOf(first) ? memory.value(name) : NaN);
    const exact = (name) => said(name, _("exact {value}", { value: decimal(memory.value(name), 3) }));

    const logZ = known("log_z") ? [exact("log_z")] : [];
    // An interval of another step would seem to miss the exact value of this one.
    const misleads = known("log_z") && !late("log_z") && !playing;
    if (known("log_z_estimate") && !(misleads && late("log_z_estimate"))) {
      const [low, high] = ["log_z_low", "log_z_high"].map((name) => beside(name, "log_z_estimate"));
      const interval = Number.isFinite(low) ? `[${decimal(low, 2)}, ${decimal(high, 2)}]` : "";
      const estimate = _("estimated {value}", { value: decimal(memory.value("log_z_estimate"), 2) });
      logZ.push(said("log_z_estimate", `${estimate} ${interval}`.trim()));
    }
    this.#put("log_z", logZ);
    const logP = memory.value("mean_log_p_tilde");
    this.#put("log_p_tilde", Number.isFinite(logP) ? [said("mean_log_p_tilde", decimal(logP, 3))] : []);
    const likelihood = known("mean_log_likelihood") ? [exact("mean_log_likelihood")] : [];
    const best = header.best_mean_log_likelihood;
    if (Number.isFinite(best)) likelihood.push({ text: _("best reachable {value}", { value: decimal(best, 3) }) });
    this.#put("likelihood", likelihood);
    this.#put("comparison", this.#comparison(header, known, beside, said));
  }

  #comparison(header, known, beside, said) {
    if (header.negative.kind === "exact") return [{ text: _("no error: this negative phase is exact") }];
    if (!known("error_norm")) return [];
    const of = (name, digits) => decimal(beside(name, "error_norm"), digits);
    const parts = [_("error {error}", { error: of("error_norm", 3) }), _("angle {angle}", { angle: `${of("angle", 0)}\u00b0` })];
    if (Number.isFinite(beside("norm_ratio", "error_norm"))) {
      parts.push(_("length {ratio}", { ratio: `\u00d7${of("norm_ratio", 2)}` }));
    }
    return [said("error_norm", parts.join(BETWEEN))];
  }

  /** Write up to two parts of {text, isLate}, each in a span of its own. */
  #put(key, parts) {
    const cell = this.cells.get(key);
    const row = cell.parentElement;
    if (row.hidden !== (parts.length === 0)) row.hidden = parts.length === 0;
    [...cell.children].forEach((span, k) => {
      const part = parts[k];
      setText(span, part ? (k ? BETWEEN : "") + part.text : "");
      setAttribute(span, "data-late", part?.isLate ? "" : null);
    });
  }
}
