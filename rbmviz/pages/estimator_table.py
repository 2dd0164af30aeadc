"""The table of all estimators on one model, measured under a progress bar that can be stopped."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import streamlit as st

from rbmviz.core.bias_and_noise import BiasAndNoise
from rbmviz.language import _
from rbmviz.pages.progress import with_progress
from rbmviz.studio.analysis import TABLE, Analysis, Contestant, is_resolved


def stop() -> None:
    st.session_state.analysis.stopped = True


def go_on() -> None:
    st.session_state.analysis.stopped = False


def show_table(analysis: Analysis) -> None:
    """Show what is judged so far, then judge the rest under a progress bar."""
    st.markdown(_("#### Every estimator on this model"))
    st.caption(
        _(
            "CD from the exact operator where it is known; the others from {n_repeats} "
            "independent repeats of {n_warm_up} steps at fixed parameters and one estimate. Bias "
            "and noise are lengths over W, b and c. The CPU time of one estimate is measured on "
            "this machine, now. "
            '<span class="rbmviz-swipe">Swipe the table to the left for angles, signs and '
            "cost.</span>"
        ).format(n_repeats=analysis.n_repeats, n_warm_up=analysis.n_warm_up),
        unsafe_allow_html=True,  # a phone alone shows the last sentence
    )
    place, bar = st.empty(), st.empty()
    _draw_table(place, analysis)
    missing = [who for who in TABLE if who not in analysis.singly]
    if not missing:
        return
    if analysis.stopped:
        with bar.container():
            st.button(_("Measure the rest"), on_click=go_on, key="measure")
        return
    with bar.container():
        for n, who in enumerate(missing):
            text = _("Measuring {estimator} ({n} of {of})").format(
                estimator=_(who.row.label), n=n + 1, of=len(missing)
            )
            with_progress(text, lambda p, who=who: analysis.judge_one(who, p), f"stop_{n}", stop)
            _draw_table(place, analysis)
    bar.empty()


def _draw_table(place: Any, analysis: Analysis) -> None:
    rows = [(who, analysis.singly.get(who)) for who in TABLE]

    def column(get: Callable[[Contestant, BiasAndNoise], str]) -> list[str]:
        return ["" if found is None else get(who, found) for who, found in rows]

    def if_resolved(found: BiasAndNoise, text: str) -> str:
        return text if is_resolved(found) else _("not resolved")

    table = {
        _("Estimator"): [who.name for who, found in rows],
        _("Chains"): [who.chains_text for who, found in rows],
        _("Bias"): column(lambda who, f: bias_text(f)),
        _("Noise"): column(lambda who, f: f"{f.noise_norm:.4f}"),
        _("Angle of the mean"): column(lambda who, f: if_resolved(f, f"{f.angle_of_mean:.1f}°")),
        _("Angle of one"): column(lambda who, f: f"{f.angle_of_one:.1f}°"),
        _("Wrong signs"): column(lambda who, f: if_resolved(f, f"{f.wrong_signs_of_mean:.0%}")),
        _("CPU µs"): column(lambda who, f: f"{1e6 * analysis.seconds(who):.0f}"),
    }
    right = {name: st.column_config.TextColumn(alignment="right") for name in list(table)[2:]}
    right[_("Bias")] = st.column_config.TextColumn(alignment="right", width=130)
    right[_("Estimator")] = st.column_config.TextColumn(
        pinned=True
    )  # it stays while a phone scrolls
    place.dataframe(pa.table(table), hide_index=True, width="stretch", column_config=right)


def bias_text(found: BiasAndNoise) -> str:
    """Write the bias, or what it stays below when the repeats cannot tell it from zero."""
    if found.n_repeats is None:
        return f"{found.bias_norm:.4f}"
    if is_resolved(found):
        return f"{found.bias_norm:.4f} ± {found.bias_floor:.4f}"
    return f"< {2 * found.bias_floor:.4f}"
