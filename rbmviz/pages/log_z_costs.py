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
from rbmviz.language import N_, _
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
    N_("The cost of exactness"),
    N_("Error against cost"),
    N_("10 against 10,000 temperatures"),
)
_MARKS = (
    (N_("a day"), 86_400.0),
    (N_("a century"), 3.156e9),
    (N_("age of the universe"), AGE_OF_UNIVERSE),
)


def stop() -> None:
    st.session_state.log_z_study.stopped = True
    st.session_state.log_z_study.asked = None


def ask(what: object) -> None:
    st.session_state.log_z_study.stopped = False
    st.session_state.log_z_study.asked = what


def about(seconds: float) -> str:
    """Say how long something takes."""
    return (
        _("about {seconds:.0f} s").format(seconds=max(seconds, 1))
        if seconds < 100
        else _("about {minutes:.0f} min").format(minutes=seconds / 60)
    )


def show_costs(study: LogZStudy, settings: LogZSettings) -> None:
    """Draw three tabs; only the open one computes anything."""
    names = [_(EXACTNESS), _(ERRORS), _(FEW_MANY)]
    if st.session_state.get("log_z_tab", names[0]) not in names:
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
        [(_(name), math.log10(seconds)) for name, seconds in _MARKS],
        limit,
        model,
    )
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="center")
    names = {"measured": _("measured"), "continued": _("continued by the law")}
    curves = by_group(columns, "what", "units", "time", names)
    words = curves_in_words(_("The cost of exactness, log10 of seconds"), _("units"), curves)
    show_chart(left, columns, exactness_spec(), words, EXACTNESS_TIMES, table_key="exactness")
    beyond = _(" It is far beyond this picture.") if units > DRAWN_UNITS else ""
    right.markdown(
        _(
            "log Z is a sum over the 2ⁿ states of the shorter layer. Each extra unit doubles "
            "it.\n\n"
            "**This model:** n = {units}, {here}, estimated from the law.{beyond}\n\n"
            "Points: measured here just now, for n visible and n hidden units. Dashed: n 2ⁿ, "
            "continued. At n = {limit}, the limit here: {at_limit}. At n = 50: {at_50}. "
            "At n = 100: {at_100}."
        ).format(
            units=units,
            here=duration(continued(measured, units)),
            beyond=beyond,
            limit=MAX_ENUMERATED_UNITS,
            at_limit=duration(continued(measured, MAX_ENUMERATED_UNITS)),
            at_50=duration(continued(measured, 50)),
            at_100=duration(continued(measured, 100)),
        )
    )


def show_errors(study: LogZStudy) -> None:
    """Draw |estimate - exact| against CPU seconds, for every method at a few sizes."""
    truth = study.truth
    if truth is None:
        within = math.isfinite(study.seconds("exact", LogZSettings()))
        why = _("choose the method *Exact* first.") if within else _("nobody knows it here.")
        st.info(_("An error needs the exact value: {why}").format(why=why))
        return
    kept = st.session_state.get("log_z_errors")
    if kept is None or kept[0] is not study:
        seconds = N_REPEATS * sum(rung.seconds for rung in rungs(study))
        done = _after_question(
            study,
            ERRORS,
            seconds,
            _("Measure every method"),
            lambda progress: measure_error_against_cost(study, truth, progress),
        )
        if done is None:
            return
        kept = st.session_state.log_z_errors = (study, done)
    points = kept[1]
    exact = study.get("exact", LogZSettings())
    columns = cost_columns(
        [_(KINDS[point.kind]) for point in points],
        [point.size for point in points],
        [point.seconds for point in points],
        [point.error for point in points],
        exact.cost.seconds if exact and exact.cost else None,
    )
    methods = tuple(dict.fromkeys(_(KINDS[point.kind]) for point in points))
    curves = by_group(columns, "method", "seconds", "error", {m: m for m in methods})
    words = curves_in_words(_("Error against cost, in nats"), _("seconds"), curves)
    show_chart(st, columns, cost_spec(methods), words, COSTS, table_key="errors")
    st.caption(
        _("Root mean square of estimate − exact over {n_repeats} draws. Linear schedule. ").format(
            n_repeats=N_REPEATS
        )
        + (_("Green: what the exact sum costs. ") if exact else "")
        + _(
            "A line that falls learns from more work. A line that stays has a bias that work does "
            "not cure."
        )
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
            _("Run AIS with {n_chains} chains at {many_betas:,} temperatures").format(
                n_chains=settings.n_chains, many_betas=MANY_BETAS
            ),
            lambda progress: [
                study.run("ais", one, lambda share, log_w: progress(share)) for one in both
            ],
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
            title = _("{n:,} temperatures").format(n=n)
            words = weights_in_words(title, one, truth and truth.log_z)
            show_chart(st, columns, weights_spec(title), words, WEIGHTS, table_key=f"betas_{n}")
            off = _(", off by {off:.2g}").format(off=abs(one.log_z - truth.log_z)) if truth else ""
            st.markdown(
                _(
                    "log Z = {log_z} nats, estimated{off}. "
                    "Effective {effective:.3g} of {n_chains} chains."
                ).format(
                    log_z=told(one),
                    off=off,
                    effective=one.effective_sample_size,
                    n_chains=one.n_chains,
                )
            )
            if one.warning:
                st.warning(_(one.warning))
