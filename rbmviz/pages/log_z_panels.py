"""The panels about the estimates: one axis, a table, the weights, the path."""

from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from rbmviz.charts.alternative import by_column, curves_in_words, values_in_words
from rbmviz.charts.chart_table import AXIS, PATH, WEIGHTS
from rbmviz.charts.log_z_axis import AxisRow, axis_columns, axis_spec
from rbmviz.charts.log_z_path import path_columns, path_spec
from rbmviz.charts.log_z_weights import weights_columns, weights_spec
from rbmviz.core.enumeration import MAX_ENUMERATED_UNITS
from rbmviz.core.log_z import LogZEstimate
from rbmviz.core.log_z.path import LogZAlongBeta
from rbmviz.language import _
from rbmviz.language.numbers import decimal
from rbmviz.pages.address import put_settings
from rbmviz.pages.chart import show_chart
from rbmviz.studio.log_z_methods import ANNEALING, KINDS, SAMPLING, TEMPERING, LogZSettings
from rbmviz.studio.log_z_study import LogZStudy, Truth, told
from rbmviz.studio.page_tables import PAGE_TABLES, PARTITION

_key = PAGE_TABLES[PARTITION].key
TABLE_STYLE = """<style>
  .stApp .rbmviz-log-z { width: 100%; border-collapse: collapse; font-size: 15px; margin: 0; }
  .rbmviz-log-z th, .rbmviz-log-z td { padding: 2px 0 2px 10px; text-align: right;
                  border: 0; white-space: nowrap;
                  border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent);
                  font-variant-numeric: tabular-nums; }
  @container (max-width: 520px) {
    .stApp .rbmviz-log-z { font-size: 14px; }
    .rbmviz-log-z td:first-child { white-space: normal; }
  }
  .rbmviz-log-z th { font-weight: 400; opacity: 0.75; font-size: 14px; }
  .rbmviz-log-z td:first-child, .rbmviz-log-z th:first-child { text-align: left; padding-left: 0; }
  .rbmviz-log-z .exact td { color: light-dark(#3c7467, #97cfbe); font-weight: 600; }
  .rbmviz-log-z .warns td:nth-child(2) { text-decoration: underline wavy #d9730d 1px;
                  text-underline-offset: 3px; }
</style>"""


def draw_axis(
    place: Any, study: LogZStudy, kinds: Sequence[str], settings: LogZSettings, last: bool
) -> None:
    """Draw the estimates found so far; a method keeps its row while it is missing.

    last: nothing follows in this run of the page, so that there is one table.
    """
    truth = study.truth
    rows = [AxisRow(_(KINDS[kind]), study.shown(kind, settings)) for kind in kinds]
    if truth is None and all(row.estimate is None for row in rows):
        place.caption(_("Nothing is known of log Z yet."))  # an axis would have no numbers
        return
    methods = tuple(row.method for row in rows)
    columns = axis_columns(rows, truth and truth.log_z)
    told = [row.estimate.log_z if row.estimate else None for row in rows]
    names, values = list(methods), list(told)
    if truth:
        names, values = (
            [*names, _("the truth, {how}").format(how=_(truth.how))],
            [*values, truth.log_z],
        )
    words = values_in_words(_("log Z by every method, in nats"), names, values)
    key = "axis" if last else None
    show_chart(place, columns, axis_spec(methods), words, AXIS, table_key=key)


def draw_table(place: Any, study: LogZStudy, kinds: Sequence[str], settings: LogZSettings) -> None:
    """Write the numbers of every method."""
    lines = [_line(study, kind, settings) for kind in kinds]
    names = (_("method"), _("log Z, nats"), _("effective"), _("CPU s"))
    head = f"<tr>{''.join(f'<th>{name}</th>' for name in names)}</tr>"
    place.html(f'<table class="rbmviz-log-z" data-testid="log-z">{head}{"".join(lines)}</table>')


def _line(study: LogZStudy, kind: str, settings: LogZSettings) -> str:
    found, truth = study.get(kind, settings), study.truth
    look, effective, seconds = "", "", ""
    if kind == "exact" and study.case.log_z is not None and truth is not None:
        look, value, effective = (
            "exact",
            _("{value:.4f} exact").format(value=truth.log_z),
            _("closed form"),
        )
    elif found is None:
        rbm = study.case.rbm
        shorter = min(rbm.n_visible, rbm.n_hidden)
        hopeless = kind == "exact" and shorter > MAX_ENUMERATED_UNITS
        value = (
            _("2<sup>{shorter}</sup> states: out of reach").format(shorter=shorter)
            if hopeless
            else "…"
        )
    else:
        value = escape(told(found))
        look = "exact" if kind == "exact" else "warns" if found.warning else ""
        if kind in ANNEALING:
            effective = _("{effective:.3g} of {n_chains}").format(
                effective=found.effective_sample_size, n_chains=found.n_chains
            )
        elif kind in TEMPERING:
            effective = _("{n} ladders").format(n=found.n_chains)
        elif kind != "exact":
            effective = _("bound") if kind == "mean field" else _("no interval")
        seconds = f"{found.cost.seconds:.2g}" if found.cost else ""
    cells = [escape(_(KINDS[kind])), value, effective, seconds]
    return f'<tr class="{look}">{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def choose_inside(kinds: Sequence[str], chosen: str) -> str | None:
    """Draw the choice of the method whose weights and path are shown."""
    options = [kind for kind in SAMPLING if kind in kinds]
    if not options:
        return None
    shown = chosen if chosen in options else options[0]
    put_settings(PARTITION, {"inside": shown})
    st.segmented_control(
        _("Look inside"), options, format_func=lambda kind: _(KINDS[kind]),
        key=_key("inside"), persist_state="session", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    return shown


def draw_weights(
    place: Any, kind: str, found: LogZEstimate, truth: Truth | None, last: bool
) -> None:
    """Draw the histogram, the effective sample size and the warning."""
    exact = truth and truth.log_z
    with place.container():
        columns = weights_columns(found.log_weights, found.log_z, exact, inverse=kind == "reverse")
        title = (
            _("Log weights of the chains") if kind in ANNEALING else _("The ladders, one left out")
        )
        words = weights_in_words(title, found, exact)
        key = "weights" if last else None
        show_chart(st, columns, weights_spec(title), words, WEIGHTS, table_key=key)
        if found.warning:
            st.warning(_(found.warning))
        elif kind in ANNEALING:
            side = _(" of the forward side") if kind == "sandwich" else ""
            st.caption(
                _(
                    "Effective sample size {effective_sample_size:.3g} of {n_chains} "
                    "chains{side}. Blind "
                    "to states that no chain met."
                ).format(
                    effective_sample_size=found.effective_sample_size,
                    n_chains=found.n_chains,
                    side=side,
                )
            )
        else:
            st.caption(
                _(
                    "A ladder of temperatures left out at a time: how much the estimate "
                    "moves makes "
                    "the interval (jackknife)."
                )
            )


def weights_in_words(title: str, found: LogZEstimate, exact: float | None) -> str:
    """Tell a histogram of log weights by its range and what follows from it."""
    low, high = float(found.log_weights.min()), float(found.log_weights.max())
    names = [
        _("smallest"),
        _("largest"),
        _("estimate of log Z"),
        _("effective sample size"),
        _("exact log Z"),
    ]
    values = [low, high, found.log_z, found.effective_sample_size, exact]
    return values_in_words(
        _("{title}, {n_chains} of them, in nats").format(title=title, n_chains=found.n_chains),
        names,
        values,
    )


def draw_path(
    place: Any, along: LogZAlongBeta | None, truth: Truth | None, last: bool = False
) -> None:
    """Draw log Z along beta and its slope."""
    with place.container():
        if along is None:
            st.caption(_("Annealing in reverse records no path; look inside AIS for one."))
            return
        columns = path_columns(along.betas, along.log_z, along.slope, truth and truth.log_z)
        names = {
            "log_z": _("log Z of beta"),
            "slope": _("its slope"),
            "exact": _("the exact value"),
        }
        words = curves_in_words(
            _("The path of log Z"), _("beta"), by_column(columns, "beta", names)
        )
        show_chart(st, columns, path_spec(), words, PATH, table_key="path" if last else None)
        if along.betas[-1] < 1.0:  # still on its way
            return
        first, last = along.log_z[0], along.log_z[-1]
        st.caption(
            _(
                "log Z₀ = {first:.2f} exact; the area adds {last} nats, estimated: "
                "thermodynamic integration."
            ).format(first=first, last=decimal(last - first, 2, signed=True))
        )
