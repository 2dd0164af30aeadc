"""Annealed importance sampling against exact log Z, closed forms and published models.

A weight w has E[w] = Z at any number of betas, however small: that identity is the sharpest test,
and broken twins must fail it. Coverage of the intervals is in test_log_z_coverage.py.
"""

import math
from functools import cache

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import rbmviz
from rbmviz import RBM, AnnealedImportanceSampling, InputError, estimate_log_z
from rbmviz.core.errors import FloatArray
from rbmviz.core.log_z import annealed_importance_sampling as ais
from rbmviz.core.log_z.estimate import estimate_from_log_weights
from rbmviz.core.log_z.path import BASES, PathChains, base_biases
from rbmviz.core.log_z.schedule import SCHEDULES

K_STANDARD_ERRORS = 4.5


def random_rbm(seed: int, n_visible: int, n_hidden: int, scale: float) -> RBM:
    rng = np.random.default_rng(seed)
    return RBM(
        rng.normal(0, scale, (n_visible, n_hidden)),
        rng.normal(0, scale, n_visible),
        rng.normal(0, scale, n_hidden),
    )


def plain_log_z(rbm: RBM) -> float:
    """Log-sum-exp over the states of the visible layer."""
    v = (np.arange(2**rbm.n_visible)[:, None] >> np.arange(rbm.n_visible) & 1).astype(float)
    return float(np.logaddexp.reduce(v @ rbm.b + np.logaddexp(0, v @ rbm.W + rbm.c).sum(axis=1)))


@cache
def bars_and_stripes_model() -> RBM:
    """Train 16 x 16 units by contrastive divergence: its modes are far apart."""
    settings = rbmviz.TrainingSettings(
        n_hidden=16,
        negative_phase=rbmviz.ContrastiveDivergence(),
        learning_rate=0.1,
        batch_size=32,
        seed=0,
    )
    v = rbmviz.load_dataset("bars-and-stripes 4x4").v
    return rbmviz.train(rbmviz.start(settings, v), 5000).rbm


def bias_of_mean_weight(
    rbm: RBM, v_data: FloatArray | None, n_betas: int, **settings: str
) -> float:
    """Compare the mean of 40,000 w / Z with 1: z, in standard errors of the mean.

    There is one sweep at each beta; an adaptive schedule looks at chains of its own.
    """
    truth = oracle.log_z(rbm.W, rbm.b, rbm.c)
    rng = np.random.default_rng(3)
    few = AnnealedImportanceSampling(100, n_betas, 1, **settings)  # type: ignore[arg-type]
    base = base_biases(rbm, v_data, few.base)
    betas = few.betas_for(rng, rbm, base)
    many = AnnealedImportanceSampling(40_000, n_betas, 1, precision=few.precision)
    log_w, _ = many.anneal(rng, rbm, base, betas)
    w = np.exp(log_w - truth)
    return float((w.mean() - 1.0) / (w.std(ddof=1) / math.sqrt(w.size)))


TINY = random_rbm(1, 4, 3, 1.0)
TINY_DATA = np.array([[1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0]])


@pytest.mark.parametrize("n_betas", [2, 3, 10])
@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("v_data", [None, TINY_DATA])
def test_weights_average_to_z_at_any_number_of_betas_from_any_base(
    v_data: FloatArray | None, base: str, n_betas: int
) -> None:
    assert abs(bias_of_mean_weight(TINY, v_data, n_betas, base=base)) < K_STANDARD_ERRORS


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_weights_average_to_z_along_any_schedule_in_either_precision(
    schedule: str, precision: str
) -> None:
    z = bias_of_mean_weight(TINY, TINY_DATA, 6, schedule=schedule, precision=precision)
    assert abs(z) < K_STANDARD_ERRORS


BROKEN = 2 * K_STANDARD_ERRORS  # what a twin must exceed


def test_weights_of_the_wrong_sign_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    right = PathChains.log_ratio
    monkeypatch.setattr(PathChains, "log_ratio", lambda *args: -right(*args))
    assert abs(bias_of_mean_weight(TINY, TINY_DATA, 10)) > BROKEN


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_sweeps_at_the_wrong_beta_fail(schedule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = PathChains.sweep
    monkeypatch.setattr(PathChains, "sweep", lambda self, rng, beta: right(self, rng, 0.6 * beta))
    assert abs(bias_of_mean_weight(TINY, TINY_DATA, 10, schedule=schedule)) > BROKEN


def test_weights_of_the_states_before_the_sweep_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    right = PathChains.sweep

    def stale(self: PathChains, rng: np.random.Generator, beta: float) -> None:
        kept = self._inputs().copy()
        right(self, rng, beta)
        self._x[:] = kept
        self._x_is_known = True

    monkeypatch.setattr(PathChains, "sweep", stale)
    assert abs(bias_of_mean_weight(TINY, TINY_DATA, 10)) > BROKEN


def test_a_base_model_that_forgets_its_biases_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ais, "base_log_z", lambda rbm, b: 7 * math.log(2))
    assert abs(bias_of_mean_weight(TINY, TINY_DATA, 10)) > BROKEN


def test_float32_adds_up_to_less_than_a_thousandth_of_a_nat() -> None:
    c = np.random.default_rng(2).normal(0, 3, 1000)
    rbm = RBM(np.zeros((2, 1000)), np.zeros(2), c)  # every weight is Z but for rounding
    truth = 2 * math.log(2) + float(np.logaddexp(0, c).sum())
    for precision, limit in (("float64", 1e-9), ("float32", 1e-3)):
        method = AnnealedImportanceSampling(2, 1000, 1, precision=precision)
        found = estimate_log_z(np.random.default_rng(0), rbm, method)
        assert np.abs(found.log_weights - truth).max() < limit
        assert found.low <= truth <= found.high


def test_precision_on_bars_and_stripes_with_default_settings() -> None:
    rbm, n_repeats = bars_and_stripes_model(), 10
    method = AnnealedImportanceSampling()
    v = rbmviz.load_dataset("bars-and-stripes 4x4").v
    found = [
        estimate_log_z(np.random.default_rng(seed), rbm, method, v) for seed in range(n_repeats)
    ]
    error = np.array([one.log_z for one in found]) - plain_log_z(rbm)
    standard_error = error.std(ddof=1) / math.sqrt(n_repeats)
    assert abs(error.mean()) < K_STANDARD_ERRORS * standard_error
    rmse = math.sqrt((error**2).mean())
    assert rmse < 0.03 * (1 + 2 / math.sqrt(2 * n_repeats))  # 0.03 nats, 2 standard errors
    assert all(one.warning is None or one.refuted for one in found)  # the weights do not warn
    assert sum(one.refuted for one in found) <= 3  # misses of a 95 % interval, but for 1 in 1,000
    assert all(one.n_chains == 100 for one in found)
    spoilt = AnnealedImportanceSampling(n_betas=20, n_sweeps=1)
    poor = [estimate_log_z(np.random.default_rng(seed), rbm, spoilt, v) for seed in range(10)]
    assert math.sqrt(np.mean([(one.log_z - plain_log_z(rbm)) ** 2 for one in poor])) > 0.1


def within_standard_errors(rbm: RBM, truth: float, v_data: object = None) -> bool:
    """Estimate with 300 betas; a half-width is about two standard errors."""
    method = AnnealedImportanceSampling(n_betas=300, n_sweeps=2)
    found = estimate_log_z(np.random.default_rng(11), rbm, method, v_data)  # type: ignore[arg-type]
    return abs(found.log_z - truth) < K_STANDARD_ERRORS / 2 * (found.high - found.low) / 2 < 0.6


def test_two_hundred_visible_units() -> None:
    random = np.random.RandomState(1234)  # the published model is defined by it
    b, c, W = random.randn(200), random.randn(10), random.randn(200, 10)
    assert within_standard_errors(RBM(W, b, c), 338.667968526)
    assert not within_standard_errors(RBM(W, b, c), 338.667968526 + 1.0)


def test_a_published_model_with_large_weights() -> None:
    """Take the 4 x 4 RBM on bars and stripes 2x2 of PyDeep's test suite, weights up to 60."""
    W = [
        [0.12179488, 2.95950177, 0.33513356, 35.05380642],
        [0.20318085, -28.62372894, 26.52611278, 28.41793445],
        [-0.19105386, -28.58530584, -26.52747507, 28.7844732],
        [0.0895374, -59.82556859, -0.06665933, -27.71723459],
    ]
    b = [-19.24399659, -13.26258696, 13.2590985, 43.74408543]
    c = [-0.11155958, 57.02097584, -0.13331758, -32.25991501]
    rbm = RBM(W, b, c)
    v = rbmviz.load_dataset("bars-and-stripes 2x2").v
    assert oracle.log_z(W, b, c) == pytest.approx(59.6749019726, abs=1e-8)
    assert within_standard_errors(rbm, 59.6749019726)
    assert within_standard_errors(rbm, 59.6749019726, v)


@pytest.mark.parametrize("n_hidden", [1, 3, 2500])  # 2**2500 is beyond float64
def test_independent_units_are_estimated_without_spread(n_hidden: int) -> None:
    c = np.random.default_rng(2).normal(0, 3, n_hidden)
    rbm = RBM(np.zeros((2, n_hidden)), np.zeros(2), c)
    truth = 2 * math.log(2) + np.logaddexp(0, c).sum()
    found = estimate_log_z(np.random.default_rng(0), rbm, AnnealedImportanceSampling(10, 20))
    assert found.log_z == pytest.approx(truth, rel=1e-12)
    assert found.low <= truth <= found.high < found.low + 1e-8 * truth
    assert found.effective_sample_size == pytest.approx(10)


@given(
    seed=st.integers(0, 10**6),
    n_visible=st.integers(1, 6),
    n_hidden=st.integers(1, 6),
    scale=st.floats(0, 200),
    with_data=st.booleans(),
)
def test_finite_at_any_weight_scale(
    seed: int, n_visible: int, n_hidden: int, scale: float, with_data: bool
) -> None:
    rbm = random_rbm(seed, n_visible, n_hidden, scale)
    v = np.ones((3, n_visible)) if with_data else None
    with np.errstate(all="raise"):
        found = estimate_log_z(
            np.random.default_rng(seed), rbm, AnnealedImportanceSampling(5, 4), v
        )
    assert np.isfinite([found.log_z, found.low, found.high]).all()
    assert found.low < found.log_z < found.high
    assert 1 <= found.effective_sample_size <= 5 * (1 + 1e-12)
    # log Z = log E[w], and the largest weight is at most n times the mean
    assert found.log_z <= found.log_weights.max() <= found.log_z + math.log(5) + 1e-9 * scale


@given(arrays(float, st.integers(2, 30), elements=st.floats(-700, 700)), st.floats(-1e4, 1e4))
def test_a_shift_of_every_weight_shifts_the_interval(log_w: FloatArray, shift: float) -> None:
    one = estimate_from_log_weights(log_w, confidence=0.95, method="one")
    other = estimate_from_log_weights(log_w + shift, confidence=0.95, method="other")
    for name in ("log_z", "low", "high"):
        assert getattr(other, name) == pytest.approx(getattr(one, name) + shift, rel=1e-6, abs=1e-5)
    assert other.effective_sample_size == pytest.approx(one.effective_sample_size, rel=1e-6)
    narrow = estimate_from_log_weights(log_w, confidence=0.5, method="narrow")
    assert one.low <= narrow.low < narrow.log_z < narrow.high <= one.high


def test_parameters_beyond_float64_are_refused() -> None:
    with pytest.raises(InputError, match=r"largest parameter is 1e\+308.*Scale the parameters"):
        RBM([[1e308, 1e308], [1e308, 1e308]], [0.0, 0.0], [0.0, 0.0])
    rbm = RBM(np.full((2, 2), 1e30), [0.0, 0.0], [0.0, 0.0])
    found = estimate_log_z(np.random.default_rng(0), rbm, AnnealedImportanceSampling(5, 5))
    assert np.isfinite(found.log_z)
