"""Every state's probability under data, model and chains; and states as small images."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import altair as alt
import numpy as np

from rbmviz.charts.ledger import EXACT, NEGATIVE, POSITIVE
from rbmviz.core.errors import FloatArray
from rbmviz.language import _, cache_by_language

FLOOR = 1e-5  # what is rarer is drawn here
MAX_STATES = 160  # that are drawn, the most probable first

Columns = Mapping[str, Sequence[float] | Sequence[str]]


def state_columns(
    p_model: FloatArray, p_data: FloatArray, p_chains: FloatArray, n_visible: int
) -> Columns:
    """Give the columns that states_spec draws: states in falling order of their model probability.

    Args:
        p_model, p_data, p_chains: (2**n_visible,), entry i of the state whose unit k is bit k of i.
    """
    seen = np.maximum(p_model, np.maximum(p_data, p_chains))
    kept = np.argsort(-seen, kind="stable")[:MAX_STATES]
    kept = kept[np.argsort(-p_model[kept], kind="stable")]
    return {
        "rank": [float(n) for n in range(1, len(kept) + 1)],
        "state": ["".join(str(s >> k & 1) for k in range(n_visible)) for s in kept.tolist()],
        "model": p_model[kept].tolist(),
        "data": p_data[kept].tolist(),
        "chains": p_chains[kept].tolist(),
    }


@cache_by_language
def states_spec() -> dict[str, Any]:
    """Draw the model as steps and the data and the chains as points, on a logarithmic scale."""
    series = ["model", "data", "chains"]
    hues = [EXACT, POSITIVE, NEGATIVE]
    labels = json.dumps({"model": _("model (exact)"), "data": _("data"), "chains": _("chains")})
    legend = alt.Legend(
        title=None, orient="top", direction="horizontal", labelFontSize=14,
        labelExpr=f"{labels}[datum.label]", symbolSize=120, offset=4, columnPadding=12,
    )  # fmt: skip
    x = alt.X(
        "rank:Q",
        title=_("states, the model's most probable first"),
        scale=alt.Scale(nice=False, padding=6),
        axis=alt.Axis(tickCount=5, labelFontSize=14, format="d"),
    )
    y = alt.Y(
        "shown:Q",
        title=None,
        scale=alt.Scale(type="log", domainMin=FLOOR),
        axis=alt.Axis(tickCount=5, labelFontSize=14, format="~g"),
    )
    folded = (
        alt.Chart()
        .transform_fold(series, as_=["who", "p"])
        .transform_calculate(shown=f"max(datum.p, {FLOOR})")
    )
    colour = alt.Color(
        "who:N", scale=alt.Scale(domain=series, range=hues), legend=legend, sort=series
    )
    tooltip = [
        alt.Tooltip("state:N", title=_("state")),
        alt.Tooltip("model:Q", format=".3g", title=_("model")),
        alt.Tooltip("data:Q", format=".3g", title=_("data")),
        alt.Tooltip("chains:Q", format=".3g", title=_("chains")),
    ]
    steps = (
        folded.transform_filter("datum.who == 'model'")
        .mark_line(interpolate="step", strokeWidth=2)
        .encode(x=x, y=y, color=colour)
    )
    data = (
        folded.transform_filter("datum.who == 'data' && datum.p > 0")
        .mark_point(shape="diamond", filled=True, size=60, opacity=1)
        .encode(x=x, y=y, color=colour, tooltip=tooltip)
    )
    chains = (
        folded.transform_filter("datum.who == 'chains'")
        .mark_point(filled=False, size=34, strokeWidth=1.6, opacity=0.95)
        .encode(x=x, y=y, color=colour, tooltip=tooltip)
    )
    chart = alt.layer(steps, data, chains).properties(
        title=alt.Title(
            _("Which states do the chains miss?"), anchor="start", fontSize=15, offset=2
        ),
        height=250,
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec


def tiles_html(
    v: FloatArray, captions: Sequence[str], image_shape: tuple[int, int], alt_text: str
) -> str:
    """Draw rows of units as small framed images with a caption of a line or two each.

    Args:
        v: (n, n_visible) in [0, 1]; 1 is drawn in the text's own colour.
        captions: n texts; a newline begins a new line.
    """
    rows, columns = image_shape
    cell = max(2, 72 // max(rows, columns))
    tiles = []
    for values, caption in zip(v, captions, strict=True):
        cells = "".join(
            f'<div style="background:currentColor;opacity:{value:.2f}"></div>' for value in values
        )
        lines = "<br>".join(escape(line) for line in caption.split("\n"))
        tiles.append(
            '<div style="text-align:center;font-size:14px;line-height:1.3">'
            f'<div style="display:inline-grid;grid-template:repeat({rows},{cell}px)/'
            f'repeat({columns},{cell}px);border:1px solid currentColor" aria-hidden="true">'
            f"{cells}</div><div>{lines}</div></div>"
        )
    return (
        f'<div role="img" aria-label="{escape(alt_text)}" style="display:flex;flex-wrap:wrap;'
        f'gap:8px 18px">{"".join(tiles)}</div>'
    )
