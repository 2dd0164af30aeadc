"""Energies, conditionals and the positive phase against plain loops; draws; bad input."""

from collections.abc import Callable
from itertools import product

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rbmviz
from rbmviz import RBM, InputError, PhaseStatistics


def random_rbm(seed: int, n_visible: int, n_hidden: int, scale: float) -> RBM:
    rng = np.random.default_rng(seed)
    return RBM(
        rng.normal(0, scale, (n_visible, n_hidden)),
        rng.normal(0, scale, n_visible),
        rng.normal(0, scale, n_hidden),
    )


def parameters(rbm: RBM) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return rbm.W, rbm.b, rbm.c


SIZES = [(1, 1), (3, 2), (2, 5), (4, 3)]
SCALES = [0.0, 0.7, 5.0, 200.0]


@pytest.mark.parametrize(("n_visible", "n_hidden"), SIZES)
@pytest.mark.parametrize("scale", SCALES)
def test_energies_and_conditionals_agree_with_plain_loops(
    n_visible: int, n_hidden: int, scale: float
) -> None:
    rbm = random_rbm(3, n_visible, n_hidden, scale)
    model, all_v, all_h = parameters(rbm), oracle.states(n_visible), oracle.states(n_hidden)
    for v, h in product(all_v, all_h):
        assert rbmviz.energy(rbm, [v], [h])[0] == pytest.approx(
            oracle.energy(*model, v, h), abs=1e-10
        )
    log_p_tilde = [oracle.log_p_tilde(*model, v) for v in all_v]
    np.testing.assert_allclose(rbmviz.log_p_tilde(rbm, all_v), log_p_tilde, atol=1e-10)
    np.testing.assert_allclose(-rbmviz.free_energy(rbm, all_v), log_p_tilde, atol=1e-10)
    mean_h = [oracle.mean_h_given_v(*model, v) for v in all_v]
    mean_v = [oracle.mean_v_given_h(*model, h) for h in all_h]
    np.testing.assert_allclose(rbmviz.mean_h_given_v(rbm, all_v), mean_h, atol=1e-12)
    np.testing.assert_allclose(rbmviz.mean_v_given_h(rbm, all_h), mean_v, atol=1e-12)


@pytest.mark.parametrize(("n_visible", "n_hidden"), SIZES)
@pytest.mark.parametrize("scale", SCALES)
def test_positive_phase_and_gradient_agree_with_plain_loops(
    n_visible: int, n_hidden: int, scale: float
) -> None:
    rbm = random_rbm(4, n_visible, n_hidden, scale)
    rows = (
        oracle.states(n_visible)[1:] + oracle.states(n_visible)[-1:]
    )  # an odd number, one row twice
    positive = rbmviz.positive_phase(rbm, rows)
    for found, wanted in zip(
        (positive.vh, positive.v, positive.h),
        oracle.positive_phase(*parameters(rbm), rows),
        strict=True,
    ):
        np.testing.assert_allclose(found, wanted, atol=1e-12)
    negative = PhaseStatistics(*(np.array(a) for a in oracle.negative_phase(*parameters(rbm))))
    difference = rbmviz.gradient(positive, negative)
    np.testing.assert_array_equal(difference.vh, positive.vh - negative.vh)
    np.testing.assert_array_equal(difference.v, positive.v - negative.v)
    np.testing.assert_array_equal(difference.h, positive.h - negative.h)


@pytest.mark.parametrize("name", ["W", "b", "c"])
def test_the_gradient_is_the_slope_of_the_log_likelihood(name: str) -> None:
    rbm = random_rbm(5, 3, 2, 1.0)
    rows = [[0, 1, 1], [1, 0, 1], [1, 1, 1]]
    negative = PhaseStatistics(*(np.array(a) for a in oracle.negative_phase(*parameters(rbm))))
    slope = rbmviz.gradient(rbmviz.positive_phase(rbm, rows), negative)
    claimed = {"W": slope.vh, "b": slope.v, "c": slope.h}[name]
    for index in np.ndindex(claimed.shape):
        ends = []
        for step in (1e-5, -1e-5):
            moved = {"W": rbm.W.copy(), "b": rbm.b.copy(), "c": rbm.c.copy()}
            moved[name][index] += step
            ends.append(oracle.mean_log_likelihood(**moved, rows=rows))
        assert claimed[index] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-8)


def test_probabilities_as_states_weigh_the_two_values_of_each_unit() -> None:
    rbm = random_rbm(6, 2, 2, 1.0)
    half = rbmviz.energy(rbm, [[0.5, 0.0]], [[1.0, 0.0]])
    ends = rbmviz.energy(rbm, [[0, 0], [1, 0]], [[1, 0], [1, 0]])
    assert half[0] == pytest.approx(ends.mean())  # E is linear in each unit


@given(
    seed=st.integers(0, 10**6),
    n_visible=st.integers(1, 7),
    n_hidden=st.integers(1, 7),
    scale=st.floats(0, 200),
)
def test_exchanging_the_layers_exchanges_the_conditionals(
    seed: int, n_visible: int, n_hidden: int, scale: float
) -> None:
    rbm = random_rbm(seed, n_visible, n_hidden, scale)
    rng = np.random.default_rng(seed)
    v = (rng.random((6, n_visible)) < 0.5).astype(float)
    h = (rng.random((6, n_hidden)) < 0.5).astype(float)
    swapped = rbm.swapped
    assert (swapped.n_visible, swapped.n_hidden) == (n_hidden, n_visible)
    np.testing.assert_allclose(
        rbmviz.energy(rbm, v, h), rbmviz.energy(swapped, h, v), atol=1e-13 * (1 + 64 * scale)
    )
    # rounding of an input of size x moves a sigmoid by at most x * 2**-52 / 4
    floor = 1e-13 * (1 + scale)
    np.testing.assert_allclose(
        rbmviz.mean_h_given_v(rbm, v), rbmviz.mean_v_given_h(swapped, v), atol=floor
    )
    mean_v = rbmviz.mean_v_given_h(rbm, h)
    np.testing.assert_allclose(mean_v, rbmviz.mean_h_given_v(swapped, h), atol=floor)
    assert ((mean_v >= 0) & (mean_v <= 1)).all()
    assert np.isfinite(rbmviz.log_p_tilde(rbm, v)).all()


Sampler = Callable[[np.random.Generator, RBM, np.ndarray], np.ndarray]


def largest_deviation(sample: Sampler, rbm: RBM, given: list[int], p: list[float]) -> float:
    """Compare frequencies of ones, and of pairs of ones, with p: largest |z| in standard errors."""
    n = 20_000
    drawn = sample(np.random.default_rng(8), rbm, np.tile(np.array(given, dtype=float), (n, 1)))
    assert set(np.unique(drawn)) <= {0.0, 1.0}
    wanted = np.outer(p, p)  # the units of a layer are independent given the other
    np.fill_diagonal(wanted, p)
    return float(np.max(np.abs(drawn.T @ drawn / n - wanted) / np.sqrt(wanted * (1 - wanted) / n)))


def broken_sample_h(rng: np.random.Generator, rbm: RBM, v: np.ndarray) -> np.ndarray:
    """Share one uniform number between the units: right one by one, wrong in pairs."""
    return (rng.random((len(v), 1)) < rbmviz.mean_h_given_v(rbm, v)).astype(float)


def broken_sample_v(rng: np.random.Generator, rbm: RBM, h: np.ndarray) -> np.ndarray:
    """Forget the visible biases."""
    return rbmviz.sample_v_given_h(rng, RBM(rbm.W, np.zeros(rbm.n_visible), rbm.c), h)


K_STANDARD_ERRORS = 4.5  # 6 to 10 statistics: a right sampler exceeds this once in 10,000 seeds


def test_draws_of_h_have_the_right_frequencies_and_a_broken_sampler_has_not() -> None:
    rbm = random_rbm(7, 3, 4, 0.7)
    p = oracle.mean_h_given_v(*parameters(rbm), [1, 0, 1])
    assert largest_deviation(rbmviz.sample_h_given_v, rbm, [1, 0, 1], p) < K_STANDARD_ERRORS
    assert largest_deviation(broken_sample_h, rbm, [1, 0, 1], p) > 2 * K_STANDARD_ERRORS


def test_draws_of_v_have_the_right_frequencies_and_a_broken_sampler_has_not() -> None:
    rbm = random_rbm(7, 3, 4, 0.7)
    p = oracle.mean_v_given_h(*parameters(rbm), [1, 0, 1, 1])
    assert largest_deviation(rbmviz.sample_v_given_h, rbm, [1, 0, 1, 1], p) < K_STANDARD_ERRORS
    assert largest_deviation(broken_sample_v, rbm, [1, 0, 1, 1], p) > 2 * K_STANDARD_ERRORS


def test_draws_repeat_with_the_generator() -> None:
    rbm = random_rbm(9, 5, 4, 1.0)
    v = np.ones((50, 5))
    first = rbmviz.sample_h_given_v(np.random.default_rng(1), rbm, v)
    again = rbmviz.sample_h_given_v(np.random.default_rng(1), rbm, v)
    other = rbmviz.sample_h_given_v(np.random.default_rng(2), rbm, v)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_model_keeps_its_own_read_only_copy() -> None:
    W = np.ones((2, 3))
    rbm = RBM(W, np.zeros(2), np.zeros(3))
    W[:] = 7.0
    assert rbm.W.max() == 1.0
    with pytest.raises(ValueError, match="read-only"):
        rbm.W[0, 0] = 2.0
    random = RBM.random(np.random.default_rng(0), 200, 100, scale=0.5)
    assert random.W.std() == pytest.approx(0.5, rel=0.03)  # 6 standard errors of 20,000 draws
    assert not random.b.any()
    assert not random.c.any()


BAD_ROWS = [
    ([[0.0, float("nan")]], r"v\[0, 1\] is nan; every value must be finite. Remove or replace"),
    ([[0.0, float("inf")]], r"v\[0, 1\] is inf; every value must be finite. Remove or replace"),
    ([[0.0, 1.5]], r"v\[0, 1\] is 1.5; units must be in \[0, 1\]: rescale or threshold"),
    ([[-0.1, 1.0]], r"v\[0, 0\] is -0.1; units must be in \[0, 1\]: rescale or threshold"),
    ([[0.0, 1.0, 1.0]], r"v has 3 columns; the model has 2 such units. Reshape"),
    ([0.0, 1.0], r"v has shape \(2,\); it needs 2 axes. One row alone is written row\[None, :\]"),
    (np.zeros((2, 2, 2)), r"v has shape \(2, 2, 2\); it needs 2 axes"),
    (np.zeros((0, 2)), r"v is empty, shape \(0, 2\); pass at least one row"),
    ([["a", "b"]], "v is not numeric .*; pass an array of numbers"),
    (None, r"v "),
]
MODEL = RBM([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [0.0, 0.0], [0.0, 0.0, 0.0])
TAKES_V = [
    lambda v: rbmviz.energy(MODEL, v, [[0, 0, 0]]),
    lambda v: rbmviz.free_energy(MODEL, v),
    lambda v: rbmviz.log_p_tilde(MODEL, v),
    lambda v: rbmviz.mean_h_given_v(MODEL, v),
    lambda v: rbmviz.sample_h_given_v(np.random.default_rng(0), MODEL, v),
    lambda v: rbmviz.positive_phase(MODEL, v),
]


@pytest.mark.parametrize(("v", "message"), BAD_ROWS)
def test_bad_rows_are_refused_with_value_limit_and_remedy(v: object, message: str) -> None:
    for function in TAKES_V:
        with pytest.raises(InputError, match=message):
            function(v)


def test_bad_hidden_rows_are_named_as_such() -> None:
    for function in (
        lambda h: rbmviz.energy(MODEL, [[0, 1]], h),
        lambda h: rbmviz.mean_v_given_h(MODEL, h),
        lambda h: rbmviz.sample_v_given_h(np.random.default_rng(0), MODEL, h),
    ):
        with pytest.raises(InputError, match=r"h has 2 columns; the model has 3 such units"):
            function([[0, 1]])
        with pytest.raises(InputError, match=r"h\[0, 2\] is 2; units must be in \[0, 1\]"):
            function([[0, 1, 2]])
    with pytest.raises(InputError, match="v has 1 rows and h has 2; pass one h for each v"):
        rbmviz.energy(MODEL, [[0, 1]], [[0, 0, 0], [1, 1, 1]])


@pytest.mark.parametrize(
    ("W", "b", "c", "message"),
    [
        ([[1.0, 2.0]], [0.0, 0.0], [0.0], r"W has shape \(1, 2\); b and c need \(2, 1\).*W\.T"),
        ([1.0, 2.0], [0.0], [0.0], r"W has shape \(2,\); it needs 2 axes"),
        ([[1.0]], [[0.0]], [0.0], r"b has shape \(1, 1\); it needs 1 axes"),
        ([[float("nan")]], [0.0], [0.0], r"W\[0, 0\] is nan; every value must be finite"),
        ([[1.0]], [0.0], [float("-inf")], r"c\[0\] is -inf; every value must be finite"),
        (np.zeros((0, 2)), [], [0.0, 0.0], "each layer needs at least one unit"),
        ([["x"]], [0.0], [0.0], "W is not numeric"),
    ],
)
def test_bad_parameters_are_refused(W: object, b: object, c: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        RBM(W, b, c)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("n_visible", "n_hidden", "scale", "message"),
    [
        (0, 3, 0.1, "n_visible is 0; it must be at least 1"),
        (3, -1, 0.1, "n_hidden is -1; it must be at least 1"),
        (3, 2.5, 0.1, "n_hidden is 2.5; pass a whole number"),
        (3, True, 0.1, "n_hidden is True; pass a whole number"),
        (3, 3, -0.1, r"scale is -0.1; choose a finite value in \[0, inf\)"),
        (3, 3, float("nan"), "scale is nan; choose a finite value"),
        (3, 3, "big", "scale is 'big'; pass a number"),
    ],
)
def test_a_random_model_of_impossible_size_is_refused(
    n_visible: int, n_hidden: int, scale: float, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        RBM.random(np.random.default_rng(0), n_visible, n_hidden, scale)
