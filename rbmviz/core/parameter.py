"""One parameter of an RBM, and what log p~ does when it alone is moved.

Moving W_ij, b_i or c_j by epsilon changes log p~(v) only where the unit is on:

    log p~(v; theta + epsilon) - log p~(v; theta) = gate log(1 + on (exp(epsilon) - 1))

with gate = v_i (1 for c_j) and on = P(h_j = 1 | v) (1 for b_i). The slope at epsilon = 0 is
gate * on, the entry of grad log p~(v) (*Deep Learning* eq. 18.4). Written so, a small difference
keeps all its digits. Nothing here is random.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from rbmviz.core.errors import FloatArray, InputError, check_count
from rbmviz.core.phase import PhaseStatistics
from rbmviz.core.rbm import RBM

KINDS = ("W", "b", "c")


@dataclass(frozen=True)
class Parameter:
    """Name one entry of W, b or c; an index that the kind does not have is ignored.

    Raises:
        InputError: an unknown kind or a negative index.

    >>> Parameter("W", 2, 3).name, Parameter("b", 2).name, Parameter("c", j=3).name
    ('W[2, 3]', 'b[2]', 'c[3]')
    """

    kind: str
    i: int = 0
    j: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"kind is {self.kind!r:.40}; it must be one of {', '.join(KINDS)}.")
        check_count("i", self.i, low=0)
        check_count("j", self.j, low=0)

    @property
    def name(self) -> str:
        """The entry as it is written in text."""
        return {"W": f"W[{self.i}, {self.j}]", "b": f"b[{self.i}]", "c": f"c[{self.j}]"}[self.kind]

    @property
    def swapped(self) -> "Parameter":
        """The same parameter of rbm.swapped, where the layers are exchanged."""
        return Parameter({"W": "W", "b": "c", "c": "b"}[self.kind], self.j, self.i)

    def check(self, rbm: RBM) -> None:
        """Raise InputError when the model has no such parameter."""
        if self.kind in "Wb":
            check_count("i", self.i, low=0, high=rbm.n_visible - 1)
        if self.kind in "Wc":
            check_count("j", self.j, low=0, high=rbm.n_hidden - 1)

    def of(self, phase: PhaseStatistics) -> float:
        """Read this entry of a phase."""
        if self.kind == "W":
            return float(phase.vh[self.i, self.j])
        return float(phase.v[self.i] if self.kind == "b" else phase.h[self.j])

    def moved(self, rbm: RBM, epsilon: float) -> RBM:
        """Give the model with this parameter moved by epsilon."""
        W, b, c = rbm.W.copy(), rbm.b.copy(), rbm.c.copy()
        if self.kind == "W":
            W[self.i, self.j] += epsilon
        elif self.kind == "b":
            b[self.i] += epsilon
        else:
            c[self.j] += epsilon
        return RBM(W, b, c)


@dataclass(frozen=True, eq=False)
class Response:
    """How log p~ of some states answers when one parameter is moved: exact at any epsilon."""

    gate: FloatArray  # (n,) of 0/1
    on: FloatArray  # (n,) in [0, 1]

    @classmethod
    def of(cls, rbm: RBM, parameter: Parameter, v: FloatArray) -> "Response":
        """Work out the response of checked rows v (n, n_visible).

        >>> rbm = RBM(W=[[0.0], [0.0]], b=[0.0, 0.0], c=[0.0])
        >>> Response.of(rbm, Parameter("W", 1, 0), np.array([[1.0, 0.0], [1.0, 1.0]])).slope
        array([0. , 0.5])
        """
        ones = np.ones(len(v))
        gate = ones if parameter.kind == "c" else v[:, parameter.i]
        if parameter.kind == "b":
            return cls(gate, ones)
        j = parameter.j
        return cls(gate, expit(v @ rbm.W[:, j] + rbm.c[j]))

    @property
    def slope(self) -> FloatArray:
        """The derivative of log p~ by the parameter: (n,), exact."""
        return np.asarray(self.gate * self.on)

    def difference(self, epsilon: float) -> FloatArray:
        """Compute log p~(v; theta + epsilon) - log p~(v; theta): (n,), nats, exact."""
        return np.asarray(self.gate * np.log1p(self.on * np.expm1(epsilon)))
