"""What k buys: the bias and the noise of CD-k against k, beside lambda_2^k."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from rbmviz.charts.ledger import DOTTED, EXACT, NEGATIVE, QUIET, SOLID
from rbmviz.language import N_, _, cache_by_language

FLOOR = 1e-6  # a smaller bias is not drawn

_CURVES = {
    "bias": (N_("bias (exact)"), NEGATIVE, SOLID),
    "noise": (N_("noise (exact)"), QUIET, SOLID),
    "lambda_power": ("λ₂ᵏ", EXACT, DOTTED),
}


def mixing_columns(
    bias: Sequence[float], noise: Sequence[float], second_eigenvalue: float, chosen: int
) -> Mapping[str, Sequence[float | None]]:
    """Give the columns that mixing_spec draws: norms for k = 1, 2, ..., marked at `chosen`."""
    steps = range(1, len(bias) + 1)
    return {
        "k": [float(k) for k in steps],
        "bias": [_drawn(x) for x in bias],
        "noise": [_drawn(x) for x in noise],
        "lambda_power": [_drawn(second_eigenvalue**k) for k in steps],
        "chosen": [float(k == chosen) for k in steps],
    }


def _drawn(x: float) -> float | None:
    return x if x >= FLOOR else None


@cache_by_language
def mixing_spec() -> dict[str, Any]:
    """Draw three falling curves on a logarithmic scale, and a rule at the chosen k."""
    columns = list(_CURVES)
    names = json.dumps({column: _(name) for column, (name, *_look) in _CURVES.items()})
    legend = alt.Legend(
        title=None, orient="top", direction="horizontal", labelFontSize=14, labelLimit=260,
        labelExpr=f"{names}[datum.label]", symbolType="stroke", symbolSize=240,
        symbolStrokeWidth=2.5, offset=4, columnPadding=10,
    )  # fmt: skip
    x = alt.X(
        "k:Q",
        title=_("Gibbs steps k"),
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(values=[1, 2, 3, 5, 10, 20, 30, 50], labelFontSize=14, format="d"),
    )
    y = alt.Y(
        "norm:Q",
        title=None,
        scale=alt.Scale(type="log"),
        axis=alt.Axis(tickCount=5, labelFontSize=14, format="~g"),
    )
    folded = (
        alt.Chart()
        .transform_fold(columns, as_=["curve", "norm"])
        .transform_filter("isValid(datum.norm)")
    )
    colour = alt.Color(
        "curve:N",
        scale=alt.Scale(domain=columns, range=[hue for name, hue, dash in _CURVES.values()]),
        legend=legend,
    )
    dash = alt.StrokeDash(
        "curve:N",
        scale=alt.Scale(domain=columns, range=[dash for name, hue, dash in _CURVES.values()]),
        legend=legend,
    )
    tooltip = ["k:Q", alt.Tooltip("curve:N", title=_("curve")), alt.Tooltip("norm:Q", format=".3g")]
    lines = folded.mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, strokeDash=dash)
    marked = folded.transform_filter("datum.chosen > 0")
    points = marked.mark_circle(size=90, opacity=1).encode(x=x, y=y, color=colour, tooltip=tooltip)
    targets = folded.mark_point(size=160, opacity=0).encode(x=x, y=y, tooltip=tooltip)
    rule = (
        alt.Chart()
        .transform_filter("datum.chosen > 0")
        .mark_rule(color=QUIET, strokeWidth=1, strokeDash=[3, 3])
        .encode(x=x)
    )
    title = alt.Title(_("What k buys: CD-k against k"), anchor="start", fontSize=15, offset=2)
    chart = alt.layer(rule, lines, points, targets).properties(title=title, height=250)
    spec: dict[str, Any] = chart.to_dict()
    return spec
