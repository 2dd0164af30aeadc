"""Every line of the derivation against differences of log Z in decimal arithmetic of 220 digits."""

import numpy as np
import pytest
from precise_oracle import slopes
from scipy import stats

import rbmviz as rv
from rbmviz.core.derivation import (
    MAX_TABLE_UNITS,
    StateTable,
    central_difference,
    gradient_of_rows,
    lines_of_log_z,
    monte_carlo,
    wiggle,
)
from rbmviz.core.parameter import Parameter, Response
from rbmviz.core.state_blocks import binary_states

LINES = ["18.5", "18.6", "18.7", "18.8", "18.9", "18.10", "18.11", "18.12"]
PARAMETERS = [Parameter("W", 2, 1), Parameter("b", 1), Parameter("c", j=1)]
ROWS = np.array([[1.0, 0, 1], [1, 1, 1], [0, 0, 1]])


def model(scale: float) -> rv.RBM:
    rng = np.random.default_rng(3)
    return rv.RBM(*(rng.normal(0.0, scale, shape) for shape in ((3, 2), 3, 2)))


@pytest.mark.parametrize("scale", [0.0, 0.7, 4.0, 50.0])
@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda p: p.name)
def test_every_line_gives_the_slope_of_log_z(scale: float, parameter: Parameter) -> None:
    rbm = model(scale)
    log_z, log_p = slopes(rbm, parameter.kind, parameter.i, parameter.j, ROWS)
    lines = lines_of_log_z(StateTable(rbm), parameter)
    assert [line.equation for line in lines] == LINES
    assert all(line.exact for line in lines)
    assert [line.value for line in lines] == pytest.approx([log_z] * 8, rel=1e-9, abs=0.0)

    found = gradient_of_rows(StateTable(rbm), parameter, ROWS)
    assert found.positive == pytest.approx(log_p, rel=1e-9, abs=0.0)
    assert found.positive_difference == pytest.approx(log_p, rel=1e-9, abs=0.0)
    assert found.negative == pytest.approx(log_z, rel=1e-9, abs=0.0)
    # a difference of the two: relative to the larger, for they may nearly cancel
    size = max(abs(log_p), abs(log_z))
    assert abs(found.log_likelihood - (log_p - log_z)) <= 1e-9 * size


def test_a_wrong_slope_is_seen() -> None:
    """The comparison above must fail for another parameter's slope, even one close to it."""
    rbm = model(0.7)
    right, _ = slopes(rbm, "W", 2, 1, ROWS)
    lines = lines_of_log_z(StateTable(rbm), Parameter("W", 2, 0))
    assert all(line.value != pytest.approx(right, rel=1e-9, abs=0.0) for line in lines)


def test_a_hidden_layer_too_large_to_list_still_gives_all_lines() -> None:
    rng = np.random.default_rng(0)
    rbm = rv.RBM.random(rng, 3, MAX_TABLE_UNITS + 1, scale=0.5)
    values = [line.value for line in lines_of_log_z(StateTable(rbm), Parameter("W", 2, 16))]
    assert values == pytest.approx([values[-1]] * 8, rel=1e-9)
    assert 0.0 < values[-1] < 1.0


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda p: p.name)
def test_a_response_is_what_moving_the_parameter_does(parameter: Parameter) -> None:
    rbm, v = model(0.7), binary_states(3)
    response = Response.of(rbm, parameter, v)
    for epsilon in (-2.0, 0.3, 3.0):
        moved = rv.log_p_tilde(parameter.moved(rbm, epsilon), v) - rv.log_p_tilde(rbm, v)
        assert response.difference(epsilon) == pytest.approx(moved, rel=1e-11, abs=1e-13)
        of_swapped = parameter.swapped.moved(rbm.swapped, epsilon)
        assert rv.exact_log_z(of_swapped) == pytest.approx(
            rv.exact_log_z(parameter.moved(rbm, epsilon)), rel=1e-13
        )


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda p: p.name)
def test_the_wiggled_curves_are_the_functions_themselves(parameter: Parameter) -> None:
    rbm, table = model(0.7), StateTable(model(0.7))
    epsilons = np.array([-1.5, 0.0, 0.25])
    found = wiggle(table, parameter, ROWS, epsilons)
    for n, epsilon in enumerate(epsilons):
        at = parameter.moved(rbm, float(epsilon))
        assert found.log_z[n] == pytest.approx(rv.exact_log_z(at) - rv.exact_log_z(rbm), abs=1e-12)
        change = rv.log_p_tilde(at, ROWS).mean() - rv.log_p_tilde(rbm, ROWS).mean()
        assert found.log_p_tilde[n] == pytest.approx(change, abs=1e-12)
    assert found.log_z[1] == 0.0


def test_the_state_table_is_the_distribution() -> None:
    rbm = model(0.7)
    table = StateTable(rbm)
    assert table.log_z == pytest.approx(rv.exact_log_z(rbm), rel=1e-13)
    assert table.p == pytest.approx(rv.exact_probabilities(rbm), rel=1e-12)
    assert (np.diff(table.p[table.order]) <= 0).all()
    with pytest.raises(rv.TooManyUnitsError, match="2\\*\\*17"):
        StateTable(rv.RBM.random(np.random.default_rng(0), 17, 2))


def test_central_differences_are_of_eighth_order() -> None:
    for degree in range(1, 9):  # exact for polynomials up to the eighth degree
        slope = central_difference(lambda e, d=degree: (1.0 + e) ** d - 1.0)
        assert slope == pytest.approx(degree, rel=1e-12)


def test_monte_carlo_is_unbiased_and_knows_its_error() -> None:
    table, parameter = StateTable(model(0.7)), PARAMETERS[0]
    truth = lines_of_log_z(table, parameter)[-1].value
    rng = np.random.default_rng(5)
    repeats = [monte_carlo(rng, table, parameter, 50) for _ in range(400)]
    values = np.array([line.value for line in repeats])
    errors = np.array([line.standard_error for line in repeats])
    assert not any(line.exact for line in repeats)
    assert abs(values.mean() - truth) < 4 * values.std(ddof=1) / np.sqrt(400)
    # the stated error is that of the repeats: the ratio of variances within 4 deviations
    assert abs(np.mean(errors**2) / values.var(ddof=1) - 1) < 4 * np.sqrt(2 / 399)
    # the same check must notice samples of another model
    other = StateTable(PARAMETERS[0].moved(model(0.7), 1.0))
    broken = np.array([monte_carlo(rng, other, parameter, 50).value for _ in range(400)])
    assert abs(broken.mean() - truth) > 4 * broken.std(ddof=1) / np.sqrt(400)
    assert stats.kstest(values, broken).pvalue < 1e-6


@pytest.mark.parametrize(
    ("parameter", "said"),
    [(("W", 3, 0), "i is 3"), (("c", 0, 2), "j is 2"), (("b", 9, 0), "i is 9")],
)
def test_a_parameter_the_model_does_not_have_is_refused(parameter, said) -> None:
    with pytest.raises(rv.InputError, match=said):
        lines_of_log_z(StateTable(model(1.0)), Parameter(*parameter))
    with pytest.raises(rv.InputError, match="kind"):
        Parameter("x")
