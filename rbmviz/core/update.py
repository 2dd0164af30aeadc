"""One update: both phases of a minibatch, and the step along their difference.

Textbook: *Deep Learning* section 18.1 (the gradient), 8.3.2 (momentum). The arrays may be stacks
of runs along the first axes (see RBM.unchecked); everything random happens in the negative phase.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dgemm, dgemv

from rbmviz.core.centering import SLIDING_FACTOR, centered_gradient
from rbmviz.core.errors import FloatArray
from rbmviz.core.negative_phase import Chains, NegativePhase, NegativePhaseEstimate
from rbmviz.core.phase import PhaseStatistics, gradient, statistics_of
from rbmviz.core.random_streams import UniformSource
from rbmviz.core.rbm import RBM, mean_h_unchecked


@dataclass(frozen=True, eq=False)
class Update:
    """What one update was made of; both phases at the parameters before it."""

    v_batch: FloatArray  # (n, n_visible)
    mean_h_batch: FloatArray  # (n, n_hidden), E[h | v_batch]
    negative: NegativePhaseEstimate

    @cached_property
    def positive(self) -> PhaseStatistics:
        """The positive phase of the batch, exact."""
        return statistics_of(self.v_batch, self.mean_h_batch)

    @property
    def gradient(self) -> PhaseStatistics:
        """Positive minus negative phase (eq. 18.4)."""
        return gradient(self.positive, self.negative.statistics)


@dataclass(frozen=True)
class Rule:
    """How an update moves the parameters.

    velocity = momentum * velocity + gradient - weight_decay * W; the parameters move by
    learning_rate * velocity.
    """

    learning_rate: float
    momentum: float
    weight_decay: float


class Minibatches:
    """Deal the rows of the data in each epoch's order; one order for each run of a stack."""

    def __init__(
        self,
        v_data: FloatArray,
        batch_size: int,
        order: NDArray[np.intp],  # (rows,) or (n_runs, rows)
        cursor: int,
        rngs: Sequence[np.random.Generator],  # of each run, for the next orders
    ) -> None:
        self._v_data, self._batch_size, self._rngs = v_data, batch_size, rngs
        self.order, self.cursor = order, cursor

    def next(self) -> FloatArray:
        """Give the next rows, (..., n, n_visible); the last ones of an epoch can be fewer."""
        n_rows = len(self._v_data)
        if self._batch_size >= n_rows:
            return self._v_data
        if self.cursor >= n_rows:
            orders = [rng.permutation(n_rows) for rng in self._rngs]
            self.order, self.cursor = np.reshape(orders, self.order.shape), 0
        rows = self.order[..., self.cursor : self.cursor + self._batch_size]
        self.cursor += self._batch_size
        return self._v_data.take(rows, axis=0)


@dataclass
class Learner:
    """The working copies of a run, or of a stack of runs, that updates change in place."""

    rbm: RBM
    velocity: RBM | None  # None without momentum
    chains: Chains | None
    hidden_offset: FloatArray | None  # (..., n_hidden); None without centering
    visible_offset: FloatArray  # (n_visible,), the mean of the data

    def make_updates(
        self,
        n_updates: int,
        rng: UniformSource,
        method: NegativePhase,
        batches: Minibatches,
        rule: Rule,
    ) -> Update:
        """Make n_updates, at least one, and return what the last was made of."""
        # Overflow of exp is harmless (see sigmoid_in_place); divergence is caught by the caller.
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(n_updates):
                v_batch = batches.next()
                mean_h_batch = mean_h_unchecked(self.rbm, v_batch)
                self.chains, negative = method.advance(
                    rng, self.chains, self.rbm, v_batch, mean_h_batch
                )
                update = Update(v_batch, mean_h_batch, negative)
                self._move(update, rule)
        return update

    def _move(self, update: Update, rule: Rule) -> None:
        rbm, rate = self.rbm, rule.learning_rate
        if self.velocity is None:
            self._accumulate(update, rbm, rate, keep_W=1.0 - rate * rule.weight_decay)
            return
        velocity, keep = self.velocity, rule.momentum
        self._accumulate(update, velocity, 1.0, keep_W=keep, keep_bias=keep)
        if rule.weight_decay > 0:
            np.subtract(velocity.W, rule.weight_decay * rbm.W, out=velocity.W)
        for parameter, speed in ((rbm.W, velocity.W), (rbm.b, velocity.b), (rbm.c, velocity.c)):
            parameter += rate * speed

    def _accumulate(
        self, update: Update, target: RBM, scale: float, keep_W: float, keep_bias: float = 1.0
    ) -> None:
        """Overwrite target with keep * target + scale * gradient."""
        mean_h = update.negative.mean_h
        if target.W.ndim == 2 and mean_h is not None and self.hidden_offset is None:
            rows = (update.v_batch, update.mean_h_batch), (update.negative.samples, mean_h)
            _accumulate_products(rows, target, scale, keep_W, keep_bias)
            return
        ascent = update.gradient
        if self.hidden_offset is not None:
            mean_h_batch = update.mean_h_batch.mean(axis=-2)
            self.hidden_offset += SLIDING_FACTOR * (mean_h_batch - self.hidden_offset)
            ascent = centered_gradient(ascent, self.visible_offset, self.hidden_offset)
        for array, part, keep in (
            (target.W, ascent.vh, keep_W),
            (target.b, ascent.v, keep_bias),
            (target.c, ascent.h, keep_bias),
        ):
            if keep != 1.0:
                array *= keep
            array += (scale * part).reshape(array.shape)


def _accumulate_products(
    rows: tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]],
    target: RBM,
    scale: float,
    keep_W: float,
    keep_bias: float,
) -> None:
    """Add the mean products of the positive rows and subtract those of the negative ones.

    BLAS multiplies, averages and adds in one pass over W, which at 784 x 500 is most of the work.
    """
    for sign, (v, h) in zip((scale, -scale), rows, strict=True):
        alpha = sign / len(v)
        # C-ordered arrays are Fortran-ordered once transposed, so BLAS writes into target itself.
        dgemm(alpha, h.T, v.T, beta=keep_W, c=target.W.T, trans_b=1, overwrite_c=1)
        ones = np.ones(len(v))
        dgemv(alpha, v.T, ones, beta=keep_bias, y=target.b, overwrite_y=1)
        dgemv(alpha, h.T, ones, beta=keep_bias, y=target.c, overwrite_y=1)
        keep_W = keep_bias = 1.0
