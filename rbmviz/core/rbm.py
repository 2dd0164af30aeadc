"""The restricted Boltzmann machine: energy, free energy, conditionals, Gibbs steps.

Textbook: Goodfellow, Bengio & Courville, *Deep Learning* (2016), section 20.2.
    E(v, h) = -b.v - c.h - v.W.h        p(v, h) = exp(-E(v, h)) / Z        (20.4, 20.5)
Symbols: W (n_visible, n_hidden), b (n_visible,), c (n_hidden,); rows of v and h are units in 0/1.
The functions named sample_* are random and take their generator first; nothing else is.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.errors import (
    FloatArray,
    InputError,
    as_array,
    as_rows,
    check_count,
    check_number,
    check_rng,
)
from rbmviz.core.random_streams import UniformSource

MAX_FINITE_PARAMETER = 1e30


@dataclass(frozen=True, eq=False)
class RBM:
    """Hold the parameters of E(v, h) = -b.v - c.h - v.W.h (eq. 20.5).

    The arrays are copied to float64 and made read-only: a model can be kept and shared freely.

    Raises:
        InputError: shapes that do not fit, an empty layer, a value that is not finite.

    >>> rbm = RBM(W=[[1.0, 2.0, 3.0]], b=[0.0], c=[0.0, 0.0, 0.0])
    >>> rbm.n_visible, rbm.n_hidden
    (1, 3)
    """

    W: FloatArray
    b: FloatArray
    c: FloatArray

    def __init__(self, W: ArrayLike, b: ArrayLike, c: ArrayLike) -> None:
        arrays = {"W": as_array("W", W, 2), "b": as_array("b", b, 1), "c": as_array("c", c, 1)}
        expected = (arrays["b"].size, arrays["c"].size)
        if arrays["W"].shape != expected:
            raise InputError(
                f"W has shape {arrays['W'].shape}; b and c need {expected}: "
                "(n_visible, n_hidden). A transposed W is passed as W.T."
            )
        largest = max(float(np.abs(array).max(initial=0.0)) for array in arrays.values())
        if largest > MAX_FINITE_PARAMETER:
            raise InputError(
                f"The largest parameter is {largest:.3g}; the limit is {MAX_FINITE_PARAMETER:g}, "
                "so that no energy overflows. Scale the parameters down."
            )
        if 0 in expected:
            raise InputError(f"W has shape {expected}; each layer needs at least one unit.")
        for name, array in arrays.items():
            kept = np.array(array, order="C")
            kept.setflags(write=False)
            object.__setattr__(self, name, kept)

    @property
    def n_visible(self) -> int:
        """Number of visible units."""
        return int(self.W.shape[-2])

    @property
    def n_hidden(self) -> int:
        """Number of hidden units."""
        return int(self.W.shape[-1])

    @classmethod
    def random(
        cls, rng: np.random.Generator, n_visible: int, n_hidden: int, scale: float = 0.01
    ) -> Self:
        """Draw W from a normal distribution with standard deviation `scale`; b = c = 0."""
        shape = (check_count("n_visible", n_visible), check_count("n_hidden", n_hidden))
        W = check_rng(rng).normal(0.0, check_number("scale", scale, 0.0), shape)
        return cls(W=W, b=np.zeros(n_visible), c=np.zeros(n_hidden))

    @classmethod
    def unchecked(cls, W: FloatArray, b: FloatArray, c: FloatArray) -> Self:
        """Wrap C-ordered float64 arrays without a copy or a check: for inner loops only.

        They may be stacks of models, W (..., n_visible, n_hidden), b (..., 1, n_visible) and
        c (..., 1, n_hidden): the functions named *_unchecked then take rows (..., n, n_visible).
        """
        rbm = object.__new__(cls)
        for name, array in (("W", W), ("b", b), ("c", c)):
            object.__setattr__(rbm, name, array)
        return rbm

    @property
    def swapped(self) -> "RBM":
        """The same model with the layers exchanged: v and h play the same role in E."""
        return RBM.unchecked(np.ascontiguousarray(self.W.T), self.c, self.b)


def energy(rbm: RBM, v: ArrayLike, h: ArrayLike) -> FloatArray:
    """Compute E(v, h) = -b.v - c.h - v.W.h row by row (eq. 20.5).

    Args:
        v: (n, n_visible) and h: (n, n_hidden), values in [0, 1].

    Returns:
        (n,) energies in nats, exact.

    >>> energy(RBM(W=[[2.0]], b=[1.0], c=[-1.0]), v=[[1]], h=[[1]])
    array([-2.])
    """
    v, h = as_rows("v", v, rbm.n_visible), as_rows("h", h, rbm.n_hidden)
    if len(v) != len(h):
        raise InputError(f"v has {len(v)} rows and h has {len(h)}; pass one h for each v.")
    return np.asarray(-(v @ rbm.b) - h @ rbm.c - np.einsum("ni,ni->n", v @ rbm.W, h))


def free_energy(rbm: RBM, v: ArrayLike) -> FloatArray:
    """Compute F(v) = -log sum_h exp(-E(v, h)) = -b.v - sum_j softplus(c_j + v.W_j).

    Args:
        v: (n, n_visible), values in [0, 1].

    Returns:
        (n,) free energies in nats, exact: the hidden units are summed out in closed form.

    >>> free_energy(RBM(W=[[0.0]], b=[1.0], c=[0.0]), v=[[1]]) + 1  # -log 2
    array([-0.69314718])
    """
    return -log_p_tilde(rbm, v)


def log_p_tilde(rbm: RBM, v: ArrayLike) -> FloatArray:
    """Compute log p~(v) = -F(v): the log-probability before dividing by Z (eq. 18.1).

    Args:
        v: (n, n_visible), values in [0, 1].

    Returns:
        (n,) in nats, exact. log p(v) = log_p_tilde(v) - log Z.
    """
    return log_p_tilde_unchecked(rbm, as_rows("v", v, rbm.n_visible))


def log_p_tilde_unchecked(rbm: RBM, v: FloatArray) -> FloatArray:
    """Compute log p~ of rows that were checked before."""
    softplus = softplus_in_place(v @ rbm.W + rbm.c)
    return np.asarray(v @ rbm.b + softplus.sum(axis=1))


def mean_h_given_v(rbm: RBM, v: ArrayLike) -> FloatArray:
    """Compute P(h_j = 1 | v) = sigmoid(c_j + v.W_j): (n, n_hidden), exact (eq. 20.14)."""
    with np.errstate(over="ignore"):
        return mean_h_unchecked(rbm, as_rows("v", v, rbm.n_visible))


def mean_v_given_h(rbm: RBM, h: ArrayLike) -> FloatArray:
    """Compute P(v_i = 1 | h) = sigmoid(b_i + W_i.h): (n, n_visible), exact (eq. 20.15)."""
    with np.errstate(over="ignore"):
        return mean_v_unchecked(rbm, as_rows("h", h, rbm.n_hidden))


def sample_h_given_v(rng: np.random.Generator, rbm: RBM, v: ArrayLike) -> FloatArray:
    """Draw h ~ p(h | v), one row for each row of v: (n, n_hidden) of 0.0 and 1.0."""
    return sample_bernoulli(check_rng(rng), mean_h_given_v(rbm, v))


def sample_v_given_h(rng: np.random.Generator, rbm: RBM, h: ArrayLike) -> FloatArray:
    """Draw v ~ p(v | h), one row for each row of h: (n, n_visible) of 0.0 and 1.0."""
    return sample_bernoulli(check_rng(rng), mean_v_given_h(rbm, h))


def sample_bernoulli(rng: UniformSource, p: FloatArray) -> FloatArray:
    """Draw 0.0 or 1.0 with probability p of a one, shaped like p."""
    return (rng.random(p.shape) < p).astype(np.float64)


def mean_h_unchecked(rbm: RBM, v: FloatArray) -> FloatArray:
    """Compute P(h = 1 | v) for an inner loop; the caller silences overflow of exp."""
    x = v @ rbm.W
    x += rbm.c
    return sigmoid_in_place(x)


def mean_v_unchecked(rbm: RBM, h: FloatArray) -> FloatArray:
    """Compute P(v = 1 | h) for an inner loop; the caller silences overflow of exp."""
    x = h @ rbm.W.mT
    x += rbm.b
    return sigmoid_in_place(x)


def sigmoid_in_place(x: FloatArray) -> FloatArray:
    """Overwrite x with 1 / (1 + exp(-x)); exp may reach inf, which gives the right 0.

    numpy's vectorised exp makes this about twice as fast as scipy.special.expit.
    """
    np.negative(x, out=x)
    np.exp(x, out=x)
    x += 1.0
    return np.reciprocal(x, out=x)


def softplus_in_place(x: FloatArray) -> FloatArray:
    """Overwrite x with log(1 + exp(x)), written so that neither end overflows."""
    tail = np.abs(x)
    np.negative(tail, out=tail)
    np.log1p(np.exp(tail, out=tail), out=tail)
    np.maximum(x, 0.0, out=x)
    x += tail
    return x
