"""The path of log Z along beta, and its slope, whose area is the difference of both ends."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from rbmviz.charts.ledger import DASHED, EXACT, NEGATIVE, SOLID
from rbmviz.core.errors import FloatArray
from rbmviz.language import _, cache_by_language

PATH_HEIGHT = 245

Columns = Mapping[str, Sequence[float | None]]


def path_columns(
    betas: FloatArray, log_z: FloatArray, slope: FloatArray, truth: float | None
) -> Columns:
    """Give the columns that path_spec draws; the exact value stands at beta = 1."""
    n = len(betas)
    return {
        "beta": [*betas.tolist(), 1.0],
        "log_z": [*log_z.tolist(), None],
        "slope": [*slope.tolist(), None],
        "exact": [None] * n + [truth],
    }


@cache_by_language
def path_spec() -> dict[str, Any]:
    """Draw log Z of every beta as a dashed line, and its slope as an area with its own axis."""
    series = ["log_z", "slope", "exact"]
    names = json.dumps(
        {
            "log_z": _("log Z of β (left)"),
            "slope": _("its slope (right)"),
            "exact": _("exact"),
        }
    )
    scale = alt.Scale(domain=series, range=[NEGATIVE, "#f0b070", EXACT])
    legend = alt.Legend(
        title=None, orient="top", direction="horizontal", labelFontSize=14, columns=2,
        labelExpr=f"{names}[datum.label]", symbolType="stroke", symbolSize=240,
        symbolStrokeWidth=2.5, symbolOpacity=1, offset=2, columnPadding=10, labelLimit=200,
    )  # fmt: skip
    x = alt.X(
        "beta:Q",
        title=_("inverse temperature β"),
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(
            labelFontSize=13, values=[0, 0.2, 0.4, 0.6, 0.8, 1], titlePadding=2, labelPadding=4
        ),
    )
    nats = alt.Axis(labelFontSize=13, tickCount=4)
    tooltip = [
        alt.Tooltip("beta:Q", format=".3f"),
        alt.Tooltip("log_z:Q", format=".3f"),
        alt.Tooltip("slope:Q", format=".3f", title=_("slope")),
    ]
    area = (
        alt.Chart()
        .transform_filter("isValid(datum.slope)")
        .transform_calculate(curve="'slope'")
        .mark_area(opacity=0.35, line={"strokeWidth": 1})
        .encode(
            x=x,
            y=alt.Y("slope:Q", title=None, axis=alt.Axis(orient="right", **_plain(nats))),
            color=alt.Color("curve:N", scale=scale, legend=legend),
            tooltip=tooltip,
        )
    )
    y = alt.Y("nats:Q", title=None, scale=alt.Scale(zero=False), axis=nats)
    line = (
        alt.Chart()
        .transform_filter("isValid(datum.log_z)")
        .transform_calculate(curve="'log_z'", nats="datum.log_z")
        .mark_line(strokeWidth=2.5, strokeDash=DASHED)
        .encode(x=x, y=y, color=alt.Color("curve:N", scale=scale, legend=legend), tooltip=tooltip)
    )
    exact = (
        alt.Chart()
        .transform_filter("isValid(datum.exact)")
        .transform_calculate(curve="'exact'", nats="datum.exact")
        .mark_point(filled=True, size=110, opacity=1, strokeDash=SOLID)
        .encode(
            x=x,
            y=y,
            color=alt.Color("curve:N", scale=scale, legend=legend),
            tooltip=[alt.Tooltip("exact:Q", format=".4f", title=_("exact"))],
        )
    )
    chart = (
        alt.layer(area, alt.layer(line, exact))
        .resolve_scale(y="independent")
        .properties(
            title=alt.Title(_("The path from β = 0 to 1"), anchor="start", fontSize=15, offset=2),
            height=PATH_HEIGHT,
        )
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec


def _plain(axis: alt.Axis) -> dict[str, Any]:
    options: dict[str, Any] = axis.to_dict()
    return options
