"""The Boltzmann machine: parameters, energy and statistics, with and without hidden units.

Textbook: *Deep Learning* section 20.1, with the biases written out and units in 0/1:
    E(v, h) = -b.v - c.h - v.R.v - v.W.h - h.S.h        p(v, h) = exp(-E(v, h)) / Z
R and S are strictly upper triangular: each pair is counted once. Only random() is random.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.boltzmann.structure import Structure, strictly_upper
from rbmviz.core.errors import (
    FloatArray,
    InputError,
    as_array,
    as_rows,
    check_number,
    check_rng,
)
from rbmviz.core.rbm import MAX_FINITE_PARAMETER, RBM

PARAMETERS = ("R", "W", "S", "b", "c")


@dataclass(frozen=True, eq=False)
class BoltzmannMachine:
    """Hold the parameters of E(v, h) = -b.v - c.h - v.R.v - v.W.h - h.S.h.

    R (n_visible, n_visible) and S (n_hidden, n_hidden) are strictly upper triangular; W is
    (n_visible, n_hidden); n_hidden may be 0. The arrays are copied and made read-only. `structure`
    says which couplings exist; by default those that are not zero.

    Raises:
        InputError: shapes that do not fit, a coupling where the structure has none, a value on or
            below the diagonal of R or S, or one that is not finite.

    >>> pair = BoltzmannMachine(R=[[0, 2.0], [0, 0]], W=np.zeros((2, 0)), S=np.zeros((0, 0)),
    ...                         b=[0, 0], c=[])
    >>> pair.n_visible, pair.n_hidden, pair.structure.free_cut
    (2, 0, [0])
    """

    R: FloatArray
    W: FloatArray
    S: FloatArray
    b: FloatArray
    c: FloatArray
    structure: Structure

    def __init__(
        self,
        R: ArrayLike,
        W: ArrayLike,
        S: ArrayLike,
        b: ArrayLike,
        c: ArrayLike,
        structure: Structure | None = None,
    ) -> None:
        given = {"R": R, "W": W, "S": S, "b": b, "c": c}
        arrays = {k: as_array(k, given[k], 1 if k in "bc" else 2) for k in PARAMETERS}
        n, m = arrays["b"].size, arrays["c"].size
        if n == 0:
            raise InputError("b is empty; a machine needs at least one visible unit.")
        for name, shape in (("R", (n, n)), ("W", (n, m)), ("S", (m, m))):
            if arrays[name].shape != shape:
                raise InputError(
                    f"{name} has shape {arrays[name].shape}; b and c of {n} and {m} units need "
                    f"{shape}."
                )
        largest = max(float(np.abs(array).max(initial=0.0)) for array in arrays.values())
        if largest > MAX_FINITE_PARAMETER:
            raise InputError(
                f"The largest parameter is {largest:.3g}; the limit is {MAX_FINITE_PARAMETER:g}, "
                "so that no energy overflows. Scale the parameters down."
            )
        present = Structure(*(arrays[name] != 0 for name in ("R", "W", "S")))
        if structure is not None:
            _refuse_strangers(present, structure)
        for name, array in arrays.items():
            kept = np.array(array, order="C")
            kept.setflags(write=False)
            object.__setattr__(self, name, kept)
        object.__setattr__(self, "structure", structure or present)

    @classmethod
    def random(cls, rng: np.random.Generator, structure: Structure, scale: float = 0.01) -> Self:
        """Draw the couplings that exist from a normal distribution; b = c = 0."""
        check_rng(rng)
        check_number("scale", scale, 0.0)
        R, W, S = (
            np.where(mask, rng.normal(0.0, scale, mask.shape), 0.0)
            for mask in (structure.R, structure.W, structure.S)
        )
        return cls(R, W, S, np.zeros(len(R)), np.zeros(len(S)), structure)

    @classmethod
    def from_rbm(cls, rbm: RBM) -> Self:
        """Write an RBM as the member of the family that it is: R = S = 0."""
        n, m = rbm.n_visible, rbm.n_hidden
        R, S = np.zeros((n, n)), np.zeros((m, m))
        return cls(R, rbm.W, S, rbm.b, rbm.c, Structure.restricted(n, m))

    @classmethod
    def unchecked(
        cls,
        R: FloatArray,
        W: FloatArray,
        S: FloatArray,
        b: FloatArray,
        c: FloatArray,
        structure: Structure,
    ) -> Self:
        """Wrap float64 arrays without a copy or a check: for inner loops only."""
        machine = object.__new__(cls)
        for name, array in zip(PARAMETERS, (R, W, S, b, c), strict=True):
            array.setflags(write=False)
            object.__setattr__(machine, name, array)
        object.__setattr__(machine, "structure", structure)
        return machine

    @property
    def n_visible(self) -> int:
        """Number of visible units."""
        return int(self.b.size)

    @property
    def n_hidden(self) -> int:
        """Number of hidden units, of all layers."""
        return int(self.c.size)

    @cached_property
    def couplings(self) -> FloatArray:
        """All couplings as one symmetric matrix, the visible units first: (n, n), zero diagonal."""
        return symmetric(self.R, self.W, self.S)

    @cached_property
    def hidden_couplings(self) -> FloatArray:
        """S + S^T: (n_hidden, n_hidden)."""
        return np.asarray(self.S + self.S.T)

    @cached_property
    def fields(self) -> FloatArray:
        """The biases of all units, the visible ones first: (n,)."""
        return np.concatenate([self.b, self.c])


def _refuse_strangers(present: Structure, structure: Structure) -> None:
    if structure.W.shape != present.W.shape:
        raise InputError(
            f"structure is for {structure.W.shape} units; the parameters have {present.W.shape}: "
            "(n_visible, n_hidden)."
        )
    for name in ("R", "W", "S"):
        strange = getattr(present, name) & ~getattr(structure, name)
        if strange.any():
            where = tuple(int(k) for k in np.argwhere(strange)[0])
            raise InputError(
                f"{name}{list(where)} is not zero, but the structure has no such coupling. Set it "
                "to zero, or leave structure out."
            )


def symmetric(upper: FloatArray, across: FloatArray, lower: FloatArray) -> FloatArray:
    """Join arrays shaped like R, W and S to one symmetric matrix over all units."""
    n = len(upper)
    joined = np.zeros((n + len(lower),) * 2)
    joined[:n, :n], joined[:n, n:], joined[n:, n:] = upper, across, lower
    return np.asarray(joined + joined.T)


def machine_energy(machine: BoltzmannMachine, v: ArrayLike, h: ArrayLike) -> FloatArray:
    """Compute E(v, h) = -b.v - c.h - v.R.v - v.W.h - h.S.h row by row: (n,), nats, exact.

    Args:
        v: (n, n_visible) and h: (n, n_hidden), values in [0, 1].

    >>> pair = BoltzmannMachine([[0, 2.0], [0, 0]], np.zeros((2, 0)), np.zeros((0, 0)), [1, 0], [])
    >>> machine_energy(pair, [[1, 1]], np.zeros((1, 0)))
    array([-3.])
    """
    v = as_rows("v", v, machine.n_visible)
    h = as_rows("h", h, machine.n_hidden) if machine.n_hidden else as_array("h", h, 2)
    if h.shape != (len(v), machine.n_hidden):
        raise InputError(
            f"v has {len(v)} rows and h has shape {h.shape}; pass one h of {machine.n_hidden} "
            "units for each v."
        )
    x = np.hstack([v, h])
    return np.asarray(-x @ machine.fields - 0.5 * np.einsum("ni,ni->n", x @ machine.couplings, x))


def each_pair_once(pairs: FloatArray) -> FloatArray:
    """Keep the strictly upper triangle of a symmetric matrix."""
    return np.asarray(pairs * strictly_upper(len(pairs)))


@dataclass(frozen=True, eq=False)
class MachineStatistics:
    """One phase of the gradient, or a difference of two: shaped like R, W, S, b and c.

    Pairs that a structure does not couple have their expectation too; learning ignores it.
    """

    vv: FloatArray  # E[v_i v_j], (n_visible, n_visible), strictly upper triangular
    vh: FloatArray  # E[v h^T], (n_visible, n_hidden)
    hh: FloatArray  # E[h_i h_j], (n_hidden, n_hidden), strictly upper triangular
    v: FloatArray  # E[v], (n_visible,)
    h: FloatArray  # E[h], (n_hidden,)

    def flat(self) -> FloatArray:
        """List all entries in the order R, W, S, b, c: for norms and angles."""
        parts = (self.vv, self.vh, self.hh, self.v, self.h)
        return np.concatenate([part.ravel() for part in parts])

    @classmethod
    def from_pairs(cls, pairs: FloatArray, mean: FloatArray, n_visible: int) -> Self:
        """Cut E[x x^T] and E[x] of all units, the visible ones first, into the parts."""
        n = n_visible
        return cls(
            vv=each_pair_once(pairs[:n, :n]), vh=pairs[:n, n:], hh=each_pair_once(pairs[n:, n:]),
            v=mean[:n], h=mean[n:],
        )  # fmt: skip

    @property
    def pairs(self) -> FloatArray:
        """E[x x^T] of all units, the visible ones first: E[x] on the diagonal, for x^2 = x."""
        joined = symmetric(self.vv, self.vh, self.hh)
        np.fill_diagonal(joined, np.concatenate([self.v, self.h]))
        return joined


def machine_gradient(positive: MachineStatistics, negative: MachineStatistics) -> MachineStatistics:
    """Subtract the negative from the positive phase: the gradient of the mean log p(v) (18.4)."""
    if positive.vh.shape != negative.vh.shape:
        raise InputError(
            f"positive is shaped {positive.vh.shape} and negative {negative.vh.shape}; pass two "
            "phases of one machine."
        )
    return MachineStatistics(
        *(
            getattr(positive, name) - getattr(negative, name)
            for name in ("vv", "vh", "hh", "v", "h")
        )
    )
