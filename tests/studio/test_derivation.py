"""The derivation of one model: what is kept, and values from outside."""

import numpy as np
import pytest

import rbmviz as rv
from rbmviz.core.parameter import Parameter
from rbmviz.run.presets import load_preset
from rbmviz.studio.derivation import EPSILONS, Derivation, chosen_parameter, told_size, verdict

CASE = "Random small weights"


@pytest.fixture(scope="module")
def found() -> Derivation:
    return Derivation(load_preset(CASE))


def test_what_was_computed_is_kept_and_bounded(found: Derivation) -> None:
    theta = Parameter("W", 1, 1)
    assert found.lines(theta) is found.lines(theta)
    assert found.wiggle(theta, 0) is found.wiggle(theta, 0)
    for row in range(15):
        for i in range(9):
            found.gradient(Parameter("b", i), row)
    assert len(found._kept) <= 128


def test_slopes_are_those_of_the_curves(found: Derivation) -> None:
    theta, case = Parameter("W", 2, 3), load_preset(CASE)
    curves = found.wiggle(theta, 1)
    at = int(np.argmin(np.abs(EPSILONS - 1.0)))
    here = found.slopes(theta, 1, float(EPSILONS[at]))
    assert here.log_z == pytest.approx(curves.log_z[at], abs=1e-12)
    assert here.log_p_tilde == pytest.approx(curves.log_p_tilde[at], abs=1e-12)
    step = 1e-4
    up, down = (found.slopes(theta, 1, float(EPSILONS[at]) + e) for e in (step, -step))
    assert here.negative == pytest.approx((up.log_z - down.log_z) / (2 * step), abs=1e-7)
    assert here.positive == pytest.approx(
        (up.log_p_tilde - down.log_p_tilde) / (2 * step), abs=1e-7
    )
    assert here.gradient == here.positive - here.negative
    assert found.rows(1).shape == (1, case.rbm.n_visible)
    assert len(found.rows(0)) == len(case.v_data)


@pytest.mark.parametrize(
    ("kind", "i", "j", "chosen"),
    [
        ("b", 3, 0, "b[3]"),
        ("W", 10**9, -5, "W[8, 0]"),
        ("nonsense", "2", None, "W[0, 0]"),
        (None, True, 1.5, "W[0, 0]"),
    ],
)
def test_a_parameter_from_outside_is_brought_inside(kind, i, j, chosen) -> None:
    case = load_preset(CASE)
    assert chosen_parameter(kind, i, j, case).name == chosen


def test_an_estimate_is_judged_by_its_own_error(found: Derivation) -> None:
    theta = Parameter("W", 0, 0)
    exact, sampled = found.lines(theta)[-1], found.estimate(theta, 1000, draw=0)
    off = abs(sampled.value - exact.value) / sampled.standard_error
    assert verdict(exact, sampled) == f"{off:.1f} standard errors from the exact value."
    assert found.estimate(theta, 1000, draw=0) == sampled
    assert found.estimate(theta, 1000, draw=1) != sampled
    never = rv.RBM(W=[[0.0]], b=[-800.0], c=[0.0])
    v = np.ones((1, 1))
    case = type(load_preset(CASE))("", "", never, v, v, (1, 1))
    sure = Derivation(case)
    same = sure.estimate(Parameter("b"), 10, 0)
    assert "says nothing" in verdict(sure.lines(Parameter("b"))[-1], same)


def test_sizes_are_told_shortly() -> None:
    assert [told_size(x) for x in (0.0, 2.4e-16, -3.1e-5)] == ["0", "2e-16", "3e-5"]
