"""The exact transition operator of block Gibbs sampling, and what follows from it without sampling.

One step of block Gibbs, seen from the shorter layer x (y is the longer one), goes from x to x' with

    T(x, x') = sum_y p(y | x) p(x' | y)

T is reversible: p(x) T(x, x') = p(x') T(x', x). So S = sqrt(T * T^T), entry by entry, is symmetric
with the eigenvalues of T, all in [0, 1]: the first is 1 with eigenvector sqrt(p), and the second,
lambda_2, says how slowly the chain forgets where it started (Levin, Peres & Wilmer, *Markov Chains
and Mixing Times*, chapters 4 and 12). The bias of CD-k shrinks like lambda_2^k in the end.

Nothing here is random: all values are exact up to rounding.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.enumeration import exact_probabilities
from rbmviz.core.errors import FloatArray, TooManyUnitsError, as_rows, check_count, check_number
from rbmviz.core.phase import PhaseStatistics
from rbmviz.core.rbm import RBM, sigmoid_in_place
from rbmviz.core.state_blocks import Progress, binary_states, bits_of, numbers_of

MAX_OPERATOR_UNITS = 10  # in the shorter layer: 1024 x 1024 transitions, and their spectrum
MAX_OPERATOR_SECONDS = 20.0

_LOW_BITS = 11  # 2048 states of the longer layer at a time
_SECONDS_A_TERM = 3.5e-11  # a multiplication and an addition of a matrix product
_SECONDS_AN_ENTRY = 3e-9  # both conditionals of one pair of states
_LONGEST_MIXING = 2**30
_LONGEST_MIXING_OF_LARGE = 2**20  # each power of two up to it is kept meanwhile, 8 MB each


def operator_seconds(n_visible: int, n_hidden: int) -> float:
    """Estimate the CPU seconds of gibbs_operator: 2**n_visible * 2**n_hidden pairs of states."""
    shorter, longer = sorted((n_visible, n_hidden))
    columns = 2.0**shorter
    if n_hidden < n_visible:
        columns += n_visible * n_hidden + n_visible + n_hidden
    pairs = 2.0 ** min(shorter + longer, 1000)  # float64 holds no more, and it is refused anyway
    return pairs * (columns * _SECONDS_A_TERM + _SECONDS_AN_ENTRY)


@dataclass(frozen=True, eq=False)
class Side:
    """Some states together."""

    probability: float  # of being in one of them, under the model
    mean_v: FloatArray  # (n_visible,), E[v] given that


@dataclass(frozen=True, eq=False)
class GibbsOperator:
    """Block Gibbs sampling of one model, exactly; made by gibbs_operator(rbm)."""

    rbm: RBM
    # (2**m, 2**m) for the m units of the shorter layer: row x, column x', rows sum to one
    transition: FloatArray
    stationary: FloatArray  # (2**m,), p(x); state x has unit k where bit k of its number is set
    following: FloatArray  # (2**m, n): E[v h^T], E[v], E[h] of the next (v, h), like flat()

    @property
    def on_hidden(self) -> bool:
        """True when the shorter layer, whose states are listed, is the hidden one."""
        return self.rbm.n_hidden < self.rbm.n_visible

    @cached_property
    def _spectrum(self) -> tuple[FloatArray, FloatArray]:
        # The first eigenvector, sqrt(p), is taken out: where lambda_2 is 1 up to rounding, eigh
        # would return any two vectors that span both.
        root = np.sqrt(self.stationary)
        symmetric = np.sqrt(self.transition * self.transition.T) - np.outer(root, root)
        values, vectors = np.linalg.eigh(symmetric)
        others = np.clip(values[:0:-1], 0.0, 1.0)  # the smallest is the zero left of the first
        return np.concatenate([[1.0], others]), vectors[:, ::-1]

    @property
    def eigenvalues(self) -> FloatArray:
        """All eigenvalues of the transition, falling from 1: (2**m,)."""
        return self._spectrum[0]

    @property
    def second_eigenvalue(self) -> float:
        """lambda_2: in the end, the error of any expectation shrinks by this factor a step."""
        return float(self.eigenvalues[1])

    @property
    def slowest_mode(self) -> FloatArray:
        """The function of x that decays slowest, by lambda_2 a step: (2**m,), p-variance one.

        Its sign splits the states into two sides that the chain seldom moves between.
        """
        root = np.sqrt(np.maximum(self.stationary, np.finfo(float).tiny))
        return np.asarray(self._spectrum[1][:, 0] / root)

    def slowest_sides(self) -> list["Side"]:
        """Split the states by the sign of the slowest mode: what the chain seldom moves between.

        Returns:
            Two sides, the more probable one first; exact.
        """
        x = binary_states(int(np.log2(len(self.stationary))))
        mean_v = _sigmoid(x @ self.rbm.W.T + self.rbm.b) if self.on_hidden else x
        sides = []
        for there in (self.slowest_mode > 0, self.slowest_mode <= 0):
            p = self.stationary * there
            total = float(p.sum())
            sides.append(Side(total, p @ mean_v / total if total > 0 else mean_v.mean(axis=0)))
        return sorted(sides, key=lambda side: -side.probability)

    @cached_property
    def quarter_mixing_time(self) -> int | None:
        """The mixing time to a quarter, the convention; kept."""
        return self.mixing_time()

    def mixing_time(self, distance: float = 0.25) -> int | None:
        """Count the steps until the chain is this close to p(x) from every start.

        Args:
            distance: total variation, in (0, 1); a quarter is the convention.

        Returns:
            The smallest k with max_x TV(T^k(x, .), p) <= distance; None beyond 2**30 steps, or
            2**20 with more than 8 units in the shorter layer.
        """
        check_number("distance", distance, 1e-9, 1.0, below_high=True)

        def is_far(power: FloatArray) -> bool:  # the largest total variation
            return bool(np.abs(power - self.stationary).sum(axis=1).max() > 2 * distance)

        powers: list[FloatArray] = [self.transition]  # T^1, T^2, T^4, ...
        is_large = len(self.stationary) > 256
        longest = _LONGEST_MIXING_OF_LARGE if is_large else _LONGEST_MIXING
        while is_far(powers[-1]):
            if 2 ** len(powers) > longest:
                return None
            square = powers[-1] @ powers[-1]
            powers.append(square / square.sum(axis=1, keepdims=True))
        if len(powers) == 1:
            return 1
        steps, reached = 2 ** (len(powers) - 2), powers[-2]  # the longest known to be too short
        for j in range(len(powers) - 3, -1, -1):
            longer = reached @ powers[j]
            if is_far(longer):
                steps, reached = steps + 2**j, longer
        return int(steps) + 1

    def expected_contrastive_divergence(
        self, v_batch: ArrayLike, max_steps: int
    ) -> list[PhaseStatistics]:
        """Compute the expected statistics of CD-k from these rows, for k = 1 to max_steps.

        Args:
            v_batch: (n, n_visible) of 0/1, the rows that the chains start from.

        Returns:
            One phase for each k. Exact: no chain is run. Minus the exact phase: the bias of CD-k.
        """
        q = self._after_first_half(v_batch).mean(axis=0)
        expected = []
        for _ in range(check_count("max_steps", max_steps)):
            expected.append(PhaseStatistics.from_flat(q @ self.following, self.rbm.n_visible))
            q = q @ self.transition
        return expected

    def contrastive_divergence_deviations(
        self, v_batch: ArrayLike, max_steps: int
    ) -> list[PhaseStatistics]:
        """Compute the standard deviation of CD-k estimates with one chain from each row.

        Exact, for k = 1 to max_steps. The rows are held fixed: what is random are the chains.
        """
        q = self._after_first_half(v_batch)  # (n, 2**m), a chain a row
        deviations = []
        for _ in range(check_count("max_steps", max_steps)):
            variance = q.mean(axis=0) @ self._following_squares
            variance -= ((q @ self.following) ** 2).mean(axis=0)
            deviation = np.sqrt(np.maximum(variance, 0.0) / len(q))
            deviations.append(PhaseStatistics.from_flat(deviation, self.rbm.n_visible))
            q = q @ self.transition
        return deviations

    def contrastive_divergence_deviation(self, v_batch: ArrayLike, n_steps: int) -> PhaseStatistics:
        """Compute the standard deviation of one CD-k estimate: the last of the list above."""
        return self.contrastive_divergence_deviations(v_batch, n_steps)[-1]

    def visible_probabilities_after(self, v_batch: ArrayLike, n_steps: int) -> FloatArray:
        """Compute how often CD-k from these rows ends in each visible state: (2**n_visible,).

        Entry i belongs to the state whose unit k is bit k of i, as in exact_probabilities. Exact.

        Raises:
            TooManyUnitsError: more visible units than can be listed.
        """
        limit = 16
        if self.rbm.n_visible > limit:
            raise TooManyUnitsError(
                f"{self.rbm.n_visible} visible units have 2**{self.rbm.n_visible} states; the "
                f"limit is {limit} units. Use a smaller layer."
            )
        q = self._after_first_half(v_batch).mean(axis=0)
        n_more = check_count("n_steps", n_steps) - (1 if self.on_hidden else 0)
        q = q @ np.linalg.matrix_power(self.transition, n_more)
        if not self.on_hidden:
            return np.asarray(q)
        inputs = binary_states(self.rbm.n_hidden) @ self.rbm.W.T + self.rbm.b
        return np.asarray(q @ _state_probabilities(inputs))

    def _after_first_half(self, v_batch: ArrayLike) -> FloatArray:
        """Where the chain of each row stands in the shorter layer before its first full step."""
        rows = as_rows("v_batch", v_batch, self.rbm.n_visible, binary=True)
        if self.on_hidden:
            return _state_probabilities(rows @ self.rbm.W + self.rbm.c)
        q = np.zeros((len(rows), len(self.stationary)))
        q[np.arange(len(rows)), numbers_of(rows)] = 1.0
        return q

    def prepare_deviations(self, progress: Progress | None = None) -> None:
        """Do now, with progress, the pass over all states that the first deviation needs.

        Args:
            progress: called with the share done; raise in it to cancel.
        """
        if "_following_squares" not in vars(self):
            vars(self)["_following_squares"] = self._sum_squares(progress)

    @cached_property
    def _following_squares(self) -> FloatArray:
        """Like `following`, of the squares."""
        return self._sum_squares(None)

    def _sum_squares(self, progress: Progress | None) -> FloatArray:
        if not self.on_hidden:
            v = binary_states(self.rbm.n_visible)
            return np.asarray(self.transition @ _features(self.rbm, v) ** 2)
        squares = np.zeros_like(self.following)
        for block in _blocks(self.rbm.swapped):
            if progress is not None:
                progress(block.share_done)
            squares += block.to_high * (block.to_low @ _features(self.rbm, block.y) ** 2)
        return squares


def gibbs_operator(rbm: RBM, progress: Progress | None = None) -> GibbsOperator:
    """Build the exact transition operator of block Gibbs sampling on the shorter layer.

    Args:
        progress: called with the share done; raise in it to cancel.

    Raises:
        TooManyUnitsError: more than MAX_OPERATOR_UNITS units in the shorter layer, or a sum that
            would take longer than MAX_OPERATOR_SECONDS, with the cost.

    >>> operator = gibbs_operator(RBM(W=[[0.0]], b=[0.0], c=[0.0]))  # a coin tossed anew each step
    >>> operator.transition
    array([[0.5, 0.5],
           [0.5, 0.5]])
    >>> operator.second_eigenvalue, operator.mixing_time()
    (0.0, 1)
    """
    seconds = operator_seconds(rbm.n_visible, rbm.n_hidden)
    shorter = min(rbm.n_visible, rbm.n_hidden)
    if shorter > MAX_OPERATOR_UNITS or seconds > MAX_OPERATOR_SECONDS:
        raise TooManyUnitsError(
            f"The transitions of {rbm.n_visible} x {rbm.n_hidden} units join "
            f"2**{rbm.n_visible + rbm.n_hidden} pairs of states, about {seconds:.2g} CPU seconds; "
            f"the limits are {MAX_OPERATOR_UNITS} units in the shorter layer and "
            f"{MAX_OPERATOR_SECONDS:g} s. Use a smaller model, or independent repeats."
        )
    on_hidden = rbm.n_hidden < rbm.n_visible
    seen = rbm.swapped if on_hidden else rbm  # x is its visible layer
    n_states = 2**shorter
    transition = np.zeros((n_states, n_states))
    size = rbm.n_visible * rbm.n_hidden + rbm.n_visible + rbm.n_hidden
    following = np.zeros((n_states, size))
    for block in _blocks(seen):
        if progress is not None:
            progress(block.share_done)
        transition += block.to_high * (block.to_low @ block.to_x)
        if on_hidden:  # y are the visible units
            following += block.to_high * (block.to_low @ _features(rbm, block.y))
    transition /= transition.sum(axis=1, keepdims=True)  # against the drift of rounding
    if not on_hidden:
        following = transition @ _features(rbm, binary_states(rbm.n_visible))
    return GibbsOperator(rbm, transition, exact_probabilities(seen), following)


@dataclass(frozen=True, eq=False)
class _Block:
    """Some states y of the longer layer: all low bits under one choice of the high bits."""

    share_done: float
    y: FloatArray  # (n, n_y)
    to_low: FloatArray  # (2**m, n): probability of the low bits of y given x, same in all blocks
    to_high: FloatArray  # (2**m, 1): probability of the high bits of y given x
    to_x: FloatArray  # (n, 2**m): p(x | y)


def _blocks(seen: RBM) -> Iterator[_Block]:
    """Go through the states of the hidden layer of `seen`, whose visible layer is x."""
    inputs_of_y = binary_states(seen.n_visible) @ seen.W + seen.c
    n_low = min(seen.n_hidden, _LOW_BITS)
    low = binary_states(n_low)
    to_low = _state_probabilities(inputs_of_y[:, :n_low])
    to_high = _state_probabilities(inputs_of_y[:, n_low:])
    n_blocks = to_high.shape[1]
    for k in range(n_blocks):
        high = np.tile(bits_of(np.array([k]), seen.n_hidden - n_low), (len(low), 1))
        y = np.hstack([low, high])
        to_x = _state_probabilities(y @ seen.W.T + seen.b)
        yield _Block(k / n_blocks, y, to_low, to_high[:, k, None], to_x)


def _state_probabilities(inputs: FloatArray) -> FloatArray:
    """Multiply the probabilities of independent units with these inputs, for each of their states.

    (n, n_units) -> (n, 2**n_units), the number of a state having unit k as bit k.
    """
    n, n_units = inputs.shape
    off, on = (_sigmoid(sign * inputs.T) for sign in (-1.0, 1.0))
    table = np.ones((2**n_units, n))  # a state a row: long rows multiply faster
    for k in range(n_units):
        half = 2**k
        np.multiply(table[:half], on[k], out=table[half : 2 * half])
        table[:half] *= off[k]
    return table.T


def _sigmoid(x: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        return sigmoid_in_place(x)


def _features(rbm: RBM, v: FloatArray) -> FloatArray:
    """Compute v E[h | v]^T, v and E[h | v] of each row, like PhaseStatistics.flat()."""
    mean_h = _sigmoid(v @ rbm.W + rbm.c)
    products = (v[:, :, None] * mean_h[:, None, :]).reshape(len(v), -1)
    return np.hstack([products, v, mean_h])
