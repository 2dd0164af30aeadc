"""Several runs in one picture: A beside B, and the spread over many seeds.

As in the ledger, a specification never changes while a run goes on, only its data.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np

from rbmviz.charts.ledger import (
    EXACT,
    NEGATIVE,
    POSITIVE,
    QUIET,
    SOLID,
    Columns,
    ledger_columns,
    panel,
)
from rbmviz.charts.line_parts import parts_of, with_parts
from rbmviz.core.errors import FloatArray
from rbmviz.language import _, cache_by_language

# Not the hues of the two phases, nor that of "exact"; readable on light and on dark ground.
HUE_A, HUE_B = "#8f67d6", "#958717"
DASH_B, DASH_BEST = [9, 3, 2, 3], [2, 3]
HEAT_HEIGHT = 260
SEEDS_HEIGHT = 300
_SEEDS = ("step", "curve", "low", "y", "high")

_CANVAS = {"embedOptions": {"renderer": "canvas"}}  # thousands of cells


# ---- A beside B ---------------------------------------------------------------------------


def duel_columns(a: Columns, b: Columns, exact: bool, best: float | None) -> Columns:
    """Put the mean log-likelihoods of two records below each other, exact or estimated."""
    source = "log_likelihood" if exact else "log_likelihood_estimate"
    columns: dict[str, list[float | None]] = {"step": [], "best": []}
    parts = {"a": ledger_columns(a, best), "b": ledger_columns(b, best)}
    for own in parts:
        other = "b" if own == "a" else "a"
        n = len(parts[own]["step"])
        columns["step"] += parts[own]["step"]
        columns["best"] += parts[own]["best"]
        for end in ("", "_low", "_high"):
            known = parts[own].get(source + end, [None] * n)
            columns[own + end] = columns.get(own + end, []) + list(known)
            columns[other + end] = columns.get(other + end, []) + [None] * n
    return with_parts(columns, ("a", "b"))


@cache_by_language
def duel_spec(label_a: str, label_b: str, exact: bool, with_best: bool) -> dict[str, Any]:
    """Draw both mean log-likelihoods over the columns of duel_columns."""
    curves = {"a": (f"A: {label_a}", HUE_A, SOLID), "b": (f"B: {label_b}", HUE_B, DASH_B)}
    if with_best:
        curves["best"] = (_("best reachable"), QUIET, DASH_BEST)
    low_and_high = [("a", "a_low", "a_high", HUE_A), ("b", "b_low", "b_high", HUE_B)]
    bands = [] if exact else low_and_high
    title = _("Mean log-likelihood of both (nats per row, estimated)")
    if exact:
        title = _("Mean log-likelihood of both (nats per row, exact)")
    return panel(title, curves, bands)


def gradient_cells(gradient: FloatArray, largest: float) -> Mapping[str, FloatArray]:
    """List the cells of a gradient of W, (n_visible, n_hidden), as shares of `largest`."""
    i, j = np.indices(gradient.shape)
    share = np.abs(gradient) / largest if largest > 0 else np.zeros_like(gradient)
    return {
        "i": i.ravel(),
        "j": j.ravel(),
        "value": gradient.ravel(),
        "share": share.ravel(),
        "sign": np.where(gradient < 0, -1.0, 1.0).ravel(),
    }


@cache_by_language
def gradient_spec(title: str) -> dict[str, Any]:
    """Draw the cells of gradient_cells: blue grows, orange shrinks, nothing at zero."""
    hidden = alt.X("j:O", title=_("hidden unit"), axis=alt.Axis(labels=False, ticks=False))
    visible = alt.Y("i:O", title=_("visible unit"), axis=alt.Axis(labels=False, ticks=False))
    chart = (
        alt.Chart()
        .mark_rect(clip=True)
        .encode(
            x=hidden,
            y=visible,
            color=alt.Color(
                "sign:N", scale=alt.Scale(domain=[-1, 1], range=[NEGATIVE, POSITIVE]), legend=None
            ),
            opacity=alt.Opacity(
                "share:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None
            ),
            tooltip=["i:O", "j:O", alt.Tooltip("value:Q", format="+.4f", title=_("value"))],
        )
        .properties(
            title=alt.Title(title, anchor="start", fontSize=15, offset=4),
            height=HEAT_HEIGHT,
            usermeta=_CANVAS,
        )
        .configure_view(stroke=QUIET)
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec


# ---- many seeds ---------------------------------------------------------------------------


def seeds_columns(
    steps: Sequence[int],
    bands: Sequence[FloatArray],  # (n_seeds, n_steps) each: mean log-likelihoods, nats
    run: tuple[Sequence[float | None], Sequence[float | None]] = ((), ()),
) -> Columns:
    """List median and quartiles of one or two sets of seeds, and the curve of a single run.

    The seeds are measured at even steps; of the run only what lies close together is joined.
    """
    columns: dict[str, list[float | None]] = {n: [] for n in (*_SEEDS, "part")}
    for k, band in enumerate(bands):
        low, middle, high = np.quantile(band, [0.25, 0.5, 0.75], axis=0)
        columns["step"] += [float(step) for step in steps]
        columns["curve"] += [float(k)] * len(steps)
        for name, values in (("low", low), ("y", middle), ("high", high)):
            columns[name] += [float(value) for value in values]
    for step, value in zip(*run, strict=True):
        for name, entry in zip(_SEEDS, (step, 2.0, None, value, None), strict=True):
            columns[name].append(entry)
    columns["part"] = [0.0] * (len(columns["y"]) - len(run[0])) + parts_of(*run)
    return columns


@cache_by_language
def seeds_spec(labels: tuple[str, ...], n_seeds: int, with_run: bool) -> dict[str, Any]:
    """Draw median and quartile band of each set of seeds over the columns of seeds_columns."""
    looks = [(HUE_A, SOLID), (HUE_B, DASH_B)][: len(labels)]
    curves = {float(k): (label, *looks[k]) for k, label in enumerate(labels)}
    if with_run:
        curves[2.0] = (_("the run above"), EXACT, SOLID)
    names = json.dumps({f"{k:g}": name for k, (name, *_look) in curves.items()})
    legend = alt.Legend(
        title=None, orient="top", columns=2, labelFontSize=14, labelLimit=260,
        labelExpr=f"{names}[datum.label]", symbolType="stroke", symbolSize=240,
        symbolStrokeWidth=2.5, symbolOpacity=1, offset=4, columnPadding=10,
    )  # fmt: skip
    domain = list(curves)
    colour = alt.Color(
        "curve:N",
        scale=alt.Scale(domain=domain, range=[hue for name, hue, dash in curves.values()]),
        legend=legend,
    )
    dash = alt.StrokeDash(
        "curve:N",
        scale=alt.Scale(domain=domain, range=[dash for name, hue, dash in curves.values()]),
        legend=legend,
    )
    x = alt.X(
        "step:Q",
        title=_("step"),
        axis=alt.Axis(tickCount=5, labelExpr="format(datum.value, '~s')", labelFontSize=14),
    )
    y = alt.Y(
        "y:Q",
        title=None,
        scale=alt.Scale(zero=False),
        axis=alt.Axis(tickCount=5, labelFontSize=14),
    )
    known = alt.Chart().transform_filter("isValid(datum.y)")
    quartiles = (
        alt.Chart()
        .transform_filter("isValid(datum.low)")
        .mark_area(opacity=0.28, clip=True)
        .encode(x=x, y=alt.Y("low:Q", title=None), y2="high:Q", color=colour)
    )
    medians = known.mark_line(strokeWidth=2.5, clip=True).encode(
        x=x,
        y=y,
        color=colour,
        strokeDash=dash,
        detail="part:N",
        tooltip=[
            alt.Tooltip("step:Q", title=_("step")),
            alt.Tooltip("y:Q", title="nats", format=".4f"),
        ],
    )
    title = _("{n} seeds: median and quartiles (nats per row)").format(n=n_seeds)
    chart = alt.layer(quartiles, medians).properties(
        title=alt.Title(title, anchor="start", fontSize=15, offset=2), height=SEEDS_HEIGHT
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec
