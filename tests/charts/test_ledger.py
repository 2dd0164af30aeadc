"""The ledger draws what the record holds."""

import math

import pytest

from rbmviz.charts.ledger import ledger_columns, likelihood_spec, terms_spec
from rbmviz.studio.record import LedgerPoint, RunRecord


def record() -> RunRecord:
    run = RunRecord()
    run.add(LedgerPoint(0, 5.0, 16.0, 16.1, 15.9, 16.4))
    run.add(LedgerPoint(1, 6.0, 16.5, None, None, None))
    run.add(LedgerPoint(2, 7.0, None, 17.0, 16.0, 18.0))
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
    columns = ledger_columns(record().columns(), None)
    band, lines, points = spec()["layer"]
    fold, keep = lines["transform"]
    assert set(fold["fold"]) <= set(columns)
    assert keep["filter"] == "isValid(datum.nats)"
    assert points["encoding"]["color"] == lines["encoding"]["color"]
    assert band["encoding"]["y2"]["field"] in columns
    colours = lines["encoding"]["color"]["scale"]
    assert colours["domain"] == fold["fold"]
    assert len(set(colours["range"])) == len(fold["fold"])


def test_the_specification_holds_no_data() -> None:
    """Else the browser would build the chart anew with every point."""
    before = terms_spec()
    ledger_columns(record().columns(), -1.0)
    assert terms_spec() is before
    assert all(not any(rows) for rows in before.get("datasets", {}).values())
    assert "domain" not in str(before["layer"][1]["encoding"]["y"])


def luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("ground", ["#ffffff", "#12161c"])
def test_lines_stand_out_on_both_grounds(ground: str) -> None:
    for spec in (terms_spec(), likelihood_spec()):
        for colour in spec["layer"][1]["encoding"]["color"]["scale"]["range"]:
            light, dark = sorted([luminance(colour), luminance(ground)], reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 3
            assert not math.isclose(light, dark)
