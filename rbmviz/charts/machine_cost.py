"""What each phase costs against the number of units, both on logarithmic time."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from rbmviz.charts.ledger import QUIET
from rbmviz.charts.machines import LOOKS
from rbmviz.language import _, cache_by_language

COST_HEIGHT = 300
SECONDS = (1e-4, 0.3)  # the same scale in both pictures; what is beyond is drawn at its end
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")

Columns = Mapping[str, Sequence[float] | Sequence[str]]


def machine_cost_columns(
    names: Sequence[str], units: Sequence[int], seconds: Sequence[float]
) -> Columns:
    """Give the columns that machine_cost_spec draws: one point a structure and size."""
    return {
        "name": list(names),
        "units": [float(n) for n in units],
        "seconds": [float(s) for s in seconds],
    }


@cache_by_language
def machine_cost_spec(
    title: str, structures: tuple[str, ...], approximation: str
) -> dict[str, Any]:
    """Draw a line a structure, exact; and a dashed one of an approximation."""
    domain = [*structures, approximation]
    looks = [*LOOKS, QUIET]
    legend = alt.Legend(
        title=None, orient="top", direction="horizontal", columns=3, labelFontSize=14,
        labelLimit=180, symbolSize=90, offset=4, columnPadding=10,
    )  # fmt: skip
    x = alt.X(
        "units:Q",
        title=_("units in all"),
        scale=alt.Scale(domain=[0, 50], nice=False),
        axis=alt.Axis(labelFontSize=14, tickCount=6, grid=False),
    )
    y = alt.Y(
        "seconds:Q",
        title=None,
        scale=alt.Scale(type="log", domain=list(SECONDS), nice=False, clamp=True),
        axis=alt.Axis(
            labelFontSize=14,
            values=[1e-4, 1e-3, 1e-2, 1e-1],
            labelExpr="datum.value >= 0.001 ? 1000 * datum.value + ' ms' : '0.1 ms'",
        ),
    )
    colour = alt.Color("name:N", scale=alt.Scale(domain=domain, range=looks), legend=legend)
    shape = alt.Shape(
        "name:N", scale=alt.Scale(domain=domain, range=[*_SHAPES, "circle"]), legend=legend
    )
    dash = alt.StrokeDash(
        "name:N",
        scale=alt.Scale(domain=domain, range=[*[[1, 0]] * len(structures), [5, 4]]),
        legend=None,
    )
    lines = (
        alt.Chart()
        .mark_line(strokeWidth=2, clip=True)
        .encode(x=x, y=y, color=colour, strokeDash=dash)
    )
    points = (
        alt.Chart()
        .mark_point(filled=True, size=55, opacity=1, clip=True)
        .encode(
            x=x,
            y=y,
            color=colour,
            shape=shape,
            tooltip=[
                alt.Tooltip("name:N", title=_("name")),
                alt.Tooltip("units:Q", title=_("units")),
                alt.Tooltip("seconds:Q", format=".2g", title=_("seconds")),
            ],
        )
    )
    chart = alt.layer(lines, points).properties(
        title=alt.Title(title, anchor="start", fontSize=15, offset=2), height=COST_HEIGHT + 70
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec
