"""Every estimator of the negative phase beside the exact one: bias, noise and mixing."""

from typing import Any

import streamlit as st

from rbmviz.core.bias_and_noise import BiasAndNoise
from rbmviz.core.errors import TooManyUnitsError
from rbmviz.language import N_, _, ngettext
from rbmviz.pages.address import open_address, page_settings, put_settings, show_page_share
from rbmviz.pages.estimator_table import bias_text, go_on, show_table, stop
from rbmviz.pages.lesson_bar import show_lesson_bar
from rbmviz.pages.mixing_panels import show_slowest_mode, show_states, show_what_k_buys
from rbmviz.pages.model_choice import (
    chosen_case,
    show_import,
    show_model_choice,
    wait_for_the_lab,
)
from rbmviz.pages.present import show_present
from rbmviz.pages.progress import with_progress
from rbmviz.pages.setting_widgets import show_setting
from rbmviz.pages.startup import tidy_up
from rbmviz.pages.style import PAGE_STYLE
from rbmviz.run.difference import setting_name
from rbmviz.run.estimators import ESTIMATORS
from rbmviz.run.model_case import ModelCase
from rbmviz.run.table import rows
from rbmviz.stage.component import load_stage_code, show_maps
from rbmviz.stage.maps import HeatMap, encode_maps
from rbmviz.studio.analysis import (
    MAX_DRAW,
    SUDDEN_SECONDS,
    Analysis,
    Contestant,
    NegativePhaseSettings,
    is_resolved,
    verdict,
)
from rbmviz.studio.page_tables import NEGATIVE, PAGE_TABLES

_key = PAGE_TABLES[NEGATIVE].key
_ROWS = rows(NegativePhaseSettings)
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


def _draw_again(settings: NegativePhaseSettings) -> None:
    put_settings(NEGATIVE, {"draw": (settings.draw + 1) % (MAX_DRAW + 1)})


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
    open_address(NEGATIVE)
    show_lesson_bar(NEGATIVE)
    settings: NegativePhaseSettings = page_settings(NEGATIVE)
    with st.sidebar:
        st.markdown("## rbmviz")
        show_model_choice(NEGATIVE)
        for name in ("estimator", "repeats", "warm_up"):
            show_setting(_ROWS[name], _key(name))
        show_import()
    title = _("Is the estimate wrong, or only noisy?")
    wait_for_the_lab(settings.model, title)
    case, kind = chosen_case(settings.model), settings.estimator
    analysis = _analysis(case, settings.repeats, settings.warm_up)

    left, right = st.columns([3, 2], vertical_alignment="bottom", gap="medium")
    left.markdown(f"### {title}\n{_(case.description)}")
    with right, st.container(horizontal=True, vertical_alignment="bottom"):
        show_setting(_ROWS["k"], _key("k"), label=setting_name("n_steps", kind))
        st.button(
            _("Redraw"),
            on_click=_draw_again,
            args=(settings,),
            key="draw_again",
            help=_("Draw another single estimate."),
        )
    show_page_share(NEGATIVE, settings)
    show_present(
        NEGATIVE, _(case.name), _(ESTIMATORS[kind].label),
        _("{n} repeats").format(n=settings.repeats),
        _("{n} warm-up steps").format(n=settings.warm_up),
    )  # fmt: skip
    _show_analysis(analysis, Contestant(kind, settings.k), settings.draw)
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


def _show_analysis(analysis: Analysis, who: Contestant, draw: int) -> None:
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
    if not len(analysis.case.v_data):
        st.warning(
            _(
                "Chains start at data, and none of {n} units are known here for this model. Choose "
                "another model, or upload one whose units are as many as those of a data set."
            ).format(n=analysis.case.rbm.n_visible)
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
    _maps(analysis, who, found, draw)
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
