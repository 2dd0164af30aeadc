// The numbers: of one parameter under its panels, of the whole model in the strip below.

import { setAttribute, setText } from "./dom.js";
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
  write("positive", positive, false, "mean over the batch");
  write("negative", negative, false, isExactMethod ? "exact" : isAbsent ? "left out" : "estimated");
  if (!known) return write("exact", NaN, false, "not known");
  if (nameStep || known.step !== frame.step) return write("exact", exact, false, `exact at step ${whole(known.step)}`);
  write("exact", exact, false, isExactMethod ? "exact" : `error ${decimal(negative - exact, 4, true)}`);
}

const FACTS = [
  { key: "log_z", term: "log <i>Z</i>" },
  { key: "log_p_tilde", term: "mean log <i class='p tilde'>p</i>(<i>v</i>)" },
  { key: "likelihood", term: "mean log-likelihood" },
  { key: "comparison", term: "estimate against exact" },
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
      return late ? ` (step ${whole(memory.stepOf(name))})` : "";
    };
    const exactOften = header.exact.every === 1;
    const logZ = [];
    if (known("log_z")) logZ.push(`exact ${decimal(value("log_z"), 3)}${since("log_z", exactOften)}`);
    if (known("log_z_estimate")) {
      const interval = `[${decimal(value("log_z_low"), 2)}, ${decimal(value("log_z_high"), 2)}]`;
      const estimate = `estimated ${decimal(value("log_z_estimate"), 2)} ${known("log_z_low") ? interval : ""}`;
      logZ.push(estimate.trim() + since("log_z_estimate", false));
    }
    this.#put("log_z", logZ);
    this.#put("log_p_tilde", known("mean_log_p_tilde") ? [decimal(value("mean_log_p_tilde"), 3)] : []);
    const likelihood = [];
    if (known("mean_log_likelihood")) {
      const late = since("mean_log_likelihood", exactOften);
      likelihood.push(`exact ${decimal(value("mean_log_likelihood"), 3)}${late}`);
    }
    const best = header.best_mean_log_likelihood;
    if (Number.isFinite(best)) likelihood.push(`best reachable ${decimal(best, 3)}`);
    this.#put("likelihood", likelihood);
    this.#put("comparison", this.#comparison(value, known, header, since("angle", exactOften)));
  }

  #comparison(value, known, header, late) {
    if (header.negative.kind === "exact") return ["no error: this negative phase is exact"];
    if (!known("angle") && !known("error_norm")) return [];
    const parts = [`error ${decimal(value("error_norm"), 3)}`, `angle ${decimal(value("angle"), 0)}\u00b0`];
    if (known("norm_ratio")) parts.push(`length \u00d7${decimal(value("norm_ratio"), 2)}`);
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
