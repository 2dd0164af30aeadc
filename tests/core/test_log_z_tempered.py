"""The tempered run and what is made of it: bridge sampling and thermodynamic integration.

The ladders are independent repeats, which gives the standard errors; a broken twin must fail.
"""

import math
from functools import cache

import numpy as np
import oracle
import pytest

from rbmviz import (
    RBM,
    AnnealedImportanceSampling,
    BridgeSampling,
    ReverseAnnealedImportanceSampling,
    ThermodynamicIntegration,
    ising_ring,
)
from rbmviz.core.errors import FloatArray
from rbmviz.core.log_z import LogZMethod
from rbmviz.core.log_z.path import PathChains, base_log_z
from rbmviz.core.log_z.tempered_run import TemperedSamples, run_tempered

K_STANDARD_ERRORS = 4.5
BROKEN = 2 * K_STANDARD_ERRORS  # what a twin must exceed
BETAS = np.array([0.0, 0.2, 0.5, 0.75, 1.0])
BASE = np.array([0.4, -0.7, 0.1, 1.1])
STATES = oracle.states(4)


@cache
def model() -> RBM:
    """Units that copy each other, so that chains alone mix slowly."""
    W = 2.0 + np.random.default_rng(1).normal(0, 0.5, (4, 3))
    return RBM(W, -W.sum(axis=1) / 2 + 0.2, -W.sum(axis=0) / 2)


def probabilities(beta: float) -> FloatArray:
    rbm = model()
    return np.array(oracle.probabilities(*oracle.on_path(rbm.W, rbm.b, rbm.c, BASE, beta)))


def log_p(beta: float) -> FloatArray:
    rbm = model()
    at = oracle.on_path(rbm.W, rbm.b, rbm.c, BASE, beta)
    return np.array([oracle.log_p_tilde(*at, v) for v in STATES])


def run(seed: int = 0, n_chains: int = 3000, n_rounds: int = 8) -> TemperedSamples:
    return run_tempered(
        np.random.default_rng(seed), model(), BASE, BETAS, n_chains, n_rounds, n_burn_in=30
    )


def z_of(values: FloatArray, truth: float) -> float:
    """Distance of the mean from the truth in standard errors; ladders are on the last axis."""
    ladders = values.mean(axis=0)
    return float(
        abs(ladders.mean() - truth) / (ladders.std(ddof=1) / math.sqrt(ladders.size) + 1e-12)
    )


def worst_slope(samples: TemperedSamples) -> float:
    rbm, z = model(), []
    for k, beta in enumerate(BETAS):
        slopes = [oracle.path_slope(rbm.W, rbm.b, rbm.c, BASE, v, beta) for v in STATES]
        z.append(z_of(samples.slope[:, k], float(probabilities(beta) @ slopes)))
    return max(z)


def worst_ratio(samples: TemperedSamples) -> float:
    """E[exp(up)] = Z_{k+1} / Z_k and E[exp(down)] = Z_k / Z_{k+1}."""
    log_z = [oracle.log_sum_exp(log_p(beta)) for beta in BETAS]
    z = []
    for k in range(len(BETAS) - 1):
        step = log_z[k + 1] - log_z[k]
        z.append(z_of(np.exp(samples.up[:, k] - step), 1.0))
        z.append(z_of(np.exp(samples.down[:, k] + step), 1.0))
    return max(z)


def test_the_run_keeps_the_exact_distribution_at_every_beta() -> None:
    samples = run()
    assert worst_slope(samples) < K_STANDARD_ERRORS
    assert worst_ratio(samples) < K_STANDARD_ERRORS


def test_swaps_of_the_wrong_sign_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    right = PathChains.log_ratio
    monkeypatch.setattr(PathChains, "log_ratio", lambda *args: -right(*args))
    assert worst_slope(run()) > BROKEN


def test_swaps_without_a_test_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    right = PathChains.log_ratio
    monkeypatch.setattr(PathChains, "log_ratio", lambda *args: 0 * right(*args))
    assert worst_slope(run()) > BROKEN


def test_sweeps_at_the_wrong_beta_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    right = PathChains.sweep
    monkeypatch.setattr(PathChains, "sweep", lambda self, rng, beta: right(self, rng, 0.8 * beta))
    samples = run()
    assert worst_slope(samples) > BROKEN
    assert worst_ratio(samples) > BROKEN


def test_the_counted_swaps_are_as_frequent_as_plain_sums_say() -> None:
    rates = np.array([run(seed, 500, 6).swap_rates for seed in range(12)])
    error = rates.std(axis=0, ddof=1) / math.sqrt(len(rates))
    for k in range(len(BETAS) - 1):
        low, high = log_p(BETAS[k]), log_p(BETAS[k + 1])
        gain = high - low
        accepted = np.minimum(1.0, np.exp(gain[:, None] - gain[None, :]))
        wanted = probabilities(BETAS[k]) @ accepted @ probabilities(BETAS[k + 1])
        assert abs(rates[:, k].mean() - wanted) < K_STANDARD_ERRORS * error[k]
        assert abs(rates[:, k].mean() - wanted - 0.05) > K_STANDARD_ERRORS * error[k]


def test_swaps_only_exchange_states_of_one_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that does nothing leaves each ladder its states, in another order."""
    rng = np.random.default_rng(0)
    first = (rng.random((5 * 40, 4)) < 0.5).astype(float)
    kept: list[PathChains] = []

    def begin(self: PathChains, rng: np.random.Generator) -> None:
        self.v = first
        kept.append(self)

    monkeypatch.setattr(PathChains, "draw_base", begin)
    monkeypatch.setattr(PathChains, "sweep", lambda *args: None)
    run_tempered(rng, model(), BASE, BETAS, 40, 6, 0)
    codes = first.reshape(5, 40, 4) @ [1, 2, 4, 8]
    after = kept[0].v.reshape(5, 40, 4) @ [1, 2, 4, 8]
    np.testing.assert_array_equal(np.sort(codes, axis=0), np.sort(after, axis=0))
    assert (codes != after).any()


# The two estimates


METHODS = [BridgeSampling(8, 8, 40, 30), ThermodynamicIntegration(8, 8, 40, 30)]


def truth_of_path(rbm: RBM) -> float:
    return oracle.log_z(rbm.W, rbm.b, rbm.c)


@pytest.mark.parametrize("method", METHODS)
def test_the_mean_of_repeats_is_exact_and_their_spread_is_the_standard_error(
    method: LogZMethod,
) -> None:
    rbm, n = model(), 40
    found = [method.estimate(np.random.default_rng(seed), rbm) for seed in range(n)]
    errors = np.array([one.log_z for one in found]) - truth_of_path(rbm)
    spread = errors.std(ddof=1)
    # trapezoids of few betas: integration may be off by what its interval adds beyond the jackknife
    slack = 0.0 if isinstance(method, BridgeSampling) else 0.01
    assert abs(errors.mean()) < K_STANDARD_ERRORS * spread / math.sqrt(n) + slack
    assert abs(errors.mean() + 0.15) > K_STANDARD_ERRORS * spread / math.sqrt(n) + slack
    # jackknife: variance of the mean of the pseudo-values, of which log_weights has one a ladder
    said = math.sqrt(np.mean([one.log_weights.var(ddof=1) / 8 for one in found]))
    assert 0.65 < said / spread < 1.5  # 4 standard errors of a ratio of 40 to 280 degrees


def test_bridge_sampling_adds_up_the_ratios_of_neighbours() -> None:
    samples = run(n_chains=4, n_rounds=6)
    everyone = np.arange(4)
    found = BridgeSampling()._log_z_of(samples, everyone)
    for k in range(len(BETAS) - 1):
        step = found[k + 1] - found[k]
        up = np.sum(1 / (1 + np.exp(step - samples.up[:, k])))
        down = np.sum(1 / (1 + np.exp(-samples.down[:, k] - step)))
        assert up == pytest.approx(down, abs=1e-8)
    two = BridgeSampling()._log_z_of(samples, np.array([0, 2]))
    assert np.abs(two[1:] - found[1:]).min() > 1e-6  # those left out count for nothing


def test_integration_of_a_known_slope_is_its_area() -> None:
    betas = np.linspace(0, 1, 9)
    slope = np.broadcast_to(np.exp(betas)[None, :, None], (3, 9, 4))
    samples = TemperedSamples(betas, np.empty(0), np.empty(0), slope, np.empty(0))
    method = ThermodynamicIntegration()
    found = method._log_z_of(samples, np.arange(4))
    np.testing.assert_allclose(found, np.expm1(betas), atol=3e-4)
    coarse = TemperedSamples(betas[::4], np.empty(0), np.empty(0), slope[:, ::4], np.empty(0))
    error = abs(method._log_z_of(coarse, np.arange(4))[-1] - math.expm1(1.0))
    assert error > 10 * abs(found[-1] - math.expm1(1.0))
    assert error < method._discretisation(coarse) < 0.2
    fine = method._discretisation(samples)
    assert abs(found[-1] - math.expm1(1.0)) < fine < 0.1 * method._discretisation(coarse)


ROUTES: list[LogZMethod] = [
    AnnealedImportanceSampling(100, 200, 2),
    ReverseAnnealedImportanceSampling(100, 200, 2),
    BridgeSampling(10, 12, 60, 40),
    ThermodynamicIntegration(10, 12, 60, 40),
]


@pytest.mark.parametrize("method", ROUTES)
@pytest.mark.parametrize("name", ["random", "ring"])
def test_every_route_comes_to_the_log_z_of_enumeration(method: LogZMethod, name: str) -> None:
    if name == "random":
        rng = np.random.default_rng(6)
        W, b, c = rng.normal(0, 0.8, (6, 5)), rng.normal(size=6), rng.normal(size=5)
        rbm, truth = RBM(W, b, c), oracle.log_z(W, b, c)
        assert oracle.log_z(oracle.transposed(W), c, b) == pytest.approx(truth, abs=1e-10)
    else:
        ring = ising_ring(5, 0.7)
        rbm, truth = ring.rbm, ring.log_z
        assert oracle.log_z(rbm.W, rbm.b, rbm.c) == pytest.approx(truth, abs=1e-10)
    found = method.estimate(np.random.default_rng(4), rbm)
    slack = K_STANDARD_ERRORS / 2 * (found.high - found.low) / 2
    assert abs(found.log_z - truth) < slack < 0.3
    assert abs(found.log_z - truth - 0.6) > slack


def test_the_base_model_is_part_of_the_sum() -> None:
    """Independent units with biases: nothing is left to sample, whatever the base."""
    b, c = np.array([1.0, -2.0, 0.5, 3.0]), np.array([0.3, -1.0])
    rbm = RBM(np.zeros((4, 2)), b, c)
    truth = float(np.logaddexp(0, b).sum() + np.logaddexp(0, c).sum())
    for method in (BridgeSampling(base="visible biases"),
                   ThermodynamicIntegration(n_betas=30, base="visible biases")):  # fmt: skip
        found = method.estimate(np.random.default_rng(0), rbm)
        assert found.log_z == pytest.approx(truth, abs=1e-4)
        assert found.low <= truth <= found.high
    assert base_log_z(rbm, b) != pytest.approx(truth, abs=0.1)
