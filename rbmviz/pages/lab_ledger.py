"""The ledger below the stage: of one run, or of two side by side."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import streamlit as st

from rbmviz.charts.alternative import by_column, curves_in_words
from rbmviz.charts.chart_table import LIKELIHOOD, TERMS, duel_heads
from rbmviz.charts.ledger import Columns, drawn_columns, ledger_columns, likelihood_spec, terms_spec
from rbmviz.charts.line_parts import is_apart
from rbmviz.charts.runs import duel_columns, duel_spec
from rbmviz.language import N_, _
from rbmviz.language.numbers import decimal
from rbmviz.pages.chart import show_chart, words_while_playing
from rbmviz.pages.comparison import gradient_tables, show_side_by_side
from rbmviz.run.lab import Lab
from rbmviz.run.second_run import SideBySide
from rbmviz.run.tracked_log_z import LogZReport
from rbmviz.studio.stage_header import goal

_TERMS = {
    "mean_log_p_tilde": N_("mean log p̃"),
    "log_z": N_("log Z, exact"),
    "log_z_estimate": N_("log Z, estimated"),
}
_LIKELIHOOD = {"log_likelihood": N_("exact"), "log_likelihood_estimate": N_("estimated")}
LEDGER_EVERY_SECONDS = 1.0  # while playing


@dataclass(frozen=True, eq=False)
class _Drawn:
    """What the charts were last given, and when."""

    at: float
    terms: pa.Table
    words: tuple[str, str]  # what both charts show
    tracked: LogZReport
    view: SideBySide | None = None  # of two runs
    duel: pa.Table | None = None
    heat: tuple[pa.Table, pa.Table] | None = None


def show_ledger(lab: Lab, playing: bool) -> None:
    """Draw the ledger; while playing its data change once a second."""
    drawn: _Drawn | None = st.session_state.get("ledger")
    best = goal(lab.settings.data)
    late = drawn is None or time.monotonic() - drawn.at > LEDGER_EVERY_SECONDS
    if drawn is None or late or not playing or st.session_state.pop("ledger_outdated", False):
        drawn = st.session_state.ledger = _draw(lab, best, playing)
    with st.container(key="ledger"):
        left, right = st.columns(2, gap="medium")
    left, right = left.container(key="ledger_terms"), right.container(key="ledger_likelihood")
    show_chart(left, drawn.terms, terms_spec(), drawn.words[0], TERMS, key="terms")
    with st.container(key="tracked"):
        _show_tracked(drawn.tracked)
    if drawn.view is None:
        spec = likelihood_spec(best is not None)
        show_chart(right, drawn.terms, spec, drawn.words[1], LIKELIHOOD, key="likelihood")
        return
    spec = duel_spec(*drawn.view.labels, drawn.view.exact, best is not None)
    heads = duel_heads(*drawn.view.labels)
    show_chart(right, drawn.duel, spec, drawn.words[1], heads, key="likelihood")
    with st.container(key="runs"):
        show_side_by_side(drawn.view, drawn.heat, playing)


def _draw(lab: Lab, best: float | None, playing: bool) -> _Drawn:
    columns = drawn_columns(ledger_columns(lab.curves(), best))
    terms, tracked, view = _table(columns), lab.log_z_report(), lab.side_by_side()
    if view is None:
        words = _words(playing, columns, columns, _LIKELIHOOD)
        return _Drawn(time.monotonic(), terms, words, tracked)
    both = duel_columns(*view.columns, view.exact, best)
    names = {
        "a": _("run A, {label}").format(label=view.labels[0]),
        "b": _("run B, {label}").format(label=view.labels[1]),
    }
    words = _words(playing, columns, both, names)
    duel, heat = _table(both), gradient_tables(view)
    return _Drawn(time.monotonic(), terms, words, tracked, view, duel, heat)


def _words(
    playing: bool, columns: Columns, likelihood: Columns, names: Mapping[str, str]
) -> tuple[str, str]:
    """Say what both charts show; while playing their titles alone."""
    titles = (_("The two terms, nats"), _("Mean log-likelihood, nats per row"))
    if playing:
        return words_while_playing(titles[0]), words_while_playing(titles[1])
    return (
        _curves_in_words(titles[0], columns, _spoken(_TERMS)),
        _curves_in_words(titles[1], likelihood, _spoken(names)),
    )


def _curves_in_words(title: str, columns: Columns, names: Mapping[str, str]) -> str:
    apart = [name for column, name in names.items() if is_apart(columns["step"], columns[column])]
    return curves_in_words(title, _("step"), by_column(columns, "step", names), apart)


def _spoken(names: Mapping[str, str]) -> dict[str, str]:
    return {column: _(name) for column, name in names.items()}


def _show_tracked(tracked: LogZReport) -> None:
    """Say below the charts what the tracked log Z is worth."""
    anchor = _("an exact value") if tracked.exact_anchor else _("an annealing run")
    said = _(
        "log Z tracked at step {step:,}: {log_z:.3f} nats, ± at least {deviation:.3f}, by "
        "{n_particles} particles ({effective_sample_size:.0f} effective), {updates:,} updates "
        "after {anchor}."
    ).format(
        step=tracked.step,
        log_z=tracked.log_z,
        deviation=1.96 * tracked.deviation,
        n_particles=tracked.n_particles,
        effective_sample_size=tracked.effective_sample_size,
        updates=tracked.updates,
        anchor=anchor,
    )
    if tracked.off is not None:
        said += _(" Drift now: {off} nats.").format(off=decimal(tracked.off, signed=True))
    if tracked.measured is not None:
        updates, drift = tracked.measured
        said += _(" At the last anchor it was {drift} nats after {updates:,} updates.").format(
            drift=decimal(drift, signed=True), updates=updates
        )
    st.caption(said)
    if tracked.warning:
        st.warning(_(tracked.warning))


def _table(columns: Columns) -> pa.Table:
    return pa.table({name: pa.array(column, pa.float64()) for name, column in columns.items()})
