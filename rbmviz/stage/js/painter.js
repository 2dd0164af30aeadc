// Paint patterns on a grid: by mouse, by finger or by keys. Each change is sent as text.

import { _ } from "./language.js";
import { Patterns } from "./patterns.js";
import { setAttribute, setText } from "./dom.js";

const MOST_SIDE = 16;
const MOST_PATTERNS = 64;
const MOST_UNDO = 200;
const MARGIN = 1; // pixels between two cells

function sizeChoice(name, label) {
  const options = Array.from({ length: MOST_SIDE - 1 }, (_, n) => `<option>${n + 2}</option>`);
  return `<label>${label} <select data-size="${name}">${options.join("")}</select></label>`;
}

const PAINTER_HTML = `
  <div class="sizes">${sizeChoice("height", _("Rows"))}${sizeChoice("width", _("Columns"))}</div>
  <div class="easel">
    <canvas class="board" tabindex="0" role="application" aria-roledescription="${_("drawing grid")}"></canvas>
    <div class="tools">
      <button type="button" data-tool="add" class="primary">${_("Add pattern")}</button>
      <button type="button" data-tool="copy">${_("Copy")}</button>
      <button type="button" data-tool="remove">${_("Delete")}</button>
      <button type="button" data-tool="undo" title="Ctrl+Z">${_("Undo")}</button>
      <button type="button" data-tool="clear">${_("Clear")}</button>
    </div>
  </div>
  <div class="strip" role="group" aria-label="${_("Patterns")}"></div>
  <p class="status">${_("Drag to paint. By keys: arrows move, space paints, Ctrl+Z undoes.")}</p>
  <p class="spoken" aria-live="polite"></p>`;

class Painter {
  constructor(parent, css) {
    this.host = parent.host ?? parent;
    this.root = document.createElement("div");
    this.root.className = "painter";
    this.root.innerHTML = `<style>${css}</style>${PAINTER_HTML}`;
    parent.append(this.root);
    const find = (selector) => this.root.querySelector(selector);
    this.board = find(".board");
    this.strip = find(".strip");
    this.spoken = find(".spoken");
    this.tool = (name) => find(`[data-tool="${name}"]`);
    this.size = (name) => find(`[data-size="${name}"]`);
    this.origin = null;
    this.#listen();
    const themed = setInterval(() => this.#paint(), 1000); // a theme can change without a call
    const resized = new ResizeObserver(() => this.#paint());
    resized.observe(this.root);
    this.stopListening = () => {
      clearInterval(themed);
      resized.disconnect();
    };
  }

  update(component) {
    this.component = component;
    const { data } = component;
    // The server echoes what was painted; only patterns from elsewhere take the place of ours.
    if (data && data.origin !== this.origin) {
      this.origin = data.origin;
      this.patterns = Patterns.read(data.text) ?? new Patterns(4, 4, [new Uint8Array(16)]);
      this.undone = [];
      this.current = 0;
      this.cursor = 0;
      this.showCursor = false;
    }
    this.#paint();
  }

  destroy() {
    this.stopListening();
    this.root.remove();
  }

  #listen() {
    const actions = {
      add: () => this.#insert(new Uint8Array(this.patterns.height * this.patterns.width)),
      copy: () => this.#insert(this.#row().slice()),
      remove: () => this.#remove(),
      clear: () => this.#change(() => this.#row().fill(0)),
      undo: () => this.#undo(),
    };
    for (const [name, act] of Object.entries(actions)) this.tool(name).addEventListener("click", act);
    for (const name of ["height", "width"]) {
      this.size(name).addEventListener("change", (event) => {
        const shape = { height: this.patterns.height, width: this.patterns.width, [name]: Number(event.target.value) };
        this.#change(() => {
          this.patterns = this.patterns.resized(shape.height, shape.width);
          this.cursor = 0;
        });
      });
    }
    this.strip.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      this.current = Number(button.dataset.pattern);
      this.#paint();
    });
    this.board.addEventListener("pointerdown", (event) => this.#begin(event));
    this.board.addEventListener("pointermove", (event) => this.#stroke(event));
    for (const end of ["pointerup", "pointercancel"]) this.board.addEventListener(end, () => this.#end());
    this.board.addEventListener("keydown", (event) => this.#onKey(event));
    this.board.addEventListener("focus", () => this.#focus(true));
    this.board.addEventListener("blur", () => this.#focus(false));
    this.root.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.#undo();
    });
  }

  #row() {
    return this.patterns.rows[this.current];
  }

  /** Change the patterns; what was before can be had back. */
  #change(act) {
    this.#remember();
    act();
    this.#send();
  }

  #remember() {
    this.undone.push({ patterns: this.patterns.copy(), current: this.current });
    if (this.undone.length > MOST_UNDO) this.undone.shift();
  }

  #undo() {
    const before = this.undone.pop();
    if (!before) return;
    Object.assign(this, before);
    this.cursor = Math.min(this.cursor, this.#row().length - 1);
    this.#send();
    setText(this.spoken, _("Undone."));
  }

  #insert(row) {
    if (this.patterns.rows.length >= MOST_PATTERNS) return;
    this.#change(() => this.patterns.rows.splice(++this.current, 0, row));
    this.board.focus();
  }

  #remove() {
    if (this.patterns.rows.length < 2) return;
    this.#change(() => {
      this.patterns.rows.splice(this.current, 1);
      this.current = Math.min(this.current, this.patterns.rows.length - 1);
    });
  }

  #send() {
    this.#paint();
    this.component.setTriggerValue("painted", this.patterns.write());
  }

  // ---- mouse, finger, keys -----------------------------------------------------------------

  #cellAt(event) {
    const bounds = this.board.getBoundingClientRect();
    const { height, width } = this.patterns;
    const i = Math.floor(((event.clientY - bounds.top) / bounds.height) * height);
    const j = Math.floor(((event.clientX - bounds.left) / bounds.width) * width);
    return i < 0 || j < 0 || i >= height || j >= width ? -1 : i * width + j;
  }

  #begin(event) {
    const cell = this.#cellAt(event);
    if (cell < 0 || event.button > 0) return;
    this.board.setPointerCapture(event.pointerId);
    this.#remember();
    this.ink = 1 - this.#row()[cell];
    this.#stroke(event);
  }

  #stroke(event) {
    if (this.ink === undefined) return;
    const cell = this.#cellAt(event);
    if (cell < 0) return;
    this.cursor = cell;
    this.showCursor = false;
    this.#row()[cell] = this.ink;
    this.#paint();
  }

  #end() {
    if (this.ink === undefined) return;
    this.ink = undefined;
    this.#send();
  }

  #onKey(event) {
    const { height, width } = this.patterns;
    let i = Math.floor(this.cursor / width);
    let j = this.cursor % width;
    if (event.key === "ArrowUp") i = Math.max(0, i - 1);
    else if (event.key === "ArrowDown") i = Math.min(height - 1, i + 1);
    else if (event.key === "ArrowLeft") j = Math.max(0, j - 1);
    else if (event.key === "ArrowRight") j = Math.min(width - 1, j + 1);
    else if (event.key === " " || event.key === "Enter") {
      this.#change(() => (this.#row()[this.cursor] = 1 - this.#row()[this.cursor]));
    } else return;
    event.preventDefault();
    event.stopPropagation(); // the arrows and the space bar also drive the lab
    this.cursor = i * width + j;
    this.showCursor = true;
    this.#paint();
    const state = this.#row()[this.cursor] ? _("on") : _("off");
    setText(this.spoken, _("Row {row}, column {column}: {state}", { row: i + 1, column: j + 1, state }));
  }

  #focus(on) {
    this.showCursor = on && this.board.matches(":focus-visible");
    this.#paint();
  }

  // ---- drawing -----------------------------------------------------------------------------

  #paint() {
    if (!this.patterns) return;
    const { height, width, rows } = this.patterns;
    const style = getComputedStyle(this.host);
    const read = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
    const hues = {
      on: read("--st-text-color", "#31333f"),
      off: read("--st-background-color", "#ffffff"),
      line: read("--st-border-color", "#c8ccd2"),
      cursor: read("--st-primary-color", "#475569"),
    };
    const room = Math.min(this.root.clientWidth - 150, 340);
    const cell = Math.max(Math.floor(Math.min(room / width, 340 / height)), 8);
    this.#draw(this.board, this.#row(), cell, hues);
    if (this.showCursor) this.#drawCursor(cell, hues);
    const place = { n: this.current + 1, of: rows.length, height, width };
    const label = _("Pattern {n} of {of}, {height} by {width} pixels", place);
    setAttribute(this.board, "aria-label", label);
    this.#paintStrip(hues);
    this.size("height").value = String(height);
    this.size("width").value = String(width);
    this.tool("undo").disabled = this.undone.length === 0;
    this.tool("remove").disabled = rows.length < 2;
    for (const name of ["add", "copy"]) this.tool(name).disabled = rows.length >= MOST_PATTERNS;
    setAttribute(this.root, "data-patterns", String(rows.length));
    setAttribute(this.root, "data-current", String(this.current));
    setAttribute(this.root, "data-pixels", this.#row().join(""));
  }

  #draw(canvas, row, cell, hues) {
    const { height, width } = this.patterns;
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [width * cell + MARGIN, height * cell + MARGIN];
    canvas.width = wide * ratio;
    canvas.height = high * ratio;
    canvas.style.width = `${wide}px`;
    canvas.style.height = `${high}px`;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.fillStyle = hues.line;
    pen.fillRect(0, 0, wide, high);
    row.forEach((on, n) => {
      pen.fillStyle = on ? hues.on : hues.off;
      pen.fillRect((n % width) * cell + MARGIN, Math.floor(n / width) * cell + MARGIN, cell - MARGIN, cell - MARGIN);
    });
  }

  #drawCursor(cell, hues) {
    const { width } = this.patterns;
    const pen = this.board.getContext("2d");
    const left = (this.cursor % width) * cell;
    const top = Math.floor(this.cursor / width) * cell;
    for (const [hue, inset] of [[hues.off, 4], [hues.cursor, 2]]) {
      pen.strokeStyle = hue;
      pen.lineWidth = 2;
      pen.strokeRect(left + inset, top + inset, cell - 2 * inset + 1, cell - 2 * inset + 1);
    }
  }

  #paintStrip(hues) {
    const { height, width, rows } = this.patterns;
    while (this.strip.children.length > rows.length) this.strip.lastChild.remove();
    while (this.strip.children.length < rows.length) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.pattern = String(this.strip.children.length);
      button.append(document.createElement("canvas"));
      this.strip.append(button);
    }
    const cell = Math.max(Math.floor(40 / Math.max(height, width)), 3);
    rows.forEach((row, k) => {
      const button = this.strip.children[k];
      setAttribute(button, "aria-pressed", String(k === this.current));
      setAttribute(button, "aria-label", _("Pattern {n}", { n: k + 1 }));
      this.#draw(button.firstChild, row, cell, { ...hues, line: cell > 4 ? hues.line : hues.off });
    });
  }
}

const painters = new WeakMap(); // parent element -> its Painter

/** Entry point: called on every data or theme change; the clean-up it returns is called at unmount. */
export function mountPainter(component, css) {
  const { parentElement } = component;
  if (!painters.has(parentElement)) painters.set(parentElement, new Painter(parentElement, css));
  painters.get(parentElement).update(component);
  return () =>
    setTimeout(() => {
      if ((parentElement.host ?? parentElement).isConnected) return; // a newer call overtook this one
      painters.get(parentElement)?.destroy();
      painters.delete(parentElement);
    });
}
