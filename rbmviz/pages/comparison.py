"""A/B in the lab: the sidebar's choice of what run B does differently, and both runs' numbers."""

from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from rbmviz.charts.alternative import values_in_words
from rbmviz.charts.chart_table import CELLS
from rbmviz.charts.runs import gradient_cells, gradient_spec
from rbmviz.core.phase import PhaseStatistics
from rbmviz.core.snapshot import Snapshot
from rbmviz.language import _
from rbmviz.language.numbers import decimal
from rbmviz.pages.chart import show_chart, words_while_playing
from rbmviz.pages.setting_widgets import show_setting
from rbmviz.run.difference import (
    DIFFERENCES,
    MAX_FORK_STEP,
    Difference,
    differences,
    read_difference,
    setting_name,
    suggested_value,
)
from rbmviz.run.estimators import OFFERED
from rbmviz.run.second_run import SideBySide
from rbmviz.run.settings import ROWS, LabSettings

NOTHING = "nothing"
CHOICE, FORK, FORK_IS_OPEN = "rival_setting", "rival_from", "fork_is_open"
DIFFERENCE_KEYS = [CHOICE, FORK, *(f"rival_{name}" for name in DIFFERENCES)]


def chosen_estimators() -> set[str]:
    """The estimators that the widgets name, of A and of B, not checked."""
    chosen = {str(st.session_state.get("estimator"))}
    if st.session_state.get(CHOICE) == "estimator":
        chosen.add(str(st.session_state.get("rival_estimator")))
    return chosen


def begin_fork(step: int) -> None:
    """Let run B leave run A at a step; what it does otherwise is chosen beside it."""
    st.session_state[FORK] = step
    if st.session_state.get(CHOICE, NOTHING) == NOTHING:
        st.session_state[CHOICE] = "learning_rate"
    st.session_state[FORK_IS_OPEN] = True


def show_difference(settings: LabSettings) -> Difference | None:
    """Draw the choice of what differs in run B, and check it."""
    offered = differences(settings)
    if st.session_state.get(CHOICE) not in (NOTHING, *offered):
        st.session_state[CHOICE] = NOTHING
    if st.session_state.setdefault(CHOICE, NOTHING) == NOTHING:
        st.session_state[FORK] = 0  # the next run B differs from the start, unless it is a fork
    st.session_state.setdefault(FORK, 0)
    with st.expander(
        _("Compare two runs (A/B)"), expanded=bool(st.session_state.get(FORK_IS_OPEN))
    ):
        name = st.selectbox(
            _("What run B does differently"),
            [NOTHING, *offered],
            format_func=lambda n: offered.get(n, _("Nothing: no second run")),
            key=CHOICE,
            persist_state="session",
            help=_(
                "Run B has the first parameters, the seed and the order of the data of run A. "
                "It is brought to the step of A."
            ),
        )
        value = None if name == NOTHING else _value(settings, name)
        if name != NOTHING:
            st.number_input(
                _("Run B leaves run A at step"),
                0,
                MAX_FORK_STEP,
                step=100,
                key=FORK,
                persist_state="session",
                help=_(
                    "0: it differs from the start. Look back along the line above the equation "
                    "and press *Fork here* to take the step on the screen."
                ),
            )
        fork = st.session_state[FORK]
        difference, messages = read_difference(settings, name, value, fork)
        for message in messages:
            st.warning(message)
    return difference


def _value(settings: LabSettings, name: str) -> Any:
    """Draw the widget of B's value."""
    key, suggested, said = f"rival_{name}", suggested_value(settings, name), ROWS[name]
    if said.kind is bool:
        st.caption(_("Run B: {message}").format(message=_(said.label if suggested else said.off)))
        return suggested
    options = OFFERED if name == "estimator" else ()
    if st.session_state.setdefault(key, suggested) not in options and options:
        st.session_state[key] = suggested
    label = _("{setting} of run B").format(setting=setting_name(name, settings.estimator))
    return show_setting(said, key, label=label, options=options, help=None)


# ---- the numbers of both ------------------------------------------------------------------


def show_side_by_side(view: SideBySide, heat: tuple[pa.Table, pa.Table], playing: bool) -> None:
    """Draw the numbers of both runs where they stand, and their gradients."""
    numbers, both = st.columns([5, 8], gap="medium")
    numbers.markdown(_table(view))
    with both.container(key="both_gradients"):  # beside each other, and of one size
        left, right = st.columns(2, gap="medium")
    for column, cells, name, label, centered in zip(
        (left, right), heat, "AB", view.labels, view.centered, strict=True
    ):
        title = _("Centered gradient of W") if centered else _("Gradient of W")
        title = f"{title}, {name}: {label}"
        values = cells["value"].to_numpy()
        low, high = (float(x) for x in (values.min(), values.max())) if len(values) else (0.0, 0.0)
        words = (
            words_while_playing(title)
            if playing
            else values_in_words(title, [_("least"), _("greatest")], [low, high])
        )
        show_chart(column, cells, gradient_spec(title), words, CELLS, key=f"gradient_{name}")


def gradient_tables(view: SideBySide) -> tuple[pa.Table, pa.Table]:
    """List the cells of both gradients, as the updates take them, on one scale."""
    gradients = [np.zeros((0, 0)) if ascent is None else ascent.vh for ascent in view.ascents]
    largest = max(float(np.abs(g).max(initial=0.0)) for g in gradients)
    a, b = (pa.table(dict(gradient_cells(g, largest))) for g in gradients)
    return a, b


def _table(view: SideBySide) -> str:
    """Write the numbers as a table; what is estimated says so."""
    columns = [
        _numbers(snapshot, ascent, any(view.centered))
        for snapshot, ascent in zip((view.a, view.b), view.ascents, strict=True)
    ]
    titles = [f"{name}: {label}" for name, label in zip("AB", view.labels, strict=True)]
    if view.b is not None and view.b.step != view.a.step:
        titles[1] += _(" (at step {step:,})").format(
            step=view.b.step
        )  # these are not the same moment
    lines = [f"| | {titles[0]} | {titles[1]} |", "|:---|---:|---:|"]
    lines += [
        f"| {name} | {columns[0][name]} | {columns[1].get(name, '–')} |" for name in columns[0]
    ]
    if view.diverged:
        last = view.columns[1]["step"][-1] if view.columns[1]["step"] else 0
        lines += [
            "",
            _("Run B diverged after step {last:,}. Restart with another value.").format(last=last),
        ]
    return "\n".join(lines)


def _numbers(
    snapshot: Snapshot | None, ascent: PhaseStatistics | None, some_centered: bool
) -> dict[str, str]:
    if snapshot is None or ascent is None:
        return {}
    log_p, estimate, compared = (
        snapshot.mean_log_p_tilde,
        snapshot.log_z_estimate,
        snapshot.comparison,
    )
    found = {_("step"): f"{snapshot.step:,}"}
    if snapshot.log_z is not None:
        found[_("log-likelihood, exact")] = decimal(log_p - snapshot.log_z)
        found[_("log Z, exact")] = decimal(snapshot.log_z)
    elif estimate is not None:
        spread = f"\u00a0±\u00a0{(estimate.high - estimate.low) / 2:.2f}"  # does not break
        found[_("log-likelihood, estimated")] = decimal(log_p - estimate.log_z, 2) + spread
        found[_("log Z, estimated")] = decimal(estimate.log_z, 2) + spread
    found[_("mean log p̃")] = decimal(log_p)
    found[_("gradient norm")] = decimal(float(np.linalg.norm(ascent.flat())))
    if compared is not None:
        angle = (
            _("angle to the exact gradient, before centering")
            if some_centered
            else _("angle to the exact gradient")
        )
        found[angle] = f"{compared.angle:.1f}°"
    return found
