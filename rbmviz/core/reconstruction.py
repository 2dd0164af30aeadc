"""How well a model gives rows back: the number that many watch, and that is no likelihood."""

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.errors import as_rows
from rbmviz.core.rbm import RBM, mean_h_unchecked, mean_v_unchecked


def reconstruction_error(rbm: RBM, v: ArrayLike) -> float:
    """Compute the mean of |v - E[v | h]| at h = E[h | v], over rows and units.

    Each entry is the probability that a unit comes back wrong when the hidden means are clamped:
    0 is a perfect copy, 1/2 is a coin. Deterministic and exact; it says nothing of log Z.

    Args:
        v: (n, n_visible), values in [0, 1].

    >>> reconstruction_error(RBM(W=[[0.0]], b=[np.log(3.0)], c=[0.0]), [[1.0], [0.0]])  # p = 3/4
    0.5
    """
    rows = as_rows("v", v, rbm.n_visible)
    with np.errstate(over="ignore"):
        back = mean_v_unchecked(rbm, mean_h_unchecked(rbm, rows))
    return float(np.abs(rows - back).mean())
