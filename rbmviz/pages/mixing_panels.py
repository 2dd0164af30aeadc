"""What k buys, which states the chains miss, and why the chain does not mix."""

import numpy as np
import streamlit as st

from rbmviz.charts.alternative import by_column, curves_in_words
from rbmviz.charts.chart_table import MIXING, STATES
from rbmviz.charts.mixing import mixing_columns, mixing_spec
from rbmviz.charts.states import MAX_STATES, state_columns, states_spec, tiles_html
from rbmviz.language import _
from rbmviz.pages.chart import show_chart
from rbmviz.studio.analysis import MAX_STATES_UNITS, Analysis, Contestant


def show_what_k_buys(analysis: Analysis, who: Contestant) -> None:
    k = who.n_steps
    if analysis.operator is None:
        st.info(
            _("What k buys follows from the exact transition operator, which is not known here.")
        )
        return
    bias, noise = analysis.curves()
    columns = mixing_columns(bias, noise, analysis.operator.second_eigenvalue, k)
    names = {"bias": _("bias"), "noise": _("noise"), "lambda_power": _("lambda 2 to the k")}
    words = curves_in_words(_("What k buys"), "k", by_column(columns, "k", names))
    show_chart(st, columns, mixing_spec(), words, MIXING, key="mixing")
    if who.kind == "cd" and k > 1 and bias[0] > 0:
        st.caption(
            _("CD-{k} keeps {share:.1%} of the bias of CD-1.").format(
                k=k, share=bias[k - 1] / bias[0]
            )
        )


def show_states(analysis: Analysis, who: Contestant) -> None:
    found = analysis.state_probabilities(who)
    n_visible = analysis.case.rbm.n_visible
    if found is None:
        st.info(
            _(
                "{n_visible} visible units have {n_states:,} states: too many to show "
                "each. Choose a "
                "model with at most {limit} visible units."
            ).format(n_visible=n_visible, n_states=2**n_visible, limit=MAX_STATES_UNITS)
        )
        return
    model, data, chains = found
    if chains is None:
        st.info(
            _("{label} has no chains and visits no states: it works with means of units.").format(
                label=who.label
            )
        )
        return
    columns = state_columns(model, data, chains, n_visible)
    names = {"model": _("model, exact"), "data": _("data"), "chains": _("chains")}
    words = curves_in_words(
        _("Probability of states"), _("rank"), by_column(columns, "rank", names)
    )
    show_chart(st, columns, states_spec(), words, STATES, key="states")
    apart = abs(model - chains).sum() / 2
    n = analysis.judged[who].n_counted if who in analysis.judged else 0
    blur = np.sqrt(model * (1 - model) / n) if n else np.zeros_like(model)
    # E|x| of a normal x is sqrt(2 / pi) deviations: what a perfect sampler would show
    perfect = (
        _(" (a perfect sampler of {n:,}: {distance:.3f})").format(
            n=n, distance=blur.sum() / np.sqrt(2 * np.pi)
        )
        if n
        else ""
    )
    st.caption(
        _(
            "{shown} of {size:,} states; circles at the bottom are 0. Total variation between "
            "chains and model: {apart:.3f}{perfect}."
        ).format(shown=min(MAX_STATES, model.size), size=model.size, apart=apart, perfect=perfect)
    )
    gap = model - chains
    missed = gap.argsort()[::-1][:5]  # one line of them
    missed = missed[gap[missed] > 1e-3 + 3 * blur[missed]]
    if len(missed):
        st.markdown(_("**Most missed by the chains**"))
        v = (missed[:, None] >> range(n_visible)) & 1
        texts = [
            _("model {model:.3f}\nchains {chains:.3f}").format(model=model[s], chains=chains[s])
            for s in missed
        ]
        st.html(tiles_html(v, texts, analysis.case.image_shape, _("States that the chains miss")))


def show_slowest_mode(analysis: Analysis) -> None:
    if analysis.operator is None:
        return
    mixing = analysis.operator.quarter_mixing_time
    if mixing == 1:
        st.markdown(
            _("**The chain mixes at once:** after one step it has forgotten where it began.")
        )
        return
    st.markdown(
        _("**Why does the chain not mix?** The slowest mode splits the states in two sides.")
    )
    sides = analysis.operator.slowest_sides()
    texts = [
        _("side {side}\nprobability {p:.3f}").format(side=n, p=side.probability)
        for n, side in zip("AB", sides, strict=True)
    ]
    v = [side.mean_v for side in sides]
    st.html(tiles_html(v, texts, analysis.case.image_shape, _("Mean image of each side")))
    value = analysis.operator.second_eigenvalue
    st.caption(
        _(
            "Mean image of each side. What a chain remembers of its side shrinks by λ₂ = "
            "{value:.4f} a step."
        ).format(value=value)
    )
