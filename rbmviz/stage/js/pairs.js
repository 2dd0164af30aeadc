// What the cells of linked maps stand for: the parameters of an RBM, or all pairs of a machine's units.

import { matrixBlocks, pairBlocks } from "./layout.js";
import { parameterKey, parameterName, summary } from "./words.js";

/** W with b beside and c below it, as in message.py. */
export function parameterCells({ n_visible: nVisible, n_hidden: nHidden }) {
  return {
    rows: nVisible + 1,
    columns: nHidden + 1,
    exists: (i, j) => i < nVisible || j < nHidden,
    layout: (size) => matrixBlocks({ nVisible, nHidden, ...size }),
    name: (index) => parameterName(index, nVisible, nHidden),
    key: (index) => parameterKey(index, nVisible, nHidden),
    summary: (values) => summary(values, nVisible, nHidden),
  };
}

/** E[x x^T] of all units, E[x] on the diagonal, for x squared is x. */
export function pairCells({ units, n_visible: nVisible }) {
  const n = units.length;
  const name = (index) => {
    const i = Math.floor(index / n);
    const j = index % n;
    return i === j ? units[i] : `${units[Math.min(i, j)]} ${units[Math.max(i, j)]}`;
  };
  return {
    rows: n,
    columns: n,
    exists: () => true,
    layout: (size) => pairBlocks({ nVisible, nUnits: n, ...size }),
    name,
    key: (index) => (index < 0 ? "" : name(index).replace(" ", ",")),
    summary: (values) => summary(values, n, n, n),
  };
}
