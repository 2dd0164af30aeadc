"""The ledger: log p~ against log Z, and their difference, the log-likelihood, step by step.

The specification never changes while a run goes on, only its data: so the browser keeps the view.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rbmviz.charts.line_parts import FEW, with_parts
from rbmviz.language import N_, _, cache_by_language

if TYPE_CHECKING:
    import altair as alt

# Readable on light and on dark ground; the same meaning as on the stage.
POSITIVE, NEGATIVE, EXACT, QUIET = "#2f80d0", "#d9730d", "#3f9c86", "#8a8f98"

LEDGER_HEIGHT = 205  # pixels of each panel, with its title, legend and axes
NAME_WIDTH = 118  # pixels that a curve takes in the legend, with its line: in German, too

Columns = Mapping[str, Sequence[float | None]]
Curves = Mapping[str, tuple[str, str, list[int]]]  # name, hue and dash of each column


def ledger_columns(record: Columns, best_mean_log_likelihood: float | None) -> Columns:
    """Complete the record of a run with the differences that the ledger draws, all in nats."""
    log_p, log_z = record["mean_log_p_tilde"], record["log_z"]
    columns = {
        **record,
        "log_likelihood": [_minus(a, z) for a, z in zip(log_p, log_z, strict=True)],
        "best": [best_mean_log_likelihood] * len(log_p),
    }
    for name, source in (("", "log_z_estimate"), ("_low", "log_z_high"), ("_high", "log_z_low")):
        columns[f"log_likelihood_estimate{name}"] = [
            _minus(a, z) for a, z in zip(log_p, record[source], strict=True)
        ]
    return columns


def drawn_columns(columns: Columns) -> Columns:
    """Add to ledger_columns which points of each curve a line may join: the charts read it."""
    curves = [name for name in (*_TERMS, *_LIKELIHOOD) if name in columns and name != "best"]
    return with_parts(columns, curves)  # the best reachable value is the same on the whole way


def _minus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b


SOLID, DASHED, DOTTED = [1, 0], [6, 4], [2, 3]

_TERMS = {
    "mean_log_p_tilde": (N_("mean log p̃"), POSITIVE, SOLID),
    "log_z": (N_("log Z exact"), EXACT, SOLID),
    "log_z_estimate": (N_("log Z estimated"), NEGATIVE, DASHED),
    "log_z_tracked": (N_("log Z tracked"), QUIET, DOTTED),
}
_LIKELIHOOD = {
    "log_likelihood": (N_("exact"), EXACT, SOLID),
    "log_likelihood_estimate": (N_("estimated"), NEGATIVE, DASHED),
    "best": (N_("best reachable"), QUIET, DOTTED),
}


@cache_by_language
def terms_spec() -> dict[str, Any]:
    """Draw log p~ of the data and log Z over drawn_columns."""
    band = ("log_z_estimate", "log_z_low", "log_z_high", NEGATIVE)
    return panel(_("The two terms (nats)"), _spoken(_TERMS), [band])


@cache_by_language
def likelihood_spec(with_best: bool = True) -> dict[str, Any]:
    """Draw the mean log-likelihood, and its bound, over drawn_columns."""
    low, high = "log_likelihood_estimate_low", "log_likelihood_estimate_high"
    return panel(
        _("Their difference: mean log-likelihood (nats per row)"),
        {name: look for name, look in _spoken(_LIKELIHOOD).items() if with_best or name != "best"},
        [("log_likelihood_estimate", low, high, NEGATIVE)],
    )


def _spoken(curves: Curves) -> Curves:
    return {column: (_(name), hue, dash) for column, (name, hue, dash) in curves.items()}


def panel(
    title: str,
    curves: Curves,
    bands: Sequence[tuple[str, str, str, str]],
) -> dict[str, Any]:
    """Draw one line for each column of `curves`: its name, hue and dash; and bands beneath.

    bands: the curve, the columns of the lower and the upper end, and the hue. A column "..._part"
    of a curve, see line_parts.py, says which of its points are joined; without one all are.
    """
    import altair as alt  # here, as the columns above are written to tables without it

    at_least = alt.DomainUnionWith(unionWith=[0, 10])  # gives the axis a width at step 0
    columns = list(curves)
    names = json.dumps({column: name for column, (name, *_look) in curves.items()})
    legend = alt.Legend(
        title=None, orient="top", direction="horizontal", labelFontSize=14, labelLimit=260,
        labelExpr=f"{names}[datum.label]", symbolType="stroke", symbolSize=240,
        symbolStrokeWidth=2.5, offset=4, columnPadding=10, columns=columns_of_legend(len(columns)),
    )  # fmt: skip
    x = alt.X(
        "step:Q",
        title=_("step"),
        axis=alt.Axis(
            tickCount=5,
            labelExpr="format(datum.value, '~s')",
            labelFontSize=14,
            titlePadding=2,
            labelPadding=4,
        ),
    )
    y = alt.Y(
        "nats:Q",
        title=None,
        scale=alt.Scale(zero=False),
        axis=alt.Axis(tickCount=4, labelFontSize=14),
    )
    intervals = []
    for curve, low, high, hue in bands:
        known = (
            alt.Chart()
            .transform_filter(f"isValid(datum.{low})")
            .transform_calculate(nats=f"datum.{low}")
        )
        part = f"{curve}_part"
        area = known.mark_area(opacity=0.3, color=hue, clip=True)
        whiskers = _few(known, part).mark_rule(color=hue, strokeWidth=1.5, clip=True)
        ends = {"y": y, "y2": f"{high}:Q"}
        wide = x if intervals else x.scale(domain=at_least)  # the layers share one scale
        intervals += [
            area.encode(x=wide, detail=f"{part}:N", **ends),
            whiskers.encode(x=x, **ends),
        ]
    colour = alt.Color(
        "curve:N",
        scale=alt.Scale(domain=columns, range=[hue for name, hue, dash in curves.values()]),
        legend=legend,
    )
    folded = (
        alt.Chart()
        .transform_fold(columns, as_=["curve", "nats"])
        .transform_filter("isValid(datum.nats)")
        .transform_calculate(part="datum[datum.curve + '_part']")
    )
    # Of equal values the later ones are drawn smaller: rings show that both are there
    sizes = alt.Scale(domain=[0, max(len(columns) - 1, 1)], range=[110, 36])
    points = (
        _few(folded, "curve", "part")
        .transform_filter("isValid(datum.part) || datum.n < 2")  # all of the others is one line
        .transform_calculate(place=f"indexof({json.dumps(columns)}, datum.curve)")
        .mark_circle(opacity=1, clip=True)
        .encode(x=x, y=y, color=colour, size=alt.Size("place:Q", scale=sizes, legend=None))
    )
    lines = folded.mark_line(strokeWidth=2.5, clip=True).encode(
        x=x if intervals else x.scale(domain=at_least),
        y=y,
        color=colour,
        detail="part:N",
        strokeDash=alt.StrokeDash(
            "curve:N",
            scale=alt.Scale(domain=columns, range=[dash for name, hue, dash in curves.values()]),
            legend=legend,
        ),
        tooltip=[
            alt.Tooltip("step:Q", title=_("step")),
            alt.Tooltip("curve:N", title=_("curve")),
            alt.Tooltip("nats:Q", format=".4f"),
        ],
    )
    chart = alt.layer(*intervals, lines, points).properties(
        title=alt.Title(title, anchor="start", fontSize=15, offset=2), height=LEDGER_HEIGHT
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec


def columns_of_legend(n_curves: int) -> "alt.ExprRef":
    """Let the names of many curves stand in two columns where a row of them would be cut."""
    import altair as alt

    return alt.ExprRef(f"width < {NAME_WIDTH * n_curves} ? 2 : {n_curves}")


def _few(chart: "alt.Chart", *part: str) -> "alt.Chart":
    """Leave only the points of parts that are not a line yet."""
    counted = chart.transform_joinaggregate(n="count()", groupby=list(part))
    return counted.transform_filter(f"datum.n < {FEW}")
