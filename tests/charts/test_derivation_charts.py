"""The charts of the derivation: columns against sums by hand, specifications that Vega accepts."""

import json

import numpy as np
import pytest

import rbmviz as rv
from rbmviz.charts.derivation import (
    N_BARS,
    terms_columns,
    terms_spec,
    total_columns,
    total_spec,
)
from rbmviz.charts.wiggle import TANGENT, difference_spec, wiggle_columns, wiggle_spec
from rbmviz.core.derivation import StateTable, Wiggle
from rbmviz.core.parameter import Parameter, Response


@pytest.fixture(scope="module")
def table() -> StateTable:
    return StateTable(rv.RBM.random(np.random.default_rng(0), 7, 3, scale=1.0))


def test_the_terms_are_those_of_the_most_probable_states(table: StateTable) -> None:
    slope = Response.of(table.rbm, Parameter("W", 1, 2), table.v).slope
    columns = terms_columns(table, slope)
    assert columns["rank"] == [float(n) for n in range(1, N_BARS + 1)]
    p = np.array(columns["p"])
    assert p[0] == table.p.max()
    assert (np.diff(p) <= 0).all()
    for state, chance, term in zip(columns["state"], p, columns["term"], strict=True):
        v = np.array([[float(x) for x in state]])
        assert np.exp(rv.log_p_tilde(table.rbm, v)[0] - table.log_z) == pytest.approx(chance)
        expected = v[0, 1] * rv.mean_h_given_v(table.rbm, v)[0, 2] * chance
        assert term == pytest.approx(expected, abs=1e-15)


def test_the_running_total_ends_at_the_negative_phase(table: StateTable) -> None:
    parameter = Parameter("c", j=1)
    slope = Response.of(table.rbm, parameter, table.v).slope
    columns = total_columns(table, slope)
    exact = parameter.of(rv.exact_negative_phase(table.rbm)[0])
    assert columns["n"][0] == 1.0
    assert columns["n"][-1] == 128.0
    assert columns["total"][0] == pytest.approx(terms_columns(table, slope)["term"][0])
    assert columns["total"][-1] == pytest.approx(exact, rel=1e-12)
    assert (np.diff(columns["total"]) >= 0).all()  # a slope of log p~ is never negative


def test_tangents_touch_their_curves_with_the_given_slopes() -> None:
    x = np.linspace(-3, 3, 7)
    curves = Wiggle(x, log_z=x**2, log_p_tilde=2 * x)
    values = {"log_z": 1.0, "log_p": 2.0, "log_likelihood": 1.0}
    slopes = {"log_z": 2.0, "log_p": 2.0, "log_likelihood": 0.0}
    columns = wiggle_columns(curves, 1.0, values, slopes)
    rows = list(zip(*(columns[c] for c in ("what", "name", "epsilon", "nats")), strict=True))
    tangent = [(e, y) for what, name, e, y in rows if (what, name) == ("tangent", "log_z")]
    ends = [(1 - TANGENT, 1 - 2 * TANGENT), (1 + TANGENT, 1 + 2 * TANGENT)]
    assert np.array(tangent) == pytest.approx(np.array(ends))
    assert ("point", "log_p", 1.0, 2.0) in rows
    gap = [y for what, name, _, y in rows if (what, name) == ("curve", "log_likelihood")]
    assert gap == (2 * x - x**2).tolist()


@pytest.mark.parametrize("spec", [terms_spec, total_spec, wiggle_spec, difference_spec])
def test_a_specification_never_changes_and_holds_no_data(spec) -> None:
    assert spec() is spec()
    assert '"values": [' not in json.dumps(spec())


def test_the_legend_is_as_strong_as_the_curves() -> None:
    """Vega takes the opacity of the tangents for its lines where none is given."""
    curves = next(x for x in wiggle_spec()["layer"] if x["mark"]["type"] == "line")
    assert curves["encoding"]["color"]["legend"]["symbolOpacity"] == 1
