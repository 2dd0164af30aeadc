"""Exact log Z, negative phase, probabilities and samples: a sum over every state of one layer.

Textbook: *Deep Learning* sections 18.1 and 20.2. How the sum is made fast is in state_blocks.py.
Every sampling estimator is tested against this module. Only exact_samples is random.
"""

import sys

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.errors import (
    FloatArray,
    TooManyUnitsError,
    as_rows,
    check_count,
    check_number,
    check_rng,
)
from rbmviz.core.phase import PhaseStatistics
from rbmviz.core.rbm import RBM, log_p_tilde_unchecked, sample_v_given_h
from rbmviz.core.state_blocks import Progress, StateBlocks, bits_of

# 2**26 states: the 26x26 phase takes about 4 CPU s. A few tables of n_long * 2**(n_short / 2)
# doubles stay in memory: 7 MB at 24x24, some 180 MB at 784x24.
MAX_ENUMERATED_UNITS = 26
MAX_LISTED_UNITS = 20  # 2**20 probabilities are 8 MB

_SECONDS_A_TERM = 2.5e-9  # one unit of the long layer in one state, measured for the phase


def enumeration_seconds(n_states_of: int, n_other: int) -> float:
    """Estimate the CPU seconds of the exact phase: 2**n_states_of states, n_other units each."""
    return 2.0**n_states_of * n_other * _SECONDS_A_TERM


def refuse_too_many(rbm: RBM, n_units: int, limit: int) -> None:
    """Raise TooManyUnitsError, with the cost, when a layer has more units than the limit."""
    if n_units > limit:
        seconds = enumeration_seconds(n_units, rbm.n_visible + rbm.n_hidden - n_units)
        raise TooManyUnitsError(
            f"{n_units} units have 2**{n_units} = {2.0**n_units:.3g} states, about {seconds:.2g} "
            f"CPU seconds to sum; the limit is {limit} units. Use a smaller layer, or an estimate."
        )


def exact_log_z(rbm: RBM, progress: Progress | None = None) -> float:
    """Compute log Z = log sum_{v, h} exp(-E(v, h)) (eq. 18.2), exact up to rounding.

    Args:
        rbm: either layer may be the long one; the cost is 2**min(n_visible, n_hidden).
        progress: called about a hundred times with the share done; raise in it to cancel.

    Returns:
        log Z in nats.

    Raises:
        TooManyUnitsError: the shorter layer has more than MAX_ENUMERATED_UNITS units.

    >>> round(exact_log_z(RBM(W=np.zeros((2, 3)), b=np.zeros(2), c=np.zeros(3))), 6)  # 5 log 2
    3.465736
    """
    refuse_too_many(rbm, min(rbm.n_visible, rbm.n_hidden), MAX_ENUMERATED_UNITS)
    if rbm.n_hidden < rbm.n_visible:
        rbm = rbm.swapped
    log_parts = [
        np.log(block.weights.sum()) + block.log_scale for block in StateBlocks(rbm).blocks(progress)
    ]
    return float(np.logaddexp.reduce(log_parts))


def exact_negative_phase(
    rbm: RBM, progress: Progress | None = None
) -> tuple[PhaseStatistics, float]:
    """Compute E[v h^T], E[v], E[h] under the model: grad log Z (eq. 18.12), and log Z.

    Both come from one pass over the states of the shorter layer.

    Args:
        rbm: either layer may be the long one.
        progress: called about a hundred times with the share done; raise in it to cancel.

    Returns:
        The statistics and log Z in nats, exact up to rounding.

    Raises:
        TooManyUnitsError: the shorter layer has more than MAX_ENUMERATED_UNITS units.

    >>> phase, log_z = exact_negative_phase(RBM(W=np.zeros((2, 3)), b=np.zeros(2), c=np.zeros(3)))
    >>> float(phase.vh[0, 0]), float(phase.v[0])  # 2**5 equally likely states
    (0.25, 0.5)
    """
    refuse_too_many(rbm, min(rbm.n_visible, rbm.n_hidden), MAX_ENUMERATED_UNITS)
    if rbm.n_hidden < rbm.n_visible:
        swapped, log_z = exact_negative_phase(rbm.swapped, progress)
        return PhaseStatistics(vh=swapped.vh.T.copy(), v=swapped.h, h=swapped.v), log_z

    states = StateBlocks(rbm)
    n_y = rbm.n_hidden
    low_sum = np.zeros(len(states.low))  # sum over high states of p~, for each low state
    low_y = np.zeros((n_y, len(states.low)))  # the same of p~ E[y | x]
    high_sum = np.zeros(states.n_blocks)  # sums over low states, for each high state
    high_y = np.zeros((states.n_blocks, n_y))
    log_top = -np.inf  # everything above is in units of exp(log_top)
    for k, block in enumerate(states.blocks(progress)):
        log_block = np.log(block.weights.sum()) + block.log_scale
        if log_block > log_top:
            shrink = np.exp(log_top - log_block)
            for accumulated in (low_sum, low_y, high_sum, high_y):
                accumulated *= shrink
            log_top = log_block
        p = block.weights * np.exp(block.log_scale - log_top)
        low_sum += p
        high_sum[k] = p.sum()
        if block.hi is None:
            p_mean_y = np.multiply(block.factors, p, out=block.factors)
        else:  # sigmoid = hi lo / (1 + hi lo) = hi / (1/lo + hi)
            p_mean_y = np.divide(p, block.factors, out=block.factors)
            p_mean_y *= block.hi[:, None]
        low_y += p_mean_y
        high_y[k] = p_mean_y.sum(axis=1)

    z = high_sum.sum()
    phase = PhaseStatistics(
        vh=np.vstack([states.low.T @ low_y.T, states.high.T @ high_y]) / z,
        v=np.concatenate([states.low.T @ low_sum, states.high.T @ high_sum]) / z,
        h=high_y.sum(axis=0) / z,
    )
    return phase, float(np.log(z) + log_top)


def exact_probabilities(rbm: RBM) -> FloatArray:
    """Compute p(v) = p~(v) / Z of every visible state (eq. 18.1), exact up to rounding.

    Returns:
        (2**n_visible,); entry i belongs to the state whose unit k is bit k of i.

    Raises:
        TooManyUnitsError: more than MAX_LISTED_UNITS visible units.

    >>> exact_probabilities(RBM(W=[[0.0]], b=[np.log(3.0)], c=[0.0]))
    array([0.25, 0.75])
    """
    refuse_too_many(rbm, rbm.n_visible, MAX_LISTED_UNITS)
    states = StateBlocks(rbm)
    weights = np.empty((states.n_blocks, len(states.low)))
    log_scales = np.empty(states.n_blocks)
    for k, block in enumerate(states.blocks()):
        top = block.weights.max()
        weights[k] = block.weights / top
        log_scales[k] = block.log_scale + np.log(top)
    weights *= np.exp(log_scales - log_scales.max())[:, None]
    p = weights.ravel()
    p /= p.sum()
    return p


def exact_samples(rng: np.random.Generator, rbm: RBM, n: int) -> FloatArray:
    """Draw independent v ~ p(v), with no Markov chain: (n, n_visible) of 0.0 and 1.0.

    A state of the shorter layer is drawn from its exact probabilities; when that is the hidden
    one, v follows from p(v | h).

    Raises:
        TooManyUnitsError: the shorter layer has more than MAX_LISTED_UNITS units.

    >>> exact_samples(np.random.default_rng(0), RBM(W=[[0.0]], b=[50.0], c=[0.0]), 3).T
    array([[1., 1., 1.]])
    """
    return exact_samples_and_log_z(rng, rbm, n)[0]


def exact_samples_and_log_z(rng: np.random.Generator, rbm: RBM, n: int) -> tuple[FloatArray, float]:
    """Draw as `exact_samples` does, and give the exact log Z in nats, which comes at no cost.

    Any state tells it: log Z = log p~(x) - log p(x) (eq. 18.1); the most probable one with the
    least rounding.

    >>> rbm = RBM(W=[[0.0]], b=[0.0], c=[0.0])
    >>> round(exact_samples_and_log_z(np.random.default_rng(0), rbm, 1)[1], 6)  # 4 equal states
    1.386294
    """
    check_rng(rng)
    check_count("n", n)
    short = rbm if rbm.n_visible <= rbm.n_hidden else rbm.swapped
    p = exact_probabilities(short)
    cumulative, top = np.cumsum(p), int(np.argmax(p))
    drawn = np.searchsorted(cumulative, rng.random(n) * cumulative[-1], side="right")
    x = bits_of(drawn, short.n_visible)
    top_log_p_tilde = log_p_tilde_unchecked(short, bits_of(np.array([top]), short.n_visible))
    log_z = float(top_log_p_tilde[0] - np.log(p[top]))
    return x if short is rbm else sample_v_given_h(rng, rbm, x), log_z


def mean_log_likelihood(rbm: RBM, v: ArrayLike, log_z: float | None = None) -> float:
    """Compute the mean over rows of log p(v) = log p~(v) - log Z (eq. 18.1), in nats.

    Args:
        v: (n, n_visible) of 0/1: other values have no probability.
        log_z: a value for log Z, exact or estimated; None computes the exact one.

    Returns:
        Exact when log_z is; the error of log_z carries over with opposite sign.

    Raises:
        TooManyUnitsError: log_z is None and neither layer can be enumerated.

    >>> rbm = RBM(W=[[0.0]], b=[0.0], c=[0.0])
    >>> round(mean_log_likelihood(rbm, [[0], [1]]), 6)  # both states have p = 1/2
    -0.693147
    """
    rows = as_rows("v", v, rbm.n_visible, binary=True)
    if log_z is not None:  # of an estimate pass its .log_z
        log_z = check_number("log_z", log_z, -sys.float_info.max)
    known = exact_log_z(rbm) if log_z is None else log_z
    return float(log_p_tilde_unchecked(rbm, rows).mean() - known)
