// One thin line to look back along: the log-likelihood of the recorded steps, with a marker to drag.

import { setAttribute } from "./dom.js";
import { _ } from "./language.js";
import { likelihoodOf } from "./recorded.js";
import { decimal, whole } from "./words.js";
import { pixelRatio } from "./zoom.js";

const LABELS_FROM = 56; // CSS pixels of height
const LEAST_GAPS = 15; // that a curve has to cover the whole run, to be a line: charts/line_parts.py has the reasons

/** Cut points {step} where two neighbours are too far apart to be joined. */
function joined(points, span) {
  const parts = [];
  points.forEach((point, k) => {
    const gap = k ? point.step - points[k - 1].step : Infinity;
    if (gap > 1 && LEAST_GAPS * gap > span) parts.push([]);
    parts.at(-1).push(point);
  });
  return parts;
}

export class Timeline {
  /** stage is {root, find}; onTake() is told of a touch, onSeek(index) of the recorded frame wanted. */
  constructor(stage, onTake, onSeek) {
    this.input = stage.find("seek");
    this.canvas = stage.find("line");
    this.context = this.canvas.getContext("2d");
    this.input.addEventListener("pointerdown", onTake);
    this.input.addEventListener("input", () => onSeek(Number(this.input.value)));
    this.drawn = "";
  }

  /** Draw the line; index is the frame on the screen, or -1 when it is not among them. */
  draw(frames, index, { theme, hues, playing }) {
    const { input, canvas } = this;
    const last = Math.max(frames.length - 1, 0);
    const at = index < 0 ? last : index;
    input.disabled = frames.length < 2 && !playing; // while playing a touch pauses
    if (input.max !== String(last)) input.max = String(last);
    if (input.value !== String(at)) input.value = String(at);
    const step = frames.length ? whole(frames[at].step) : "0";
    setAttribute(input, "aria-valuetext", playing ? _("now") : _("step {step}", { step }));
    const ratio = pixelRatio(canvas);
    const width = Math.round(canvas.clientWidth * ratio);
    const height = Math.round(canvas.clientHeight * ratio);
    const newest = frames.at(-1);
    const drawn = [width, height, at, frames.length, newest?.serial, theme.key, input.disabled].join(" ");
    if (drawn === this.drawn || width === 0) return;
    this.drawn = drawn;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    this.context.clearRect(0, 0, width, height);
    this.#paint(frames, at, { width, height, ratio, theme, hues });
  }

  #paint(frames, at, { width, height, ratio, theme, hues }) {
    const { context } = this;
    const edge = 5 * ratio;
    const last = Math.max(frames.length - 1, 1);
    const x = (k) => edge + (k / last) * (width - 2 * edge);
    context.fillStyle = hues.border;
    context.fillRect(edge, height - ratio, width - 2 * edge, ratio);
    const points = frames.map((frame, k) => ({ k, step: frame.step, ...likelihoodOf(frame) })).filter((p) => Number.isFinite(p.value));
    const values = points.map((p) => p.value);
    const low = Math.min(...values);
    const high = Math.max(...values);
    const room = height - 8 * ratio;
    const y = (value) => 4 * ratio + (1 - (value - low) / (high - low || 1)) * room;
    if (frames.length > 1) {
      const span = frames.at(-1).step - frames[0].step;
      for (const exact of [false, true]) {
        const colour = exact ? hues.exact : hues.negative;
        const parts = joined(points.filter((p) => p.exact === exact), span);
        for (const part of parts) {
          this.#curve(part.map((p) => [x(p.k), y(p.value)]), colour, exact ? [] : [5 * ratio, 3 * ratio], ratio);
        }
      }
    }
    if (values.length > 1 && height / ratio > LABELS_FROM) this.#label(low, high, height, { ratio, theme });
    if (frames.length < 2) return;
    context.fillStyle = theme.text;
    context.fillRect(x(at) - 1.5 * ratio, 0, 3 * ratio, height);
    context.beginPath();
    context.arc(x(at), height / 2, 5 * ratio, 0, 2 * Math.PI);
    context.fill();
  }

  #curve(points, colour, dash, ratio) {
    const { context } = this;
    if (points.length === 1) {
      context.fillStyle = colour;
      context.beginPath();
      context.arc(...points[0], 2.5 * ratio, 0, 2 * Math.PI);
      context.fill();
      return;
    }
    context.strokeStyle = colour;
    context.lineWidth = 2 * ratio;
    context.setLineDash(dash);
    context.beginPath();
    points.forEach(([px, py], k) => (k ? context.lineTo(px, py) : context.moveTo(px, py)));
    context.stroke();
    context.setLineDash([]);
  }

  #label(low, high, height, { ratio, theme }) {
    const { context } = this;
    context.fillStyle = theme.text;
    context.font = `${14 * ratio}px ${theme.font}`;
    context.textAlign = "right";
    const right = this.canvas.width - 12 * ratio;
    context.textBaseline = "bottom";
    const reach = { low: decimal(low, 2), high: decimal(high, 2) };
    const text =
      this.canvas.clientWidth > 500
        ? _("mean log-likelihood from {low} to {high} nats", reach)
        : _("{low} to {high} nats", reach);
    context.fillText(text, right, height - 4 * ratio);
  }
}
