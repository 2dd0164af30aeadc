"""The two phases of the gradient, and their difference.

Textbook: *Deep Learning* section 18.1, with d log p~(v) / dW = v E[h | v]^T for an RBM:
    grad log p(v) = grad log p~(v) - grad log Z                       (18.4)
                  = E[v h^T | v data] - E_{p(v, h)}[v h^T]            (positive - negative phase)
Nothing here is random.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.errors import FloatArray, InputError, as_rows
from rbmviz.core.rbm import RBM, mean_h_unchecked


@dataclass(frozen=True, eq=False)
class PhaseStatistics:
    """One phase of the gradient: expectations shaped like W, b and c, or a difference of two."""

    vh: FloatArray  # E[v h^T], (n_visible, n_hidden)
    v: FloatArray  # E[v], (n_visible,)
    h: FloatArray  # E[h], (n_hidden,)

    def flat(self) -> FloatArray:
        """List all entries in the order W, b, c: for norms and angles."""
        return np.concatenate([self.vh.ravel(), self.v, self.h])

    @classmethod
    def from_flat(cls, flat: FloatArray, n_visible: int) -> "PhaseStatistics":
        """Undo flat()."""
        n_hidden = (flat.size - n_visible) // (n_visible + 1)
        vh, v, h = np.split(flat, [n_visible * n_hidden, n_visible * n_hidden + n_visible])
        return cls(vh=vh.reshape(n_visible, n_hidden), v=v, h=h)


def statistics_of(v: FloatArray, mean_h: FloatArray) -> PhaseStatistics:
    """Average v h^T, v and h over rows (axis -2), with E[h | v] in place of a sampled h."""
    n = v.shape[-2]
    share = np.full((1, n), 1.0 / n)  # a product with ones sums faster than sum() over axis -2
    return PhaseStatistics(
        vh=v.mT @ mean_h / n, v=(share @ v)[..., 0, :], h=(share @ mean_h)[..., 0, :]
    )


def positive_phase(rbm: RBM, v: ArrayLike) -> PhaseStatistics:
    """Compute the gradient of the mean log p~ over rows: the positive phase of eq. 18.4.

    It is tractable because the hidden units are independent given v: E[h | v] in closed form.

    Args:
        v: (n, n_visible), values in [0, 1]; rows are averaged.

    Returns:
        Exact statistics for these rows (no sampled h).

    >>> rbm = RBM(W=[[0.0], [0.0]], b=[0.0, 0.0], c=[0.0])
    >>> positive_phase(rbm, [[1, 0], [1, 1]]).vh  # E[h | v] is 1/2 everywhere
    array([[0.5 ],
           [0.25]])
    """
    rows = as_rows("v", v, rbm.n_visible)
    with np.errstate(over="ignore"):
        return statistics_of(rows, mean_h_unchecked(rbm, rows))


def gradient(positive: PhaseStatistics, negative: PhaseStatistics) -> PhaseStatistics:
    """Subtract the negative from the positive phase: the gradient of the mean log p(v) (18.4).

    Exact when both phases are; an estimate when the negative phase is one.
    """
    if positive.vh.shape != negative.vh.shape:
        raise InputError(
            f"positive is shaped {positive.vh.shape} and negative {negative.vh.shape}; pass two "
            "phases of one model."
        )
    return PhaseStatistics(
        vh=positive.vh - negative.vh, v=positive.v - negative.v, h=positive.h - negative.h
    )
