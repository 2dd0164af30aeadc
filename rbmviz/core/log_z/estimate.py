"""What every estimator of log Z returns, and the interval built from importance weights.

Each weight w is random with E[w] = Z, so the mean of the weights estimates Z without bias, and
    log_z = log mean(w)
estimates log Z with a downward bias (Jensen's inequality) that vanishes as the weights even out.
The interval is deterministic given the weights; the randomness is in the chains behind them.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from rbmviz.core.errors import FloatArray, InputError
from rbmviz.core.log_z.path import LogZAlongBeta, Watch
from rbmviz.core.rbm import RBM

MIN_EFFECTIVE_FRACTION = (
    1 / 3
)  # below this share of effective chains the estimate carries a warning
WIDENING = 1.05  # makes the coverage "at least" nominal: 95 % becomes 96 % for even weights
# relative half-width that an interval always has: a sum over betas rounds
ROUNDING = {"float64": 1e-10, "float32": 1e-6}


@dataclass(frozen=True)
class Cost:
    """What an estimate cost."""

    gibbs_steps: int  # h given v and v given h, of one chain each
    seconds: float  # of CPU, measured


@dataclass(frozen=True, eq=False)
class LogZEstimate:
    """Hold an estimate of log Z in nats with its interval.

    `low` and `high` bound log Z with the nominal probability `confidence`, as `interval` says; an
    end without a bound is infinite. `warning` says what is wrong when the estimate should not be
    trusted, and is None otherwise.
    """

    log_z: float  # log of the mean weight
    low: float
    high: float
    confidence: float
    effective_sample_size: float  # (sum w)**2 / sum w**2, from 1 to n_chains
    method: str  # name and settings, for a legend
    log_weights: FloatArray  # (n_chains,) log w in nats, log Z of the base model included
    warning: str | None = None
    interval: str = ""  # how low and high are built
    bound: str | None = None  # "lower" or "upper": on which side of log Z log_z lies on average
    cost: Cost | None = None
    along: LogZAlongBeta | None = None  # the path as it was seen on the way

    @property
    def n_chains(self) -> int:
        """Number of independent weights behind the estimate."""
        return int(self.log_weights.size)


class LogZMethod(Protocol):
    """An estimator of log Z and its settings, such as AnnealedImportanceSampling."""

    def estimate(
        self,
        rng: np.random.Generator,
        rbm: RBM,
        v_data: ArrayLike | None = None,
        watch: Watch | None = None,
    ) -> LogZEstimate:
        """Estimate log Z of `rbm` in nats."""
        ...


def estimate_log_z(
    rng: np.random.Generator,
    rbm: RBM,
    method: LogZMethod,
    v_data: ArrayLike | None = None,
    watch: Watch | None = None,
) -> LogZEstimate:
    """Estimate log Z = log sum_{v,h} exp(-E(v, h)) in nats by sampling (eq. 20.6).

    Args:
        rng: the only source of randomness; the same generator state gives the same estimate.
        method: for example AnnealedImportanceSampling(n_chains=100, n_betas=1000).
        v_data: (n, n_visible) rows in [0, 1] that help the method start near the model; the
            training data as a rule. They change the precision, not what is estimated.
        watch: told the share done and the log weights so far, now and then; raise in it to cancel.

    Returns:
        An estimate, never exact, on average a little below log Z.

    Raises:
        InputError: an argument of the wrong kind, or v_data that do not fit the model.

    >>> from rbmviz.core.log_z import AnnealedImportanceSampling
    >>> rbm = RBM(W=np.zeros((2, 3)), b=np.zeros(2), c=np.zeros(3))  # 2**5 equal states
    >>> found = estimate_log_z(np.random.default_rng(0), rbm, AnnealedImportanceSampling(10, 5))
    >>> bool(np.isclose(found.log_z, 5 * np.log(2)))
    True
    """
    if not isinstance(rng, np.random.Generator):
        raise InputError(f"rng is {rng!r}; pass a generator such as numpy.random.default_rng(0).")
    if isinstance(method, type) or not hasattr(method, "estimate"):
        raise InputError(f"method is {method!r}; pass an object: AnnealedImportanceSampling().")
    return method.estimate(rng, rbm, v_data, watch)


def estimate_from_log_weights(
    log_weights: FloatArray,
    confidence: float,
    method: str,
    *,
    precision: str = "float64",
    bound: str | None = None,
    cost: Cost | None = None,
    along: LogZAlongBeta | None = None,
) -> LogZEstimate:
    """Compute log mean(w), its interval and the effective sample size from log w.

    The interval spans two that fail in opposite ways, so that their union holds. For n weights
    with standard deviation s and mean m, log-weights with mean mu and variance q, and t the
    quantile of Student's distribution with n - 1 degrees of freedom:
        log m        +- t (s / m) / sqrt(n)                            delta method
        mu + q / 2   +- t sqrt(q / n + q**2 / (2 (n - 1)))             log-normal weights (Cox)
    The first trusts the weights seen, and misses the rare heavy ones when they are uneven; the
    second extrapolates to them, and overshoots when log w is skewed to the left. When the weights
    are even both agree. Half-widths are multiplied by WIDENING; ROUNDING |log_z| is the least one.

    Args:
        log_weights: (n_chains >= 2,) finite, in nats.
        confidence: nominal coverage, in (0, 1).
        method: name for the result; bound, cost, along: see LogZEstimate.
        precision: of the chains, "float64" or "float32".

    >>> found = estimate_from_log_weights(np.log([1.0, 3.0]), confidence=0.95, method="by hand")
    >>> round(float(np.exp(found.log_z)), 6), round(found.effective_sample_size, 6)  # 16 / 10
    (2.0, 1.6)
    """
    n = log_weights.size
    largest = float(log_weights.max())
    with np.errstate(under="ignore"):  # a weight that is 0 beside the largest counts as 0
        w = np.exp(log_weights - largest)  # in [0, 1]: only ratios of weights matter below
        m, s = float(w.mean()), float(w.std(ddof=1))
        effective = float(w.sum() ** 2 / (w @ w))
    log_z = largest + math.log(m)

    mu, q = float(log_weights.mean()), float(log_weights.var(ddof=1))
    t = WIDENING * float(stdtrit(n - 1, 0.5 + 0.5 * confidence))
    delta = t * s / m / math.sqrt(n)
    cox = t * math.sqrt(q / n + q**2 / (2 * (n - 1)))
    rounding = ROUNDING[precision] * max(1.0, abs(log_z))
    low = min(log_z - delta - rounding, mu + q / 2 - cox)
    high = max(log_z + delta + rounding, mu + q / 2 + cox)

    warning = None
    if effective < MIN_EFFECTIVE_FRACTION * n:
        warning = (
            f"Only {effective:.1f} of {n} chains are effective, below "
            f"{MIN_EFFECTIVE_FRACTION:.0%}; use more betas or more sweeps."
        )
    return LogZEstimate(
        log_z=log_z,
        low=low,
        high=high,
        confidence=confidence,
        effective_sample_size=effective,
        method=method,
        log_weights=log_weights,
        warning=warning,
        interval="union of the delta method's and that of log-normal weights (Cox)",
        bound=bound,
        cost=cost,
        along=along,
    )
