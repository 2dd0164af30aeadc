"""Boltzmann machines as pictures: their graphs, the table of all structures, their likelihoods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote

from rbmviz.charts.ledger import EXACT, POSITIVE, QUIET, SOLID, panel
from rbmviz.charts.line_parts import with_parts
from rbmviz.core.boltzmann import Structure
from rbmviz.language import _, cache_by_language

# One look a structure, in the order of the page. Not the hues of the phases; all are exact, so no
# line is dashed. Readable on light and on dark ground.
LOOKS = ("#7d828b", EXACT, "#958717", "#8f67d6", "#c2559b")
_INK = "#7d828b"  # readable on both grounds
_WIDTH, _HEIGHT, _RADIUS, _ARC = 104.0, 54.0, 3.4, 7.0

Columns = Mapping[str, Sequence[float | None]]


def likelihood_columns(
    steps: Sequence[float], curves: Sequence[Sequence[float]], best: float | None
) -> Columns:
    """Give the columns that race_spec draws: one curve a structure, nats per row."""
    columns: dict[str, Sequence[float | None]] = {"step": steps}
    columns |= {f"k{n}": curve for n, curve in enumerate(curves)}
    return {**with_parts(columns, list(columns)[1:]), "best": [best] * len(steps)}


@cache_by_language
def race_spec(names: tuple[str, ...], height: int) -> dict[str, Any]:
    """Draw the exact mean log-likelihood of every structure over likelihood_columns."""
    curves = {
        f"k{n}": (name, hue, SOLID) for n, (name, hue) in enumerate(zip(names, LOOKS, strict=True))
    }
    curves["best"] = (_("best reachable"), QUIET, [2, 3])
    spec = panel(_("Mean log-likelihood, exact (nats per row)"), curves, [])
    for layer in spec["layer"]:
        for look in ("color", "strokeDash"):  # one legend shows both
            legend = layer["encoding"].get(look, {}).get("legend")
            if legend:
                legend |= {"columns": 2, "labelLimit": 140}
    return {**spec, "height": height}


# ---- graphs -------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def graph_picture(
    structure: Structure, layers: tuple[int, ...], clamped: bool, cut: tuple[int, ...]
) -> str:
    """Draw units and couplings as the address of an SVG image, the visible layer below.

    Clamped units are blue and their lines faint: they only shift biases.

    Args:
        layers: sizes of the hidden layers, from below.
        cut: units, the visible ones first, that are summed state by state: filled.
    """
    places = _places([structure.n_visible, *layers])
    n = structure.n_visible
    lines: dict[bool, list[str]] = {True: [], False: []}
    for i, j in zip(*(ends.tolist() for ends in structure.adjacency.nonzero()), strict=True):
        if i < j:
            lines[clamped and i < n].append(_line(places[i], places[j]))
    dots = []
    for unit, (x, y) in enumerate(places):
        hue = POSITIVE if clamped and unit < n else _INK
        fill = hue if hue == POSITIVE or unit in cut else "none"
        dots.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS}" fill="{fill}" stroke="{hue}"/>'
        )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" '
        f'fill="none" stroke="{_INK}" stroke-width="1.3">'
        f'<path opacity="0.3" stroke-width="0.6" d="{"".join(lines[True])}"/>'
        f'<path opacity="0.75" stroke-width="0.8" d="{"".join(lines[False])}"/>'
        f"{''.join(dots)}</svg>"
    )
    return f"data:image/svg+xml,{quote(svg, safe=' =:/,')}".replace('"', "'")


def _places(layers: Sequence[int]) -> list[tuple[float, float]]:
    """Put each layer on a line, the first one below."""
    low = _HEIGHT - _RADIUS - (_ARC if len(layers) > 1 else 2.0)
    high = _RADIUS + _ARC
    places = []
    for k, n in enumerate(layers):
        y = low - (low - high) * k / max(len(layers) - 1, 1)
        pitch = min((_WIDTH - 2 * _RADIUS - 2) / max(n - 1, 1), 18.0)
        left = (_WIDTH - pitch * (n - 1)) / 2
        places += [(left + pitch * u, y) for u in range(n)]
    return places


def _line(a: tuple[float, float], b: tuple[float, float]) -> str:
    """Join two units; within a layer by an arc that leaves the other layers alone."""
    if a[1] != b[1]:
        return f"M{a[0]:.0f} {a[1]:.1f}L{b[0]:.0f} {b[1]:.1f}"
    upward = a[1] < _HEIGHT / 2 or a[1] > _HEIGHT - _RADIUS - _ARC  # else the other layer is there
    room = a[1] if upward else _HEIGHT - a[1]
    reach = min(abs(b[0] - a[0]) * 0.8, 2 * room - 2)  # a quadratic arc gets half as far
    bend = a[1] - reach if upward else a[1] + reach
    return f"M{a[0]:.0f} {a[1]:.1f}Q{(a[0] + b[0]) / 2:.0f} {bend:.1f} {b[0]:.0f} {b[1]:.1f}"


# ---- the table ----------------------------------------------------------------------------


@dataclass(frozen=True)
class PhaseCell:
    """One phase of one structure, as the table tells it."""

    picture: str  # of graph_picture
    spoken: str
    verdict: str  # "trivial", "tractable" or "hard"
    terms: str
    time: str


@dataclass(frozen=True)
class OverviewRow:
    """One structure."""

    name: str
    units: str
    positive: PhaseCell
    negative: PhaseCell
    log_likelihood: str
    gap: str
    chosen: bool = False


OVERVIEW_STYLE = """<style>
  .rbmviz-overview { width: 100%; border-collapse: collapse; font-size: 14px; line-height: 1.3;
                     font-variant-numeric: tabular-nums; margin: 0; }
  .rbmviz-overview :is(th, td) { border: 0; padding: 1px 6px; text-align: left;
                     vertical-align: middle; }
  .rbmviz-overview thead th { font-weight: 600; padding-bottom: 3px; vertical-align: bottom; }
  .rbmviz-overview thead th.positive { border-bottom: 3px solid #2f80d0; }
  .rbmviz-overview thead th.negative { border-bottom: 3px solid #d9730d; }
  .rbmviz-overview tbody tr { border-top: 1px solid
                     color-mix(in srgb, currentColor 14%, transparent); }
  .rbmviz-overview tbody tr[aria-selected="true"] { background:
                     color-mix(in srgb, currentColor 8%, transparent); }
  .rbmviz-overview tbody th { font-weight: 600; white-space: nowrap; border-left: 4px solid; }
  .rbmviz-overview small { font-size: 14px; opacity: 0.75; font-weight: 400; }
  .rbmviz-overview .phase { display: flex; gap: 8px; align-items: center; }
  .rbmviz-overview .phase div { white-space: nowrap; }
  .rbmviz-overview img { flex: none; display: block; width: 88px; height: 46px; }
  .rbmviz-overview .hard { font-weight: 700; }
  .rbmviz-overview td.number { text-align: right; white-space: nowrap; }
  .rbmviz-overview thead th.number { text-align: right; white-space: nowrap; }
  @container (640px < width <= 720px) {
    .rbmviz-overview :is(th, td) { padding-inline: 4px; }
    .rbmviz-overview .phase { gap: 4px; }
    .rbmviz-overview img { width: 77px; height: 40px; }
  }
  @container (max-width: 640px) {
    .rbmviz-overview thead { display: none; }
    .rbmviz-overview :is(tbody, th, td) { display: block; }
    .rbmviz-overview tbody tr { display: grid; grid-template-columns: 1fr 1fr; padding: 6px 0; }
    .rbmviz-overview tbody th { grid-column: 1 / -1; }
    .rbmviz-overview .phase { flex-direction: column; align-items: start; gap: 0; }
    .rbmviz-overview td[data-label]::before { content: attr(data-label) " "; opacity: 0.75; }
    .rbmviz-overview td.number { text-align: left; }
  }
</style>"""


def overview_html(rows: Sequence[OverviewRow]) -> str:
    """Draw the table of all structures; the hue at the left is that of its curve."""
    head = "".join(
        f'<th class="{look}">{name}<br><small>{what}</small></th>'
        for look, name, what in (
            ("positive", _("Positive phase"), _("v clamped; terms per row of data")),
            ("negative", _("Negative phase"), _("nothing clamped; terms")),
            ("number", "log p(v)", _("exact")),
            ("number", _("Gap of L"), _("mean field")),
        )
    )
    body = "".join(_row(row, hue) for row, hue in zip(rows, LOOKS, strict=True))
    return (
        f"{OVERVIEW_STYLE}"
        '<table class="rbmviz-overview" data-testid="overview"><thead><tr>'
        f"<th>{_('Structure')}</th>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _row(row: OverviewRow, hue: str) -> str:
    cells = "".join(
        f'<td data-label="{label}"><div class="phase">'
        f'<img src="{cell.picture}" alt="{escape(cell.spoken)}"><div>'
        f'<span class="{escape(cell.verdict)}">{escape(_(cell.verdict))}</span>: {cell.terms}<br>'
        f"<small>{escape(cell.time)}</small></div></div></td>"
        for label, cell in (
            (_("Positive phase"), row.positive),
            (_("Negative phase"), row.negative),
        )
    )
    return (
        f'<tr aria-selected="{str(row.chosen).lower()}"><th scope="row" style="border-left-color:'
        f'{hue}">{escape(row.name)}<br><small>{escape(row.units)}</small></th>{cells}'
        f'<td class="number" data-label="{_("log p(v), exact")}">{escape(row.log_likelihood)}</td>'
        f'<td class="number" data-label="{_("Gap of the bound L")}">{escape(row.gap)}</td></tr>'
    )
