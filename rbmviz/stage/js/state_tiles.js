// All states as tiles: the fill is p model, the frame p data, the dot the frequency of the samples. A
// tile's place follows from the layout; tiles travel when the order changes.

import { parseColour } from "./colour.js";
import { byProbability, largestOf } from "./state_frames.js";
import { niceAbove } from "./words.js";

const LARGEST_TILE = 92; // CSS pixels
const DOT_FROM = 14; // device pixels of a tile that has room for a ring
const FULL_GREEN = { light: "#4fb096", dark: "#36a086" }; // ink stays readable on both
const EMPTY = { light: "#f3f5f7", dark: "#1a2029" }; // a tile without probability
const SHADES = 96;
const DIM = 0.3; // of a tile that is not meant while spurious modes are marked
const WIDEST = 2; // of a tile: its width to its height

export class StateTiles {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.sprites = document.createElement("canvas");
    this.atlas = document.createElement("canvas");
    this.slots = []; // the state at each place, row by row
    this.key = "";
  }

  useTheme(theme, hues) {
    this.theme = theme;
    this.hues = hues;
    const from = parseColour(theme.dark ? EMPTY.dark : EMPTY.light);
    const to = parseColour(theme.dark ? FULL_GREEN.dark : FULL_GREEN.light);
    this.shades = Array.from({ length: SHADES }, (_, n) => {
      const rgb = from.map((channel, c) => Math.round(channel + (n / (SHADES - 1)) * (to[c] - channel)));
      return { rgb, css: `rgb(${rgb.join()})` };
    });
    this.key = ""; // the sprites have the old ink
  }

  /** Give every state its place; jump: at once, else the tiles travel there with move(). */
  arrange(frame, layout, room, ratio, jump) {
    const { space } = frame;
    const [width, height] = [Math.floor(room.width * ratio), Math.floor(room.height * ratio)];
    const key = [space.count, space.imageShape, width, height, ratio, layout, this.theme.key].join(" ");
    const isNew = key !== this.key;
    this.key = key;
    this.ratio = ratio;
    this.layout = layout;
    const { slots, across } =
      layout === "hypercube" ? hypercubeSlots(space.grid, width, height) : energySlots(frame, width, height);
    this.slots = slots;
    this.across = across;
    const down = Math.ceil(space.count / across);
    const largest = LARGEST_TILE * ratio;
    const whole = (fit) => (fit >= 3 ? Math.floor(fit) : fit);
    this.pitchY = whole(Math.min(height / down, largest, (width / across) * WIDEST));
    this.pitchX = whole(Math.min(width / across, largest, this.pitchY * WIDEST));
    if (isNew) this.#resize(across * this.pitchX, down * this.pitchY);
    const gap = (pitch) => Math.max(1, Math.min(Math.round(pitch * 0.14), 4 * ratio));
    this.width = Math.max(1, this.pitchX - gap(this.pitchX));
    this.height = Math.max(1, this.pitchY - gap(this.pitchY));
    this.tile = Math.min(this.width, this.height);
    this.goal = new Float32Array(2 * space.count);
    slots.forEach((state, slot) => {
      this.goal[2 * state] = (slot % across) * this.pitchX;
      this.goal[2 * state + 1] = Math.floor(slot / across) * this.pitchY;
    });
    if (jump || !this.place || this.place.length !== this.goal.length) this.place = this.goal.slice();
    this.from = this.place.slice();
    this.isAtRest = this.place.every((at, n) => at === this.goal[n]);
    this.#drawSprites(space, ratio);
  }

  #resize(width, height) {
    this.canvas.width = Math.ceil(width);
    this.canvas.height = Math.ceil(height);
    this.canvas.style.width = `${width / this.ratio}px`;
    this.canvas.style.height = `${height / this.ratio}px`;
  }

  /** Draw the image of every state once, in ink, so that painting a tile takes two calls. */
  #drawSprites(space, ratio) {
    const edge = Math.min(Math.max(1, Math.round(this.tile * 0.09)), 3 * ratio);
    const [rows, columns] = space.imageShape;
    const inner = (size) => size - 2 * edge - Math.round(this.tile * 0.12);
    const wide = Math.floor(Math.min(inner(this.width) / columns, inner(this.height) / rows));
    const tall = rows < columns / 2 ? Math.max(wide, Math.floor((0.4 * inner(this.height)) / rows)) : wide;
    this.edge = edge;
    this.image = { width: Math.max(0, columns * wide), height: Math.max(0, rows * tall) };
    const key = [wide, tall, space.nVisible, space.imageShape, ratio, this.theme.key].join(" ");
    if (key === this.spriteKey || wide < 1) return;
    this.spriteKey = key;
    const across = 2 ** Math.ceil(space.nVisible / 2);
    this.spritesAcross = across;
    this.sprites.width = across * this.image.width;
    this.sprites.height = Math.ceil(space.count / across) * this.image.height;
    const context = this.sprites.getContext("2d");
    context.fillStyle = this.theme.text;
    for (let state = 0; state < space.count; state++) {
      const x = (state % across) * this.image.width;
      const y = Math.floor(state / across) * this.image.height;
      for (let k = 0; k < space.nVisible; k++) {
        if (!((state >> k) & 1)) continue;
        context.fillRect(x + (k % columns) * wide, y + Math.floor(k / columns) * tall, wide, tall);
      }
    }
  }

  /** Bring the tiles a share of the way to their places. */
  move(share) {
    for (let n = 0; n < this.place.length; n++) {
      this.place[n] = this.from[n] + share * (this.goal[n] - this.from[n]);
    }
    this.isAtRest ||= share >= 1;
  }

  /** The fill of a full tile: p model or p data, whichever reaches further. */
  scaleOf({ p, space }) {
    return niceAbove(Math.max(largestOf(p), largestOf(space.data)));
  }

  paint(frame, marksSpurious) {
    const { p, space, modes } = frame;
    const top = this.scaleOf(frame);
    const shadeOf = (state) => Math.round(Math.min(1, Math.sqrt(Math.max(p[state], 0) / top)) * (SHADES - 1));
    const isDim = (state) => marksSpurious && modes[state] !== 2 && !(space.data[state] > 0);
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (this.isAtRest && this.image.width < 1) this.#fillAtOnce(shadeOf, isDim);
    else this.#fillOneByOne(space.count, shadeOf, isDim);
    this.#drawFrames(frame, marksSpurious);
    this.#drawDots(frame);
  }

  #fillOneByOne(count, shadeOf, isDim) {
    const { context, place, image } = this;
    const inset = Math.round((this.width - image.width) / 2);
    const drop = Math.round((this.height - image.height) / 2);
    for (let state = 0; state < count; state++) {
      const [x, y] = [place[2 * state], place[2 * state + 1]];
      context.globalAlpha = isDim(state) ? DIM : 1;
      context.fillStyle = this.shades[shadeOf(state)].css;
      context.fillRect(x, y, this.width, this.height);
      if (image.width < 1) continue;
      const sx = (state % this.spritesAcross) * image.width;
      const sy = Math.floor(state / this.spritesAcross) * image.height;
      context.drawImage(this.sprites, sx, sy, image.width, image.height, x + inset, y + drop, image.width, image.height);
    }
    context.globalAlpha = 1;
  }

  /** Thousands of tiles too small for an image: a pixel each, magnified, and the gaps cut in. */
  #fillAtOnce(shadeOf, isDim) {
    const { context, across, pitchX, pitchY, slots } = this;
    const down = Math.ceil(slots.length / across);
    const pixels = new ImageData(across, down);
    slots.forEach((state, slot) => {
      pixels.data.set(this.shades[shadeOf(state)].rgb, 4 * slot);
      pixels.data[4 * slot + 3] = isDim(state) ? 255 * DIM : 255;
    });
    Object.assign(this.atlas, { width: across, height: down });
    this.atlas.getContext("2d").putImageData(pixels, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.atlas, 0, 0, across * pitchX, down * pitchY);
    for (let n = 0; n < across; n++) context.clearRect(n * pitchX + this.width, 0, pitchX - this.width, this.canvas.height);
    for (let n = 0; n < down; n++) context.clearRect(0, n * pitchY + this.height, this.canvas.width, pitchY - this.height);
  }

  #drawFrames({ space, modes }, marksSpurious) {
    const { context, place, tile, edge, hues } = this;
    const line = (state, colour, width) => {
      context.strokeStyle = colour;
      context.lineWidth = width;
      const [x, y] = [place[2 * state] + width / 2, place[2 * state + 1] + width / 2];
      context.strokeRect(x, y, this.width - width, this.height - width);
    };
    if (tile >= 12 * this.ratio) {
      for (let state = 0; state < space.count; state++) line(state, hues.faint, Math.max(1, Math.round(this.ratio / 2)));
    }
    for (let state = 0; state < space.count; state++) {
      if (space.data[state] > 0) line(state, hues.positive, edge);
      if (!marksSpurious || modes[state] !== 2) continue;
      line(state, hues.negative, 1.6 * edge);
      const arm = Math.min(0.3 * tile, 16 * this.ratio);
      const [right, top] = [place[2 * state] + this.width - edge, place[2 * state + 1] + edge];
      context.beginPath();
      context.moveTo(right - arm, top);
      context.lineTo(right, top + arm);
      context.moveTo(right, top);
      context.lineTo(right - arm, top + arm);
      context.stroke();
    }
  }

  #drawDots({ frequency, space }) {
    if (!Number.isFinite(frequency[0])) return;
    const { context, place, edge, hues } = this;
    const tile = Math.min(this.tile, 44 * this.ratio);
    const most = largestOf(frequency);
    context.fillStyle = this.theme.background;
    context.strokeStyle = hues.negative;
    context.lineWidth = Math.max(1.2, tile * 0.06);
    for (let state = 0; state < space.count; state++) {
      if (!(frequency[state] > 0)) continue;
      const radius = tile * (0.08 + 0.12 * Math.sqrt(frequency[state] / most));
      const x = place[2 * state] + this.width - edge - radius - 1;
      const y = place[2 * state + 1] + this.height - edge - radius - 1;
      if (tile < DOT_FROM) {
        context.fillStyle = hues.negative;
        context.fillRect(x - radius, y - radius, 2 * radius + 1, 2 * radius + 1);
        continue;
      }
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }

  /** The state under a point in CSS pixels, or -1. */
  stateAt(cssX, cssY) {
    const column = Math.floor((cssX * this.ratio) / this.pitchX);
    const row = Math.floor((cssY * this.ratio) / this.pitchY);
    if (column < 0 || column >= this.across || row < 0) return -1;
    return this.slots[row * this.across + column] ?? -1;
  }

  /** The tile of a state in CSS pixels. */
  rectangleOf(state) {
    const { ratio } = this;
    return {
      left: this.goal[2 * state] / ratio,
      top: this.goal[2 * state + 1] / ratio,
      width: this.width / ratio,
      height: this.height / ratio,
    };
  }

  /** The state beside another one; the hypercube has no edge, one walks around it. */
  neighbour(state, key) {
    const slot = this.slots.indexOf(state);
    const across = this.across;
    const down = Math.ceil(this.slots.length / across);
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    let column = (slot % across) + dx;
    let row = Math.floor(slot / across) + dy;
    if (this.layout === "hypercube") {
      column = (column + across) % across;
      row = (row + down) % down;
      return this.slots[row * across + column];
    }
    const next = row * across + column; // in reading order, from line to line
    return this.slots[Math.max(0, Math.min(this.slots.length - 1, next))];
  }
}

/** Rows of equal length that make the tiles as large as possible, the most probable state first. */
function energySlots(frame, width, height) {
  const { count } = frame.space;
  let best = { across: count, pitch: 0 };
  for (let across = 1; across <= count; across++) {
    const pitch = Math.min(width / across, height / Math.ceil(count / across));
    if (pitch > best.pitch + 1e-9) best = { across, pitch };
  }
  return { slots: byProbability(frame), across: best.across };
}

/** The grid, turned so that its tiles become as large as possible. */
function hypercubeSlots({ numbers, rows, columns }, width, height) {
  const upright = Math.min(width / columns, height / rows);
  const turned = Math.min(width / rows, height / columns);
  if (upright >= turned) return { slots: numbers, across: columns };
  const slots = numbers.map((_, slot) => numbers[(slot % rows) * columns + Math.floor(slot / rows)]);
  return { slots, across: rows };
}
