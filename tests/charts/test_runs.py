"""Two runs, and many seeds, in one picture."""

import numpy as np
import pytest
from charts.test_ledger import assert_nothing_far_is_joined, luminance

from rbmviz.charts.runs import (
    duel_columns,
    duel_spec,
    gradient_cells,
    gradient_spec,
    seeds_columns,
    seeds_spec,
)
from rbmviz.run.curves import CurvePoint, TrainingCurves


def record(*points: CurvePoint) -> dict[str, list[float | None]]:
    run = TrainingCurves()
    for point in points:
        run.add(point)
    return run.columns()


A = record(CurvePoint(0, 5.0, 16.0, 16.1, 15.9, 16.4), CurvePoint(8, 6.0, 16.5, None, None, None))
B = record(CurvePoint(0, 5.0, 16.0, None, None, None), CurvePoint(5, 7.0, 16.0, 17.0, 16.0, 18.0))


def test_each_run_keeps_its_own_steps_and_its_own_column() -> None:
    columns = duel_columns(A, B, exact=True, best=-3.4)
    assert columns["step"] == [0, 8, 0, 5]
    assert columns["a"] == [-11.0, -10.5, None, None]
    assert columns["b"] == [None, None, -11.0, -9.0]
    assert columns["best"] == [-3.4] * 4
    estimated = duel_columns(A, B, exact=False, best=None)
    assert estimated["b"] == [None, None, None, -10.0]
    assert estimated["b_low"] == [None, None, None, -11.0]
    assert estimated["a_high"] == [pytest.approx(-10.9), None, None, None]


@pytest.mark.parametrize("exact", [True, False])
def test_every_field_of_the_duel_exists_and_the_runs_look_different(exact: bool) -> None:
    columns = duel_columns(A, B, exact, None)
    spec = duel_spec("CD-1", "CD-10", exact, with_best=True)
    *bands, lines, points = spec["layer"]
    assert len(bands) == (0 if exact else 4)  # an area and its whiskers for each run
    for band in bands:
        assert band["encoding"]["y2"]["field"] in columns
    assert set(lines["transform"][0]["fold"]) <= set(columns)
    hues = lines["encoding"]["color"]["scale"]["range"]
    dashes = lines["encoding"]["strokeDash"]["scale"]["range"]
    assert len({str(dash) for dash in dashes}) == len(set(hues)) == 3
    assert points["encoding"]["color"] == lines["encoding"]["color"]
    assert "A: CD-1" in str(spec)
    assert ("exact" if exact else "estimated") in spec["title"]["text"]


@pytest.mark.parametrize("exact", [True, False])
def test_the_duel_joins_no_values_that_are_far_apart(exact: bool) -> None:
    near = [CurvePoint(k, 5.0, 16.0, 16.1, 15.9, 16.4) for k in range(0, 60, 5)]
    late = CurvePoint(500, 6.0, 16.5, 16.4, 16.0, 17.0)
    columns = duel_columns(record(*near, late), record(near[0], late), exact, None)
    assert assert_nothing_far_is_joined(duel_spec("a", "b", exact, False), columns) > 0
    assert columns["b_part"][-2:] == [0, 1]


def test_the_run_among_the_seeds_has_no_line_across_a_long_gap() -> None:
    band = np.zeros((3, 2))
    columns = seeds_columns([0, 100], [band], ([0, 5, 10, 100], [1.0, 2.0, 3.0, 4.0]))
    assert columns["part"] == [0, 0, 0, 0, 0, 1]
    medians = seeds_spec(("A",), 3, with_run=True)["layer"][1]
    assert medians["encoding"]["detail"]["field"] == "part"


@pytest.mark.parametrize("ground", ["#ffffff", "#12161c"])
def test_the_lines_stand_out_on_both_grounds(ground: str) -> None:
    for spec, line in (
        (duel_spec("a", "b", True, True), 0),
        (seeds_spec(("a", "b"), 3, True), 1),
    ):
        for colour in spec["layer"][line]["encoding"]["color"]["scale"]["range"]:
            light, dark = sorted([luminance(colour), luminance(ground)], reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 3


def test_a_specification_is_made_once_and_holds_no_data() -> None:
    specs = [
        lambda: duel_spec("a", "b", True, False),
        lambda: gradient_spec("A"),
        lambda: seeds_spec(("a",), 3, False),
    ]
    for spec in specs:
        assert spec() is spec()
        assert all(not any(rows) for rows in spec().get("datasets", {}).values())


def test_no_mark_leaves_the_plot() -> None:
    """Marks outside of it would make Vega shrink the plot for a moment."""
    layers = [
        *duel_spec("a", "b", exact=False, with_best=True)["layer"],
        *seeds_spec(("a", "b"), 3, with_run=True)["layer"],
        gradient_spec("A"),
    ]
    assert all(layer["mark"]["clip"] for layer in layers)


def test_labels_that_visitors_choose_do_not_pile_up() -> None:
    for spec in (duel_spec, gradient_spec, seeds_spec):
        assert 0 < spec.cache_parameters()["maxsize"] <= 64


def test_cells_carry_value_sign_and_share_of_the_largest() -> None:
    cells = gradient_cells(np.array([[1.0, -2.0], [0.0, 0.5]]), 4.0)
    assert cells["value"].tolist() == [1.0, -2.0, 0.0, 0.5]
    assert cells["share"].tolist() == [0.25, 0.5, 0.0, 0.125]
    assert cells["sign"].tolist() == [1, -1, 1, 1]
    assert (cells["i"].tolist(), cells["j"].tolist()) == ([0, 0, 1, 1], [0, 1, 0, 1])
    used = str(gradient_spec("A")["encoding"])
    assert all(f"'field': '{name}'" in used for name in cells)
    assert not np.isnan(gradient_cells(np.zeros((2, 2)), 0.0)["share"]).any()


def test_bands_are_quartiles_and_the_run_has_none() -> None:
    band = np.array([[0.0, 1.0], [1.0, 2.0], [2.0, 3.0], [3.0, 4.0], [4.0, 5.0]])
    columns = seeds_columns([0, 10], [band, band - 1], ([0, 5], [7.0, None]))
    assert columns["step"] == [0, 10, 0, 10, 0, 5]
    assert columns["curve"] == [0, 0, 1, 1, 2, 2]
    assert columns["low"] == [1, 2, 0, 1, None, None]
    assert columns["y"] == [2, 3, 1, 2, 7, None]
    assert columns["high"] == [3, 4, 2, 3, None, None]
    spec = seeds_spec(("A", "it's"), 5, with_run=True)
    assert spec["layer"][1]["encoding"]["color"]["scale"]["domain"] == [0, 1, 2]
