"""The two conditions of the derivation, against values worked out by hand."""

import math

import pytest

from rbmviz.core.errors import InputError
from rbmviz.core.where_it_holds import ThreeStates, bell_curve, moving_edge


@pytest.mark.parametrize("theta", [1e-3, 0.5, 1.0, 2.0])
def test_both_lines_agree_while_the_second_state_is_possible(theta: float) -> None:
    model = ThreeStates(theta)
    slope = (math.exp(theta) + 1) / (math.exp(theta) + theta)  # of log(exp(theta) + theta)
    assert model.by_sum == pytest.approx(slope, rel=1e-12)
    assert model.by_expectation == pytest.approx(slope, rel=1e-12)
    step = 1e-6
    up, down = (math.log(ThreeStates(theta + e).z) for e in (step, -step))
    assert (up - down) / (2 * step) == pytest.approx(slope, rel=1e-7)


def test_at_zero_the_expectation_loses_the_state_that_is_about_to_appear() -> None:
    model = ThreeStates(0.0)
    assert model.p_tilde == (1.0, 0.0, 0.0)
    assert model.slope_of_log_p_tilde == (1.0, None, None)
    assert model.by_sum == 2.0
    assert model.by_expectation == 1.0
    # the truth, from the right: log(exp(e) + e) / e
    assert math.log(ThreeStates(1e-7).z) / 1e-7 == pytest.approx(model.by_sum, rel=1e-5)


@pytest.mark.parametrize("theta", [0.1, 1.0, 7.0])
def test_under_the_bell_curve_the_derivative_may_move_inside(theta: float) -> None:
    both = bell_curve(theta)
    z = math.sqrt(2 * math.pi / theta)
    assert both.outside == pytest.approx(-z / (2 * theta), rel=1e-9)
    assert both.inside == pytest.approx(-z / (2 * theta), rel=1e-9)


def test_at_a_moving_edge_it_may_not() -> None:
    both = moving_edge(3.0)
    assert both.outside == pytest.approx(1.0, rel=1e-12)
    assert both.inside == 0.0


def test_values_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match="theta"):
        ThreeStates(-0.1)
    with pytest.raises(InputError, match="theta"):
        bell_curve(0.0)
