"""Annealed importance sampling (AIS): log Z from chains that cool from an easy model to the RBM.

Sources: Neal (2001), *Annealed importance sampling*; Salakhutdinov & Murray (2008), *On the
quantitative analysis of deep belief networks*, section 4. For 0 = beta_0 < ... < beta_K = 1,
    log p*_beta(v) = (1 - beta) b_A.v + beta b.v + sum_j softplus(beta (c_j + v.W_j))
    log w = log Z_0 + sum_k [log p*_{beta_k}(v_k) - log p*_{beta_{k-1}}(v_k)],       E[w] = Z,
where v_1 is drawn from the base model (beta = 0) and v_{k+1} from v_k by Gibbs sweeps that leave
p_{beta_k} unchanged. The base model has independent units: its log Z_0 is exact.
Everything here is random except the base model and the betas.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.errors import FloatArray, InputError, as_rows, check_count, check_number
from rbmviz.core.log_z.estimate import LogZEstimate, estimate_from_log_weights
from rbmviz.core.rbm import RBM, softplus_in_place

MAX_FACTORS = 1000  # a product of 1000 numbers in [1, 2] is at most 2**1000: no overflow


@dataclass(frozen=True)
class AnnealedImportanceSampling:
    """Estimate log Z by annealing from independent visible units to the RBM.

    Betas are equally spaced from 0 to 1: denser spacing at either end did not measurably help.
    The base model's visible biases b_A are the log-odds of the data's mean, smoothed to
    (sum of ones + 1) / (rows + 2), when data are given; otherwise 0, all states equally likely.

    Args:
        n_chains: independent chains, at least 2, because their spread makes the interval.
        n_betas: values of beta, both ends included, at least 2. Time grows in proportion.
        n_sweeps: Gibbs sweeps at beta = 1, at least 1, and in proportion fewer before: the chains
            mix worst near the end, and that is what limits the precision of trained models.
        confidence: nominal coverage of the interval, between 0 and 1.

    Raises:
        InputError: a count or the confidence is out of range.

    >>> AnnealedImportanceSampling(n_betas=5).betas
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """

    n_chains: int = 100
    n_betas: int = 1000
    n_sweeps: int = 13
    confidence: float = 0.95

    def __post_init__(self) -> None:
        check_count("n_chains", self.n_chains, low=2)
        check_count("n_betas", self.n_betas, low=2)
        check_count("n_sweeps", self.n_sweeps)
        if check_number("confidence", self.confidence, 0.0, 1.0, below_high=True) == 0.0:
            raise InputError("confidence is 0; choose a value between 0 and 1, such as 0.95.")

    @property
    def betas(self) -> FloatArray:
        """The inverse temperatures 0 = beta_0 < ... < beta_K = 1: (n_betas,)."""
        return np.linspace(0.0, 1.0, self.n_betas)

    def __str__(self) -> str:
        """Name the method and its settings, for a legend."""
        return f"annealed importance sampling, {self.n_chains} chains x {self.n_betas} betas"

    def estimate(
        self, rng: np.random.Generator, rbm: RBM, v_data: ArrayLike | None = None
    ) -> LogZEstimate:
        """Estimate log Z in nats; `estimate_log_z` has arguments, result and errors.

        exp(log_z) is unbiased for Z, so that log_z itself lies on average below log Z (Jensen).
        """
        b_base = base_biases(rbm, v_data)
        log_w = anneal(rng, rbm, b_base, self.betas, self.n_chains, self.n_sweeps)
        return estimate_from_log_weights(
            log_w + base_log_z(rbm, b_base), confidence=self.confidence, method=str(self)
        )


def base_biases(rbm: RBM, v_data: ArrayLike | None) -> FloatArray:
    """Compute b_A = log(m / (1 - m)) with m the data's smoothed mean: (n_visible,).

    >>> base_biases(RBM([[0.0]], [0.0], [0.0]), [[1.0]])  # m = 2/3
    array([0.69314718])
    """
    if v_data is None:
        return np.zeros(rbm.n_visible)
    v = as_rows("v_data", v_data, rbm.n_visible)
    ones = v.sum(axis=0) + 1.0  # one row of each kind added: no unit is certain
    return np.asarray(np.log(ones) - np.log(len(v) + 2.0 - ones))


def base_log_z(rbm: RBM, b_base: FloatArray) -> float:
    """Compute log Z_0 = n_hidden log 2 + sum_i softplus(b_A,i) in nats, exact."""
    return rbm.n_hidden * float(np.log(2.0)) + float(softplus_in_place(b_base.copy()).sum())


@np.errstate(all="ignore")  # exp may reach 0, and log(u) inf: both mean what they should
def anneal(
    rng: np.random.Generator,
    rbm: RBM,
    b_base: FloatArray,
    betas: FloatArray,
    n_chains: int,
    n_sweeps: int,
) -> FloatArray:
    """Run the chains through `betas`; return sum_k of the log ratios of p*: (n_chains,) in nats.

    Axis 0 is the units here, not the batch: sums and products over units then run along memory.
    A last row of ones in v and h carries the biases, so that one product gives a layer's input.
    """
    W, n_visible, n_hidden = rbm.W, rbm.n_visible, rbm.n_hidden
    to_h = np.column_stack([W.T, rbm.c])  # (n_hidden, n_visible + 1)
    to_v = np.column_stack([W, rbm.b])  # (n_visible, n_hidden + 1)
    base_to_v = np.zeros_like(to_v)
    base_to_v[:, -1] = b_base
    v, h = np.ones((n_visible + 1, n_chains)), np.ones((n_hidden + 1, n_chains))
    ratio = _LogRatio(rbm, b_base, to_h, n_chains)
    draw_v, draw_h = _Draw(n_visible, n_chains), _Draw(n_hidden, n_chains)
    log_w = np.zeros(n_chains)

    draw_v(rng, -base_to_v, h, out=v)
    for beta, next_beta in pairwise(betas):
        log_w += ratio(v, beta, next_beta)
        if next_beta == betas[-1]:
            break  # a sample of the last model would not change the weight
        minus_to_h = -next_beta * to_h
        minus_to_v = -next_beta * to_v - (1.0 - next_beta) * base_to_v
        for _ in range(math.ceil(n_sweeps * next_beta)):
            draw_h(rng, minus_to_h, v, out=h)
            draw_v(rng, minus_to_v, h, out=v)
    return log_w


class _Draw:
    """Draw a layer given the other, in buffers that every call reuses."""

    def __init__(self, n_units: int, n_chains: int) -> None:
        self.minus_x = np.empty((n_units, n_chains))
        self.u, self.noise = np.empty_like(self.minus_x), np.empty_like(self.minus_x)
        self.on = np.empty(self.minus_x.shape, dtype=bool)

    def __call__(
        self,
        rng: np.random.Generator,
        minus_weights: FloatArray,
        given: FloatArray,
        out: FloatArray,
    ) -> None:
        """Write a draw into out[:-1]: a unit is on when -x < log((1 - u) / u).

        With u uniform this has probability sigmoid(x), takes a log in place of a dearer exp, and
        cannot overflow: u = 0 gives a noise of inf and a unit that is on, as u < sigmoid(x) would.
        """
        np.matmul(minus_weights, given, out=self.minus_x)
        rng.random(out=self.u)
        np.subtract(1.0, self.u, out=self.noise)
        self.noise /= self.u
        np.log(self.noise, out=self.noise)
        np.less(self.minus_x, self.noise, out=self.on)
        out[:-1] = self.on


class _LogRatio:
    """Compute log p*_{next_beta}(v) - log p*_{beta}(v) for every chain.

    With x = c + v.W, softplus(beta x) = beta (x + |x|) / 2 + log(1 + exp(-beta |x|)). The first
    term is linear in beta; the second is a log of a product of factors in [1, 2], one log for
    MAX_FACTORS units. Nothing overflows at any weight.
    """

    def __init__(self, rbm: RBM, b_base: FloatArray, to_h: FloatArray, n_chains: int) -> None:
        self.to_h = to_h
        # d log p* / d beta of the part linear in v; the last entry belongs to the row of ones
        self.slope = np.append(rbm.b - b_base + 0.5 * rbm.W.sum(axis=1), 0.5 * rbm.c.sum())
        self.size = np.empty((rbm.n_hidden, n_chains))
        self.factors = np.empty_like(self.size)
        self.groups = np.arange(0, rbm.n_hidden, MAX_FACTORS)

    def __call__(self, v: FloatArray, beta: float, next_beta: float) -> FloatArray:
        size = np.matmul(self.to_h, v, out=self.size)
        np.abs(size, out=size)
        linear = self.slope @ v + 0.5 * size.sum(axis=0)
        change = (next_beta - beta) * linear + self._log_factors(next_beta)
        return np.asarray(change - self._log_factors(beta))

    def _log_factors(self, beta: float) -> FloatArray:
        """Compute sum_j log(1 + exp(-beta |x_j|)) from self.size: (n_chains,)."""
        factors = np.multiply(self.size, -beta, out=self.factors)
        np.exp(factors, out=factors)
        factors += 1.0
        return np.asarray(np.log(np.multiply.reduceat(factors, self.groups, axis=0)).sum(axis=0))
