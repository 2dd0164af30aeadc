"""Every estimate of log Z with its interval on one axis; the exact value is a line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np

from rbmviz.charts.ledger import EXACT, NEGATIVE
from rbmviz.core.log_z import LogZEstimate
from rbmviz.language import _, cache_by_language

ROW_HEIGHT, FRAME_HEIGHT = 25, 80  # pixels of a method, and of title and axis
FAR = 1.0  # spans beyond the intervals at which a value is written at the edge instead

Columns = Mapping[str, Sequence[float | None] | Sequence[str]]

_STRINGS = ("method", "mark", "text", "edge")


@dataclass(frozen=True)
class AxisRow:
    """A method and what it found; None where there is nothing yet."""

    method: str
    estimate: LogZEstimate | None


def axis_columns(rows: Sequence[AxisRow], truth: float | None) -> Columns:
    """Give the columns that axis_spec draws: a row a method, then the exact value.

    An approximation or a bound far from every interval is written at the edge, with an arrow, so
    that it does not press the intervals together.
    """
    low, high = _window([row.estimate for row in rows if row.estimate], truth)
    columns: dict[str, list[Any]] = {
        name: [] for name in ("method", "mark", "log_z", "low", "high", "text", "edge")
    }

    def add(**cells: Any) -> None:
        for name, column in columns.items():
            column.append(cells.get(name, "" if name in _STRINGS else None))

    for row in rows:
        found = row.estimate
        if found is None or not np.isfinite(found.log_z):
            add(method=row.method, mark="none")
            continue
        mark, text, edge = _mark(found), f"{found.log_z:.4f}", ""
        if found.log_z < low:
            edge, text = "left", f"◂ {found.log_z:.2f}"
        elif found.log_z > high:
            edge, text = "right", f"{found.log_z:.2f} ▸"
        at = min(max(found.log_z, low), high)
        ends = (None, None) if mark == "approximation" else (found.low, min(found.high, high))
        if mark == "bound" and edge:
            ends = (None, None)
        add(method=row.method, mark=mark, log_z=at, low=ends[0], high=ends[1], text=text, edge=edge)
    if truth is not None:
        add(method="", mark="truth", log_z=truth, text=f"{truth:.4f}")
    for end in (low, high):
        add(method="", mark="reach", log_z=end)
    return columns


def _mark(found: LogZEstimate) -> str:
    if found.low == found.high:
        return "exact"
    if np.isinf(found.low):
        return "approximation"
    return "bound" if np.isinf(found.high) else "interval"


def _window(found: Sequence[LogZEstimate], truth: float | None) -> tuple[float, float]:
    """Choose the ends of the axis."""
    near = [] if truth is None else [truth]
    for estimate in found:
        if np.isfinite(estimate.low) and np.isfinite(estimate.high):
            near += [estimate.low, estimate.high]
    far = [estimate.log_z for estimate in found if np.isfinite(estimate.log_z)]
    if near:
        low, high = min(near), max(near)
    else:  # bounds and approximations alone have no scale of their own: a nat on either side
        low, high = min(far, default=0.0) - 1.0, max(far, default=0.0) + 1.0
    span = max(high - low, 0.02)
    for value in far:
        if low - FAR * span <= value <= high + FAR * span:
            low, high = min(low, value), max(high, value)
    pad = 0.06 * max(high - low, span)
    return low - pad, high + pad


@cache_by_language
def axis_spec(methods: tuple[str, ...]) -> dict[str, Any]:
    """Draw intervals as bars, bounds as dashed lines, approximations as hollow points.

    methods: the rows, so that each keeps its place while its estimate is still missing.
    """
    y = alt.Y(
        "method:N",
        scale=alt.Scale(type="point", domain=list(methods), padding=0.5),
        title=None,
        axis=alt.Axis(
            labelFontSize=14,
            labelLimit=190,
            labelOverlap=False,
            labelFlush=False,
            labelBound=False,
            ticks=False,
            domain=False,
            grid=True,
        ),
    )
    x = alt.X(
        "log_z:Q",
        title=_("log Z (nats)"),
        scale=alt.Scale(zero=False, nice=False),
        axis=alt.Axis(
            labelFontSize=13, tickCount=5, titlePadding=2, labelPadding=4, labelBound=True
        ),
    )
    named = alt.Chart().transform_filter("datum.method != ''")
    tooltip = [
        alt.Tooltip("method:N", title=_("method")),
        alt.Tooltip("text:N", title="log Z"),
        alt.Tooltip("low:Q", format=".4f", title=_("low")),
        alt.Tooltip("high:Q", format=".4f", title=_("high")),
    ]
    reach = alt.Chart().transform_filter("datum.mark == 'reach'").mark_point(opacity=0).encode(x=x)
    truth = (
        alt.Chart()
        .transform_filter("datum.mark == 'truth'")
        .mark_rule(color=EXACT, strokeWidth=2.5)
        .encode(x=x, tooltip=[alt.Tooltip("text:N", title=_("exact"))])
    )
    places = named.mark_point(opacity=0).encode(y=y)
    ends = {"x": alt.X("low:Q"), "x2": alt.X2("high:Q"), "y": y}
    bars = (
        named.transform_filter("datum.mark == 'interval'")
        .mark_bar(color=NEGATIVE, height=9, opacity=0.4, cornerRadius=2)
        .encode(**ends, tooltip=tooltip)
    )
    bounds = (
        named.transform_filter("datum.mark == 'bound' && isValid(datum.low)")
        .mark_rule(color=NEGATIVE, strokeWidth=2, strokeDash=[6, 4])
        .encode(**ends)
    )
    inside = named.transform_filter("datum.edge == '' && isValid(datum.log_z)")
    points = [
        inside.transform_filter(f"datum.mark == '{mark}'")
        .mark_point(shape=shape, filled=filled, color=hue, size=size, opacity=1, strokeWidth=2)
        .encode(x=x, y=y, tooltip=tooltip)
        for mark, shape, filled, hue, size in (
            ("interval", "circle", True, NEGATIVE, 90),
            ("bound", "triangle-right", True, NEGATIVE, 110),
            ("approximation", "diamond", False, NEGATIVE, 110),
            ("exact", "circle", True, EXACT, 110),
        )
    ]
    edges = [
        named.transform_filter(f"datum.edge == '{edge}'")
        .mark_text(color=NEGATIVE, fontSize=14, align=edge)
        .encode(x=x, y=y, text="text:N", tooltip=tooltip)
        for edge in ("left", "right")
    ]
    chart = alt.layer(places, reach, truth, bars, bounds, *points, *edges).properties(
        title=alt.Title(_("Every estimate on one axis"), anchor="start", fontSize=15, offset=2),
        height=FRAME_HEIGHT + ROW_HEIGHT * max(len(methods), 2),
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec
