"""Every estimator of the negative phase beside the exact one: bias, noise and mixing."""

from typing import Any

import streamlit as st

from rbmviz.core.bias_and_noise import BiasAndNoise
from rbmviz.core.errors import TooManyUnitsError
from rbmviz.language import N_, _, ngettext
from rbmviz.pages.estimator_table import bias_text, go_on, show_table, stop
from rbmviz.pages.lesson_bar import show_lesson_bar
from rbmviz.pages.mixing_panels import show_slowest_mode, show_states, show_what_k_buys
from rbmviz.pages.model_choice import chosen_case, lab_and_presets
from rbmviz.pages.present import show_present
from rbmviz.pages.progress import with_progress
from rbmviz.pages.startup import tidy_up
from rbmviz.pages.style import PAGE_STYLE
from rbmviz.run.difference import setting_name
from rbmviz.run.estimators import ESTIMATORS
from rbmviz.stage.component import load_stage_code, show_maps
from rbmviz.stage.maps import HeatMap, encode_maps
from rbmviz.studio.analysis import (
    KINDS,
    REPEATS,
    STEPS,
    SUDDEN_SECONDS,
    WARM_UPS,
    Analysis,
    Contestant,
    is_resolved,
    verdict,
)
from rbmviz.studio.presets import ModelCase

REFUSED_SECONDS = 100.0  # no model that is summed takes so long

_GUIDE = N_("""
The negative phase is the model's own expectation E[v hᵀ]. An estimate of it can be **wrong**: its
mean, over all the random numbers it could have drawn, is not the exact value. That is its **bias**.
And it can be **noisy**: single estimates scatter around their mean. Noise averages out over
updates; bias does not.

- **Exact** is a sum over all states. **Expected CD-k** follows from the exact transition operator
  of Gibbs sampling, so there is no sampling noise in it. For the other estimators the mean is
  taken over independent repeats.
- **Bias map**: orange, the estimate is too large and pushes the parameter down too hard; blue, it
  is too small. **Noise map**: the standard deviation of a single estimate.
- **λ₂** is the second largest eigenvalue of the transition operator. In the end each Gibbs step
  shrinks the error by this factor; the **mixing time** counts the steps until a chain has
  forgotten where it started, to a quarter in total variation.
- **Angle**: between the gradient that follows from an estimate and the exact one. At 90° it does
  nothing for the likelihood, beyond 90° it lowers it. **Wrong signs**: weights that it moves the
  wrong way.
""")


def _analysis(case: ModelCase, n_repeats: int, n_warm_up: int) -> Analysis:
    """What is known about the case; kept until another one is chosen."""
    kept: Analysis | None = st.session_state.get("analysis")
    if kept is None or kept.case.rbm is not case.rbm:
        kept = Analysis(case)
    if (kept.n_repeats, kept.n_warm_up) != (n_repeats, n_warm_up):
        kept = Analysis(case, n_repeats, n_warm_up, kept.exact, kept.operator)
    st.session_state.analysis = kept
    return kept


def _draw_again() -> None:
    st.session_state.draw = (st.session_state.get("draw", 0) + 1) % 1_000_000


def _find(
    analysis: Analysis, seconds: float, text: str, work: Any, key: str
) -> TooManyUnitsError | None:
    """Do a step of the analysis, under a progress bar when it takes long."""
    place = st.empty()
    try:
        if seconds <= SUDDEN_SECONDS or seconds > REFUSED_SECONDS:  # refused at once
            work(None)
        else:
            with place.container():
                with_progress(
                    _("{text}, about {seconds:.0f} s").format(text=text, seconds=max(seconds, 1)),
                    work,
                    key,
                    stop,
                )
            place.empty()
    except TooManyUnitsError as error:
        place.empty()
        return error
    return None


def _maps(analysis: Analysis, who: Contestant, found: BiasAndNoise | None, seed: int) -> None:
    assert analysis.exact is not None
    exact = HeatMap(_("Exact"), _("E[v h] by a sum over all states"), analysis.exact, hue="exact")
    statistics = analysis.one_estimate(who, seed).statistics
    one = HeatMap(
        _("One {estimator}").format(estimator=who.label),
        _("a single estimate"),
        statistics,
        "share",
        "negative",
        True,
    )
    if found is None:  # not measured yet
        show_maps(encode_maps([exact, one]), key="maps")
        return
    repeats = found.n_repeats
    if repeats is None:
        expected = HeatMap(
            _("Expected {estimator}").format(estimator=who.label),
            _("exact, without sampling"),
            found.mean,
            hue="negative",
        )
    else:
        expected = HeatMap(
            _("Mean of {estimator}").format(estimator=who.label),
            _("{n} repeats").format(n=repeats),
            found.mean,
            hue="negative",
            estimated=True,
        )
    bias = _("mean − exact")
    if repeats is not None:
        bias = _("mean − exact, {n} repeats").format(n=repeats)
    maps = [
        exact,
        expected,
        one,
        HeatMap(_("Bias"), bias, found.bias, "signed", least=1e-3),
        HeatMap(_("Noise"), _("deviation of one estimate"), found.deviation, "spread"),
    ]
    show_maps(encode_maps(maps), key="maps")


def _facts(analysis: Analysis, who: Contestant, found: BiasAndNoise) -> None:
    facts = [(_("bias"), bias_text(found)), (_("noise"), f"{found.noise_norm:.3f}")]
    if is_resolved(found):
        facts += [
            (_("angle of the mean gradient"), f"{found.angle_of_mean:.0f}°"),
            (_("weights with a wrong sign"), f"{found.wrong_signs_of_mean:.0%}"),
        ]
    if analysis.operator is not None:
        mixing = analysis.operator.quarter_mixing_time
        steps = (
            _("too many steps to count")
            if mixing is None
            else ngettext("{n:,} step", "{n:,} steps", mixing).format(n=mixing)
        )
        facts += [
            ("λ₂", f"{analysis.operator.second_eigenvalue:.4f}"),
            (_("mixing time"), steps),
        ]
        if who.kind == "cd" and who.n_steps > 1:
            power = analysis.operator.second_eigenvalue**who.n_steps
            facts.insert(-1, (_("λ₂ to the {k}").format(k=who.n_steps), f"{power:.3g}"))
    cells = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    st.html(f'<dl class="rbmviz-facts" data-testid="facts">{cells}</dl>')


def show_negative_phase() -> None:
    """Draw the page."""
    st.html(PAGE_STYLE)
    show_lesson_bar("negative-phase")
    st.session_state.setdefault("negative_repeats", 100)
    st.session_state.setdefault("negative_warm_up", 100)
    cases = lab_and_presets()
    with st.sidebar:
        st.markdown("## rbmviz")
        name = st.selectbox(
            _("Model"), list(cases), format_func=_, key="negative_model", persist_state="session"
        )
        kind = st.selectbox(
            _("Estimator"),
            KINDS,
            format_func=lambda kind: _(ESTIMATORS[kind].label),
            key="negative_kind",
            persist_state="session",
        )
        n_repeats = st.select_slider(
            _("Repeats"),
            REPEATS,
            key="negative_repeats",
            persist_state="session",
            help=_("Independent estimates behind each mean, where it is not known exactly."),
        )
        n_warm_up = st.select_slider(
            _("Warm-up steps"),
            WARM_UPS,
            key="negative_warm_up",
            persist_state="session",
            help=_(
                "Steps of persistent chains at these parameters before the estimate. In a run "
                "the parameters move meanwhile; here they rest."
            ),
        )
    case = chosen_case(name if name in cases else next(iter(cases)), cases)
    kind = kind if kind in KINDS else KINDS[0]
    n_repeats = n_repeats if n_repeats in REPEATS else 100
    n_warm_up = n_warm_up if n_warm_up in WARM_UPS else 100
    analysis = _analysis(case, n_repeats, n_warm_up)

    left, right = st.columns([3, 2], vertical_alignment="bottom", gap="medium")
    title = _("Is the estimate wrong, or only noisy?")
    left.markdown(f"### {title}\n{_(case.description)}")
    with right:
        row = st.container(horizontal=True, vertical_alignment="bottom")
        k = row.select_slider(
            setting_name("n_steps", kind),
            STEPS,
            key="negative_k",
            persist_state="session",
        )
        row.button(
            _("Redraw"),
            on_click=_draw_again,
            key="draw_again",
            help=_("Draw another single estimate."),
        )
    who = Contestant(kind, k if k in STEPS else 1)
    show_present(
        "negative-phase", _(case.name), _(ESTIMATORS[kind].label),
        _("{n} repeats").format(n=n_repeats), _("{n} warm-up steps").format(n=n_warm_up),
    )  # fmt: skip
    _show_analysis(analysis, who)
    with st.expander(_("What am I looking at?")):
        st.markdown(_(_GUIDE))
    load_stage_code()
    tidy_up()


def _judged(analysis: Analysis, who: Contestant) -> BiasAndNoise | None:
    """Judge the chosen estimator, under a progress bar; None after Cancel."""
    if not analysis.knows(who):
        if analysis.stopped:
            st.button(
                _("Measure {estimator}").format(estimator=who.label),
                on_click=go_on,
                key="measure_one",
            )
            return None
        place = st.empty()
        with place.container():
            text = _("Measuring {label}, {n_repeats} repeats").format(
                label=who.label, n_repeats=analysis.n_repeats
            )
            with_progress(text, lambda p: analysis.judge(who, p), "stop_one", stop)
        place.empty()
    return analysis.judge(who)


def _show_analysis(analysis: Analysis, who: Contestant) -> None:
    if analysis.exact is None:
        if analysis.stopped:
            st.button(_("Sum over all states"), on_click=go_on, key="sum")
            return
        error = _find(
            analysis,
            analysis.exact_seconds,
            _("Summing over all states"),
            analysis.find_exact,
            "sum",
        )
        if error is not None:
            st.warning(
                _(
                    "The exact phase is out of reach here, and everything on this page "
                    "is judged by it. "
                    "{error} Choose a preset, or train a smaller model in the lab."
                ).format(error=error)
            )
            return
    if analysis.operator is None and not analysis.stopped:
        error = _find(
            analysis,
            analysis.operator_seconds,
            _("Building the exact transition operator"),
            analysis.find_operator,
            "operator",
        )
        if error is not None:
            st.info(_("CD-k is measured by repeats here. {error}").format(error=error))
    found = _judged(analysis, who)
    if found is not None:
        st.markdown(verdict(found, who.label))
    _maps(analysis, who, found, st.session_state.get("draw", 0))
    if found is not None:
        _facts(analysis, who, found)
    left, right = st.columns(2, gap="medium")
    with left:
        show_what_k_buys(analysis, who)
        show_slowest_mode(analysis)
    if found is not None:
        with right:
            show_states(analysis, who)
    show_table(analysis)


show_negative_phase()
