// A picture is a list of blocks. A block is a grid of equal cells in device pixels; cell (row, column)
// shows the value at index(row, column) of whatever array is painted.

const MARGIN_GAP = 5; // CSS pixels between W and its margins
const TILE_GAP = 5;

/** A cell's side: whole pixels, so that all cells are equal, unless that would waste much of the room. */
function side(room, count, largest = Infinity) {
  const exact = Math.min(room / count, largest);
  return Math.floor(exact) > 0.85 * exact ? Math.floor(exact) : exact;
}

/** The matrix as cells: W, with b as a column at the right and c as a row at the bottom. */
export function matrixBlocks({ nVisible, nHidden, width, height, ratio }) {
  const gap = Math.round(MARGIN_GAP * ratio);
  const stride = nHidden + 1;
  const cellWidth = side(width - gap, nHidden + 1);
  const cellHeight = side(height - gap, nVisible + 1, Math.round(40 * ratio));
  const marginWidth = Math.max(cellWidth, Math.round(5 * ratio));
  const marginHeight = Math.max(cellHeight, Math.round(5 * ratio));
  const fitWidth = Math.min(cellWidth, (width - gap - marginWidth) / nHidden);
  const fitHeight = Math.min(cellHeight, (height - gap - marginHeight) / nVisible);
  const right = Math.ceil(nHidden * fitWidth) + gap;
  const bottom = Math.ceil(nVisible * fitHeight) + gap;
  const blocks = [
    block(nVisible, nHidden, 0, 0, fitWidth, fitHeight, (i, j) => i * stride + j),
    block(nVisible, 1, right, 0, marginWidth, fitHeight, (i) => i * stride + nHidden),
    block(1, nHidden, 0, bottom, fitWidth, marginHeight, (_, j) => nVisible * stride + j),
  ];
  return { blocks, width: right + marginWidth, height: bottom + marginHeight, right, bottom };
}

/** All pairs of units as square cells, with a gap between the visible and the hidden ones. */
export function pairBlocks({ nVisible, nUnits, width, height, ratio }) {
  const gap = nUnits > nVisible ? Math.round(3 * ratio) : 0;
  const cell = side(Math.min(width, height) - gap, nUnits, Math.round(40 * ratio));
  const edge = Math.ceil(nVisible * cell) + gap;
  const nHidden = nUnits - nVisible;
  const blocks = [];
  for (const [top, y, rows] of [[0, 0, nVisible], [nVisible, edge, nHidden]]) {
    for (const [left, x, columns] of [[0, 0, nVisible], [nVisible, edge, nHidden]]) {
      if (!rows || !columns) continue;
      blocks.push(block(rows, columns, x, y, cell, cell, (i, j) => (top + i) * nUnits + left + j));
    }
  }
  const whole = nHidden ? edge + Math.ceil(nHidden * cell) : Math.ceil(nVisible * cell);
  return { blocks, width: whole, height: whole, right: whole, bottom: whole };
}

/** One image for each hidden unit (a column of W) with c below it; b is one further, framed image. */
export function unitBlocks({ nVisible, nHidden, imageShape, width, height, ratio }) {
  const [rows, columns] = imageShape;
  const gap = Math.round(TILE_GAP * ratio);
  const swatch = Math.round(6 * ratio);
  const stride = nHidden + 1;
  const extra = swatch + Math.round(2 * ratio);
  const { across, cell } = bestTiling(nHidden + 1, rows, columns, width, height, gap, extra);
  const blocks = [];
  for (let j = 0; j <= nHidden; j++) {
    const x = (j % across) * Math.round(columns * cell + gap) + Math.ceil(ratio);
    const y = Math.floor(j / across) * Math.round(rows * cell + extra + gap) + Math.ceil(ratio);
    const image = block(rows, columns, x, y, cell, cell, (r, c) => (r * columns + c) * stride + j);
    blocks.push({ ...image, framed: j === nHidden });
    if (j < nHidden) {
      const below = y + Math.round(rows * cell) + extra - swatch;
      blocks.push(block(1, 1, x, below, columns * cell, swatch, () => nVisible * stride + j));
    }
  }
  return { blocks, ...extent(blocks, Math.ceil(ratio)) };
}

/** As many framed tiles as fit; cell number k of tile n shows the value at index(n, k). */
export function tileBlocks({ count, imageShape, width, height, ratio, tile, caption = 0, index }) {
  const [rows, columns] = imageShape;
  const gap = Math.round(TILE_GAP * ratio);
  const cell = Math.max(1, Math.floor((tile * ratio) / Math.max(rows, columns)));
  const minimum = caption ? Math.round(38 * ratio) : 0; // a probability needs this much room
  const pitchX = Math.max(columns * cell + gap, minimum);
  const pitchY = rows * cell + gap + Math.round(caption * ratio);
  const across = Math.max(1, Math.floor((width + gap - 2) / pitchX));
  const down = Math.max(1, Math.floor((height + gap) / pitchY));
  const shown = Math.min(count, across * down);
  const border = Math.max(1, Math.round(1.5 * ratio));
  const blocks = [];
  for (let n = 0; n < shown; n++) {
    const x = (n % across) * pitchX + border;
    const y = Math.floor(n / across) * pitchY + border;
    const at = (r, c) => index(n, r * columns + c);
    blocks.push({ ...block(rows, columns, x, y, cell, cell, at), framed: true });
  }
  const size = extent(blocks, border);
  return { blocks, width: size.width, height: size.height + Math.round(caption * ratio) };
}

function block(rows, columns, x, y, cellWidth, cellHeight, index) {
  return { rows, columns, x, y, cellWidth, cellHeight, index, framed: false };
}

function bestTiling(count, rows, columns, width, height, gap, extra) {
  let best = { across: count, cell: 0 };
  for (let across = 1; across <= count; across++) {
    const down = Math.ceil(count / across);
    const roomX = width / across - gap;
    const roomY = height / down - gap - extra;
    const fit = Math.min(roomX / columns, roomY / rows);
    const cell = fit >= 1 ? Math.floor(fit) : Math.max(fit, 0.25);
    if (cell > best.cell) best = { across, cell };
  }
  return best;
}

function extent(blocks, border) {
  let width = 1;
  let height = 1;
  for (const { x, y, rows, columns, cellWidth, cellHeight } of blocks) {
    width = Math.max(width, Math.ceil(x + columns * cellWidth) + border);
    height = Math.max(height, Math.ceil(y + rows * cellHeight) + border);
  }
  return { width, height };
}
