"""What every estimator of log Z returns, and the interval built from importance weights.

Each weight w is random with E[w] = Z, so the mean of the weights estimates Z without bias, and
    log_z = log mean(w)
estimates log Z with a downward bias (Jensen's inequality) that vanishes as the weights even out.
The interval is deterministic given the weights; the randomness is in the chains behind them.

Weights know nothing of a mode that no chain has met. What is certain of log Z at little cost
(certain.py) is therefore held against every estimate, in one place: checked_estimate.
"""

import math
import time
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from rbmviz.core.errors import FloatArray, InputError
from rbmviz.core.log_z.certain import CertainBounds, certain_bounds
from rbmviz.core.log_z.path import LogZAlongBeta, Watch
from rbmviz.core.rbm import RBM

MIN_EFFECTIVE_FRACTION = (
    1 / 3
)  # below this share of effective chains the estimate carries a warning
WIDENING = 1.05  # makes the coverage "at least" nominal: 95 % becomes 96 % for even weights
# relative half-width that an interval always has: a sum over betas rounds
ROUNDING = {"float64": 1e-10, "float32": 1e-6}
APPROXIMATION = 0.5  # nats that a value without an interval may be off by before it warns


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
    trusted, and is None otherwise: above all where the interval contradicts what is certain of
    log Z, which lies from `at_least` to `at_most`. An interval below a mode that neither a chain
    nor the search behind `at_least` has met carries no warning.

    The chains behind an estimate are those of annealing, the ladders of tempering, or the starts
    of a mean-field iteration; ExactLogZ has none.
    """

    log_z: float  # annealing: log of the mean weight
    low: float
    high: float
    confidence: float  # 1.0: certain, or no interval at all
    # Annealing: (sum w)**2 / sum w**2, from 1 to n_chains. Tempering: how many ladders the stated
    # error is worth, n_chains when ladders begun hot and cold agree. Mean field: n_starts.
    effective_sample_size: float
    method: str  # name and settings, for a legend
    # (n_chains,) in nats. Annealing: log w, log Z of the base model included. Tempering: jackknife
    # pseudo-values of log Z, whose mean is log_z. Mean field: the value at each fixed point.
    log_weights: FloatArray
    warning: str | None = None
    interval: str = ""  # how low and high are built
    bound: str | None = None  # "lower" or "upper": on which side of log Z log_z lies on average
    cost: Cost | None = None
    along: LogZAlongBeta | None = None  # the path as it was seen on the way
    at_least: float = -np.inf  # certain, see certain.py: no sampling is behind it
    at_most: float = np.inf

    @property
    def n_chains(self) -> int:
        """Number of independent chains, ladders or starts behind the estimate."""
        return int(self.log_weights.size)

    @property
    def refuted(self) -> bool:
        """Whether the interval contradicts what is certain of log Z."""
        return self.high < self.at_least or self.low > self.at_most


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
            training data as a rule. They are the base model's mean, and chains start at them. Rows
            of one mode alone may keep every chain from the others: the estimate is then too small,
            by log 2 where data know one of two equal modes. base="uniform" makes no use of them.
        watch: told the share done and the log weights so far, now and then; raise in it to cancel.

    Returns:
        An estimate. Its `bound` says on which side of log Z it lies on average: annealing below,
        in reverse from exact samples above, both by little when the weights are even. `warning`
        is set where the interval contradicts what is certain of log Z; of ExactLogZ alone the
        value is exact.

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
    found = method.estimate(rng, rbm, v_data, watch)
    if math.isfinite(found.at_least):
        return found
    return checked_estimate(found, rbm, v_data)  # a method of the caller's own


def checked_estimate(
    found: LogZEstimate,
    rbm: RBM,
    v_data: ArrayLike | None,
    known: CertainBounds | None = None,
) -> LogZEstimate:
    """Hold an estimate against what is certain of log Z, and warn where they contradict.

    Every method's estimate passes here; one whose method has summed over all states brings log Z
    along. A value without an interval is an approximation: it warns when it is off by more than
    APPROXIMATION. known: where the method asked for it before.
    """
    if known is None and math.isfinite(found.at_most):
        known = CertainBounds(found.at_least, found.at_most, None)
    if known is None:
        begun = time.thread_time()
        units = 0
        if found.cost is not None:
            units = found.cost.gibbs_steps * (rbm.n_visible + rbm.n_hidden)
        known = certain_bounds(rbm, v_data, units or math.inf)
        if found.cost is not None:
            seconds = found.cost.seconds + time.thread_time() - begun
            found = replace(found, cost=replace(found.cost, seconds=seconds))
    found = replace(found, at_least=known.low, at_most=known.high)
    if found.refuted:
        too_small = found.high < known.low
        off = known.low - found.high if too_small else found.low - known.high
        end = found.high if too_small else found.low
        what = f"the interval {'ends' if too_small else 'begins'} at {_digits(end, off)}"
    elif found.low == -np.inf and found.high == np.inf:
        off = max(known.low - found.log_z, found.log_z - known.high)
        what = f"the value is {_digits(found.log_z, off)}"
        if off <= APPROXIMATION:
            return found
    else:
        return found
    if known.modes is None:
        text = (
            f"The sum over all states gives log Z = {_digits(known.low, off)}, but {what}. "
            "A model of this size can be summed: take the exact value."
        )
    else:
        text = (
            f"log Z is at least {_digits(known.low, off)}: distinct states that a search of the "
            f"modes found add up to that, but {what}. The method missed a mode; take another one, "
            'base="uniform", v_data from every mode, or more betas.'
        )
    return replace(found, warning=f"{found.warning} {text}" if found.warning else text)


def _digits(value: float, difference: float) -> str:
    """Write a value with so many decimals that a difference of this size shows."""
    decimals = 2 - math.floor(math.log10(max(abs(difference), 1e-12)))
    return f"{value:.{min(max(decimals, 1), 12)}f}"


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
