// Picks a state in a picture by pointer, touch or arrow keys, and marks it with its neighbours.

import { pointIn } from "./zoom.js";

/** Listen to a canvas whose painter knows stateAt(x, y) and neighbour(state, key). */
export function listenToPicture(canvas, painter, { isReady, current, hover, select, spoken }) {
  const under = (event) => {
    const [x, y] = pointIn(canvas, event);
    return painter.stateAt(x, y);
  };
  const point = (event) => isReady() && hover(under(event));
  canvas.addEventListener("pointermove", point);
  canvas.addEventListener("pointerdown", point);
  canvas.addEventListener("pointerleave", () => hover(-1));
  canvas.addEventListener("blur", () => hover(-1));
  canvas.addEventListener("click", (event) => isReady() && select(under(event)));
  canvas.addEventListener("keydown", (event) => {
    if (!isReady()) return;
    if (event.key.startsWith("Arrow")) {
      hover(painter.neighbour(current(), event.key));
      spoken();
    } else if (event.key === "Enter") select(current());
    else return;
    event.preventDefault();
  });
}

/** Outlines on the tiles: the kept state, the one under the pointer, and all that one flip makes of it. */
export class StateMarks {
  constructor(find) {
    this.selected = find("tile-selected");
    this.hovered = find("tile-hovered");
    this.flips = find("flips");
  }

  put(tiles, nVisible, selected, hovered) {
    this.#mark(this.selected, tiles, selected);
    this.#mark(this.hovered, tiles, hovered);
    while (this.flips.children.length < nVisible) {
      this.flips.append(Object.assign(document.createElement("span"), { className: "mark flip" }));
    }
    [...this.flips.children].forEach((outline, k) => {
      this.#mark(outline, tiles, hovered < 0 || k >= nVisible ? -1 : hovered ^ (1 << k));
    });
  }

  #mark(outline, tiles, state) {
    outline.hidden = state < 0;
    if (state < 0) return;
    const place = tiles.rectangleOf(state);
    for (const side of ["left", "top", "width", "height"]) outline.style[side] = `${place[side]}px`;
  }
}
