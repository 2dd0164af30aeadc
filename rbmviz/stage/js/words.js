// Numbers and parameters as words. A number not known is a dash, never a zero.

import { _ } from "./language.js";

export const MINUS = "\u2212";

/** 0.4310, with a true minus sign; signed also writes +, but not before a zero. */
export function decimal(value, digits = 4, signed = false) {
  if (!Number.isFinite(value)) return "\u2013";
  const text = Math.abs(value).toFixed(digits);
  const isZero = Number(text) === 0;
  const sign = isZero ? "" : value < 0 ? MINUS : signed ? "+" : "";
  return sign + text;
}

/** Thousands as 1,234. */
export function whole(value) {
  return Number.isFinite(value) ? Math.round(value).toLocaleString("en-US") : "\u2013";
}

/** Few digits, as many as the size needs: 0.12, 3, 0.0051. */
export function brief(value) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(2))) : "\u2013";
}

/** The parameter behind one cell of an augmented matrix: W[i, j], b[i] or c[j]. */
export function parameterName(index, nVisible, nHidden) {
  const i = Math.floor(index / (nHidden + 1));
  const j = index % (nHidden + 1);
  if (i < nVisible && j < nHidden) return `W[${i}, ${j}]`;
  return i < nVisible ? `b[${i}]` : `c[${j}]`;
}

/** The same for data attributes: "3,5", "b3", "c5". */
export function parameterKey(index, nVisible, nHidden) {
  if (index < 0) return "";
  return parameterName(index, nVisible, nHidden).replace("W", "").replace(/[[\] ]/g, "");
}

/** The cell of a parameter's key, W[0, 0] when there is none. */
export function parameterIndex(key, nVisible, nHidden) {
  const [, letter, first, second] = /^([bc]?)(\d+)(?:,(\d+))?$/.exec(key) ?? [];
  const i = letter === "c" ? nVisible : Number(first);
  const j = letter === "c" ? Number(first) : letter === "b" ? nHidden : Number(second);
  return i <= nVisible && j <= nHidden ? i * (nHidden + 1) + j : 0;
}

/** All four numbers of one parameter as a sentence; exact: the latest exact phase {values, step}, or none. */
export function parameterSentence(frame, index, exact) {
  const name = parameterName(index, frame.nVisible, frame.nHidden);
  const positive = frame.positive[index];
  const negative = frame.negative[index];
  const sentence = _("{name}: gradient {gradient} = positive {positive} {minus} negative {negative}", {
    name,
    gradient: decimal(positive - negative, 4, true),
    positive: decimal(positive),
    minus: MINUS,
    negative: decimal(negative),
  });
  if (!exact) return sentence;
  const value = decimal(exact.values[index]);
  if (exact.step === frame.step) return sentence + _("; exact negative {value}", { value });
  return sentence + _("; exact negative {value} at step {step}", { value, step: whole(exact.step) });
}

/** Least and greatest of a matrix, here the W part of an augmented one; not a number is left out. */
export function summary(values, nRows, nColumns, stride = nColumns + 1) {
  const result = { low: Infinity, high: -Infinity, largest: 0, at: 0 };
  for (let i = 0; i < nRows; i++) {
    for (let j = 0; j < nColumns; j++) {
      const index = i * stride + j;
      const value = values[index];
      if (value < result.low) result.low = value;
      if (value > result.high) result.high = value;
      if (Math.abs(value) > result.largest) {
        result.largest = Math.abs(value);
        result.at = index;
      }
    }
  }
  return result;
}

/** The smallest of 1, 1.5, 2, 3, 5, 7 times a power of ten that is not below value. */
export function niceAbove(value) {
  if (!(value > 1e-6) || !Number.isFinite(value)) return 1e-6;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 5, 7, 10].find((candidate) => candidate * power >= value * 0.999999);
  return Number(((step ?? 10) * power).toPrecision(2));
}
