"""Parallel tempering along the path: what bridge sampling and thermodynamic integration look at.

n_chains independent ladders hold one visible state at each of n_betas. Each round makes a Gibbs
step at every beta and offers swaps between every other pair of neighbours, even and odd in turn.
A ladder's state at beta is v alone, h being drawn anew, so that the swap of v and v' between beta
and beta' is accepted with the ratio of the marginals

    min(1, p*_beta(v') p*_beta'(v) / (p*_beta(v) p*_beta'(v')))
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from rbmviz.core.errors import FloatArray
from rbmviz.core.log_z.path import PathChains
from rbmviz.core.rbm import RBM

CHANCE = 0.01  # of a warning though hot and cold ladders differ by nothing but noise


@dataclass(frozen=True, eq=False)
class TemperedSamples:
    """What was seen in each counted round, of each ladder."""

    betas: FloatArray  # (n_betas,)
    up: FloatArray  # (rounds, n_betas - 1, n_chains): log p*_{k+1}(v_k) - log p*_k(v_k)
    down: FloatArray  # (rounds, n_betas - 1, n_chains): log p*_k(v_{k+1}) - log p*_{k+1}(v_{k+1})
    slope: FloatArray  # (rounds, n_betas, n_chains): d log p*_beta(v) / d beta at its own beta
    swap_rates: FloatArray  # (n_betas - 1,): accepted share of the swaps offered


@np.errstate(all="ignore")  # exp may reach 0, and log(u) inf: both mean what they should
def run_tempered(
    rng: np.random.Generator,
    rbm: RBM,
    b_base: FloatArray,
    betas: FloatArray,
    n_chains: int,
    n_rounds: int,
    n_burn_in: int,
    watch: Callable[[float], None] | None = None,
    cold_start: FloatArray | None = None,
) -> TemperedSamples:
    """Run the ladders for n_burn_in rounds, then n_rounds more that count.

    cold_start: (n_betas, n_cold, n_visible) where the last n_cold ladders begin, at every beta.
    The others begin hot, at the base model, and cool down: what hot ladders have not found and
    cold ones have not left in n_burn_in rounds shows in the difference between the two.
    """
    n_betas = len(betas)
    beta = np.repeat(betas, n_chains)  # of each column, the hottest ladder places first
    hotter = np.repeat(np.concatenate([[0.0], betas[:-1]]), n_chains)
    colder = np.repeat(np.concatenate([betas[1:], [1.0]]), n_chains)
    chains = PathChains(rbm, b_base, n_betas * n_chains)
    chains.draw_base(rng)
    begins_hot = np.ones(n_betas * n_chains, dtype=bool)
    if cold_start is not None:
        begins_hot = np.tile(np.arange(n_chains) < n_chains - cold_start.shape[1], n_betas)
        v = chains.v.copy()
        v[~begins_hot] = cold_start.reshape(-1, rbm.n_visible)
        chains.v = v
    up, down = (np.empty((n_rounds, n_betas - 1, n_chains)) for _ in range(2))
    slope = np.empty((n_rounds, n_betas, n_chains))
    accepted = np.zeros(n_betas - 1)
    offered = np.zeros(n_betas - 1)
    for round_ in range(n_burn_in + n_rounds):
        if watch is not None:
            watch(round_ / (n_burn_in + n_rounds))
        # From the base model the hot ladders cool down step by step at first.
        cap = 1.0 if round_ >= n_burn_in // 2 else (2.0 * round_ + 2.0) / (n_burn_in + 2.0)
        chains.sweep(rng, np.where(begins_hot, np.minimum(beta, cap), beta))
        to_colder = chains.log_ratio(beta, colder).reshape(n_betas, n_chains)
        to_hotter = chains.log_ratio(beta, hotter).reshape(n_betas, n_chains)
        counted = round_ - n_burn_in
        if counted >= 0:
            up[counted], down[counted] = to_colder[:-1], to_hotter[1:]
            slope[counted] = chains.slope(beta).reshape(n_betas, n_chains)
        first = round_ % 2
        pairs = np.arange(first, n_betas - 1, 2)
        log_ratio = to_colder[pairs] + to_hotter[pairs + 1]
        swap = np.log1p(-rng.random(log_ratio.shape)) < log_ratio
        accepted[pairs] += swap.mean(axis=1) * (counted >= 0)
        offered[pairs] += counted >= 0
        order = np.arange(n_betas * n_chains).reshape(n_betas, n_chains)
        hot, cold = order[pairs].copy(), order[pairs + 1].copy()
        order[pairs], order[pairs + 1] = np.where(swap, cold, hot), np.where(swap, hot, cold)
        chains.v = chains.v[order.ravel()]
    return TemperedSamples(betas, up, down, slope, accepted / np.maximum(offered, 1))


def jackknife(values: FloatArray, whole: float) -> tuple[float, float]:
    """Correct an estimate for bias and find its standard error from leave-one-out values.

    Args:
        values: (n,) the estimate without each one of n independent parts.
        whole: the estimate from all parts.

    >>> jackknife(np.array([2.5, 2.0, 1.5]), 2.0)  # the mean of 1, 2 and 3
    (2.0, 0.5773502691896257)
    """
    n = len(values)
    error = np.sqrt((n - 1) / n * np.sum((values - values.mean()) ** 2))
    return n * whole - (n - 1) * float(values.mean()), float(error)


def compare_starts(hot: FloatArray, cold: FloatArray) -> tuple[float, bool]:
    """Compare what independent ladders found that began in two ways: Student's test of the means.

    Args:
        hot: (n >= 1,) and cold: (m >= 1,), together at least 3, a value of each ladder.

    Returns:
        Half the difference of the means, and whether chance allows it at the level CHANCE.

    >>> compare_starts(np.array([1.0, 3.0]), np.array([2.0, 3.0]))
    (0.25, True)
    >>> compare_starts(np.array([1.0, 1.1]), np.array([7.0, 7.1]))
    (3.0, False)
    """
    n, m = len(hot), len(cold)
    apart = abs(float(hot.mean() - cold.mean()))
    within = float(np.sum((hot - hot.mean()) ** 2) + np.sum((cold - cold.mean()) ** 2))
    error = math.sqrt(within / (n + m - 2) * (1.0 / n + 1.0 / m))
    return apart / 2.0, apart <= float(stdtrit(n + m - 2, 1.0 - CHANCE / 2.0)) * error
