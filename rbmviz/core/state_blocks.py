"""All states of one layer in blocks, with their unnormalised probabilities p~.

Summing the units y of the longer layer out leaves, for a state x of the shorter one,

    p~(x) = exp(a.x) prod_j (1 + exp(d_j + x.M_j))          a, d: biases of x and y, M: weights

Split the bits of x into a low and a high block. exp(input to y_j) is then hi_j * lo_j, one table
entry of each, and 1 + hi * lo = lo * (1/lo + hi). The product of all lo_j is one table over the
low states, so that a state costs an addition and a multiplication a unit: no exp, no softplus.

How large a product can get is known in advance: units are multiplied in groups that cannot
overflow, with one log a group. A model whose single factors could overflow (weights of some
hundreds) takes the plain route with softplus and sigmoid instead. Nothing here is random.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rbmviz.core.errors import FloatArray
from rbmviz.core.rbm import RBM, sigmoid_in_place, softplus_in_place

_BLOCK_BYTES = 2**20  # the (units, low states) table of a block: a common L2 cache
_LOG_RANGE = 600.0  # exp(+-600) times a little is finite and normal in float64 (limit 708)

Progress = Callable[[float], None]


def binary_states(n_units: int) -> FloatArray:
    """List every 0/1 vector: (2**n_units, n_units), row i holds the bits of i, lowest first."""
    return bits_of(np.arange(2**n_units), n_units)


def bits_of(indices: NDArray[np.integer], n_units: int) -> FloatArray:
    """Write whole numbers as rows of 0/1, lowest bit first: (n, n_units)."""
    bits: FloatArray = ((indices[:, None] >> np.arange(n_units)) & 1).astype(np.float64)
    return bits


def numbers_of(v: FloatArray) -> NDArray[np.intp]:
    """Undo bits_of: number rows of 0/1, bit k of a number being unit k."""
    return np.asarray(v.astype(np.intp) @ (1 << np.arange(v.shape[1])))


def _n_low_bits(n_x: int, n_y: int) -> int:
    """Choose the size of the low block, from measurements.

    Its table has to fit the cache and to cost little beside some 32 blocks of work; at least half
    of the bits are low, else the table over the high states would outgrow memory.
    """
    in_cache = int(np.log2(max(_BLOCK_BYTES // (8 * n_y), 1)))
    return min(n_x, max((n_x + 1) // 2, min(in_cache, max(n_x - 5, 10))))


@dataclass(frozen=True, eq=False)
class Block:
    """All low states under one high state: p~ = exp(log_scale) * weights."""

    weights: FloatArray  # (n_low_states,)
    log_scale: float
    factors: FloatArray  # (n_y, n_low_states): 1/lo + hi, or the sigmoid itself on the plain route
    hi: FloatArray | None  # (n_y,): sigmoid = hi / factors; None on the plain route


class StateBlocks:
    """The tables that are shared by every block of states of the layer x (the visible units)."""

    def __init__(self, rbm: RBM) -> None:
        self.n_x, n_y = rbm.n_visible, rbm.n_hidden
        self.n_low = _n_low_bits(self.n_x, n_y)
        self.low = binary_states(self.n_low)
        self.high = binary_states(self.n_x - self.n_low)
        self.n_blocks = len(self.high)
        self.a_low = self.low @ rbm.b[: self.n_low]
        self.a_high = self.high @ rbm.b[self.n_low :]
        # (n_y, n_low_states), and (n_high_states, n_y) with the bias of y
        self.input_low = np.ascontiguousarray((self.low @ rbm.W[: self.n_low]).T)
        self.input_high = self.high @ rbm.W[self.n_low :] + rbm.c
        self.buffer = np.empty_like(self.input_low)
        self.groups = self._safe_groups()
        if self.groups:
            # p~ of the low state before the product over units: log prod_j lo_j + a.x
            self.log_low = self.a_low + self.input_low.sum(axis=0)
            self.inverse_low = np.exp(-self.input_low)
            self.exp_high = np.exp(self.input_high)
            span = float(np.ptp(self.log_low))
            self.log_low_top = float(self.log_low.max())
            # One group and a narrow table: even the one log and exp a state are not needed.
            self.low_weights = (
                np.exp(self.log_low - self.log_low_top)
                if len(self.groups) == 1 and self.group_range + span <= _LOG_RANGE
                else None
            )

    def _safe_groups(self) -> list[slice]:
        """Cut the units into runs whose product of factors stays within exp(+-_LOG_RANGE)."""
        top = np.maximum(-self.input_low.min(axis=1), self.input_high.max(axis=0)) + np.log(2)
        bottom = np.maximum(-self.input_low.max(axis=1), self.input_high.min(axis=0))
        reach = np.maximum(np.abs(top), np.abs(bottom))  # (n_y,) largest |log(1/lo + hi)|
        extremes = max(np.abs(self.input_low).max(), np.abs(self.input_high).max())
        if max(reach.max(), extremes) > _LOG_RANGE:
            return []
        groups, start, total = [], 0, 0.0
        for j, r in enumerate(reach):
            if total + r > _LOG_RANGE:
                groups.append(slice(start, j))
                start, total = j, 0.0
            total += float(r)
        self.group_range = total  # meaningful when there is one group
        return [*groups, slice(start, len(reach))]

    def blocks(self, progress: Progress | None = None) -> Iterator[Block]:
        """Go through all states, a block for each high state; buffers are reused."""
        for k in range(self.n_blocks):
            if progress is not None and k % max(1, self.n_blocks // 100) == 0:
                progress(k / self.n_blocks)
            yield self._product_block(k) if self.groups else self._plain_block(k)

    def _product_block(self, k: int) -> Block:
        hi = self.exp_high[k]
        factors = np.add(self.inverse_low, hi[:, None], out=self.buffer)
        if self.low_weights is not None:
            weights = np.multiply.reduce(factors, axis=0)
            weights *= self.low_weights
            return Block(weights, float(self.a_high[k]) + self.log_low_top, factors, hi)
        log_weights = self.log_low.copy()
        for group in self.groups:
            product = np.multiply.reduce(factors[group], axis=0)
            log_weights += np.log(product, out=product)
        top = float(log_weights.max())
        log_weights -= top
        weights = np.exp(log_weights, out=log_weights)
        return Block(weights, top + float(self.a_high[k]), factors, hi)

    def _plain_block(self, k: int) -> Block:
        inputs = self.input_low + self.input_high[k][:, None]
        log_weights = self.a_low + softplus_in_place(inputs.copy()).sum(axis=0)
        top = float(log_weights.max())
        with np.errstate(over="ignore"):
            mean_y = sigmoid_in_place(inputs)
        return Block(np.exp(log_weights - top), top + float(self.a_high[k]), mean_y, None)
