"""Annealing in reverse and both ways: E[u] = Z_0 / Z, and the truth lies between the two sides.

A reverse weight u must be averaged itself; 1 / u has another mean. Each identity has a broken
twin that must fail it.
"""

import math
from collections.abc import Callable

import numpy as np
import oracle
import pytest

from rbmviz import (
    RBM,
    AnnealedImportanceSampling,
    ReverseAnnealedImportanceSampling,
    Sandwich,
    ising_ring,
)
from rbmviz.core.errors import FloatArray
from rbmviz.core.log_z import reverse
from rbmviz.core.log_z.estimate import estimate_from_log_weights
from rbmviz.core.log_z.path import BASES, PathChains, base_biases, base_log_z
from rbmviz.core.log_z.schedule import SCHEDULES

K_STANDARD_ERRORS = 4.5
BROKEN = 2 * K_STANDARD_ERRORS  # what a twin must exceed


def random_rbm(seed: int, n_visible: int, n_hidden: int, scale: float) -> RBM:
    rng = np.random.default_rng(seed)
    return RBM(
        rng.normal(0, scale, (n_visible, n_hidden)),
        rng.normal(0, scale, n_visible),
        rng.normal(0, scale, n_hidden),
    )


TINY = random_rbm(1, 4, 3, 1.0)
WIDE = random_rbm(1, 3, 4, 1.0)  # the samples come from the other layer
DATA = np.array([[1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0]])


def log_u(rbm: RBM, v_data: FloatArray | None, n_betas: int, n: int, **settings: str) -> FloatArray:
    """Draw n log u + log Z - log Z_0, one sweep at each beta: the mean of their exp is 1."""
    rng = np.random.default_rng(3)
    few = ReverseAnnealedImportanceSampling(100, n_betas, 1, **settings)  # type: ignore[arg-type]
    base = base_biases(rbm, v_data, few.base)
    betas = few.betas_for(rng, rbm, base)
    many = ReverseAnnealedImportanceSampling(n, n_betas, 1, precision=few.precision)
    found, exact = many.anneal(rng, rbm, base, betas)
    assert exact == pytest.approx(oracle.log_z(rbm.W, rbm.b, rbm.c))
    return found + oracle.log_z(rbm.W, rbm.b, rbm.c) - base_log_z(rbm, base)


def from_one(values: FloatArray) -> float:
    """How far the mean is from 1, in standard errors."""
    return float(abs(values.mean() - 1.0) / (values.std(ddof=1) / math.sqrt(values.size)))


@pytest.mark.parametrize("n_betas", [2, 3, 10])
@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("rbm", [TINY, WIDE])
def test_reverse_weights_average_to_the_inverse_ratio(rbm: RBM, base: str, n_betas: int) -> None:
    v_data = DATA[:, : rbm.n_visible]
    assert from_one(np.exp(log_u(rbm, v_data, n_betas, 40_000, base=base))) < K_STANDARD_ERRORS


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_reverse_weights_do_so_along_any_schedule(schedule: str, precision: str) -> None:
    u = np.exp(log_u(TINY, DATA, 6, 40_000, schedule=schedule, precision=precision))
    assert from_one(u) < K_STANDARD_ERRORS


def test_the_mean_of_the_inverses_is_another_number() -> None:
    """log mean(1 / u) looks like the forward formula, and is wrong."""
    assert from_one(np.exp(-log_u(TINY, DATA, 3, 40_000))) > BROKEN


def sweep_at_the_wrong_beta(right: Callable[..., None]) -> Callable[..., None]:
    return lambda self, rng, beta: right(self, rng, 0.6 * beta)


def keep_the_old_inputs(right: Callable[..., None]) -> Callable[..., None]:
    def stale(self: PathChains, rng: np.random.Generator, beta: float) -> None:
        kept = self._inputs().copy()
        right(self, rng, beta)
        self._x[:] = kept
        self._x_is_known = True

    return stale


@pytest.mark.parametrize("broken", [sweep_at_the_wrong_beta, keep_the_old_inputs])
def test_broken_sweeps_fail(
    broken: Callable[..., Callable[..., None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PathChains, "sweep", broken(PathChains.sweep))
    assert from_one(np.exp(log_u(TINY, DATA, 10, 80_000))) > BROKEN


def test_samples_of_another_model_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def flat(rng: np.random.Generator, rbm: RBM, n: int) -> tuple[FloatArray, float]:
        rows = (rng.random((n, rbm.n_visible)) < 0.5).astype(float)
        return rows, oracle.log_z(rbm.W, rbm.b, rbm.c)

    monkeypatch.setattr(reverse, "exact_samples_and_log_z", flat)
    assert from_one(np.exp(log_u(TINY, DATA, 10, 40_000))) > BROKEN


def test_the_estimate_is_the_log_of_the_inverse_of_the_mean() -> None:
    method = ReverseAnnealedImportanceSampling(20, 5)
    found = method.estimate(np.random.default_rng(0), TINY, DATA)
    by_hand = -math.log(sum(math.exp(-x) for x in found.log_weights.tolist()) / 20)
    assert found.log_z == pytest.approx(by_hand, abs=1e-12)
    assert found.low < found.log_z < found.high
    assert found.bound == "upper"
    assert found.warning is None
    assert "exact samples" in found.method


# Both sides


N_REPEATS, N_CHAINS = 1000, 20


def sides(rbm: RBM, n_betas: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Errors of 1,000 estimates of 20 chains: forward, reverse, and reverse with the wrong mean."""
    rng, base, n = np.random.default_rng(8), np.zeros(rbm.n_visible), N_REPEATS * N_CHAINS
    betas = np.linspace(0, 1, n_betas)
    truth = oracle.log_z(rbm.W, rbm.b, rbm.c)
    log_w, _ = AnnealedImportanceSampling(n, n_betas, 1).anneal(rng, rbm, base, betas)
    down, _ = ReverseAnnealedImportanceSampling(n, n_betas, 1).anneal(rng, rbm, base, betas)
    log_w, down = log_w - truth, down - base_log_z(rbm, base) + truth

    def log_means(x: FloatArray) -> FloatArray:
        return np.log(np.exp(x.reshape(N_REPEATS, N_CHAINS)).mean(axis=1))

    return log_means(log_w), -log_means(down), log_means(-down)


def z_of(errors: FloatArray) -> float:
    return float(errors.mean() / (errors.std(ddof=1) / math.sqrt(errors.size)))


STRONG = random_rbm(4, 5, 4, 2.0)


def test_the_forward_side_lies_below_and_the_reverse_side_above_on_average() -> None:
    forward, reversed_, wrong = sides(STRONG, 4)
    assert z_of(forward) < -K_STANDARD_ERRORS  # Jensen's gap shows at four betas
    assert z_of(reversed_) > K_STANDARD_ERRORS
    assert wrong.mean() > 1.5 * reversed_.mean()  # a worse bound, and one of another mean


def test_both_sides_close_in_on_the_truth() -> None:
    wide, narrow = sides(STRONG, 4), sides(STRONG, 60)
    for before, after in zip(wide[:2], narrow[:2], strict=True):
        assert abs(after.mean()) < 0.5 * abs(before.mean())
    assert narrow[0].mean() < 3 * narrow[0].std() / math.sqrt(N_REPEATS)
    assert narrow[1].mean() > -3 * narrow[1].std() / math.sqrt(N_REPEATS)


def test_a_sandwich_holds_both_sides_and_the_truth() -> None:
    rbm, truth = STRONG, oracle.log_z(STRONG.W, STRONG.b, STRONG.c)
    method = Sandwich(50, 30, 1)
    for seed in range(10):
        forward, backward = method.sides(np.random.default_rng(seed), rbm)
        found = method.estimate(np.random.default_rng(seed), rbm)
        assert found.low <= min(forward.low, backward.low)
        assert found.high >= max(forward.high, backward.high)
        assert found.low <= truth <= found.high
        assert found.bound is None
        assert found.cost is not None
        assert found.cost.gibbs_steps == 2 * 50 * 28


def test_a_sandwich_solves_the_acceptance_ratio_of_its_weights() -> None:
    method = Sandwich(50, 5, 1)
    forward, backward = method.sides(np.random.default_rng(0), STRONG)
    found = method.estimate(np.random.default_rng(0), STRONG).log_z

    def excess(x: float) -> float:  # as many weights on both sides
        up = sum(1 / (1 + math.exp(x - w)) for w in forward.log_weights.tolist())
        return up - sum(1 / (1 + math.exp(w - x)) for w in backward.log_weights.tolist())

    assert excess(found - 1e-6) > 0 > excess(found + 1e-6)


def test_sides_that_do_not_meet_are_named() -> None:
    ring = ising_ring(12, 2.0)
    warnings = [
        Sandwich(10, 4, 1).estimate(np.random.default_rng(seed), ring.rbm).warning or ""
        for seed in range(5)
    ]
    assert any("do not meet; use more betas" in text for text in warnings)
    fine = Sandwich(100, 300).estimate(np.random.default_rng(0), ising_ring(12, 0.3).rbm)
    assert fine.warning is None


# Models too large for exact samples


def test_a_start_from_chains_is_named_as_a_doubt() -> None:
    ring = ising_ring(24, 0.5)  # 24 visible, 24 hidden: no layer can be listed
    method = ReverseAnnealedImportanceSampling(50, 200, 1, n_burn_in=100)
    found = method.estimate(np.random.default_rng(0), ring.rbm)
    assert found.low <= ring.log_z <= found.high
    assert "chains of 200 steps" in found.method
    assert found.warning is not None
    assert "upper bound only if these reach every mode" in found.warning


def test_the_cost_counts_the_steps_that_led_to_the_start() -> None:
    ring = ising_ring(24, 0.5)
    method = ReverseAnnealedImportanceSampling(10, 5, 1, n_burn_in=30)
    cost = method.estimate(np.random.default_rng(0), ring.rbm).cost
    assert cost is not None
    assert cost.gibbs_steps >= 10 * (3 + 2 * 30)


def test_the_way_to_the_start_is_watched_too_and_changes_nothing() -> None:
    ring = ising_ring(24, 0.5)
    method = ReverseAnnealedImportanceSampling(10, 301, 1, n_burn_in=100)
    heard: list[float] = []
    watched = method.estimate(
        np.random.default_rng(0), ring.rbm, None, lambda done, _: heard.append(done)
    )
    assert watched.log_z == method.estimate(np.random.default_rng(0), ring.rbm).log_z
    assert heard == sorted(heard)
    assert heard[0] == 0.0
    assert 0.98 < heard[-1] <= 1.0
    assert max(np.diff(heard)) < 0.02  # 201 steps to the start of 500 altogether


def test_too_short_a_burn_in_shows_in_the_mean_weight() -> None:
    """The chains must be those of the model: without burn-in E[u] is another number."""
    ring = ising_ring(24, 0.6)
    base = np.zeros(24)
    z = []
    for n_burn_in in (150, 0):
        method = ReverseAnnealedImportanceSampling(4000, 20, 1, n_burn_in=n_burn_in)
        found, _ = method.anneal(np.random.default_rng(0), ring.rbm, base, method.betas)
        z.append(from_one(np.exp(found + ring.log_z - base_log_z(ring.rbm, base))))
    assert z[0] < K_STANDARD_ERRORS
    assert z[1] > BROKEN


def test_the_interval_is_that_of_the_inverse_weights_turned_round() -> None:
    method = ReverseAnnealedImportanceSampling(30, 4, 1)
    found = method.estimate(np.random.default_rng(1), STRONG)
    turned = estimate_from_log_weights(-found.log_weights, 0.95, "turned")
    assert found.low == pytest.approx(-turned.high, abs=1e-9)
    assert found.high == pytest.approx(-turned.low, abs=1e-9)
