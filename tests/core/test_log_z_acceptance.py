"""Bennett's acceptance ratio on weights whose ratio is known, and the jackknife by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbmviz.core.errors import FloatArray
from rbmviz.core.log_z.acceptance_ratio import log_acceptance_ratio
from rbmviz.core.log_z.tempered_run import jackknife

K_STANDARD_ERRORS = 4.5


def gaussian_weights(
    rng: np.random.Generator, n: int, m: int, mean: float, sd: float
) -> tuple[FloatArray, FloatArray]:
    """p*_0 = exp(-x^2 / 2) and p*_1 = exp(-(x - mean)^2 / (2 sd^2)): Z_1 / Z_0 = sd."""

    def log_w(x: FloatArray) -> FloatArray:
        return -((x - mean) ** 2) / (2 * sd**2) + x**2 / 2

    return log_w(rng.normal(size=n)), -log_w(rng.normal(mean, sd, m))


def bisected(log_w: FloatArray, log_u: FloatArray, sign: float) -> float:
    """Solve the equation by bisection in plain terms; sign = 1 is Bennett's M, -1 a twin's."""
    m, low, high = sign * math.log(len(log_w) / len(log_u)), -100.0, 100.0
    for _ in range(100):
        x = 0.5 * (low + high)
        up = np.sum(1 / (1 + np.exp(x + m - log_w)))
        low, high = (x, high) if up > np.sum(1 / (1 + np.exp(-log_u - x - m))) else (low, x)
    return low


def z_of_mean(errors: list[float]) -> float:
    return float(np.mean(errors) / (np.std(errors, ddof=1) / math.sqrt(len(errors))))


@pytest.mark.parametrize(("n", "m"), [(500, 500), (2000, 100), (100, 2000)])
@pytest.mark.parametrize(("mean", "sd"), [(1.0, 1.0), (0.5, 2.0), (1.0, 0.4)])
def test_the_ratio_of_two_gaussians_is_found(mean: float, sd: float, n: int, m: int) -> None:
    rng, errors, twin = np.random.default_rng([n, m]), [], []
    for _ in range(100):
        log_w, log_u = gaussian_weights(rng, n, m, mean, sd)
        found = log_acceptance_ratio(log_w, log_u)
        assert found == pytest.approx(bisected(log_w, log_u, 1.0), abs=1e-9)
        errors.append(found - math.log(sd))
        twin.append(bisected(log_w, log_u, -1.0) - math.log(sd))
    assert abs(z_of_mean(errors)) < K_STANDARD_ERRORS
    assert np.std(errors) < 0.15
    if n != m:  # with equal numbers M is 0 and the sign does not matter
        assert abs(z_of_mean(twin)) > 10 * K_STANDARD_ERRORS


def test_it_scatters_less_than_either_one_sided_mean() -> None:
    rng, two_sided, forward, backward = np.random.default_rng(1), [], [], []
    for _ in range(200):
        log_w, log_u = gaussian_weights(rng, 300, 300, 1.5, 1.0)
        two_sided.append(log_acceptance_ratio(log_w, log_u))
        forward.append(math.log(np.exp(log_w).mean()))
        backward.append(-math.log(np.exp(log_u).mean()))
    assert np.std(two_sided) < 0.7 * np.std(forward)
    assert np.std(two_sided) < 0.7 * np.std(backward)


@given(st.floats(-50, 50), st.integers(1, 20), st.integers(1, 20))
def test_weights_without_spread_are_the_ratio_itself(ratio: float, n: int, m: int) -> None:
    found = log_acceptance_ratio(np.full(n, ratio), np.full(m, -ratio))
    assert found == pytest.approx(ratio, abs=1e-9)


@given(st.floats(-30, 30), st.floats(-30, 30))
def test_one_weight_on_each_side_meets_halfway(w: float, u: float) -> None:
    # sigmoid(w - L) = sigmoid(u + L)
    found = log_acceptance_ratio(np.array([w]), np.array([u]))
    assert found == pytest.approx((w - u) / 2, abs=1e-9)


def test_two_weights_against_one_are_solved_by_hand() -> None:
    # w = 3, 3; u = 1; M = log 2. With y = exp(L): 2 * 3 / (3 + 2 y) = 2 y / (1 + 2 y), so that
    # 2 y^2 - 3 y - 3 = 0
    found = log_acceptance_ratio(np.log([3.0, 3.0]), np.array([0.0]))
    assert found == pytest.approx(math.log((3 + math.sqrt(33)) / 4), abs=1e-12)


@given(
    st.lists(st.floats(-20, 20), min_size=1, max_size=8),
    st.lists(st.floats(-20, 20), min_size=1, max_size=8),
    st.floats(-100, 100),
)
def test_exchanging_the_models_turns_the_sign_and_a_factor_goes_through(
    log_w: list[float], log_u: list[float], factor: float
) -> None:
    w, u = np.array(log_w), np.array(log_u)
    found = log_acceptance_ratio(w, u)
    assert log_acceptance_ratio(u, w) == pytest.approx(-found, abs=1e-8)
    assert log_acceptance_ratio(w + factor, u - factor) == pytest.approx(found + factor, abs=1e-8)


@pytest.mark.parametrize("scale", [1.0, 10.0, 1e3, 1e6])
def test_weights_without_any_overlap_are_still_solved(scale: float) -> None:
    # exp(-30 s - L - M) + exp(-20 s - L - M) = exp(-70 s + L + M), M = log 2: all far below 1
    found = log_acceptance_ratio(scale * np.array([-30.0, -20.0]), scale * np.array([-70.0]))
    wanted = 25.0 * scale - math.log(2) + 0.5 * math.log1p(math.exp(-10 * scale))
    assert found == pytest.approx(wanted, rel=1e-9)


# The jackknife


def test_the_jackknife_of_a_mean_is_the_textbook_standard_error() -> None:
    x = np.array([1.0, 2.0, 4.0, 9.0])
    without = np.array([np.delete(x, k).mean() for k in range(4)])
    found, error = jackknife(without, x.mean())
    assert found == pytest.approx(4.0)
    assert error == pytest.approx(math.sqrt((9 + 4 + 0 + 25) / 3 / 4))


def test_the_jackknife_takes_the_bias_off_a_variance() -> None:
    """Divided by n a variance is too small; corrected it is the one divided by n - 1, exactly."""
    x = np.array([0.3, -1.0, 2.5, 2.0, 7.0])
    without = np.array([np.delete(x, k).var() for k in range(5)])
    found, _ = jackknife(without, x.var())
    assert found == pytest.approx(x.var(ddof=1), abs=1e-12)
    assert found != pytest.approx(x.var(), abs=0.1)


def test_the_jackknife_follows_its_definition_on_a_logarithm() -> None:
    x = [1.0, 2.0, 5.0]
    whole = math.log(8 / 3)
    without = [math.log(7 / 2), math.log(6 / 2), math.log(3 / 2)]
    average = sum(without) / 3
    error = math.sqrt(2 / 3 * sum((y - average) ** 2 for y in without))
    assert jackknife(np.array(without), whole) == pytest.approx((3 * whole - 2 * average, error))
    assert math.log(sum(x) / 3) == pytest.approx(whole)
