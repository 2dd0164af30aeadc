// The numbers: of one parameter under its panels, of the whole model in the strip below.

import { setAttribute, setText } from "./dom.js";
import { _ } from "./language.js";
import { decimal, parameterName, whole } from "./words.js";

/** Write positive - negative = gradient of one parameter, each number under its panel.
 *
 * With nameStep the exact number is always given with its step: where it comes with every n-th frame
 * only, a note that alternates between step and error could not be read.
 */
export function writeParameter(find, frame, known, index, { isExactMethod, isAbsent, nameStep }) {
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
  if (nameStep || known.step !== frame.step) {
    return write("exact", exact, false, _("exact at step {step}", { step: whole(known.step) }));
  }
  write("exact", exact, false, isExactMethod ? _("exact") : _("error {error}", { error: decimal(negative - exact, 4, true) }));
}

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
      ({ key, term }) => `<div data-fact="${key}"><dt>${term}</dt><dd></dd></div>`,
    ).join("");
    this.cells = new Map();
    for (const { key } of FACTS) this.cells.set(key, list.querySelector(`[data-fact="${key}"] dd`));
  }

  /** Numbers that do not come with every frame are given with the step they belong to. */
  write(memory, header, step, playing) {
    const value = (name) => memory.value(name);
    const known = (name) => Number.isFinite(memory.value(name));
    const since = (name, often) => {
      // While playing, always or never: a note that comes and goes could not be read.
      const late = playing ? !often : memory.stepOf(name) !== step;
      return late ? _(" (step {step})", { step: whole(memory.stepOf(name)) }) : "";
    };
    const exactOften = header.exact.every === 1;
    const logZ = [];
    if (known("log_z")) logZ.push(_("exact {value}", { value: decimal(value("log_z"), 3) }) + since("log_z", exactOften));
    if (known("log_z_estimate")) {
      const interval = `[${decimal(value("log_z_low"), 2)}, ${decimal(value("log_z_high"), 2)}]`;
      const estimate = _("estimated {value}", { value: decimal(value("log_z_estimate"), 2) });
      logZ.push(`${estimate} ${known("log_z_low") ? interval : ""}`.trim() + since("log_z_estimate", false));
    }
    this.#put("log_z", logZ);
    this.#put("log_p_tilde", known("mean_log_p_tilde") ? [decimal(value("mean_log_p_tilde"), 3)] : []);
    const likelihood = [];
    if (known("mean_log_likelihood")) {
      const late = since("mean_log_likelihood", exactOften);
      likelihood.push(_("exact {value}", { value: decimal(value("mean_log_likelihood"), 3) }) + late);
    }
    const best = header.best_mean_log_likelihood;
    if (Number.isFinite(best)) likelihood.push(_("best reachable {value}", { value: decimal(best, 3) }));
    this.#put("likelihood", likelihood);
    this.#put("comparison", this.#comparison(value, known, header, since("angle", exactOften)));
  }

  #comparison(value, known, header, late) {
    if (header.negative.kind === "exact") return [_("no error: this negative phase is exact")];
    if (!known("angle") && !known("error_norm")) return [];
    const parts = [
      _("error {error}", { error: decimal(value("error_norm"), 3) }),
      _("angle {angle}", { angle: `${decimal(value("angle"), 0)}\u00b0` }),
    ];
    if (known("norm_ratio")) parts.push(_("length {ratio}", { ratio: `\u00d7${decimal(value("norm_ratio"), 2)}` }));
    parts[parts.length - 1] += late;
    return parts;
  }

  #put(key, parts) {
    const text = parts.join(" \u00b7 ");
    const cell = this.cells.get(key);
    const row = cell.parentElement;
    if (row.hidden !== (text === "")) row.hidden = text === "";
    setText(cell, text);
  }
}
