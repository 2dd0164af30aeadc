// Heat maps of one model side by side: every map shows another number of the same parameters, so a
// parameter under the pointer is marked in all of them. A page that trains sends a number to pull:
// once its message is painted, the number goes back, and asks for the next one.

import { CellCanvas } from "./cells.js";
import { readTheme } from "./colour.js";
import { readMessage } from "./decode.js";
import { setAttribute, setText } from "./dom.js";
import { _ } from "./language.js";
import { pairCells, parameterCells } from "./pairs.js";
import { MINUS, brief, decimal, niceAbove } from "./words.js";
import { pixelRatio, pointIn } from "./zoom.js";

const PULL_AGAIN_AFTER = 2000; // milliseconds; then a pull counts as lost

const MAPS_HINT = matchMedia("(hover: none)").matches
  ? _("Touch a cell to read its numbers in all maps.")
  : _("Point at a cell to read its numbers in all maps, click to keep it.");

function mapSection(n) {
  return `
  <section class="panel" data-panel="${n}">
    <header><h3 data-part="title"></h3><p data-part="meaning"></p></header>
    <div class="picture"><div class="board">
      <canvas data-canvas="${n}" role="img" tabindex="0"></canvas>
      <span class="mark selected" data-part="selected" hidden></span>
      <span class="mark hovered" data-part="hovered" hidden></span>
      <span class="axis visible-axis" data-part="rows"></span>
      <span class="axis hidden-axis" data-part="columns"></span>
      <span class="axis margin-v" data-part="margin-v">v</span>
      <span class="axis margin-h" data-part="margin-h">h</span>
    </div></div>
    <div class="scale"><span data-part="low"></span><span class="bar" data-part="bar"></span><span data-part="high"></span></div>
    <p class="value"><output data-part="value" data-value="">\u2013</output> <small data-part="name"></small></p>
  </section>`;
}

function reversed(ramp) {
  const last = ramp.colours.length - 1; // the last is for what is not a number
  const colours = Uint32Array.from(ramp.colours, (own, n) => (n < last ? ramp.colours[last - 1 - n] : own));
  const isDark = Uint8Array.from(ramp.isDark, (own, n) => (n < last ? ramp.isDark[last - 1 - n] : own));
  return { colours, isDark, css: ramp.css.replace("to right", "to left") };
}

/** The same ramp, with nothing drawn where there is no number. */
function bare(ramp) {
  const colours = ramp.colours.slice();
  colours[256] = 0;
  return { ...ramp, colours };
}

class Maps {
  constructor(parent, css) {
    this.host = parent.host ?? parent;
    this.root = document.createElement("div");
    this.root.className = "stage maps";
    this.root.innerHTML = `<style>${css}</style><p class="status">${MAPS_HINT}</p>
      <div class="equation"></div><p class="spoken" aria-live="polite"></p>`;
    parent.append(this.root);
    this.grid = this.root.querySelector(".equation");
    this.maps = [];
    this.selected = 0;
    this.hovered = -1;
    const resized = new ResizeObserver(() => this.#paint());
    resized.observe(this.root);
    const themed = setInterval(() => this.#refreshTheme(), 1000);
    const watched = setInterval(() => this.#pullAgain(), 500);
    this.pulled = { number: null, time: 0 };
    this.stopListening = () => {
      resized.disconnect();
      clearInterval(themed);
      clearInterval(watched);
      this.header = null;
    };
  }

  update(component) {
    this.component = component;
    const { data } = component;
    if (!data) return;
    const { header, blocks } = readMessage(data);
    // The page may choose the parameter, too: with its own widgets.
    if (header.selected !== undefined && header.selected !== this.header?.selected) this.selected = header.selected;
    this.header = header;
    this.cells = header.units ? pairCells(header) : parameterCells(header);
    this.values = blocks.get("values");
    if (this.maps.length !== header.maps.length) this.#build(header.maps.length);
    if (this.selected >= this.values.perFrame - (header.units ? 0 : 1)) this.selected = 0;
    if (this.hovered >= this.values.perFrame) this.hovered = -1;
    setAttribute(this.root, "data-pairs", header.units ? "" : null);
    header.maps.forEach((map, n) => {
      const { section, part } = this.maps[n];
      setAttribute(section, "data-hue", map.hue);
      setAttribute(section, "data-estimated", map.estimated ? "" : null);
      setText(part("title"), map.title);
      setText(part("meaning"), map.meaning);
      setText(part("rows"), header.units ? _("units v, then h") : _("visible unit i"));
      setText(part("columns"), header.units ? _("the same units") : _("hidden unit j"));
    });
    this.#refreshTheme();
    this.#paint();
    if (header.pull !== null && header.pull !== this.pulled.number) this.#pull();
  }

  /** Ask for the next message once this one is on the screen; a hidden tab asks for nothing. */
  #pull() {
    const number = this.header.pull;
    setAttribute(this.root, "data-pull", String(number));
    this.pulled = { number, time: performance.now() };
    requestAnimationFrame(() =>
      setTimeout(() => {
        if (this.header?.pull === number) this.component.setTriggerValue("pull", number);
      }),
    );
  }

  #pullAgain() {
    const waits = this.header && this.header.pull !== null && !document.hidden;
    if (waits && performance.now() - this.pulled.time > PULL_AGAIN_AFTER) this.#pull();
  }

  destroy() {
    this.stopListening();
    this.root.remove();
  }

  #build(count) {
    this.grid.innerHTML = Array.from({ length: count }, (_, n) => mapSection(n)).join("");
    this.grid.style.setProperty("--maps", String(count));
    this.maps = [...this.grid.querySelectorAll("section")].map((section) => {
      const part = (name) => section.querySelector(`[data-part="${name}"]`);
      const canvas = section.querySelector("canvas");
      const cells = new CellCanvas(canvas);
      this.#listen(canvas, cells);
      return { section, part, canvas, cells };
    });
  }

  #listen(canvas, cells) {
    const under = (event) => {
      const [x, y] = pointIn(canvas, event);
      return cells.indexAt(x, y);
    };
    canvas.addEventListener("pointermove", (event) => this.#hover(under(event)));
    canvas.addEventListener("pointerleave", () => this.#hover(-1));
    canvas.addEventListener("blur", () => this.#hover(-1));
    canvas.addEventListener("click", (event) => {
      const index = under(event);
      if (index >= 0) this.#select(index);
    });
    canvas.addEventListener("keydown", (event) => this.#onKey(event));
  }

  #onKey(event) {
    const from = this.hovered < 0 ? this.selected : this.hovered;
    if (event.key.startsWith("Arrow")) {
      this.#hover(this.#neighbour(from, event.key));
      setText(this.root.querySelector(".spoken"), this.#sentence(this.hovered));
    } else if (event.key === "Enter") this.#select(from);
    else return;
    event.preventDefault();
  }

  /** Keep a parameter; a page that asked for it hears of it. */
  #select(index) {
    this.selected = index;
    this.#read();
    const { selected, n_visible: nVisible, n_hidden: nHidden } = this.header;
    if (selected !== undefined) this.component.setTriggerValue("chosen", parameterKey(index, nVisible, nHidden));
  }

  #neighbour(index, key) {
    const { rows, columns, exists } = this.cells;
    const i = Math.floor(index / columns);
    const j = index % columns;
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
    const [row, column] = [i + down, j + right];
    const inside = row >= 0 && row < rows && column >= 0 && column < columns && exists(row, column);
    return inside ? row * columns + column : index;
  }

  #sentence(index) {
    const { maps } = this.header;
    const told = maps.map((map, n) => `${map.title} ${decimal(this.#map(n)[index], map.digits)}`);
    return `${this.cells.name(index)}: ${told.join(", ")}`;
  }

  #hover(index) {
    if (index === this.hovered) return;
    this.hovered = index;
    this.#read();
  }

  #map(n) {
    return this.values.values.subarray(n * this.values.perFrame, (n + 1) * this.values.perFrame);
  }

  #refreshTheme() {
    const theme = readTheme(this.host, this.theme);
    if (theme === this.theme) return;
    this.theme = theme;
    // Too much negative phase pushes a weight down: orange, as everywhere; so the ramp is turned round.
    const signed = reversed(theme.difference);
    this.ramps = { share: theme.negative, clamped: theme.positive, signed, spread: theme.ink };
    this.ramps.signedClamped = theme.difference; // too much positive phase pushes it up: blue
    this.bareRamps = Object.fromEntries(Object.entries(this.ramps).map(([kind, ramp]) => [kind, bare(ramp)]));
    setAttribute(this.root, "data-theme", theme.dark ? "dark" : "light");
    this.#paint();
  }

  #paint() {
    if (!this.values || !this.theme) return;
    const ratio = pixelRatio(this.root);
    const picture = this.maps[0].section.querySelector(".picture");
    const room = picture.clientWidth - parseFloat(getComputedStyle(picture).paddingLeft);
    if (room <= 0) return;
    const height = parseFloat(getComputedStyle(picture).getPropertyValue("--picture-height")) || 230;
    const size = { ratio, width: Math.floor(room * ratio), height: Math.floor(height * ratio) };
    this.maps.forEach(({ part, cells, canvas }, n) => {
      const map = this.header.maps[n];
      const layout = this.cells.layout(size);
      cells.setLayout(layout, ratio);
      const middle = (a, b) => `${(a + b) / 2 / ratio}px`;
      part("margin-v").style.setProperty("--at", middle(layout.right, layout.width));
      part("margin-h").style.setProperty("--at", middle(layout.bottom, layout.height));
      const values = this.#map(n);
      const { low, high, words } = this.#scale(map, values);
      const ramp = (this.header.units ? this.bareRamps : this.ramps)[map.kind];
      cells.paint(values, { ramp, low, high, grid: true, signs: map.kind.startsWith("signed") });
      part("bar").style.background = ramp.css;
      setText(part("low"), words[0]);
      setText(part("high"), words[1]);
      const { low: least, high: most, largest, at } = this.cells.summary(values);
      const told = _("{title}, {meaning}: from {low} to {high}; largest at {at}, {largest} in size.", {
        title: map.title,
        meaning: map.meaning,
        low: decimal(least, map.digits),
        high: decimal(most, map.digits),
        at: this.cells.name(at),
        largest: decimal(largest, map.digits),
      });
      setAttribute(canvas, "aria-label", told);
    });
    this.#read();
  }

  #scale(map, values) {
    if (map.kind === "share" || map.kind === "clamped") return { low: 0, high: 1, words: ["0", "1"] };
    let largest = 0;
    for (let n = 0; n < values.length; n++) largest = Math.max(largest, Math.abs(values[n]) || 0);
    const limit = niceAbove(Math.max(largest, map.least));
    if (map.kind === "spread") return { low: 0, high: limit, words: ["0", brief(limit)] };
    return { low: -limit, high: limit, words: [MINUS + brief(limit), `+${brief(limit)}`] };
  }

  /** Mark the parameter in all maps and write its numbers. */
  #read() {
    if (!this.values) return;
    const index = this.hovered < 0 ? this.selected : this.hovered;
    setAttribute(this.root, "data-selected", this.cells.key(this.selected));
    setAttribute(this.root, "data-hover", this.cells.key(this.hovered));
    this.maps.forEach(({ part, cells }, n) => {
      this.#mark(part("hovered"), cells, this.hovered);
      this.#mark(part("selected"), cells, this.selected);
      const map = this.header.maps[n];
      const value = this.#map(n)[index];
      setText(part("value"), decimal(value, map.digits, map.kind.startsWith("signed")));
      setAttribute(part("value"), "data-value", String(value));
      setText(part("name"), this.cells.name(index));
    });
  }

  #mark(outline, cells, index) {
    const cell = index < 0 ? null : cells.rectangleOf(index);
    outline.hidden = cell === null;
    if (cell) for (const side of ["left", "top", "width", "height"]) outline.style[side] = `${cell[side]}px`;
  }
}

const mapsOf = new WeakMap(); // parent element -> its Maps

/** Entry point: called on every data or theme change; the clean-up it returns is called at unmount. */
export function mountMaps(component, css) {
  const { parentElement } = component;
  if (!mapsOf.has(parentElement)) mapsOf.set(parentElement, new Maps(parentElement, css));
  mapsOf.get(parentElement).update(component);
  return () =>
    setTimeout(() => {
      if ((parentElement.host ?? parentElement).isConnected) return; // a newer call overtook this one
      mapsOf.get(parentElement)?.destroy();
      mapsOf.delete(parentElement);
    });
}
