"""The charts of the page Partition function: what their columns hold, what their specs name."""

import json

import numpy as np
import pytest

from rbmviz.charts.ledger import EXACT, NEGATIVE
from rbmviz.charts.log_z_axis import AxisRow, axis_columns, axis_spec
from rbmviz.charts.log_z_cost import (
    LEAST_ERROR,
    cost_columns,
    cost_spec,
    exactness_columns,
    exactness_spec,
)
from rbmviz.charts.log_z_path import path_columns, path_spec
from rbmviz.charts.log_z_weights import N_BINS, weights_columns, weights_spec
from rbmviz.core.log_z import LogZEstimate


def found(log_z: float, low: float, high: float) -> LogZEstimate:
    return LogZEstimate(log_z, low, high, 0.95, 3.0, "by hand", np.zeros(3))


ROWS = [
    AxisRow("Exact", found(5.0, 5.0, 5.0)),
    AxisRow("AIS", found(4.9, 4.8, 5.1)),
    AxisRow("Bound", found(4.7, 4.7, np.inf)),
    AxisRow("Far bound", found(1.0, 1.0, np.inf)),
    AxisRow("Far guess", found(99.0, -np.inf, np.inf)),
    AxisRow("Missing", None),
]


def rows_of(columns):
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def test_the_axis_tells_intervals_bounds_and_approximations_apart():
    columns = axis_columns(ROWS, 5.0)
    rows = {row["method"]: row for row in rows_of(columns) if row["method"]}
    marks = ["exact", "interval", "bound", "bound", "approximation", "none"]
    assert [rows[row.method]["mark"] for row in ROWS] == marks
    assert (rows["AIS"]["low"], rows["AIS"]["log_z"], rows["AIS"]["high"]) == (4.8, 4.9, 5.1)
    assert rows["Bound"]["low"] == 4.7
    (truth,) = [row for row in rows_of(columns) if row["mark"] == "truth"]
    assert truth["log_z"] == 5.0


def test_what_is_far_is_written_at_the_edge():
    rows = {row["method"]: row for row in rows_of(axis_columns(ROWS, 5.0))}
    assert (rows["Far bound"]["edge"], rows["Far bound"]["text"]) == ("left", "◂ 1.00")
    assert (rows["Far guess"]["edge"], rows["Far guess"]["text"]) == ("right", "99.00 ▸")
    ends = [row["log_z"] for row in rows_of(axis_columns(ROWS, 5.0)) if row["mark"] == "reach"]
    assert ends[0] < 4.7
    assert 5.1 < ends[1] < 6
    assert rows["Far bound"]["log_z"] == ends[0]
    assert rows["Far guess"]["log_z"] == ends[1]


@pytest.mark.parametrize("rows", [[], [ROWS[-1]], [ROWS[3]], [AxisRow("x", found(*[np.nan] * 3))]])
def test_the_axis_can_do_with_little(rows):
    columns = axis_columns(rows, None)
    ends = [row["log_z"] for row in rows_of(columns) if row["mark"] == "reach"]
    assert np.isfinite(ends).all()
    assert ends[0] < ends[1]


def test_the_bins_hold_every_chain_and_all_the_weight():
    log_w = np.log([1.0, 1.0, 2.0, 4.0])
    rows = rows_of(weights_columns(log_w, np.log(2.0), 0.5))
    chains = [row for row in rows if row["series"] == "chains"]
    weight = [row for row in rows if row["series"] == "weight"]
    assert len(chains) == len(weight) == N_BINS
    assert sum(row["share"] for row in chains) == pytest.approx(1)
    assert sum(row["share"] for row in weight) == pytest.approx(1)
    assert chains[0]["share"] == 0.5
    assert weight[0]["share"] == pytest.approx(2 / 8)
    assert weight[-1]["share"] == pytest.approx(4 / 8)
    assert {row["series"]: row["log_z"] for row in rows}["exact"] == 0.5


def test_inverse_weights_count_where_they_are_small():
    rows = rows_of(weights_columns(np.log([1.0, 4.0]), 0.0, None, inverse=True, reach=(-9.0, 9.0)))
    weight = [row["share"] for row in rows if row["series"] == "weight"]
    assert (weight[0], weight[-1]) == pytest.approx((0.8, 0.2))
    assert [row["log_z"] for row in rows if row["series"] == "reach"] == [-9.0, 9.0]


@pytest.mark.parametrize("log_w", [np.zeros(5), np.full(3, np.nan), np.array([0.0, np.inf])])
def test_weights_without_spread_or_number_break_nothing(log_w):
    shares = weights_columns(log_w, 0.0, None)["share"]
    assert sum(x for x in shares if x is not None) == pytest.approx(2)


def test_the_path_ends_at_the_exact_value():
    columns = path_columns(np.array([0.0, 1.0]), np.array([2.0, 3.0]), np.array([1.0, 1.5]), 3.1)
    assert columns["beta"] == [0.0, 1.0, 1.0]
    assert columns["exact"] == [None, None, 3.1]
    assert columns["slope"] == [1.0, 1.5, None]


def test_no_error_is_lost_on_the_logarithmic_scale():
    columns = cost_columns(["AIS", "AIS"], ["a", "b"], [0.1, 0.2], [0.0, 0.5], 0.01)
    assert columns["error"] == [LEAST_ERROR, 0.5, None]
    assert columns["seconds"][-1] == 0.01


def test_exactness_names_the_limit_and_the_model():
    columns = exactness_columns([(10, -4.0)], [(100, 23.0)], [("a day", 4.9)], (26, 0.1), (8, -5))
    assert columns["what"] == ["measured", "continued", "mark", "limit", "model"]
    assert columns["name"][3] == "limit here: 26"
    assert columns["units"][-1] == 8


SPECS = {
    "axis": (axis_spec(("Exact", "AIS")), axis_columns(ROWS, 5.0)),
    "weights": (weights_spec(), weights_columns(np.arange(3.0), 1.0, 1.0)),
    "path": (path_spec(), path_columns(np.zeros(1), np.zeros(1), np.zeros(1), 1.0)),
    "cost": (cost_spec(("AIS",)), cost_columns(["AIS"], ["a"], [1.0], [1.0], 1.0)),
    "exactness": (exactness_spec(), exactness_columns([], [], [], (26, 0.0), (8, 0.0))),
}
CALCULATED = {"curve", "nats"}


def fields(spec: object) -> set[str]:
    """Every field that some encoding of the spec draws."""
    if isinstance(spec, list):
        return set().union(*map(fields, spec))
    if not isinstance(spec, dict):
        return set()
    here = {spec["field"]} if isinstance(spec.get("field"), str) else set()
    return here.union(*map(fields, spec.values()))


@pytest.mark.parametrize("name", SPECS)
def test_a_spec_draws_only_columns_that_are_there_and_holds_no_data(name):
    spec, columns = SPECS[name]
    assert fields(spec) - CALCULATED <= set(columns)
    assert fields(spec)
    assert "values" not in json.dumps(spec.get("data", {}))
    assert len({len(column) for column in columns.values()}) == 1


def test_exact_is_green_and_estimates_are_orange():
    for name in ("axis", "weights", "path", "exactness"):
        text = json.dumps(SPECS[name][0])
        assert EXACT in text
        assert NEGATIVE in text
    assert {NEGATIVE, EXACT} & {axis_spec(("AIS",))["layer"][2]["mark"]["color"]} == {EXACT}
