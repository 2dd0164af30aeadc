"""Ising rings and tori written as RBMs: models of any size whose log Z is known in closed form.

Sources: Ising (1925) for the ring; Kaufman (1949), "Crystal statistics II", for the torus.

A spin s = 2 x - 1 is a visible unit x, and a bond exp(K s_i s_j), K >= 0, a hidden unit: with
weights w to x_i and x_j, a bias -w, -w / 2 added to both visible biases and cosh(w / 2) = exp(2 K),

    sum_h exp((w (x_i + x_j) - w) h - w (x_i + x_j) / 2) = (1 + exp(-w)) exp(K s_i s_j - K)

so that log Z of the RBM is log Z of the Ising model + n_bonds (log(1 + exp(-w)) - K).
Nothing here is random.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rbmviz.core.errors import InputError, check_count, check_number
from rbmviz.core.rbm import RBM

CRITICAL_COUPLING = 0.5 * math.log(1.0 + math.sqrt(2.0))  # of the infinite square lattice
MAX_COUPLING = 3.0
MAX_SIDE = 64


@dataclass(frozen=True, eq=False)
class IsingModel:
    """An Ising model as an RBM, and its log Z."""

    rbm: RBM
    log_z: float  # of the RBM, nats, exact: closed form
    image_shape: tuple[int, int]


def ising_ring(n_spins: int, coupling: float) -> IsingModel:
    """Build a ring of spins with coupling K: n_spins visible and n_spins hidden units.

    Z of the ring is (2 cosh K)^n + (2 sinh K)^n.

    Raises:
        InputError: fewer than 3 spins, or a coupling outside [0, MAX_COUPLING].

    >>> round(ising_ring(16, 0.5).log_z, 9)
    5.583274948
    """
    check_count("n_spins", n_spins, low=3, high=MAX_SIDE**2)
    K = check_number("coupling", coupling, 0.0, MAX_COUPLING)
    i = np.arange(n_spins)
    rbm, shift = _as_rbm(n_spins, i, (i + 1) % n_spins, K)
    ising = n_spins * math.log(2.0 * math.cosh(K)) + math.log1p(math.tanh(K) ** n_spins)
    return IsingModel(rbm, ising + shift, (1, n_spins))


def ising_torus(side: int, coupling: float) -> IsingModel:
    """Build a square lattice with periodic ends: side**2 visible and 2 side**2 hidden units.

    Z is Kaufman's sum of four products; at CRITICAL_COUPLING an infinite lattice orders itself.

    Raises:
        InputError: a side below 3, or a coupling outside [0, MAX_COUPLING].

    >>> round(ising_torus(8, 0.3).log_z, 9)
    23.164501918
    """
    check_count("side", side, low=3, high=MAX_SIDE)
    K = check_number("coupling", coupling, 0.0, MAX_COUPLING)
    sites = np.arange(side**2)
    row, column = np.divmod(sites, side)
    down = (row + 1) % side * side + column
    right = row * side + (column + 1) % side
    rbm, shift = _as_rbm(side**2, np.concatenate([sites, sites]), np.concatenate([down, right]), K)
    return IsingModel(rbm, _kaufman_log_z(side, K) + shift, (side, side))


def _as_rbm(
    n_spins: int, first: NDArray[np.intp], second: NDArray[np.intp], K: float
) -> tuple[RBM, float]:
    """Make a hidden unit of each bond; return the RBM and log Z_rbm - log Z_ising."""
    w = 2.0 * math.acosh(math.exp(2.0 * K))
    bonds = np.arange(len(first))
    W = np.zeros((n_spins, len(bonds)))
    W[first, bonds] = W[second, bonds] = w
    rbm = RBM(W, b=-W.sum(axis=1) / 2, c=np.full(len(bonds), -w))
    return rbm, len(bonds) * (math.log1p(math.exp(-w)) - K)


def _kaufman_log_z(n: int, K: float) -> float:
    """Compute log Z of the n x n torus: half the sum of four products over frequencies.

    cosh gamma_r = cosh(2K)^2 / sinh(2K) - cos(pi r / n), and gamma_0 = 2K + log tanh K, which is
    negative above the critical temperature.
    """
    if K < 1e-100:  # free spins: the first correction is of order K**2
        return n * n * math.log(2.0)
    r = np.arange(1, 2 * n)
    gamma = np.empty(2 * n)
    gamma[0] = 2.0 * K + math.log(math.tanh(K))
    cosh_gamma = math.cosh(2.0 * K) ** 2 / math.sinh(2.0 * K) - np.cos(np.pi * r / n)
    gamma[1:] = np.arccosh(cosh_gamma)
    odd, even = 0.5 * n * gamma[1::2], 0.5 * n * gamma[0::2]
    logs, signs = [], []
    for x, hyperbolic in ((odd, "cosh"), (odd, "sinh"), (even, "cosh"), (even, "sinh")):
        # log(2 cosh x) and log|2 sinh x| without overflow
        sign = 1.0 if hyperbolic == "cosh" else -1.0
        size = np.abs(x)
        with np.errstate(divide="ignore"):  # sinh(0): the critical point itself
            logs.append(float((size + np.log1p(sign * np.exp(-2.0 * size))).sum()))
        signs.append(float(np.prod(np.sign(x))) if hyperbolic == "sinh" else 1.0)
    # The last product holds sinh(n gamma_0 / 2): it subtracts above the critical temperature.
    top = max(logs)
    total = sum(s * math.exp(one - top) for s, one in zip(signs, logs, strict=True))
    if total <= 0.0:
        raise InputError(f"coupling {K:g} with side {n} leaves float64; choose a smaller one.")
    half = -math.log(2.0) + top + math.log(total)
    return half + 0.5 * n * n * math.log(2.0 * math.sinh(2.0 * K))
