"""The path from an easy model to the RBM that annealing and tempering follow.

For 0 <= beta <= 1, with b_A the visible biases of the base model of independent units,

    log p*_beta(v) = (1 - beta) b_A.v + beta b.v + sum_j softplus(beta (c_j + v.W_j))

so that p*_0 is the base model, whose log Z_0 is exact, and p*_1 is p~. Source: Salakhutdinov &
Murray (2008), *On the quantitative analysis of deep belief networks*, section 4.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rbmviz.core.errors import FloatArray, InputError, as_rows
from rbmviz.core.rbm import RBM, softplus_in_place

BASES = ("data mean", "visible biases", "uniform")
PRECISIONS = ("float64", "float32")
# How many factors in [1, 2] are multiplied before one log: their product must not overflow.
_MAX_FACTORS = {"float64": 1000, "float32": 100}

Beta = float | FloatArray  # one for all chains, or (n_chains,)
Watch = Callable[[float, FloatArray], None]  # share done, log weights so far; raise to cancel


def base_biases(rbm: RBM, v_data: ArrayLike | None, base: str = "data mean") -> FloatArray:
    """Choose the visible biases b_A of the base model: (n_visible,).

    "data mean": log(m / (1 - m)) with m the data's smoothed mean, (sum of ones + 1) / (rows + 2);
    0 without data. "visible biases": those of the RBM. "uniform": 0, all states equally likely.

    >>> base_biases(RBM([[0.0]], [0.0], [0.0]), [[1.0]])  # m = 2/3
    array([0.69314718])
    """
    v = None if v_data is None else as_rows("v_data", v_data, rbm.n_visible)
    if base == "visible biases":
        return rbm.b
    if base == "uniform" or v is None:
        return np.zeros(rbm.n_visible)
    ones = v.sum(axis=0) + 1.0  # one row of each kind added: no unit is certain
    return np.asarray(np.log(ones) - np.log(len(v) + 2.0 - ones))


def base_log_z(rbm: RBM, b_base: FloatArray) -> float:
    """Compute log Z_0 = n_hidden log 2 + sum_i softplus(b_A,i) in nats, exact."""
    return rbm.n_hidden * float(np.log(2.0)) + float(softplus_in_place(b_base.copy()).sum())


def check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Check one of a few words."""
    if value not in allowed:
        raise InputError(f"{name} is {value!r}; choose one of {', '.join(map(repr, allowed))}.")


@dataclass(frozen=True, eq=False)
class LogZAlongBeta:
    """What a run saw on its way: estimates at some of its betas, for a picture of the path."""

    betas: FloatArray
    log_z: FloatArray  # of p*_beta, nats, estimated
    slope: FloatArray  # E[d log p*_beta / d beta] under p*_beta, estimated: the slope of log_z


class PathChains:
    """Gibbs chains on the path, in buffers that every sweep reuses.

    Axis 0 is the units here and axis 1 the chains, not the batch: sums and products over units then
    run along memory. A last row of ones in v and h carries the biases, so that one product gives a
    layer's input. Overflow of exp and log of 0 mean what they should; callers silence them.
    """

    def __init__(
        self, rbm: RBM, b_base: FloatArray, n_chains: int, precision: str = "float64"
    ) -> None:
        dtype = np.dtype(precision)
        self._to_h = np.column_stack([rbm.W.T, rbm.c]).astype(dtype)
        self._to_v = np.column_stack([rbm.W, rbm.b]).astype(dtype)
        self._b_base = b_base.astype(dtype)[:, None]
        self._v = np.ones((rbm.n_visible + 1, n_chains), dtype)
        self._h = np.ones((rbm.n_hidden + 1, n_chains), dtype)
        self._x = np.empty((rbm.n_hidden, n_chains), dtype)  # c + v.W
        self._x_is_known = False
        self._size, self._factors = np.empty_like(self._x), np.empty_like(self._x)
        self._draw_v = _Draw(rbm.n_visible, n_chains, dtype)
        self._draw_h = _Draw(rbm.n_hidden, n_chains, dtype)
        self._groups = np.arange(0, rbm.n_hidden, _MAX_FACTORS[precision])
        # d log p* / d beta of the part linear in v; the last entry belongs to the row of ones
        self._linear = np.append(rbm.b - b_base + 0.5 * rbm.W.sum(axis=1), 0.5 * rbm.c.sum())
        self._linear = self._linear.astype(dtype)

    @property
    def v(self) -> NDArray[Any]:
        """The visible states, (n_chains, n_visible): a view of the buffer."""
        return self._v[:-1].T

    @v.setter
    def v(self, rows: NDArray[Any]) -> None:
        self._v[:-1] = rows.T
        self._x_is_known = False

    def draw_base(self, rng: np.random.Generator) -> None:
        """Draw v from the base model."""
        np.multiply(self._b_base, -1.0, out=self._draw_v.minus_x)
        self._draw_v(rng, out=self._v)
        self._x_is_known = False

    def sweep(self, rng: np.random.Generator, beta: Beta) -> None:
        """Make one Gibbs step, h then v, that leaves p*_beta unchanged."""
        np.multiply(self._inputs(), np.multiply(beta, -1.0), out=self._draw_h.minus_x)
        self._draw_h(rng, out=self._h)
        minus_x = np.matmul(self._to_v, self._h, out=self._draw_v.minus_x)
        minus_x *= np.multiply(beta, -1.0)
        minus_x -= self._b_base * np.subtract(1.0, beta)
        self._draw_v(rng, out=self._v)
        self._x_is_known = False

    def log_ratio(self, beta: Beta, next_beta: Beta) -> FloatArray:
        """Compute log p*_{next_beta}(v) - log p*_{beta}(v): (n_chains,) in nats.

        softplus(beta x) = beta (x + |x|) / 2 + log(1 + exp(-beta |x|)). The first term is linear
        in beta; the second is a log of a product of factors in [1, 2]. Nothing overflows at any
        weight.
        """
        np.abs(self._inputs(), out=self._size)
        linear = self._linear @ self._v + 0.5 * self._size.sum(axis=0)
        change = np.subtract(next_beta, beta) * linear.astype(np.float64)
        return np.asarray(change + self._log_factors(next_beta) - self._log_factors(beta))

    def slope(self, beta: Beta) -> FloatArray:
        """Compute d log p*_beta(v) / d beta = (b - b_A).v + sum_j x_j sigmoid(beta x_j)."""
        x = self._inputs()
        np.abs(x, out=self._size)
        linear = self._linear @ self._v + 0.5 * self._size.sum(axis=0)
        # x sigmoid(beta x) - (x + |x|) / 2 = -|x| / (1 + exp(beta |x|))
        factors = np.multiply(self._size, beta, out=self._factors)
        np.exp(factors, out=factors)
        factors += 1.0
        np.divide(self._size, factors, out=factors)
        return np.asarray((linear - factors.sum(axis=0)).astype(np.float64))

    def _inputs(self) -> NDArray[Any]:
        if not self._x_is_known:
            np.matmul(self._to_h, self._v, out=self._x)
            self._x_is_known = True
        return self._x

    def _log_factors(self, beta: Beta) -> FloatArray:
        """Compute sum_j log(1 + exp(-beta |x_j|)) from self._size: (n_chains,)."""
        factors = np.multiply(self._size, np.multiply(beta, -1.0), out=self._factors)
        np.exp(factors, out=factors)
        factors += 1.0
        products = np.multiply.reduceat(factors, self._groups, axis=0)
        return np.asarray(np.log(products).sum(axis=0, dtype=np.float64))


class _Draw:
    """Draw a layer from minus its inputs, in buffers that every call reuses."""

    def __init__(self, n_units: int, n_chains: int, dtype: np.dtype[Any]) -> None:
        self.minus_x = np.empty((n_units, n_chains), dtype)
        self.u, self.noise = np.empty_like(self.minus_x), np.empty_like(self.minus_x)
        self.on = np.empty(self.minus_x.shape, dtype=bool)

    def __call__(self, rng: np.random.Generator, out: NDArray[Any]) -> None:
        """Write a draw into out[:-1]: a unit is on when -x < log((1 - u) / u).

        With u uniform this has probability sigmoid(x), takes a log in place of a dearer exp, and
        cannot overflow: u = 0 gives a noise of inf and a unit that is on, as u < sigmoid(x) would.
        """
        rng.random(out=self.u, dtype=self.u.dtype.type)
        np.subtract(1.0, self.u, out=self.noise)
        self.noise /= self.u
        np.log(self.noise, out=self.noise)
        np.less(self.minus_x, self.noise, out=self.on)
        out[:-1] = self.on
