// Paints the blocks of layout.js on one canvas. All cells are first drawn one pixel each into a small
// atlas, then each block is magnified without smoothing: one pass over the values, few canvas calls.

const GRID_FROM = 6; // device pixels a cell needs before a gap between cells is drawn
const GLYPH_FROM = 8; // ... before a sign is drawn in it

export class CellCanvas {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.atlas = document.createElement("canvas");
    this.blocks = [];
    this.ratio = 1;
  }

  /** Take a layout of layout.js; ratio is device pixels for each CSS pixel. */
  setLayout({ blocks, width, height }, ratio) {
    this.blocks = blocks;
    this.ratio = ratio;
    this.canvas.width = width;
    this.canvas.height = height;
    this.canvas.style.width = `${width / ratio}px`;
    this.canvas.style.height = `${height / ratio}px`;
    this.atlas.width = Math.max(1, blocks.reduce((sum, { columns }) => sum + columns, 0));
    this.atlas.height = Math.max(1, ...blocks.map(({ rows }) => rows));
    this.atlasContext = this.atlas.getContext("2d", { willReadFrequently: true });
    this.image = this.atlasContext.createImageData(this.atlas.width, this.atlas.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.#mapCells();
  }

  #mapCells() {
    const source = [];
    const target = [];
    this.cellOf = new Map(); // value index -> [block, row, column]
    let left = 0;
    for (const block of this.blocks) {
      block.left = left;
      for (let row = 0; row < block.rows; row++) {
        for (let column = 0; column < block.columns; column++) {
          const index = block.index(row, column);
          source.push(index);
          target.push(row * this.atlas.width + left + column);
          this.cellOf.set(index, [block, row, column]);
        }
      }
      left += block.columns;
    }
    this.source = Uint32Array.from(source);
    this.target = Uint32Array.from(target);
  }

  /** Colour every cell by its value: low is the ramp's first colour, high its last. */
  paint(values, { ramp, low, high, grid, frame = null, signs = false }) {
    const { context, source, target, pixels } = this;
    const scale = 255 / (high - low);
    for (let n = 0; n < source.length; n++) {
      const place = (values[source[n]] - low) * scale;
      // The last branch is NaN, which fails every comparison.
      const colour = place >= 255 ? 255 : place >= 0 ? (place + 0.5) | 0 : place < 0 ? 0 : 256;
      pixels[target[n]] = ramp.colours[colour];
    }
    this.atlasContext.putImageData(this.image, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const block of this.blocks) this.#magnify(block, grid, frame);
    if (signs) this.#drawSigns(values, ramp, low, high);
  }

  #magnify(block, grid, frame) {
    const { context } = this;
    const { rows, columns, x, y, cellWidth, cellHeight } = block;
    const width = columns * cellWidth;
    const height = rows * cellHeight;
    // With more cells than pixels, averaging shows more than dropping rows would.
    context.imageSmoothingEnabled = cellWidth < 1 || cellHeight < 1;
    context.drawImage(this.atlas, block.left, 0, columns, rows, x, y, width, height);
    if (grid && cellWidth >= GRID_FROM && cellHeight >= GRID_FROM) {
      const line = Math.max(1, Math.floor(this.ratio));
      for (let c = 1; c < columns; c++) context.clearRect(x + c * cellWidth - line, y, line, height);
      for (let r = 1; r < rows; r++) context.clearRect(x, y + r * cellHeight - line, width, line);
    }
    if (frame && block.framed) {
      const line = Math.max(1, Math.round(1.5 * this.ratio));
      context.fillStyle = frame;
      context.fillRect(x - line, y - line, width + 2 * line, line);
      context.fillRect(x - line, y + height, width + 2 * line, line);
      context.fillRect(x - line, y, line, height);
      context.fillRect(x + width, y, line, height);
    }
  }

  /** Draw + or - in cells that are large enough and clearly not zero: colour is never alone. */
  #drawSigns(values, ramp, low, high) {
    const { context, ratio } = this;
    for (const block of this.blocks) {
      const { rows, columns, x, y, cellWidth, cellHeight } = block;
      if (Math.min(cellWidth, cellHeight) < GLYPH_FROM * Math.sqrt(ratio)) continue;
      const arm = Math.round(Math.min(cellWidth, cellHeight, 14 * ratio) * 0.24);
      const line = Math.max(1, Math.round(ratio));
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const value = values[block.index(row, column)];
          if (!(Math.abs(value) > 0.12 * high)) continue;
          const colour = Math.max(0, Math.min(255, Math.round(((value - low) / (high - low)) * 255)));
          const centreX = Math.floor(x + (column + 0.5) * cellWidth - line);
          const centreY = Math.floor(y + (row + 0.5) * cellHeight - line);
          context.fillStyle = ramp.isDark[colour] ? "rgba(255,255,255,.85)" : "rgba(0,0,0,.7)";
          context.fillRect(centreX - arm, centreY, 2 * arm + line, line);
          if (value > 0) context.fillRect(centreX, centreY - arm, line, 2 * arm + line);
        }
      }
    }
  }

  /** The value index under a point in CSS pixels, or -1. */
  indexAt(cssX, cssY) {
    const px = cssX * this.ratio;
    const py = cssY * this.ratio;
    for (const { rows, columns, x, y, cellWidth, cellHeight, index } of this.blocks) {
      const column = Math.floor((px - x) / cellWidth);
      const row = Math.floor((py - y) / cellHeight);
      if (column >= 0 && column < columns && row >= 0 && row < rows) return index(row, column);
    }
    return -1;
  }

  /** The cell of a value index as {left, top, width, height} in CSS pixels, or null. */
  rectangleOf(valueIndex) {
    const cell = this.cellOf?.get(valueIndex);
    if (!cell) return null;
    const [{ x, y, cellWidth, cellHeight }, row, column] = cell;
    return {
      left: (x + column * cellWidth) / this.ratio,
      top: (y + row * cellHeight) / this.ratio,
      width: cellWidth / this.ratio,
      height: cellHeight / this.ratio,
    };
  }
}
