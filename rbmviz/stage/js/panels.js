// The four pictures under the equation: gradient = positive - negative, and the exact negative phase.
// They share one layout, so a cell means the same parameter in all of them.

import { CellCanvas } from "./cells.js";
import { _ } from "./language.js";
import { matrixBlocks, unitBlocks } from "./layout.js";
import { setAttribute, setText } from "./dom.js";
import { MINUS, brief, decimal, niceAbove, parameterName, summary } from "./words.js";
import { pixelRatio, pointIn } from "./zoom.js";

export const PANEL_NAMES = ["gradient", "positive", "negative", "exact"];
const UNSEEN = 200; // CSS pixels: the room of pictures that were never seen
const PATIENCE = 24; // painted frames a smaller scale must hold before the colours follow it

/** A symmetric scale that grows at once and shrinks slowly, so that colours do not flicker. */
class SlowScale {
  constructor() {
    this.reset();
  }

  reset() {
    this.limit = 0;
    this.smaller = 0;
  }

  follow(largest) {
    const wanted = niceAbove(largest);
    if (wanted > this.limit) this.limit = wanted;
    this.smaller = wanted < this.limit ? this.smaller + 1 : 0;
    if (this.smaller > PATIENCE) {
      this.limit = wanted;
      this.smaller = 0;
    }
    return this.limit;
  }
}

export class Panels {
  /** stage is {root, find}; onHover(index) and onSelect(index) are told what the pointer does. */
  constructor(stage, onHover, onSelect) {
    this.find = stage.find;
    this.scale = new SlowScale();
    this.canvases = new Map();
    this.shape = "";
    for (const name of PANEL_NAMES) {
      const canvas = stage.root.querySelector(`canvas[data-canvas="${name}"]`);
      this.canvases.set(name, new CellCanvas(canvas));
      this.#listen(canvas, name, onHover, onSelect);
    }
  }

  /** Fit the cells to the room there is; true when something had to be laid out anew. */
  arrange(frame, view, theme) {
    const pictures = PANEL_NAMES.map((name) => this.find(`${name}-visible`).closest(".picture"));
    const picture = pictures.find(({ clientWidth }) => clientWidth > 0) ?? pictures[0]; // one may be presented alone
    const ratio = pixelRatio(picture);
    const style = getComputedStyle(picture);
    const seen = picture.clientWidth - parseFloat(style.paddingLeft);
    if (seen > 0) this.room = seen;
    const room = this.room ?? UNSEEN;
    const height = parseFloat(style.getPropertyValue("--picture-height")) || 194;
    const { nVisible, nHidden, imageShape } = frame;
    const shape = [nVisible, nHidden, imageShape, view, room, height, ratio].join(" ");
    if (shape === this.shape) return false;
    this.shape = shape;
    this.frameShape = { nVisible, nHidden };
    this.difference = new Float32Array((nVisible + 1) * (nHidden + 1));
    const size = { ...frame, width: Math.floor(room * ratio), height: Math.floor(height * ratio), ratio };
    for (const name of PANEL_NAMES) {
      // Each canvas keeps its own blocks: they also hold the place in its atlas.
      const layout = view === "matrix" ? matrixBlocks(size) : unitBlocks(size);
      this.canvases.get(name).setLayout(layout, ratio);
      this.#placeLabels(name, layout, view, ratio);
    }
    this.useTheme(theme);
    return true;
  }

  useTheme(theme) {
    this.theme = theme;
    this.find("gradient-bar").style.background = theme.difference.css;
    this.find("positive-bar").style.background = theme.positive.css;
    this.find("negative-bar").style.background = theme.negative.css;
    this.find("exact-bar").style.background = theme.negative.css;
  }

  #placeLabels(name, layout, view, ratio) {
    const isMatrix = view === "matrix";
    const label = (part) => this.find(`${name}-${part}`);
    for (const part of ["visible", "margin-v", "margin-h"]) label(part).hidden = !isMatrix;
    setText(label("hidden"), isMatrix ? _("hidden unit j") : _("bars: E[h], frame: E[v]"));
    if (!isMatrix) return;
    const middle = (a, b) => `${(a + b) / 2 / ratio}px`;
    label("margin-v").style.setProperty("--at", middle(layout.right, layout.width));
    label("margin-h").style.setProperty("--at", middle(layout.bottom, layout.height));
  }

  /** Paint all four; known is the latest exact phase {values, step} or null. */
  paint(frame, known) {
    const { difference, theme } = this;
    const { positive, negative } = frame;
    let largest = 0;
    for (let n = 0; n < difference.length - 1; n++) {
      difference[n] = positive[n] - negative[n];
      if (Math.abs(difference[n]) > largest) largest = Math.abs(difference[n]);
    }
    const limit = this.scale.follow(largest);
    const signed = { ramp: theme.difference, low: -limit, high: limit, grid: true, signs: true };
    const share = { low: 0, high: 1, grid: true };
    this.canvases.get("gradient").paint(difference, { ...signed, frame: theme.text });
    this.canvases.get("positive").paint(positive, { ...share, ramp: theme.positive, frame: theme.text });
    this.canvases.get("negative").paint(negative, { ...share, ramp: theme.negative, frame: theme.text });
    if (known) {
      this.canvases.get("exact").paint(known.values, { ...share, ramp: theme.negative, frame: theme.text });
    }
    setAttribute(this.canvases.get("exact").canvas, "data-empty", known ? null : "");
    setText(this.find("gradient-low"), MINUS + brief(limit));
    setText(this.find("gradient-high"), `+${brief(limit)}`);
    for (const name of PANEL_NAMES.slice(1)) {
      setText(this.find(`${name}-low`), "0");
      setText(this.find(`${name}-high`), "1");
    }
  }

  /** Outline one parameter in all four panels; kind is "hovered" or "selected", index -1 hides it. */
  mark(kind, index) {
    for (const name of PANEL_NAMES) {
      const outline = this.find(`${name}-${kind}`);
      const cell = index < 0 ? null : this.canvases.get(name).rectangleOf(index);
      outline.hidden = cell === null;
      if (cell) {
        const { left, top, width, height } = cell;
        const wide = Math.max(width, 6); // a cell of 2 pixels would be lost in its own outline
        const high = Math.max(height, 6);
        outline.style.left = `${left - (wide - width) / 2}px`;
        outline.style.top = `${top - (high - height) / 2}px`;
        outline.style.width = `${wide}px`;
        outline.style.height = `${high}px`;
      }
    }
  }

  /** Describe each picture in a sentence for those who cannot see it. */
  describe(frame, known) {
    const { nVisible, nHidden, step } = frame;
    const sentence = (values, what, digits, of = step) => {
      const { low, high, largest, at } = summary(values, nVisible, nHidden);
      const told = { what, step: of, nVisible, nHidden, low: decimal(low, digits), high: decimal(high, digits) };
      const peak = { at: parameterName(at, nVisible, nHidden), largest: decimal(largest, digits) };
      return (
        _("{what} at step {step}, {nVisible} visible by {nHidden} hidden units: from {low} to {high}; ", told) +
        _("largest at {at}, {largest} in size.", peak)
      );
    };
    const label = (name, text) => setAttribute(this.canvases.get(name).canvas, "aria-label", text);
    label("gradient", sentence(this.difference, _("Gradient, positive minus negative phase,"), 4));
    label("positive", sentence(frame.positive, _("Positive phase"), 3));
    label("negative", sentence(frame.negative, _("Negative phase"), 3));
    const exact = known && sentence(known.values, _("Exact negative phase"), 3, known.step);
    label("exact", exact ?? _("The exact negative phase is not known yet."));
  }

  #listen(canvas, name, onHover, onSelect) {
    const cells = this.canvases.get(name);
    const under = (event) => {
      const [x, y] = pointIn(canvas, event);
      return cells.indexAt(x, y);
    };
    canvas.addEventListener("pointermove", (event) => onHover(under(event)));
    canvas.addEventListener("pointerdown", (event) => onHover(under(event)));
    canvas.addEventListener("pointerleave", () => onHover(-1));
    canvas.addEventListener("blur", () => onHover(-1));
    canvas.addEventListener("click", (event) => {
      const index = under(event);
      if (index >= 0) onSelect(index);
    });
  }

  /** The parameter one arrow key away: rows are visible units, columns hidden ones, biases at the end. */
  neighbour(index, key) {
    const { nVisible, nHidden } = this.frameShape;
    const stride = nHidden + 1;
    let i = Math.floor(index / stride);
    let j = index % stride;
    if (key === "ArrowUp") i = Math.max(0, i - 1);
    if (key === "ArrowDown") i = Math.min(j === nHidden ? nVisible - 1 : nVisible, i + 1);
    if (key === "ArrowLeft") j = Math.max(0, j - 1);
    if (key === "ArrowRight") j = Math.min(i === nVisible ? nHidden - 1 : nHidden, j + 1);
    return i * stride + j;
  }
}
