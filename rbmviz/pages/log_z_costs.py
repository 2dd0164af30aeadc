"""Below the estimates: what they cost, what exactness costs, and few against many temperatures."""

import math
from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from rbmviz.charts.alternative import by_group, curves_in_words
from rbmviz.charts.chart_table import COSTS, EXACTNESS_TIMES, WEIGHTS
from rbmviz.charts.log_z_cost import cost_columns, cost_spec, exactness_columns, exactness_spec
from rbmviz.charts.log_z_weights import weights_columns, weights_spec
from rbmviz.core.enumeration import MAX_ENUMERATED_UNITS
from rbmviz.pages.chart import show_chart
from rbmviz.pages.log_z_panels import weights_in_words
from rbmviz.pages.progress import with_progress
from rbmviz.studio.log_z_cost import (
    AGE_OF_UNIVERSE,
    DRAWN_UNITS,
    N_REPEATS,
    continued,
    duration,
    measure_error_against_cost,
    measured_exactness,
    rungs,
)
from rbmviz.studio.log_z_methods import KINDS, LogZSettings
from rbmviz.studio.log_z_study import FEW_BETAS, MANY_BETAS, LogZStudy, told

EXACTNESS, ERRORS, FEW_MANY = (
    "The cost of exactness",
    "Error against cost",
    "10 against 10,000 temperatures",
)
_MARKS = (("a day", 86_400.0), ("a century", 3.156e9), ("age of the universe", AGE_OF_UNIVERSE))


def stop() -> None:
    st.session_state.log_z_study.stopped = True
    st.session_state.log_z_study.asked = None


def ask(what: object) -> None:
    st.session_state.log_z_study.stopped = False
    st.session_state.log_z_study.asked = what


def about(seconds: float) -> str:
    """Say how long something takes."""
    return f"about {max(seconds, 1):.0f} s" if seconds < 100 else f"about {seconds / 60:.0f} min"


def show_costs(study: LogZStudy, settings: LogZSettings) -> None:
    """Draw three tabs; only the open one computes anything."""
    names = [EXACTNESS, ERRORS, FEW_MANY]
    if st.session_state.get("log_z_tab", EXACTNESS) not in names:
        del st.session_state["log_z_tab"]
    tabs = st.tabs(names, key="log_z_tab", on_change="rerun")
    for tab, show in zip(
        tabs,
        (show_exactness, lambda: show_errors(study), lambda: show_few_and_many(study, settings)),
        strict=True,
    ):
        if tab.open:
            with tab:
                show(study) if show is show_exactness else show()


def show_exactness(study: LogZStudy) -> None:
    """Draw the time of a sum over all states, measured and continued."""
    measured = measured_exactness()
    rbm = study.case.rbm
    units = min(rbm.n_visible, rbm.n_hidden)
    law = [(n, continued(measured, n)) for n in range(measured[0][0], DRAWN_UNITS + 1, 2)]
    limit = MAX_ENUMERATED_UNITS, continued(measured, MAX_ENUMERATED_UNITS)
    here = float(min(units, DRAWN_UNITS))
    # below the sizes measured the time is that of calls; the picture needs no more than the floor
    model = here, max(continued(measured, min(units, DRAWN_UNITS)), -5.5)
    columns = exactness_columns(
        [(n, math.log10(seconds)) for n, seconds in measured],
        law,
        [(name, math.log10(seconds)) for name, seconds in _MARKS],
        limit,
        model,
    )
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="center")
    names = {"measured": "measured", "continued": "continued by the law"}
    curves = by_group(columns, "what", "units", "time", names)
    words = curves_in_words("The cost of exactness, log10 of seconds", "units", curves)
    show_chart(left, columns, exactness_spec(), words, EXACTNESS_TIMES, table_key="exactness")
    beyond = " It is far beyond this picture." if units > DRAWN_UNITS else ""
    right.markdown(
        f"log Z is a sum over the 2ⁿ states of the shorter layer. Each unit more doubles it.\n\n"
        f"**This model:** n = {units}, {duration(continued(measured, units))}, estimated from the "
        f"law.{beyond}\n\n"
        f"Points: measured here just now, for n visible and n hidden units. Dashed: n 2ⁿ, "
        f"continued. At n = {MAX_ENUMERATED_UNITS}, the limit here: "
        f"{duration(continued(measured, MAX_ENUMERATED_UNITS))}. At n = 50: "
        f"{duration(continued(measured, 50))}. At n = 100: {duration(continued(measured, 100))}."
    )


def show_errors(study: LogZStudy) -> None:
    """Draw |estimate - exact| against CPU seconds, for every method at a few sizes."""
    truth = study.truth
    if truth is None:
        within = math.isfinite(study.seconds("exact", LogZSettings()))
        why = "choose the method Exact first." if within else "nobody knows it here."
        st.info(f"An error needs the exact value: {why}")
        return
    kept = st.session_state.get("log_z_errors")
    if kept is None or kept[0] is not study:
        seconds = N_REPEATS * sum(rung.seconds for rung in rungs(study))
        done = _after_question(
            study,
            ERRORS,
            seconds,
            "Measure every method",
            lambda progress: measure_error_against_cost(study, truth, progress),
        )
        if done is None:
            return
        kept = st.session_state.log_z_errors = (study, done)
    points = kept[1]
    exact = study.get("exact", LogZSettings())
    columns = cost_columns(
        [KINDS[point.kind] for point in points],
        [point.size for point in points],
        [point.seconds for point in points],
        [point.error for point in points],
        exact.cost.seconds if exact and exact.cost else None,
    )
    methods = tuple(dict.fromkeys(KINDS[point.kind] for point in points))
    curves = by_group(columns, "method", "seconds", "error", {m: m for m in methods})
    words = curves_in_words("Error against cost, in nats", "seconds", curves)
    show_chart(st, columns, cost_spec(methods), words, COSTS, table_key="errors")
    st.caption(
        f"Root mean square of estimate − exact over {N_REPEATS} draws. Linear schedule. "
        + ("Green: what the exact sum costs. " if exact else "")
        + "A line that falls learns from more work. A line that stays has a bias that work does "
        "not cure."
    )


def _after_question(
    study: LogZStudy, what: str, seconds: float, text: str, work: Callable[..., list]
) -> list | None:
    """Do quick work at once, and long work after a button; under a bar with Cancel."""
    place, found = st.empty(), []
    if not study.may_begin(seconds, what):
        place.container().button(  # in a container the bar takes its place at once
            f"{text}: {about(seconds)}", on_click=ask, args=[what], key=f"log_z_ask_{what}"
        )
        return None
    with place.container():
        with_progress(text, lambda progress: found.extend(work(progress)), f"stop_{what}", stop)
    place.empty()
    return found


def show_few_and_many(study: LogZStudy, settings: LogZSettings) -> None:
    """Draw AIS on the same model at 10 and at 10,000 temperatures, on one axis."""
    few, many = (replace(settings, n_betas=n) for n in (FEW_BETAS, MANY_BETAS))
    both = [few, many]
    if any(study.get("ais", one) is None for one in both):
        done = _after_question(
            study,
            FEW_MANY,
            study.seconds("ais", many),
            f"Run AIS with {settings.n_chains} chains at {MANY_BETAS:,} temperatures",
            lambda progress: [study.run("ais", one, lambda d, _: progress(d)) for one in both],
        )
        if done is None:
            return
    found = [study.run("ais", one) for one in both]
    truth = study.truth
    ends = [x for one in found for x in (one.log_weights.min(), one.log_weights.max(), one.log_z)]
    reach = (float(min(ends)), float(max(ends)))
    for place, one, n in zip(
        st.columns(2, gap="medium"), found, (FEW_BETAS, MANY_BETAS), strict=True
    ):
        columns = weights_columns(one.log_weights, one.log_z, truth and truth.log_z, reach=reach)
        with place:
            title = f"{n:,} temperatures"
            words = weights_in_words(title, one, truth and truth.log_z)
            show_chart(st, columns, weights_spec(title), words, WEIGHTS, table_key=f"betas_{n}")
            off = f", off by {abs(one.log_z - truth.log_z):.2g}" if truth else ""
            st.markdown(
                f"log Z = {told(one)} nats, estimated{off}. Effective "
                f"{one.effective_sample_size:.3g} of {one.n_chains} chains."
            )
            if one.warning:
                st.warning(one.warning)
