"""Annealed importance sampling against exact log Z, closed forms and published models.

A weight w has E[w] = Z at any number of betas, however small: that identity is the sharpest test,
and broken twins must fail it. Intervals are tested for coverage over repeats.
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


def log_weights(rbm: RBM, v_data: FloatArray | None, n_betas: int, n: int) -> FloatArray:
    """Draw n log-weights with one sweep at each beta."""
    base = ais.base_biases(rbm, v_data)
    betas = np.linspace(0, 1, n_betas)
    return ais.anneal(np.random.default_rng(3), rbm, base, betas, n, 1) + ais.base_log_z(rbm, base)


def bias_of_mean_weight(rbm: RBM, v_data: FloatArray | None, n_betas: int) -> float:
    """Compare the mean of w / Z with 1: z, in standard errors of the mean."""
    truth = oracle.log_z(rbm.W, rbm.b, rbm.c)
    w = np.exp(log_weights(rbm, v_data, n_betas, 40_000) - truth)
    return float((w.mean() - 1.0) / (w.std(ddof=1) / math.sqrt(w.size)))


TINY = random_rbm(1, 4, 3, 1.0)
TINY_DATA = np.array([[1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0]])


@pytest.mark.parametrize("n_betas", [2, 3, 10])
@pytest.mark.parametrize("v_data", [None, TINY_DATA])
def test_weights_average_to_z_at_any_number_of_betas(
    v_data: FloatArray | None, n_betas: int
) -> None:
    assert abs(bias_of_mean_weight(TINY, v_data, n_betas)) < K_STANDARD_ERRORS


def test_weights_of_the_wrong_sign_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    right = ais._LogRatio.__call__
    monkeypatch.setattr(ais._LogRatio, "__call__", lambda *args: -right(*args))
    assert abs(bias_of_mean_weight(TINY, TINY_DATA, 10)) > 2 * K_STANDARD_ERRORS


def test_transitions_at_the_wrong_beta_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    right = ais._Draw.__call__

    def hotter(self, rng, minus_weights, given, out):  # type: ignore[no-untyped-def]
        right(self, rng, 0.7 * minus_weights, given, out)

    monkeypatch.setattr(ais._Draw, "__call__", hotter)
    assert abs(bias_of_mean_weight(TINY, TINY_DATA, 10)) > 2 * K_STANDARD_ERRORS


def test_a_base_model_that_forgets_its_biases_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ais, "base_log_z", lambda rbm, b: 7 * math.log(2))
    assert abs(bias_of_mean_weight(TINY, TINY_DATA, 10)) > 2 * K_STANDARD_ERRORS


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
    assert all(one.warning is None for one in found)
    assert all(one.n_chains == 100 for one in found)


def coverage(rbm: RBM, n_betas: int) -> tuple[float, float]:
    """Count intervals of 100 chains that hold log Z: ours, and the plain one."""
    n_repeats, n = 300, 100
    truth = plain_log_z(rbm)
    held = plain_held = 0.0
    for log_w in log_weights(rbm, None, n_betas, n_repeats * n).reshape(n_repeats, n):
        found = estimate_from_log_weights(log_w, confidence=0.95, method="test")
        held += found.low <= truth <= found.high
        w = np.exp(log_w - log_w.max())
        plain_held += abs(found.log_z - truth) < 1.96 * w.std(ddof=1) / w.mean() / math.sqrt(n)
    return held / n_repeats, plain_held / n_repeats


LEAST_COVERAGE = 0.95 - 3 * math.sqrt(0.95 * 0.05 / 300)  # 91.2 %: 3 standard errors below 95 %


@pytest.mark.parametrize("n_betas", [5, 10, 30, 100])
def test_intervals_cover_the_truth_on_random_weights(n_betas: int) -> None:
    held, _ = coverage(random_rbm(5, 16, 16, 0.5), n_betas)
    assert held >= LEAST_COVERAGE


@pytest.mark.parametrize("n_betas", [5, 10, 30, 100])
def test_intervals_cover_the_truth_on_a_trained_model(n_betas: int) -> None:
    held, _ = coverage(bars_and_stripes_model(), n_betas)
    assert held >= LEAST_COVERAGE


def test_the_plain_interval_fails_the_same_check() -> None:
    _, plain_held = coverage(bars_and_stripes_model(), 5)
    assert plain_held < LEAST_COVERAGE


def test_too_few_betas_widen_the_interval_and_warn() -> None:
    rbm = bars_and_stripes_model()
    found = [
        estimate_log_z(np.random.default_rng(1), rbm, AnnealedImportanceSampling(100, n_betas))
        for n_betas in (5, 30, 300)
    ]
    widths = [one.high - one.low for one in found]
    assert widths[0] > 2 * widths[1] > 4 * widths[2]
    assert found[0].effective_sample_size < 100 / 3 < found[2].effective_sample_size
    assert found[0].warning is not None
    assert "below 33%" in found[0].warning
    assert "more betas" in found[0].warning
    assert found[2].warning is None


def within_standard_errors(rbm: RBM, truth: float, v_data: object = None) -> bool:
    """Estimate with 300 betas; a half-width is about two standard errors."""
    method = AnnealedImportanceSampling(n_betas=300, n_sweeps=2)
    found = estimate_log_z(np.random.default_rng(11), rbm, method, v_data)  # type: ignore[arg-type]
    return abs(found.log_z - truth) < K_STANDARD_ERRORS / 2 * (found.high - found.low) / 2 < 0.6


def ising_as_rbm(n_spins: int, bonds: list[tuple[int, int]], coupling: float) -> tuple[RBM, float]:
    """Write exp(K sum s_i s_j), s = 2 x - 1, as an RBM with one hidden unit a bond.

    With cosh(w / 2) = exp(2 K), sum_h exp((w (x_i + x_j) - w) h) exp(-w (x_i + x_j) / 2) is
    (1 + exp(-w)) exp(K s_i s_j - K); the second result is log Z_ising - log Z_rbm.
    """
    w = 2 * math.acosh(math.exp(2 * coupling))
    W, b = np.zeros((n_spins, len(bonds))), np.zeros(n_spins)
    for k, bond in enumerate(bonds):
        for i in bond:
            W[i, k] = w
            b[i] -= w / 2
    shift = len(bonds) * (coupling - math.log1p(math.exp(-w)))
    return RBM(W, b, np.full(len(bonds), -w)), shift


@pytest.mark.parametrize(("n", "published"), [(16, 5.583274948263943), (100, 34.895441392509085)])
def test_ising_rings_have_their_closed_form(n: int, published: float) -> None:
    coupling = 0.5
    rbm, shift = ising_as_rbm(n, [(i, (i + 1) % n) for i in range(n)], coupling)
    ising = n * math.log(2 * math.cosh(coupling)) + math.log1p(math.tanh(coupling) ** n)  # 1925
    assert ising - shift == pytest.approx(published, abs=1e-9)
    assert within_standard_errors(rbm, published)
    assert not within_standard_errors(rbm, published + 1.0)


@pytest.mark.parametrize(
    ("side", "coupling", "published"),
    [
        (4, 0.3, 5.924316180771926),
        (4, 0.44068679350977147, 2.8903332055942794),  # the critical coupling
        (8, 0.3, 23.16450191841776),
    ],
)
def test_ising_tori_have_their_closed_form(side: int, coupling: float, published: float) -> None:
    sites = [(i, j) for i in range(side) for j in range(side)]
    bonds = [(side * i + j, side * ((i + 1) % side) + j) for i, j in sites]
    bonds += [(side * i + j, side * i + (j + 1) % side) for i, j in sites]
    rbm, _ = ising_as_rbm(side * side, bonds, coupling)
    assert within_standard_errors(rbm, published)  # Kaufman 1949


def test_two_hundred_visible_units() -> None:
    random = np.random.RandomState(1234)  # the published model is defined by it
    b, c, W = random.randn(200), random.randn(10), random.randn(200, 10)
    assert within_standard_errors(RBM(W, b, c), 338.667968526)


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


def test_the_same_generator_gives_the_same_estimate() -> None:
    method = AnnealedImportanceSampling(20, 10)
    first, again, other = (
        estimate_log_z(np.random.default_rng(seed), TINY, method).log_weights for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()


def test_data_move_the_base_model_towards_them() -> None:
    base = ais.base_biases(TINY, TINY_DATA)
    np.testing.assert_allclose(
        base, np.log([3 / 2, 2 / 3, 4 / 1, 3 / 2])
    )  # (1 + ones) / (1 + zeros)
    assert not ais.base_biases(TINY, None).any()


def test_the_estimate_says_how_it_was_made() -> None:
    found = estimate_log_z(np.random.default_rng(0), TINY, AnnealedImportanceSampling(20, 10))
    assert found.method == "annealed importance sampling, 20 chains x 10 betas"
    assert found.confidence == 0.95
    assert found.n_chains == found.log_weights.size == 20


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_chains": 1}, "n_chains is 1; it must be at least 2"),
        ({"n_chains": -5}, "n_chains is -5; it must be at least 2"),
        ({"n_betas": 1}, "n_betas is 1; it must be at least 2"),
        ({"n_betas": 10.0}, "n_betas is 10.0; pass a whole number"),
        ({"n_sweeps": 0}, "n_sweeps is 0; it must be at least 1"),
        ({"confidence": 0.0}, "confidence is 0; choose a value between 0 and 1"),
        ({"confidence": 1.0}, r"confidence is 1.0; choose a finite value in \[0, 1\)"),
        ({"confidence": 95}, "confidence is 95; choose"),
        ({"confidence": float("nan")}, "confidence is nan; choose"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        AnnealedImportanceSampling(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("v_data", "message"),
    [
        ([[0, 1, 1]], "v_data has 3 columns; the model has 4 such units"),
        ([[0, 1, 1, 2]], r"v_data\[0, 3\] is 2; units must be in \[0, 1\]"),
        ([[0, 1, 1, float("nan")]], r"v_data\[0, 3\] is nan; every value must be finite"),
        (np.zeros((0, 4)), "v_data is empty"),
    ],
)
def test_data_that_do_not_fit_are_refused(v_data: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        estimate_log_z(
            np.random.default_rng(0),
            TINY,
            AnnealedImportanceSampling(2, 2),
            v_data,  # type: ignore[arg-type]
        )


def test_arguments_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(InputError, match=r"rng is 0; pass a generator"):
        estimate_log_z(0, TINY, AnnealedImportanceSampling())  # type: ignore[arg-type]
    for method in ("ais", AnnealedImportanceSampling, None):
        with pytest.raises(InputError, match=r"pass an object: AnnealedImportanceSampling\(\)"):
            estimate_log_z(np.random.default_rng(0), TINY, method)  # type: ignore[arg-type]


def test_parameters_beyond_float64_are_refused() -> None:
    with pytest.raises(InputError, match=r"largest parameter is 1e\+308.*Scale the parameters"):
        RBM([[1e308, 1e308], [1e308, 1e308]], [0.0, 0.0], [0.0, 0.0])
    rbm = RBM(np.full((2, 2), 1e30), [0.0, 0.0], [0.0, 0.0])
    found = estimate_log_z(np.random.default_rng(0), rbm, AnnealedImportanceSampling(5, 5))
    assert np.isfinite(found.log_z)
