"""Heat maps of one model side by side, linked: the Python side of js/maps.js.

The message has the layout of message.py with one block,

    values       f4 (n_maps, nv + 1, nh + 1), augmented as there

and the header keys n_visible, n_hidden, pull (a number that the browser sends back when it has
painted, or null) and maps: a list of {title, meaning, hue "exact" | "positive" | "negative" |
"plain", estimated bool, kind "share" | "clamped" | "signed" | "signedClamped" | "spread", digits,
least}. Maps of all pairs of a machine's units have the block

    values       f4 (n_maps, n_units, n_units), NaN where there is no coupling

and one more key, units: their names, the visible ones first. With the key selected, the place of a
parameter in a map, the browser says which one is chosen there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rbmviz.core.errors import FloatArray
from rbmviz.core.frame import augmented
from rbmviz.core.parameter import Parameter
from rbmviz.core.phase import PhaseStatistics
from rbmviz.stage.message import pack, stacked


@dataclass(frozen=True)
class HeatMap:
    """One map: a number for each parameter, or for each pair of units."""

    title: str
    meaning: str
    values: PhaseStatistics | FloatArray
    # "share" of the negative and "clamped", of the positive phase: 0 to 1; "spread": from zero up;
    # "signed": too much negative phase is orange; "signedClamped": too much positive phase, or a
    # gradient that lets the parameter grow, is blue
    kind: str = "share"
    hue: str = "plain"  # of the title: "exact", "positive", "negative" or "plain"
    estimated: bool = False  # dashed
    least: float = 1e-6  # the scale of "signed" and "spread" reaches at least this far


def encode_maps(maps: Sequence[HeatMap], selected: Parameter | None = None) -> bytes:
    """Pack maps of the parameters of one RBM, at least one.

    selected: the parameter that the page has chosen; the browser says when another one is.
    """
    phases = [m.values for m in maps if isinstance(m.values, PhaseStatistics)]
    n_visible, n_hidden = phases[0].vh.shape
    values = stacked([augmented(phase.vh, phase.v, phase.h) for phase in phases])
    header = _header(maps, n_visible, n_hidden, None)
    if selected is not None:
        i = n_visible if selected.kind == "c" else selected.i
        j = n_hidden if selected.kind == "b" else selected.j
        header["selected"] = i * (n_hidden + 1) + j
    return pack(header, {"values": values})


def encode_pair_maps(
    maps: Sequence[HeatMap], units: Sequence[str], n_visible: int, pull: int | None = None
) -> bytes:
    """Pack maps of all pairs of the units of one machine, at least one.

    pull: the browser sends this number back when it has painted; None: it sends nothing.
    """
    header = _header(maps, n_visible, len(units) - n_visible, pull)
    values = stacked([np.asarray(m.values, dtype=float) for m in maps])
    return pack({**header, "units": list(units)}, {"values": values})


def _header(
    maps: Sequence[HeatMap], n_visible: int, n_hidden: int, pull: int | None
) -> dict[str, Any]:
    return {
        "n_visible": n_visible,
        "n_hidden": n_hidden,
        "pull": pull,
        "maps": [
            {
                "title": m.title,
                "meaning": m.meaning,
                "hue": m.hue,
                "estimated": m.estimated,
                "kind": m.kind,
                "digits": 4,
                "least": m.least,
            }
            for m in maps
        ],
    }
