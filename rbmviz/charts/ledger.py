"""The ledger: log p~ against log Z, and their difference, the log-likelihood, step by step.

The specification never changes while a run goes on, only its data: so the browser keeps the view.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from rbmviz.language import N_, _, cache_by_language

# Readable on light and on dark ground; the same meaning as on the stage.
POSITIVE, NEGATIVE, EXACT, QUIET = "#2f80d0", "#d9730d", "#3f9c86", "#8a8f98"

LEDGER_HEIGHT = 205  # pixels of each panel, with its title, legend and axes

_AT_LEAST = alt.DomainUnionWith(unionWith=[0, 10])  # gives the axis a width at step 0

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
    """Draw log p~ of the data and log Z over the columns of ledger_columns."""
    return panel(
        _("The two terms (nats)"), _spoken(_TERMS), [("log_z_low", "log_z_high", NEGATIVE)]
    )


@cache_by_language
def likelihood_spec(with_best: bool = True) -> dict[str, Any]:
    """Draw the mean log-likelihood, and its bound, over the columns of ledger_columns."""
    low, high = "log_likelihood_estimate_low", "log_likelihood_estimate_high"
    return panel(
        _("Their difference: mean log-likelihood (nats per row)"),
        {name: look for name, look in _spoken(_LIKELIHOOD).items() if with_best or name != "best"},
        [(low, high, NEGATIVE)],
    )


def _spoken(curves: Curves) -> Curves:
    return {column: (_(name), hue, dash) for column, (name, hue, dash) in curves.items()}


def panel(
    title: str,
    curves: Curves,
    bands: Sequence[tuple[str, str, str]],
) -> dict[str, Any]:
    """Draw one line for each column of `curves`: its name, hue and dash; and bands beneath.

    bands: the columns of the lower and the upper end, and the hue.
    """
    columns = list(curves)
    names = json.dumps({column: name for column, (name, *_look) in curves.items()})
    legend = alt.Legend(
        title=None, orient="top", direction="horizontal", labelFontSize=14, labelLimit=260,
        labelExpr=f"{names}[datum.label]", symbolType="stroke", symbolSize=240,
        symbolStrokeWidth=2.5, offset=4, columnPadding=10,
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
    areas = [
        alt.Chart()
        .transform_filter(f"isValid(datum.{low})")
        .transform_calculate(nats=f"datum.{low}")
        .mark_area(opacity=0.3, color=hue, clip=True)
        .encode(x=x.scale(domain=_AT_LEAST), y=y, y2=f"{high}:Q")
        for low, high, hue in bands
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
    )
    first_points = (  # a curve of few points is not a line yet
        folded.transform_joinaggregate(n="count()", groupby=["curve"])
        .transform_filter("datum.n < 6")
        .mark_circle(size=45, opacity=1, clip=True)
        .encode(x=x, y=y, color=colour)
    )
    lines = folded.mark_line(strokeWidth=2.5, clip=True).encode(
        x=x if areas else x.scale(domain=_AT_LEAST),
        y=y,
        color=colour,
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
    chart = alt.layer(*areas, lines, first_points).properties(
        title=alt.Title(title, anchor="start", fontSize=15, offset=2), height=LEDGER_HEIGHT
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec
