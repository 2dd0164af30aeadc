"""What log Z costs: error against seconds, and the seconds of exactness against units."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from rbmviz.charts.ledger import EXACT, NEGATIVE, QUIET
from rbmviz.language import _, cache_by_language

COST_HEIGHT = 330
LEGEND_HEIGHT = 100  # four rows of two
LEAST_ERROR = 1e-6  # nats; a smaller error is drawn here

Columns = Mapping[str, Sequence[float | None] | Sequence[str]]

# One hue, for all are estimates: tone, shape and dash tell the methods apart.
_TONES = [NEGATIVE, "#f0a04b", "#a04d00", "#8f7a66", "#c0a080", "#6b7280", "#9aa3af"]
_SHAPES = ["circle", "triangle-up", "diamond", "square", "cross", "triangle-right", "triangle-down"]
_DASHES = [[1, 0], [6, 3], [2, 2], [1, 0], [6, 3], [1, 0], [1, 0]]


def cost_columns(
    methods: Sequence[str],
    sizes: Sequence[str],
    seconds: Sequence[float],
    errors: Sequence[float],
    exact_seconds: float | None,
) -> Columns:
    """Give the columns that cost_spec draws: a point a method and size, and the exact cost."""
    return {
        "method": [*methods, ""],
        "size": [*sizes, "exact"],
        "seconds": [*seconds, exact_seconds],
        "error": [*(max(error, LEAST_ERROR) for error in errors), None],
    }


@cache_by_language
def cost_spec(methods: tuple[str, ...]) -> dict[str, Any]:
    """Draw a line a method on two logarithmic scales; a green rule where the exact sum stands."""
    n = len(methods)

    def looks(values: list[Any]) -> alt.Scale:
        return alt.Scale(domain=list(methods), range=values[:n])

    legend = alt.Legend(
        title=None, orient="top", direction="horizontal", columns=2, labelFontSize=14,
        labelLimit=220, symbolSize=110, offset=4, columnPadding=12,
    )  # fmt: skip
    x = alt.X(
        "seconds:Q",
        title=_("CPU seconds per estimate, measured here"),
        scale=alt.Scale(type="log"),
        axis=alt.Axis(labelFontSize=13, tickCount=5, format="~g", grid=False),
    )
    y = alt.Y(
        "error:Q",
        title=_("error (nats)"),
        scale=alt.Scale(type="log"),
        axis=alt.Axis(labelFontSize=13, tickCount=5, format="~g", grid=False),
    )
    found = alt.Chart().transform_filter("isValid(datum.error)")
    colour = alt.Color("method:N", scale=looks(_TONES), legend=legend, sort=list(methods))
    lines = found.mark_line(strokeWidth=2).encode(
        x=x,
        y=y,
        color=colour,
        strokeDash=alt.StrokeDash("method:N", scale=looks(_DASHES), legend=None),
    )
    points = found.mark_point(filled=True, size=80, opacity=1).encode(
        x=x,
        y=y,
        color=colour,
        shape=alt.Shape("method:N", scale=looks(_SHAPES), legend=legend, sort=list(methods)),
        tooltip=[
            alt.Tooltip("method:N", title=_("method")),
            alt.Tooltip("size:N", title=_("size")),
            alt.Tooltip("seconds:Q", format=".2g", title=_("seconds")),
            alt.Tooltip("error:Q", format=".2g", title=_("error")),
        ],
    )
    exact = (
        alt.Chart()
        .transform_filter("datum.size == 'exact' && isValid(datum.seconds)")
        .mark_rule(color=EXACT, strokeWidth=2.5)
        .encode(x=x, tooltip=[alt.Tooltip("seconds:Q", format=".2g", title=_("exact, seconds"))])
    )
    chart = alt.layer(exact, lines, points).properties(
        title=alt.Title(_("Error against cost"), anchor="start", fontSize=15, offset=2),
        height=COST_HEIGHT + LEGEND_HEIGHT,
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec


def exactness_columns(
    measured: Sequence[tuple[int, float]],
    continued: Sequence[tuple[int, float]],
    marks: Sequence[tuple[str, float]],
    limit: tuple[int, float],
    model: tuple[float, float],
) -> Columns:
    """Give the columns that exactness_spec draws; every time is log10 of seconds.

    Args:
        measured, continued: units of the shorter layer, and the time.
        marks: names of times, and the times.
        limit, model: units and time of the largest model that is enumerated, and of this one.
    """
    rows = [
        *(("measured", "", float(n), time) for n, time in measured),
        *(("continued", "", float(n), time) for n, time in continued),
        *(("mark", name, 0.0, time) for name, time in marks),
        ("limit", _("limit here: {n}").format(n=limit[0]), float(limit[0]), limit[1]),
        ("model", _("this model"), *model),
    ]
    what, name, units, time = zip(*rows, strict=True)
    return {"what": list(what), "name": list(name), "units": list(units), "time": list(time)}


@cache_by_language
def exactness_spec() -> dict[str, Any]:
    """Draw measured times as points, the law as a dashed line, and times of a life as rules."""
    x = alt.X(
        "units:Q",
        title=_("units in the shorter layer"),
        scale=alt.Scale(domain=[0, 104], nice=False),
        axis=alt.Axis(labelFontSize=13, values=[0, 20, 40, 60, 80, 100]),
    )
    y = alt.Y(
        "time:Q",
        title=None,
        scale=alt.Scale(domain=[-6, 25], nice=False),
        axis=alt.Axis(
            labelFontSize=13,
            values=[-5, 0, 5, 10, 15, 20],
            labelExpr="datum.value == 0 ? '1 s' : '1e' + datum.value + ' s'",
        ),
    )

    def only(what: str) -> alt.Chart:
        return alt.Chart().transform_filter(f"datum.what == '{what}'")

    tooltip = [
        alt.Tooltip("units:Q", title=_("units")),
        alt.Tooltip("time:Q", format=".1f", title=_("log10 seconds")),
    ]
    layers = [
        only("mark").mark_rule(color=QUIET, strokeDash=[2, 3]).encode(y=y),
        only("mark")
        .mark_text(color=QUIET, fontSize=14, align="left", baseline="bottom", dx=4, dy=-2)
        .encode(x=x, y=y, text="name:N"),
        only("limit").mark_rule(color=QUIET, strokeWidth=1.5).encode(x=x),
        only("limit")
        .mark_text(color=QUIET, fontSize=14, align="left", dx=6)
        .encode(x=x, y=alt.datum(13.5), text="name:N"),
        only("continued")
        .mark_line(color=EXACT, strokeWidth=2.5, strokeDash=[6, 4])
        .encode(x=x, y=y, tooltip=tooltip),
        only("measured")
        .mark_point(filled=True, size=80, opacity=1, color=EXACT)
        .encode(x=x, y=y, tooltip=tooltip),
        only("model")
        .mark_point(filled=False, size=220, strokeWidth=2.5, opacity=1, color=NEGATIVE)
        .encode(x=x, y=y, tooltip=tooltip),
        only("model")
        .transform_filter("datum.units < 60")
        .mark_text(color=NEGATIVE, fontSize=14, align="left", dx=14, dy=8)
        .encode(x=x, y=y, text="name:N"),
        only("model")
        .transform_filter("datum.units >= 60")
        .mark_text(color=NEGATIVE, fontSize=14, align="right", dx=-14, dy=-2)
        .encode(x=x, y=y, text="name:N"),
    ]
    chart = alt.layer(*layers).properties(
        title=alt.Title(_("The cost of exactness"), anchor="start", fontSize=15, offset=2),
        height=COST_HEIGHT,
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec
