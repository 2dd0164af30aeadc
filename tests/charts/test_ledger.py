"""The ledger draws what the record holds."""

import json
import math
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import rbmviz
from rbmviz.charts import line_parts
from rbmviz.charts.alternative import by_column, curves_in_words
from rbmviz.charts.ledger import drawn_columns, ledger_columns, likelihood_spec, terms_spec
from rbmviz.charts.ledger_files import ledger_chart
from rbmviz.charts.line_parts import FEW, few, is_apart, parts_of
from rbmviz.run.curves import CurvePoint, TrainingCurves
from rbmviz.run.lab import Lab
from rbmviz.run.settings import LabSettings


def record() -> TrainingCurves:
    run = TrainingCurves()
    run.add(CurvePoint(0, 5.0, 16.0, 16.1, 15.9, 16.4))
    run.add(CurvePoint(1, 6.0, 16.5, None, None, None))
    run.add(CurvePoint(2, 7.0, None, 17.0, 16.0, 18.0))
    return run


def test_the_difference_is_taken_point_by_point_with_the_interval_turned_over() -> None:
    columns = ledger_columns(record().columns(), -3.4)
    assert columns["log_likelihood"] == [-11.0, -10.5, None]
    assert columns["log_likelihood_estimate"] == [pytest.approx(-11.1), None, -10.0]
    assert columns["log_likelihood_estimate_low"] == [pytest.approx(-11.4), None, -11.0]
    assert columns["log_likelihood_estimate_high"] == [pytest.approx(-10.9), None, -9.0]
    assert columns["best"] == [-3.4] * 3
    assert all(len(column) == 3 for column in columns.values())


@pytest.mark.parametrize("spec", [terms_spec, likelihood_spec])
def test_every_field_that_is_drawn_exists(spec: object) -> None:
    columns = drawn_columns(ledger_columns(record().columns(), None))
    band, whiskers, lines, points = spec()["layer"]
    fold, keep, part = lines["transform"]
    assert set(fold["fold"]) <= set(columns)
    assert keep["filter"] == "isValid(datum.nats)"
    assert points["encoding"]["color"] == lines["encoding"]["color"]
    assert {f"{name}_part" for name in set(fold["fold"]) - {"best"}} <= set(columns)
    assert (part["as"], lines["encoding"]["detail"]["field"]) == ("part", "part")
    assert band["encoding"]["y2"]["field"] in columns
    assert band["encoding"]["detail"]["field"] in columns
    assert whiskers["transform"][-2]["groupby"] == [band["encoding"]["detail"]["field"]]
    assert points["transform"][-4]["groupby"] == ["curve", "part"]
    first, last = points["encoding"]["size"]["scale"]["range"]
    assert first > last  # equal values do not hide one another
    colours = lines["encoding"]["color"]["scale"]
    assert colours["domain"] == fold["fold"]
    assert len(set(colours["range"])) == len(fold["fold"])


def test_names_stand_in_two_columns_where_a_row_of_them_would_be_cut() -> None:
    lines = terms_spec()["layer"][2]["encoding"]
    assert lines["color"]["legend"]["columns"] == {"expr": "width < 472 ? 2 : 4"}
    assert lines["color"]["legend"] == lines["strokeDash"]["legend"]


def test_the_specification_holds_no_data() -> None:
    """Else the browser would build the chart anew with every point."""
    before = terms_spec()
    ledger_columns(record().columns(), -1.0)
    assert terms_spec() is before
    assert all(not any(rows) for rows in before.get("datasets", {}).values())
    assert "domain" not in str(before["layer"][2]["encoding"]["y"])


# ---- what is joined -------------------------------------------------------------------------


def linked(*steps: int, estimates: tuple[int, ...] = ()) -> TrainingCurves:
    """A run with exact values at these steps, and estimates at some of them."""
    run = TrainingCurves()
    for step in steps:
        z = 16.0 + step / 100
        estimate = (z, z - 0.1, z + 0.1) if step in estimates else (None, None, None)
        run.add(CurvePoint(step, 5.0, z, *estimate))
    return run


def joined(spec: dict[str, Any], columns: dict[str, list[float | None]]) -> Iterator[tuple]:
    """Each two neighbours that a line or a band of a ledger's chart joins: (column, step, step)."""
    for layer in spec["layer"]:
        kind, detail = layer["mark"]["type"], layer["encoding"].get("detail", {}).get("field")
        if kind == "line":
            curves = layer["transform"][0]["fold"]
            parts = {name: f"{name}_{detail}" for name in curves}
            if detail:
                assert layer["transform"][-1]["calculate"] == "datum[datum.curve + '_part']"
        elif kind == "area":
            low = re.fullmatch(r"isValid\(datum\.(\w+)\)", layer["transform"][0]["filter"])[1]
            parts = {low: detail}
        else:
            continue
        for name, part in parts.items():
            of = columns.get(part, [0.0] * len(columns["step"]))
            rows = zip(columns["step"], columns[name], of, strict=True)
            known = [(step, in_part) for step, y, in_part in rows if y is not None]
            for (a, part_a), (b, part_b) in pairwise(known):
                if part_a == part_b:
                    yield name, a, b


def assert_nothing_far_is_joined(spec: dict[str, Any], columns: Any) -> int:
    """Count the pairs that are joined: each is close, in the run or next to one another."""
    span = max(columns["step"]) - min(columns["step"])
    pairs = [(a, b) for name, a, b in joined(spec, columns) if name != "best"]
    assert all(b - a == 1 or b - a <= span / 15 for a, b in pairs)
    return len(pairs)


FAR = linked(0, 6480, estimates=(0, 6480))
UNEVEN = linked(*range(0, 101, 5), 400, 401, 402, 1000, estimates=(0, 5, 10, 400, 401, 1000))


@pytest.mark.parametrize("run", [FAR, UNEVEN], ids=["a link", "uneven"])
@pytest.mark.parametrize("spec", [terms_spec, likelihood_spec])
def test_no_line_and_no_band_joins_values_that_are_far_apart(
    run: TrainingCurves, spec: Any
) -> None:
    columns = drawn_columns(ledger_columns(run.columns(), -3.4))
    count = assert_nothing_far_is_joined(spec(), columns)
    assert (count == 0) == (run is FAR)
    chart = json.loads(ledger_chart(run.columns(), -3.4))
    values = {name: [row[name] for row in chart["data"]["values"]] for name in columns}
    for part in chart["hconcat"]:
        assert_nothing_far_is_joined(part, values)


def test_a_rule_that_joins_all_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_parts, "LEAST_GAPS", 1)
    with pytest.raises(AssertionError):
        assert_nothing_far_is_joined(
            terms_spec(), drawn_columns(ledger_columns(FAR.columns(), None))
        )


def test_the_bound_is_one_line_and_what_is_single_is_marked() -> None:
    columns = drawn_columns(ledger_columns(FAR.columns(), -3.4))
    assert ("best", 0, 6480) in set(joined(likelihood_spec(), columns))
    assert few(columns["log_z_estimate_part"]) == [True, True]
    assert few([0.0] * FEW + [1.0, None]) == [False] * FEW + [True, False]


def test_the_words_say_what_is_not_joined() -> None:
    columns = ledger_columns(FAR.columns(), None)
    assert is_apart(columns["step"], columns["log_z"])
    curves = by_column(columns, "step", {"log_z": "log Z"})
    told = curves_in_words("t", "step", curves, ["log Z"])
    assert told.endswith("80.8 at step 6480; points that lie far apart are not joined.")
    assert "joined" not in curves_in_words("t", "step", curves)


def test_the_way_of_a_link_has_estimates_that_are_joined() -> None:
    """Those of a moment are always the same: a link gives the same curve each time."""
    records = []
    for seconds in (60.0, 0.02):  # at once, or a little at a time
        lab = Lab(LabSettings("bars-and-stripes 2x2", n_hidden=3))
        lab.lead_to(650)
        while lab.way:
            lab.go_on(seconds)
        lab.answer()
        records.append(lab.curves())
    columns = drawn_columns(ledger_columns(records[0], None))
    known = [step for step, z in zip(columns["step"], columns["log_z_estimate"], strict=True) if z]
    assert len(known) >= 15
    assert (known[0], known[-1]) == (0, 650)
    assert not is_apart(columns["step"], columns["log_z_estimate"])
    assert records[0]["log_z_estimate"] == records[1]["log_z_estimate"]
    state = rbmviz.train(
        rbmviz.start(lab.settings.training_settings(), lab.settings.data.v), known[3]
    )
    at = columns["step"].index(known[3])
    assert columns["log_z"][at] == pytest.approx(rbmviz.exact_log_z(state.rbm))
    assert columns["log_z_estimate"][at] == pytest.approx(columns["log_z"][at], abs=0.2)


def test_the_stage_has_the_same_rule() -> None:
    script = (Path(rbmviz.__file__).parent / "stage/js/timeline.js").read_text("utf-8")
    assert f"const LEAST_GAPS = {line_parts.LEAST_GAPS};" in script


def test_neighbouring_updates_are_joined_in_the_shortest_run() -> None:
    assert parts_of([0, 1, 2, 12], [1.0, 2.0, 3.0, 4.0]) == [0, 0, 0, 1]
    assert parts_of([], []) == []
    assert parts_of([0, 20, 40], [1.0, math.nan, None]) == [0, None, None]


def luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("ground", ["#ffffff", "#12161c"])
def test_lines_stand_out_on_both_grounds(ground: str) -> None:
    for spec in (terms_spec(), likelihood_spec()):
        for colour in spec["layer"][2]["encoding"]["color"]["scale"]["range"]:
            light, dark = sorted([luminance(colour), luminance(ground)], reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 3
            assert not math.isclose(light, dark)
