"""Intervals against the truth over 200 repeats, on random, trained and physical models.

One long run is cut into 200 independent groups. Nominal 95 % may come out as low as three standard
errors of 200 repeats below 95 %; an interval from the same run that is too narrow must fail.
"""

import math
from functools import cache

import numpy as np
import pytest
from scipy.special import stdtrit

import rbmviz
from rbmviz import (
    CRITICAL_COUPLING,
    RBM,
    AnnealedImportanceSampling,
    BridgeSampling,
    LogZEstimate,
    ReverseAnnealedImportanceSampling,
    Sandwich,
    ThermodynamicIntegration,
    estimate_log_z,
)
from rbmviz.core.errors import FloatArray
from rbmviz.core.log_z import bridge
from rbmviz.core.log_z.estimate import estimate_from_log_weights
from rbmviz.core.log_z.path import base_biases, base_log_z
from rbmviz.core.log_z.schedule import adaptive_betas
from rbmviz.core.log_z.tempered_run import TemperedSamples, run_tempered

N_REPEATS = 200
LEAST_COVERAGE = 0.95 - 3 * math.sqrt(0.95 * 0.05 / N_REPEATS)  # 90.4 %
MODELS = ["random", "bars and stripes", "digits", "torus", "critical torus"]


@cache
def model(name: str) -> tuple[RBM, FloatArray | None]:
    """The model, and the data it was trained on."""
    if name == "random":
        rng = np.random.default_rng(5)
        W = rng.normal(0, 0.5, (16, 16))
        return RBM(W, rng.normal(0, 0.5, 16), rng.normal(0, 0.5, 16)), None
    if "torus" in name:
        return rbmviz.ising_torus(4, 0.3 if name == "torus" else CRITICAL_COUPLING).rbm, None
    data, rate = ("digits", 0.05) if name == "digits" else ("bars-and-stripes 4x4", 0.1)
    settings = rbmviz.TrainingSettings(
        16, rbmviz.PersistentContrastiveDivergence(100), learning_rate=rate
    )
    v = rbmviz.load_dataset(data).v
    return rbmviz.train(rbmviz.start(settings, v), 5000).rbm, v


@cache
def truth(name: str) -> float:
    """Log-sum-exp over the states of a layer of 16."""
    rbm, _ = model(name)
    if rbm.n_visible > rbm.n_hidden:
        W, b, c = rbm.W.T, rbm.c, rbm.b
    else:
        W, b, c = rbm.W, rbm.b, rbm.c
    x = (np.arange(2**16)[:, None] >> np.arange(16) & 1).astype(float)
    return float(np.logaddexp.reduce(x @ b + np.logaddexp(0, x @ W + c).sum(axis=1)))


def share(found: list[bool]) -> float:
    assert len(found) == N_REPEATS
    return sum(found) / N_REPEATS


def holds(found: LogZEstimate, name: str) -> bool:
    return found.low <= truth(name) <= found.high


# Annealing


@cache
def log_weights(name: str, n_betas: int, n_chains: int = 50) -> tuple[FloatArray, FloatArray]:
    """Forward and reverse log weights with log Z_0 in them, (200, n_chains) each."""
    rbm, v = model(name)
    base, n = base_biases(rbm, v), N_REPEATS * n_chains
    forward = AnnealedImportanceSampling(n, n_betas, 2)
    backward = ReverseAnnealedImportanceSampling(n, n_betas, 2)
    log_w, _ = forward.anneal(np.random.default_rng(3), rbm, base, forward.betas)
    log_u, _ = backward.anneal(np.random.default_rng(4), rbm, base, backward.betas)
    return log_w.reshape(N_REPEATS, -1), log_u.reshape(N_REPEATS, -1) - base_log_z(rbm, base)


def plain_half_width(log_w: FloatArray) -> float:
    """The delta method with 1.96 standard errors and nothing else."""
    w = np.exp(log_w - log_w.max())
    return float(1.96 * w.std(ddof=1) / w.mean() / math.sqrt(w.size))


@pytest.mark.parametrize("n_betas", [8, 40])
@pytest.mark.parametrize("name", MODELS)
def test_intervals_of_annealing_cover_the_truth_or_warn(name: str, n_betas: int) -> None:
    """With eight betas most carry the warning; those without it must hold as often as they say."""
    held: list[list[bool]] = [[], [], []]
    for log_w, log_u in zip(*log_weights(name, n_betas), strict=True):
        forward = estimate_from_log_weights(log_w, confidence=0.95, method="forward")
        inverse = estimate_from_log_weights(log_u, confidence=0.95, method="reverse")
        low, high = -inverse.high, -inverse.low
        held[0].append(holds(forward, name) or forward.warning is not None)
        held[1].append(low <= truth(name) <= high or inverse.warning is not None)
        held[2].append(min(forward.low, low) <= truth(name) <= max(forward.high, high))
    assert share(held[0]) >= LEAST_COVERAGE
    assert share(held[1]) >= LEAST_COVERAGE
    assert share(held[2]) >= 0.95  # the sandwich, warned or not


@pytest.mark.parametrize("name", MODELS)
def test_intervals_of_forward_annealing_cover_the_truth_warned_or_not(name: str) -> None:
    held, shifted = [], []
    for log_w in log_weights(name, 40)[0]:
        found = estimate_from_log_weights(log_w, confidence=0.95, method="forward")
        held.append(holds(found, name))
        shifted.append(found.low <= truth(name) + (found.high - found.low) / 2 <= found.high)
    assert share(held) >= LEAST_COVERAGE
    assert share(shifted) < LEAST_COVERAGE  # a truth half an interval away is missed


def test_the_plain_interval_fails_the_same_check() -> None:
    held = []
    for log_w in log_weights("bars and stripes", 5)[0]:
        found = estimate_from_log_weights(log_w, confidence=0.95, method="plain")
        held.append(abs(found.log_z - truth("bars and stripes")) < plain_half_width(log_w))
    assert share(held) < LEAST_COVERAGE


def test_intervals_of_the_public_call_are_those_of_the_weights() -> None:
    rbm, v = model("bars and stripes")
    methods = (
        AnnealedImportanceSampling(50, 40),
        ReverseAnnealedImportanceSampling(50, 40),
        Sandwich(50, 40),
    )
    for method in methods:
        found = [estimate_log_z(np.random.default_rng(seed), rbm, method, v) for seed in range(40)]
        held = sum(holds(one, "bars and stripes") for one in found)
        assert held >= 40 * 0.95 - 3 * math.sqrt(40 * 0.95 * 0.05)
        shifted = sum(one.low <= truth("bars and stripes") + 3.0 <= one.high for one in found)
        assert shifted < 20


# Tempering


N_LADDERS, N_BETAS, N_ROUNDS, N_BURN_IN = 6, 9, 30, 40


def part(whole: TemperedSamples, group: slice) -> TemperedSamples:
    return TemperedSamples(
        whole.betas,
        whole.up[:, :, group],
        whole.down[:, :, group],
        whole.slope[:, :, group],
        whole.swap_rates,
    )


@cache
def long_run(name: str) -> TemperedSamples:
    rbm, v = model(name)
    base, rng = base_biases(rbm, v), np.random.default_rng(6)
    betas = adaptive_betas(rng, rbm, base, N_BETAS, 100)
    return run_tempered(rng, rbm, base, betas, N_REPEATS * N_LADDERS, N_ROUNDS, N_BURN_IN)


@cache
def tempered_estimates(name: str, kind: type[bridge.Tempering]) -> list[LogZEstimate]:
    """Let the method's own code judge each group of ladders of the long run."""
    rbm, v = model(name)
    whole, method = long_run(name), kind(N_LADDERS, N_BETAS, N_ROUNDS, N_BURN_IN)
    groups = iter([slice(k * N_LADDERS, (k + 1) * N_LADDERS) for k in range(N_REPEATS)])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bridge, "adaptive_betas", lambda *args: whole.betas)
        patched.setattr(bridge, "run_tempered", lambda *args: part(whole, next(groups)))
        return [method.estimate(np.random.default_rng(0), rbm, v) for _ in range(N_REPEATS)]


@pytest.mark.parametrize("kind", [BridgeSampling, ThermodynamicIntegration])
@pytest.mark.parametrize("name", MODELS)
def test_intervals_of_tempering_cover_the_truth(name: str, kind: type[bridge.Tempering]) -> None:
    found = tempered_estimates(name, kind)
    assert share([holds(one, name) for one in found]) >= LEAST_COVERAGE
    assert np.median([one.high - one.low for one in found]) < 2.0  # and say something


@pytest.mark.parametrize("name", ["random", "critical torus"])
def test_rounds_taken_for_independent_fail_the_same_check(name: str) -> None:
    """The standard error as if rounds were as good as ladders: chains remember."""
    t = float(stdtrit(N_LADDERS * N_ROUNDS - 1, 0.975))
    held = []
    for one in tempered_estimates(name, BridgeSampling):
        error = one.log_weights.std(ddof=1) / math.sqrt(N_LADDERS * N_ROUNDS)
        held.append(abs(one.log_z - truth(name)) < t * error)
    assert share(held) < LEAST_COVERAGE
