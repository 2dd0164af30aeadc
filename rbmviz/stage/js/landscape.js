// The figure of the two phases: log p~ or p over all states, blue arrows that push it up at the data,
// orange ones that push it down where the model puts its mass.

import { ROUNDING, byProbability, largestOf } from "./state_frames.js";

const DEPTH = 25; // nats below the highest state at which the floor of log p~ is drawn
const LEAST_SPAN = 3; // nats of the axis
const ARROW = 0.26; // of the height: the longest arrow

export class Landscape {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.edges = new Float64Array(0); // where each place begins, 0 to 1
  }

  useTheme(theme, hues) {
    this.theme = theme;
    this.hues = hues;
  }

  /** Choose the order of the states: along the Gray code, or by probability on a scale of ranks. */
  arrange(frame, layout, room, ratio) {
    const { space } = frame;
    this.ratio = ratio;
    const [width, height] = [Math.floor(room.width * ratio), Math.floor(room.height * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.canvas.style.width = `${width / ratio}px`;
      this.canvas.style.height = `${height / ratio}px`;
    }
    this.order = layout === "hypercube" ? grayPath(space.grid) : byProbability(frame);
    const n = space.count;
    const edge = layout === "hypercube" ? (k) => k / n : (k) => Math.log1p(k) / Math.log1p(n);
    this.edges = Float64Array.from({ length: n + 1 }, (_, k) => edge(k));
    this.placeOf = new Uint32Array(n);
    this.order.forEach((state, place) => (this.placeOf[state] = place));
  }

  /** The middle of a state's place in CSS pixels. */
  middleOf(state) {
    const place = this.placeOf[state];
    return (((this.edges[place] + this.edges[place + 1]) / 2) * this.canvas.width) / this.ratio;
  }

  /** The same in device pixels, so far from the edges that a mark is not cut. */
  #inside(state) {
    const most = this.canvas.width - 7 * this.ratio;
    return Math.min(Math.max(this.middleOf(state) * this.ratio, 7 * this.ratio), most);
  }

  stateAt(cssX) {
    const x = (cssX * this.ratio) / this.canvas.width;
    let [low, high] = [0, this.order.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.edges[middle] <= x) low = middle;
      else high = middle - 1;
    }
    return this.order[low];
  }

  neighbour(state, key) {
    const step = key === "ArrowRight" || key === "ArrowUp" ? 1 : -1;
    const place = this.placeOf[state] + step;
    return this.order[Math.max(0, Math.min(this.order.length - 1, place))];
  }

  /** Paint; returns what the axis and the legend have to say. */
  paint(frame, { quantity, arrows, marksSpurious }) {
    const { context, canvas } = this;
    context.clearRect(0, 0, canvas.width, canvas.height);
    const scale = this.#scale(frame, quantity);
    this.#drawCurve(scale);
    const longest = arrows === "push" ? this.#drawPushes(frame, scale) : this.#drawStep(frame, scale);
    if (marksSpurious) this.#drawSpurious(frame, scale);
    return { low: scale.low, high: scale.high, isCut: scale.isCut, top: scale.top, bottom: scale.bottom, longest };
  }

  #scale(frame, quantity) {
    const values = quantity === "linear" ? frame.p : frame.logPTilde;
    let high = largestOf(values);
    let low = quantity === "linear" ? 0 : -largestOf(values.map((value) => -value));
    const isCut = quantity !== "linear" && low < high - DEPTH;
    if (isCut) low = high - DEPTH;
    if (quantity !== "linear" && high - low < LEAST_SPAN) {
      const middle = (high + low) / 2;
      [low, high] = [middle - LEAST_SPAN / 2, middle + LEAST_SPAN / 2];
    }
    const { height } = this.canvas;
    const top = Math.round(height * (ARROW + 0.04));
    const bottom = Math.round(height * 0.93);
    const y = (state) => {
      const share = (Math.max(values[state], low) - low) / (high - low || 1);
      return bottom - share * (bottom - top);
    };
    return { low, high, isCut, y, top: top / this.ratio, bottom: bottom / this.ratio };
  }

  /** A line as stairs, drawn column by column of pixels: quick, however many states share one. */
  #drawCurve({ y }) {
    const { context, canvas, edges, order, hues, ratio } = this;
    const line = Math.max(1, Math.round(1.4 * ratio));
    const thin = Math.max(1, Math.round(ratio)); // of what goes up and down
    const spans = [];
    let place = 0;
    let before = null; // where the line left the column before
    for (let x = 0; x < canvas.width; x++) {
      while (edges[place + 1] * canvas.width <= x) place += 1;
      let at = Math.round(y(order[place]));
      let [top, bottom] = [Math.min(at, before ?? at), Math.max(at, before ?? at)];
      while (edges[place + 1] * canvas.width < x + 1 && place + 1 < order.length) {
        place += 1;
        at = Math.round(y(order[place]));
        top = Math.min(top, at);
        bottom = Math.max(bottom, at);
      }
      before = at;
      spans.push([top, bottom, at]);
    }
    context.fillStyle = hues.exact;
    context.globalAlpha = 0.12;
    spans.forEach(([, , at], x) => context.fillRect(x, at, 1, canvas.height - at));
    context.globalAlpha = 1;
    spans.forEach(([top, bottom], x) => context.fillRect(x, top - (line >> 1), thin, bottom - top + line));
  }

  /** + p data up, - p model down (exact), and as rings what the estimate would push down. */
  #drawPushes({ p, space, frequency }, { y }) {
    const longest = Math.max(largestOf(p), largestOf(space.data), 1e-12);
    const unit = (ARROW * this.canvas.height) / longest;
    // Spread over all states the push is hardly a pixel each: what is near chance or above is seen.
    const [seen, least] = [0.5 / space.count, 3 * this.ratio];
    const down = (state) => (p[state] > seen ? Math.max(p[state] * unit, least) : p[state] * unit);
    this.#arrows(space.count, (state) => -down(state), y, this.hues.negative);
    this.#arrows(space.count, (state) => space.data[state] * unit, y, this.hues.positive);
    if (Number.isFinite(frequency[0])) this.#rings(frequency, unit, y);
    return longest;
  }

  #rings(frequency, unit, y) {
    const { context, ratio } = this;
    context.strokeStyle = this.hues.negative;
    context.fillStyle = this.theme.background;
    context.lineWidth = 1.4 * ratio;
    const floor = this.canvas.height - 4 * ratio;
    for (let state = 0; state < frequency.length; state++) {
      if (!(frequency[state] > 0)) continue;
      context.beginPath();
      const at = Math.min(y(state) + frequency[state] * unit, floor);
      context.arc(this.#inside(state), at, 3 * ratio, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }

  #drawStep({ change, space }, { y }) {
    const longest = largestOf(change.map(Math.abs));
    if (longest < ROUNDING) return 0;
    const unit = (ARROW * this.canvas.height) / longest;
    this.#arrows(space.count, (state) => Math.min(0, change[state] * unit), y, this.hues.negative);
    this.#arrows(space.count, (state) => Math.max(0, change[state] * unit), y, this.hues.positive);
    return longest;
  }

  /** Arrows from the curve, up where length is positive; device pixels. Those of one column merge. */
  #arrows(count, length, y, colour) {
    const { context, ratio, edges, canvas } = this;
    const line = Math.max(1, Math.round(Math.max(ratio, Math.min(2 * ratio, (0.6 * canvas.width) / count))));
    const tops = new Float32Array(canvas.width).fill(Infinity);
    const bottoms = new Float32Array(canvas.width).fill(-Infinity);
    context.fillStyle = colour;
    context.beginPath();
    for (let state = 0; state < count; state++) {
      const reach = length(state);
      if (Math.abs(reach) < 0.5) continue;
      const x = Math.floor(this.#inside(state));
      const from = Math.round(y(state));
      const to = Math.round(Math.min(from - reach, canvas.height - 1));
      tops[x] = Math.min(tops[x], from, to);
      bottoms[x] = Math.max(bottoms[x], from, to);
      // Heads side by side would hide each other: in a crowd only the longer arrows have one.
      const place = this.placeOf[state];
      const isAlone = (edges[place + 1] - edges[place]) * canvas.width > 6 * ratio;
      const isLong = Math.abs(reach) > 0.45 * ARROW * canvas.height;
      if (Math.abs(to - from) <= 7 * ratio || !(isAlone || isLong)) continue;
      const sign = Math.sign(reach);
      const middle = x + (line % 2) / 2;
      context.moveTo(middle, to - 2 * sign * ratio);
      context.lineTo(middle - 3.6 * ratio, to + 5 * sign * ratio);
      context.lineTo(middle + 3.6 * ratio, to + 5 * sign * ratio);
    }
    context.fill();
    tops.forEach((top, x) => {
      if (top < Infinity) context.fillRect(x - (line >> 1), top, line, bottoms[x] - top);
    });
  }

  #drawSpurious({ modes }, { y }) {
    const { context, ratio } = this;
    context.strokeStyle = this.hues.negative;
    context.lineWidth = 2.4 * ratio;
    context.beginPath();
    const arm = 5 * ratio;
    modes.forEach((kind, state) => {
      if (kind !== 2) return;
      const x = this.#inside(state);
      const at = y(state) - 12 * ratio;
      context.moveTo(x - arm, at - arm);
      context.lineTo(x + arm, at + arm);
      context.moveTo(x + arm, at - arm);
      context.lineTo(x - arm, at + arm);
    });
    context.stroke();
  }
}

/** Walk the grid like an ox ploughs: each state is one flip from the one before. */
function grayPath({ numbers, rows, columns }) {
  const path = new Uint32Array(numbers.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const along = row % 2 === 0 ? column : columns - 1 - column;
      path[row * columns + column] = numbers[row * columns + along];
    }
  }
  return path;
}
