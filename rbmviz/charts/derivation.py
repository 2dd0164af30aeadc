"""The sum over all states, term by term: what each adds, and the total on its way."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np

from rbmviz.charts.ledger import EXACT, NEGATIVE, QUIET
from rbmviz.core.derivation import StateTable
from rbmviz.core.errors import FloatArray
from rbmviz.language import _, cache_by_language

N_BARS = 32
N_POINTS = 160  # of the running total
TERMS_HEIGHT = 190

Columns = Mapping[str, Sequence[float] | Sequence[str]]


def terms_columns(table: StateTable, slope: FloatArray) -> Columns:
    """Give the columns that terms_spec draws: the most probable states and what each adds.

    Args:
        slope: (2**n_visible,) d log p~ of every state.
    """
    first = table.order[:N_BARS]
    return {
        "rank": [float(n) for n in range(1, len(first) + 1)],
        "state": ["".join(str(int(x)) for x in table.v[s]) for s in first],
        "p": table.p[first].tolist(),
        "slope": slope[first].tolist(),
        "term": (table.p[first] * slope[first]).tolist(),
    }


def total_columns(table: StateTable, slope: FloatArray) -> Columns:
    """Give the columns that total_spec draws: the sum over the n most probable states against n."""
    totals = np.cumsum((table.p * slope)[table.order])
    n = len(totals)
    at = np.unique(np.geomspace(1, n, N_POINTS).round().astype(int))
    return {"n": at.astype(float).tolist(), "total": totals[at - 1].tolist()}


def _title(text: str) -> alt.Title:
    return alt.Title(text, anchor="start", fontSize=15, offset=4)


@cache_by_language
def terms_spec() -> dict[str, Any]:
    """Draw p(x) as an outline and p(x) d log p~(x) as the filled part of it: a slope is a share."""
    x = alt.X(
        "rank:O",
        title=_("states x, the most probable first"),
        axis=alt.Axis(labels=False, ticks=False, titleFontSize=14),
    )
    tooltip = [
        alt.Tooltip("state:N", title=_("state")),
        alt.Tooltip("p:Q", format=".3g", title="p(x)"),
        alt.Tooltip("slope:Q", format=".3g", title=_("slope of log p̃(x)")),
        alt.Tooltip("term:Q", format=".3g", title=_("adds")),
    ]
    axis = alt.Axis(tickCount=4, labelFontSize=14, format="~g")
    whole = (
        alt.Chart()
        .mark_bar(filled=False, stroke=QUIET, strokeWidth=1)
        .encode(x=x, y=alt.Y("p:Q", title=None, axis=axis), tooltip=tooltip)
    )
    part = alt.Chart().mark_bar(color=NEGATIVE).encode(x=x, y="term:Q", tooltip=tooltip)
    title = _title(_("What each state adds: p(x) · slope of log p̃(x)"))
    chart = alt.layer(whole, part).properties(title=title, height=TERMS_HEIGHT)
    spec: dict[str, Any] = chart.to_dict()
    return spec


@cache_by_language
def total_spec() -> dict[str, Any]:
    """Draw the running total on a logarithmic axis, and the answer as a green rule."""
    x = alt.X(
        "n:Q",
        title=_("states summed"),
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(tickCount=5, labelFontSize=14, titleFontSize=14, format="~s"),
    )
    y = alt.Y("total:Q", title=None, axis=alt.Axis(tickCount=4, labelFontSize=14, format="~g"))
    tooltip = [
        alt.Tooltip("n:Q", format=",.0f", title=_("states")),
        alt.Tooltip("total:Q", format=".10f", title=_("total")),
    ]
    line = alt.Chart().mark_line(color=NEGATIVE, strokeWidth=2.5).encode(x=x, y=y)
    points = alt.Chart().mark_point(size=140, opacity=0).encode(x=x, y=y, tooltip=tooltip)
    answer = (
        alt.Chart()
        .transform_joinaggregate(most="max(n)")
        .transform_filter("datum.n == datum.most")
        .mark_rule(color=EXACT, strokeWidth=2)
        .encode(y=alt.Y("total:Q", title=None), tooltip=tooltip)
    )
    title = _title(_("The running total, and the answer"))
    chart = alt.layer(answer, line, points).properties(title=title, height=TERMS_HEIGHT)
    spec: dict[str, Any] = chart.to_dict()
    return spec
