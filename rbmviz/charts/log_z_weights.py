"""The log weights behind an estimate: where the chains lie, and which of them count."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np

from rbmviz.charts.ledger import DASHED, EXACT, NEGATIVE, QUIET, SOLID
from rbmviz.core.errors import FloatArray
from rbmviz.language import N_, _, cache_by_language

N_BINS = 24
WEIGHTS_HEIGHT = 245

Columns = Mapping[str, Sequence[float | None] | Sequence[str]]

_LOOKS = {
    "chains": (N_("share of chains"), NEGATIVE, SOLID),
    "weight": (N_("share of weight"), QUIET, SOLID),
    "estimate": (N_("estimate"), NEGATIVE, DASHED),
    "exact": (N_("exact"), EXACT, SOLID),
}


def weights_columns(
    log_weights: FloatArray,
    log_z: float,
    truth: float | None,
    *,
    inverse: bool = False,
    reach: tuple[float, float] | None = None,
) -> Columns:
    """Give the columns that weights_spec draws: bins, the estimate and the exact value.

    Args:
        log_weights: (n_chains,) in nats.
        log_z: the estimate that follows from them.
        truth: the exact value, where it is known.
        inverse: the estimate is a mean of inverse weights, so that the small ones count.
        reach: the least ends of the axis, so that two pictures can share one.
    """
    log_weights = log_weights[np.isfinite(log_weights)]
    if not log_weights.size:
        log_weights = np.array([log_z if np.isfinite(log_z) else 0.0])
    sign = -1.0 if inverse else 1.0
    share = np.exp(sign * log_weights - (sign * log_weights).max())
    share /= share.sum()
    low, high = float(log_weights.min()), float(log_weights.max())
    pad = max(0.02 * (high - low), 1e-6)
    edges = np.linspace(low - pad, high + pad, N_BINS + 1)
    chains = np.histogram(log_weights, edges)[0] / len(log_weights)
    weight = np.histogram(log_weights, edges, weights=share)[0]
    n = 2 * N_BINS
    columns: dict[str, list[Any]] = {
        "series": ["chains"] * N_BINS + ["weight"] * N_BINS,
        "low": [*edges[:-1].tolist()] * 2,
        "high": [*edges[1:].tolist()] * 2,
        "share": [*chains.tolist(), *weight.tolist()],
        "log_z": [None] * n,
    }
    for series, value in (("estimate", log_z), ("exact", truth)):
        _add(columns, series, value)
    for end in reach or ():
        _add(columns, "reach", end)
    return columns


def _add(columns: dict[str, list[Any]], series: str, value: float | None) -> None:
    for name in ("low", "high", "share"):
        columns[name].append(None)
    columns["series"].append(series)
    columns["log_z"].append(value)


@cache_by_language
def weights_spec(title: str = "Log weights of the chains") -> dict[str, Any]:
    """Draw the chains as bars, the weight they carry as outlined bars, two rules above them."""
    series = list(_LOOKS)
    names = json.dumps({name: _(text) for name, (text, *_look) in _LOOKS.items()})
    colour = alt.Color(
        "series:N",
        scale=alt.Scale(domain=series, range=[hue for text, hue, dash in _LOOKS.values()]),
        legend=alt.Legend(
            title=None, orient="top", direction="horizontal", labelFontSize=14, columns=2,
            labelExpr=f"{names}[datum.label]", symbolType="stroke", symbolSize=240,
            symbolStrokeWidth=2.5, symbolOpacity=1, offset=2, columnPadding=10, labelLimit=200,
        ),
    )  # fmt: skip
    dash = alt.StrokeDash(
        "series:N",
        scale=alt.Scale(domain=series, range=[dash for text, hue, dash in _LOOKS.values()]),
        legend=None,
    )
    x = alt.X(
        "low:Q",
        title=_("log weight (nats)"),
        scale=alt.Scale(zero=False, nice=False, padding=6),
        axis=alt.Axis(labelFontSize=13, tickCount=5, titlePadding=2, labelPadding=4),
    )
    y = alt.Y(
        "share:Q", title=None, stack=None, axis=alt.Axis(labelFontSize=13, tickCount=4, format="%")
    )
    zero = alt.datum(0)  # said, because bars with two ends in x would lie down
    tooltip = [
        alt.Tooltip("low:Q", format=".3f", title=_("from")),
        alt.Tooltip("high:Q", format=".3f", title=_("to")),
        alt.Tooltip("share:Q", format=".1%", title=_("share")),
    ]
    bars = (
        alt.Chart()
        .transform_filter("datum.series == 'chains'")
        .mark_bar(opacity=0.55, strokeWidth=1)
        .encode(x=x, x2="high:Q", y=y, y2=zero, color=colour, stroke=colour, tooltip=tooltip)
    )
    outlines = (
        alt.Chart()
        .transform_filter("datum.series == 'weight' && datum.share > 0")
        .mark_bar(fillOpacity=0, strokeWidth=2)
        .encode(x=x, x2="high:Q", y=y, y2=zero, stroke=colour, tooltip=tooltip)
    )
    rules = (
        alt.Chart()
        .transform_filter("isValid(datum.log_z) && datum.series != 'reach'")
        .mark_rule(strokeWidth=2.5)
        .encode(
            x="log_z:Q",
            color=colour,
            strokeDash=dash,
            tooltip=[
                alt.Tooltip("series:N", title=_("series")),
                alt.Tooltip("log_z:Q", format=".4f"),
            ],
        )
    )
    reach = (
        alt.Chart()
        .transform_filter("datum.series == 'reach'")
        .mark_point(opacity=0)
        .encode(x="log_z:Q")
    )
    chart = alt.layer(bars, outlines, rules, reach).properties(
        title=alt.Title(title, anchor="start", fontSize=15, offset=2), height=WEIGHTS_HEIGHT
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec
