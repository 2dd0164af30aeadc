"""The ledger as files: a table for other programs, and a Vega-Lite chart that holds its data."""

import csv
import io
import json
from typing import Any

from rbmviz.charts.ledger import Columns, drawn_columns, ledger_columns, likelihood_spec, terms_spec

PANEL_WIDTH = 520  # pixels
_TOP_LEVEL = ("$schema", "config", "data", "datasets")  # what only the outermost chart may have


def ledger_csv(record: Columns, best: float | None) -> str:
    """Write the ledger as CSV: a line for each recorded step, nats, empty where not known.

    Numbers are written so that they read back the same, bit for bit.
    """
    columns = ledger_columns(record, best)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow(["" if value is None else repr(value) for value in row])
    return text.getvalue()


def ledger_chart(record: Columns, best: float | None) -> str:
    """Write both panels of the ledger as one Vega-Lite chart with its data inside, as JSON.

    It opens in the Vega editor, in Altair (alt.Chart.from_json) and in notebooks.
    """
    columns = drawn_columns(ledger_columns(record, best))
    specs = [terms_spec(), likelihood_spec(best is not None)]
    panels = [{**_inner(spec), "width": PANEL_WIDTH} for spec in specs]
    chart: dict[str, Any] = {
        "$schema": specs[0]["$schema"],
        "config": specs[0].get("config", {}),
        "data": {
            "values": [
                dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
            ]
        },
        "hconcat": panels,
        "resolve": {"scale": {"color": "independent", "strokeDash": "independent"}},
    }
    return json.dumps(chart, indent=1, ensure_ascii=False, allow_nan=False)


def _inner(spec: dict[str, Any]) -> dict[str, Any]:
    """Make a part of a larger chart: it and its layers take the data from outside."""
    part = {key: value for key, value in spec.items() if key not in _TOP_LEVEL}
    if "layer" in part:
        part["layer"] = [_inner(layer) for layer in part["layer"]]
    return part
