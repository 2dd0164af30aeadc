"""The path from independent units to the model: its chains, its base models, its temperatures.

The truth is a sum over all states in plain loops; a broken twin must fail each statistical test.
"""

import math
from itertools import pairwise

import numpy as np
import oracle
import pytest

from rbmviz import RBM
from rbmviz.core.errors import FloatArray, InputError
from rbmviz.core.log_z.path import PathChains, base_biases, base_log_z
from rbmviz.core.log_z.schedule import SCHEDULES, adaptive_betas, fixed_betas

K_STANDARD_ERRORS = 4.5
STATES = np.array(oracle.states(4), dtype=float)
B_BASE = np.array([0.4, -0.7, 0.1, 1.1])
DATA = np.array([[1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0]])


def model(scale: float = 1.0) -> RBM:
    rng = np.random.default_rng(1)
    return RBM(rng.normal(0, scale, (4, 3)), rng.normal(0, scale, 4), rng.normal(0, scale, 3))


def log_p(rbm: RBM, v: FloatArray, beta: float) -> float:
    return oracle.log_p_tilde(*oracle.on_path(rbm.W, rbm.b, rbm.c, B_BASE, beta), list(v))


def chains_at(rbm: RBM, rows: FloatArray, precision: str = "float64") -> PathChains:
    chains = PathChains(rbm, B_BASE, len(rows), precision)
    chains.v = rows
    return chains


@pytest.mark.parametrize(("precision", "tolerance"), [("float64", 1e-13), ("float32", 2e-6)])
@pytest.mark.parametrize("scale", [0.1, 1.0, 200.0])
def test_the_log_ratio_is_that_of_plain_sums(scale: float, precision: str, tolerance: float):
    rbm = model(scale)
    chains = chains_at(rbm, STATES, precision)
    with np.errstate(all="ignore"):
        for beta, following in ((0.0, 0.01), (0.3, 0.7), (0.999, 1.0), (1.0, 0.2), (0.5, 0.5)):
            wanted = [log_p(rbm, v, following) - log_p(rbm, v, beta) for v in STATES]
            found = chains.log_ratio(beta, following)
            assert found.dtype == np.float64
            np.testing.assert_allclose(found, wanted, rtol=0, atol=10 * tolerance * (1 + scale))


def test_each_chain_may_have_betas_of_its_own() -> None:
    rbm, rng = model(), np.random.default_rng(0)
    beta, following = rng.random(16), rng.random(16)
    chains = chains_at(rbm, STATES)
    pairs = list(zip(STATES, beta, following, strict=True))
    wanted = [log_p(rbm, v, y) - log_p(rbm, v, x) for v, x, y in pairs]
    np.testing.assert_allclose(chains.log_ratio(beta, following), wanted, atol=1e-13)
    slopes = [oracle.path_slope(rbm.W, rbm.b, rbm.c, B_BASE, v, x) for v, x, _ in pairs]
    np.testing.assert_allclose(chains.slope(beta), slopes, atol=1e-13)


@pytest.mark.parametrize("beta", [0.0, 0.4, 1.0])
def test_the_slope_is_the_derivative_of_the_log_probability(beta: float) -> None:
    rbm, step = model(1.5), 1e-5
    found = chains_at(rbm, STATES).slope(beta)
    differences = [
        (log_p(rbm, v, beta + step) - log_p(rbm, v, beta - step)) / (2 * step) for v in STATES
    ]
    np.testing.assert_allclose(found, differences, atol=2e-9)
    assert np.abs(chains_at(rbm, STATES).slope(beta + 0.01) - differences).max() > 1e-3


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_nothing_overflows_at_weights_of_two_hundred_or_of_1e30(precision: str) -> None:
    rng = np.random.default_rng(2)
    for scale in (200.0, 1e30):
        rbm = RBM(scale * rng.uniform(-1, 1, (4, 3)), np.full(4, scale), np.full(3, -scale))
        chains = chains_at(rbm, STATES, precision)
        with np.errstate(over="ignore", under="ignore"):
            for beta in (0.0, 1e-3, 0.5, 1.0):
                chains.sweep(rng, beta)
                assert np.isfinite(chains.log_ratio(beta, 0.7)).all()
                assert np.isfinite(chains.slope(beta)).all()
        assert set(np.unique(chains.v)) <= {0.0, 1.0}


@pytest.mark.parametrize("n_hidden", [99, 100, 101, 1000, 1001, 2500])  # products go in groups
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_many_hidden_units_neither_overflow_nor_are_left_out(n_hidden: int, precision: str) -> None:
    c = 0.05 * np.random.default_rng(n_hidden).choice([-1.0, 1.0], n_hidden)  # factors near 2
    chains = PathChains(RBM(np.zeros((1, n_hidden)), [0.0], c), np.zeros(1), 2, precision)
    gains = [math.log1p(math.exp(x)) - math.log(2) for x in c]
    tolerance = 1e-9 if precision == "float64" else 2e-3
    assert chains.log_ratio(0.0, 1.0) == pytest.approx(math.fsum(gains), abs=tolerance)
    assert min(map(abs, gains)) > 10 * tolerance  # one unit left out would show


# A sweep leaves p_beta unchanged


def surprise(rows: FloatArray, p: list[float]) -> float:
    """The largest distance of a state's frequency from p, in standard errors."""
    seen = np.bincount((rows @ 2 ** np.arange(4)).astype(int), minlength=16)
    n, q = len(rows), np.array(p)
    return float((np.abs(seen - n * q) / np.sqrt(n * q * (1 - q))).max())


def probabilities(rbm: RBM, beta: float) -> list[float]:
    return oracle.probabilities(*oracle.on_path(rbm.W, rbm.b, rbm.c, B_BASE, beta))


def swept(rbm: RBM, start_at: float, sweep_at: float, precision: str) -> FloatArray:
    rng = np.random.default_rng(4)
    chains = chains_at(rbm, STATES[rng.choice(16, 40_000, p=probabilities(rbm, start_at))])
    chains = chains_at(rbm, chains.v.copy(), precision)
    for _ in range(3):
        chains.sweep(rng, sweep_at)
    return chains.v


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("beta", [0.0, 0.4, 1.0])
def test_sweeps_leave_the_distribution_of_their_beta_unchanged(beta: float, precision: str) -> None:
    rbm = model()
    p = probabilities(rbm, beta)
    assert surprise(swept(rbm, beta, beta, precision), p) < K_STANDARD_ERRORS
    assert surprise(swept(rbm, beta, abs(beta - 0.3), precision), p) > 2 * K_STANDARD_ERRORS


def test_sweeps_with_a_beta_for_each_chain_leave_each_distribution_unchanged() -> None:
    rbm, rng, n = model(), np.random.default_rng(5), 40_000
    betas = np.repeat([0.2, 0.9], n)
    rows = [STATES[rng.choice(16, n, p=probabilities(rbm, beta))] for beta in (0.2, 0.9)]
    chains = chains_at(rbm, np.concatenate(rows))
    for _ in range(3):
        chains.sweep(rng, betas)
    first, second = chains.v[:n].copy(), chains.v[n:].copy()
    assert surprise(first, probabilities(rbm, 0.2)) < K_STANDARD_ERRORS
    assert surprise(second, probabilities(rbm, 0.9)) < K_STANDARD_ERRORS
    assert surprise(second, probabilities(rbm, 0.2)) > 2 * K_STANDARD_ERRORS


def test_new_states_give_new_ratios() -> None:
    rbm = model()
    chains = chains_at(rbm, STATES)
    before = chains.log_ratio(0.2, 0.9)
    chains.v = STATES[::-1].copy()
    np.testing.assert_allclose(chains.log_ratio(0.2, 0.9), before[::-1], atol=1e-14)
    stale = chains_at(rbm, STATES)
    stale.log_ratio(0.2, 0.9)
    stale._v[:-1] = STATES[::-1].T  # the inputs to the hidden units are not told
    assert np.abs(stale.log_ratio(0.2, 0.9) - before[::-1]).max() > 0.1


# Where the path begins


def test_the_base_model_is_drawn_from_its_biases() -> None:
    rbm = model()
    chains = PathChains(rbm, B_BASE, 40_000)
    chains.draw_base(np.random.default_rng(6))
    assert surprise(chains.v, probabilities(rbm, 0.0)) < K_STANDARD_ERRORS
    flat = PathChains(rbm, np.zeros(4), 40_000)
    flat.draw_base(np.random.default_rng(6))
    assert surprise(flat.v, probabilities(rbm, 0.0)) > 2 * K_STANDARD_ERRORS


def test_log_z_of_the_base_model_is_that_of_a_plain_sum() -> None:
    rbm = model()
    wanted = oracle.log_z(*oracle.on_path(rbm.W, rbm.b, rbm.c, B_BASE, 0.0))
    assert base_log_z(rbm, B_BASE) == pytest.approx(wanted, abs=1e-13)
    assert base_log_z(rbm, B_BASE * 1e3) == pytest.approx(1500 + 3 * math.log(2) + 100, rel=1e-9)


def test_each_base_has_the_biases_it_names() -> None:
    rbm = model()
    smoothed = np.log([3 / 2, 2 / 3, 4 / 1, 3 / 2])  # (1 + ones) / (1 + zeros)
    np.testing.assert_allclose(base_biases(rbm, DATA, "data mean"), smoothed)
    np.testing.assert_array_equal(base_biases(rbm, None, "data mean"), np.zeros(4))
    np.testing.assert_array_equal(base_biases(rbm, DATA, "uniform"), np.zeros(4))
    np.testing.assert_array_equal(base_biases(rbm, DATA, "visible biases"), rbm.b)


# Where the temperatures lie


@pytest.mark.parametrize("n_betas", [2, 3, 7, 100, 14_500])
@pytest.mark.parametrize("schedule", [s for s in SCHEDULES if s != "adaptive"])
def test_betas_rise_from_zero_to_one(schedule: str, n_betas: int) -> None:
    betas = fixed_betas(schedule, n_betas)
    assert len(betas) == n_betas
    assert betas[0] == 0.0
    assert betas[-1] == 1.0
    assert (np.diff(betas) > 0).all()


def test_the_published_schedule_has_its_published_pieces() -> None:
    betas = fixed_betas("salakhutdinov-murray", 14_500)
    counts = [int(((low <= betas) & (betas < high)).sum()) for low, high in
              ((0.0, 0.5), (0.5, 0.9), (0.9, 1.0))]  # fmt: skip
    np.testing.assert_allclose(counts, [500, 4000, 10_000], atol=1)
    linear = fixed_betas("linear", 14_500)
    assert abs(int((linear < 0.5).sum()) - 500) > 1000


def test_the_sigmoid_schedule_is_the_published_formula() -> None:
    # Grosse, Maddison & Salakhutdinov (2013): sigmoid(delta (2 k / K - 1)), delta = 4, scaled
    plain = [1 / (1 + math.exp(-4 * (2 * k / 10 - 1))) for k in range(11)]
    wanted = [(x - plain[0]) / (plain[-1] - plain[0]) for x in plain]
    np.testing.assert_allclose(fixed_betas("sigmoid", 11), wanted, atol=1e-14)


def spread_of_steps(rbm: RBM, betas: FloatArray) -> float:
    """Ratio of the largest to the median step, measured in sd(slope) d beta by plain sums."""
    steps = []
    for low, high in pairwise(betas.tolist()):
        middle = 0.5 * (low + high)
        p = np.array(probabilities(rbm, middle))
        slope = np.array(
            [oracle.path_slope(rbm.W, rbm.b, rbm.c, B_BASE, v, middle) for v in STATES]
        )
        steps.append(math.sqrt(p @ (slope - p @ slope) ** 2) * (high - low))
    return float(np.max(steps) / np.median(steps))


def test_adaptive_betas_make_even_steps_of_the_deviation_that_costs_chains() -> None:
    rbm = model(10.0)
    betas = adaptive_betas(np.random.default_rng(0), rbm, B_BASE, 21, 5000)
    assert betas[0] == 0.0
    assert betas[-1] == 1.0
    assert (np.diff(betas) > 0).all()
    assert spread_of_steps(rbm, betas) < 1.3
    assert spread_of_steps(rbm, fixed_betas("linear", 21)) > 1.6


def test_adaptive_betas_of_independent_units_leave_no_gap() -> None:
    rbm = RBM(np.zeros((4, 3)), B_BASE, np.ones(3))
    betas = adaptive_betas(np.random.default_rng(0), rbm, B_BASE, 5, 50)
    assert 0.0 < np.diff(betas).min() <= np.diff(betas).max() < 0.5


def test_unknown_schedules_and_numbers_of_betas_are_refused() -> None:
    with pytest.raises(InputError, match="schedule is 'cosine'; choose one of"):
        fixed_betas("cosine", 5)
    with pytest.raises(InputError, match="n_betas is 1; it must be at least 2"):
        fixed_betas("linear", 1)
