"""Both terms of log p as functions of one parameter, with the tangents that are their phases."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np

from rbmviz.charts.ledger import NEGATIVE, POSITIVE, QUIET
from rbmviz.core.derivation import Wiggle
from rbmviz.language import N_, _, cache_by_language

WIGGLE_HEIGHT, DIFFERENCE_HEIGHT = 205, 150  # pixels, with titles, legend and axes
TANGENT = 1.2  # how far a tangent reaches to either side

INK = "#6b7280"  # of the difference: neither phase

Columns = Mapping[str, Sequence[float | None] | Sequence[str]]

_NAMES = {"log_z": "log Z", "log_p": N_("mean log p̃(x)"), "log_likelihood": "log p(x)"}


def wiggle_columns(
    curves: Wiggle, epsilon: float, values: Mapping[str, float], slopes: Mapping[str, float]
) -> Columns:
    """Give the columns that wiggle_spec and difference_spec draw: curves, points and tangents.

    Args:
        epsilon: where the parameter stands now.
        values, slopes: of log_z, log_p and log_likelihood there; values as changes from 0.
    """
    x = curves.epsilons
    lines = {
        "log_z": curves.log_z,
        "log_p": curves.log_p_tilde,
        "log_likelihood": curves.log_p_tilde - curves.log_z,
    }
    what, name, epsilons, nats = [], [], [], []
    ends = np.array([max(epsilon - TANGENT, x[0]), min(epsilon + TANGENT, x[-1])])
    for curve, y in lines.items():
        parts = {
            "curve": (x, y),
            "tangent": (ends, values[curve] + slopes[curve] * (ends - epsilon)),
            "point": (np.array([epsilon]), np.array([values[curve]])),
        }
        for part, (at, height) in parts.items():
            what += [part] * len(at)
            name += [curve] * len(at)
            epsilons += at.tolist()
            nats += height.tolist()
    return {"what": what, "name": name, "epsilon": epsilons, "nats": nats}


def _panel(title: str, hues: Mapping[str, str], height: int) -> dict[str, Any]:
    names = json.dumps({curve: _(name) for curve, name in _NAMES.items()})
    domain = list(hues)
    legend = alt.Legend(
        title=None, orient="top", direction="horizontal", labelFontSize=14, symbolType="stroke",
        labelExpr=f"{names}[datum.label]", symbolSize=240, symbolStrokeWidth=2.5, symbolOpacity=1,
        offset=2,
    )  # fmt: skip
    x = alt.X(
        "epsilon:Q",
        title=None,
        scale=alt.Scale(nice=False),
        axis=alt.Axis(tickCount=7, labelFontSize=14, titleFontSize=14, format="~g"),
    )
    y = alt.Y("nats:Q", title=None, axis=alt.Axis(tickCount=4, labelFontSize=14, format="~g"))
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=domain, range=list(hues.values())),
        legend=legend if len(domain) > 1 else None,
    )
    listed = json.dumps(domain)

    def only(part: str) -> alt.Chart:
        return alt.Chart().transform_filter(
            f"datum.what == '{part}' && indexof({listed}, datum.name) >= 0"
        )

    tooltip = [
        alt.Tooltip("epsilon:Q", format="+.2f", title="ε"),
        alt.Tooltip("nats:Q", format="+.4f", title=_("change, nats")),
    ]
    layers = [
        alt.Chart().mark_rule(color=QUIET, strokeDash=[2, 3]).encode(x=alt.datum(0)),
        only("curve").mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, tooltip=tooltip),
        only("tangent").mark_line(strokeWidth=4, opacity=0.55).encode(x=x, y=y, color=colour),
        only("point")
        .mark_circle(size=110, opacity=1)
        .encode(x=x, y=y, color=colour, tooltip=tooltip),
    ]
    chart = alt.layer(*layers).properties(
        title=alt.Title(title, anchor="start", fontSize=15, offset=2), height=height
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec


@cache_by_language
def wiggle_spec() -> dict[str, Any]:
    """Draw log Z in orange and mean log p~ in blue over the columns of wiggle_columns."""
    return _panel(
        _("Both terms: change in nats, and slope"),
        {"log_p": POSITIVE, "log_z": NEGATIVE},
        WIGGLE_HEIGHT,
    )


@cache_by_language
def difference_spec() -> dict[str, Any]:
    """Draw their difference, the log-likelihood, over the same columns."""
    return _panel(_("Their difference: log p(x)"), {"log_likelihood": INK}, DIFFERENCE_HEIGHT)
