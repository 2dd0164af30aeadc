// The small pictures below the panels: the weights, the data, the model's samples, its likeliest states.

import { CellCanvas } from "./cells.js";
import { _ } from "./language.js";
import { tileBlocks } from "./layout.js";
import { isLate } from "./memory.js";
import { setAttribute, setText } from "./dom.js";
import { brief, niceAbove, summary, whole } from "./words.js";
import { pixelRatio } from "./zoom.js";

const GRID_NAMES = ["weights", "data", "samples", "states"];
const TILE = 42; // CSS pixels a tile may be wide or high
const STATE_TILE = 29; // ... when a probability is written under it
const CAPTION = 16; // ... with this much room

/** A probability in about four characters: .132, or 2e−5. */
function probability(p) {
  if (!Number.isFinite(p)) return "";
  return p < 0.0005 ? p.toExponential(0).replace("-", "\u2212") : p.toFixed(3).replace(/^0/, "");
}

/** Why no most probable states are known. */
function whyMissing({ scalars }, header) {
  if (Number.isFinite(scalars.log_z)) return _("Not recorded at this step."); // though all were summed
  if (header.exact.every === -1) return _("Too many states to sum: it cannot be known.");
  return _("Known once all states are summed.");
}

export class SampleGrids {
  constructor(stage) {
    this.find = stage.find;
    this.grids = new Map();
    for (const name of GRID_NAMES) {
      const canvas = stage.root.querySelector(`canvas[data-canvas="${name}"]`);
      this.grids.set(name, { cells: new CellCanvas(canvas), shape: "" });
    }
    this.limit = 0;
  }

  useTheme(theme, hues) {
    this.theme = theme;
    this.hues = hues;
  }

  /** states: the latest known most probable ones, or null. */
  paint(frame, header, states, playing) {
    const { nVisible, nHidden } = frame;
    const stride = nHidden + 1;
    const rows = (values) => (values ? values.length / nVisible : 0);
    const column = (tile, pixel) => pixel * stride + tile;
    const row = (tile, pixel) => tile * nVisible + pixel;
    const { theme, hues } = this;

    const { largest } = summary(frame.weights, nVisible, nHidden);
    const limit = niceAbove(largest);
    const shownWeights = this.#grid("weights", frame, nHidden, column, frame.weights, {
      ramp: theme.difference,
      low: -limit,
      high: limit,
      frame: hues.border,
    });
    const some = shownWeights < nHidden ? _("{n} of {of}", { n: shownWeights, of: nHidden }) : "";
    this.#title("weights", `${_("Weights")} ${some}`.trim(), _("largest {value}", { value: brief(largest) }));

    const ink = { ramp: theme.ink, low: 0, high: 255 };
    const nData = rows(frame.data);
    const nSamples = rows(frame.samples);
    this.#grid("data", frame, nData, row, frame.data, { ...ink, frame: hues.positive });
    this.#title("data", _("Data batch"), _("{n} of {of} rows", { n: whole(header.batch_size), of: whole(header.n_rows) }));
    this.#grid("samples", frame, nSamples, row, frame.samples, { ...ink, frame: hues.negative });
    const { kind, label, n_samples: count } = header.negative;
    const title = kind === "mean_field" ? _("Model means") : _("Model samples"); // a fixed point is no sample
    this.#title("samples", title, _("{n} from {label}", { n: whole(count), label }));
    this.#paintStates(frame, states, row, ink, { header, playing });
  }

  #paintStates(frame, states, row, ink, { header, playing }) {
    const message = this.find("states-missing");
    const { canvas } = this.grids.get("states").cells;
    message.hidden = states !== null;
    canvas.hidden = states === null;
    if (states === null) {
      setText(message, whyMissing(frame, header));
      this.#title("states", _("Most probable states"), "");
      return;
    }
    const count = states.p.length;
    const late = isLate(states, frame.step, playing);
    const title = states.complete ? _("Most probable states") : _("Most probable seen");
    const options = { ...ink, frame: this.hues.exact };
    const shown = this.#grid("states", frame, count, row, states.v, options, CAPTION);
    this.#title("states", title, late ? _("exact, of step {step}", { step: whole(states.step) }) : _("exact p(v)"));
    setAttribute(canvas, "data-late", late ? "" : null);
    this.#writeProbabilities(states.p, shown);
  }

  #writeProbabilities(p, shown) {
    const { cells } = this.grids.get("states");
    const { context, ratio, blocks } = cells;
    context.fillStyle = this.theme.text;
    context.font = `${12.5 * ratio}px ${this.theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "top";
    for (let n = 0; n < shown; n++) {
      const { x, y, rows, columns, cellWidth, cellHeight } = blocks[n];
      context.fillText(probability(p[n]), x + (columns * cellWidth) / 2, y + rows * cellHeight + 4 * ratio);
    }
  }

  /** Lay out when needed, paint, and tell how many tiles were shown. */
  #grid(name, frame, count, index, values, options, caption = 0) {
    const grid = this.grids.get(name);
    const holder = grid.cells.canvas.parentElement;
    const ratio = pixelRatio(holder);
    if (!this.room) this.measure();
    const shape = [count, frame.nVisible, frame.nHidden, frame.imageShape, this.room, this.tile, ratio].join(" ");
    if (shape !== grid.shape && (holder.clientWidth > 0 || grid.shape === "")) {
      grid.shape = shape;
      const [width, height] = this.room.map((size) => Math.floor(size * ratio));
      const tile = (this.tile / TILE) * (caption ? STATE_TILE : TILE);
      const size = { count, imageShape: frame.imageShape, width, height, ratio, tile, caption, index };
      grid.cells.setLayout(tileBlocks(size), ratio);
    }
    if (count > 0) grid.cells.paint(values, { ...options, grid: false });
    return grid.cells.blocks.length;
  }

  /** Read the room for one grid; done on resize only, since reading it forces a layout. */
  measure() {
    const holders = [...this.grids.values()].map(({ cells }) => cells.canvas.parentElement);
    const holder = holders.find(({ clientWidth }) => clientWidth > 0) ?? holders[0]; // one may be presented alone
    const style = getComputedStyle(holder);
    const size = (name, usual) => parseFloat(style.getPropertyValue(name)) || usual;
    this.room = [holder.clientWidth || 200, size("--samples-height", 98)];
    this.tile = size("--tile", TILE);
  }

  #title(name, title, note) {
    setText(this.find(`${name}-title`), title);
    setText(this.find(`${name}-note`), note);
    setAttribute(this.grids.get(name).cells.canvas, "aria-label", `${title}, ${note}`);
  }
}
