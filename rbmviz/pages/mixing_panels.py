"""What k buys, which states the chains miss, and why the chain does not mix."""

import numpy as np
import streamlit as st

from rbmviz.charts.alternative import by_column, curves_in_words
from rbmviz.charts.chart_table import MIXING, STATES
from rbmviz.charts.mixing import mixing_columns, mixing_spec
from rbmviz.charts.states import MAX_STATES, state_columns, states_spec, tiles_html
from rbmviz.pages.chart import show_chart
from rbmviz.studio.analysis import MAX_STATES_UNITS, Analysis, Contestant


def show_what_k_buys(analysis: Analysis, who: Contestant) -> None:
    k = who.n_steps
    if analysis.operator is None:
        st.info("What k buys follows from the exact transition operator, which is not known here.")
        return
    bias, noise = analysis.curves()
    columns = mixing_columns(bias, noise, analysis.operator.second_eigenvalue, k)
    names = {"bias": "bias", "noise": "noise", "lambda_power": "lambda 2 to the k"}
    words = curves_in_words("What k buys", "k", by_column(columns, "k", names))
    show_chart(st, columns, mixing_spec(), words, MIXING, key="mixing")
    if who.kind == "cd" and k > 1 and bias[0] > 0:
        st.caption(f"CD-{k} keeps {bias[k - 1] / bias[0]:.1%} of the bias of CD-1.")


def show_states(analysis: Analysis, who: Contestant) -> None:
    found = analysis.state_probabilities(who)
    n_visible = analysis.case.rbm.n_visible
    if found is None:
        st.info(
            f"{n_visible} visible units have {2**n_visible:,} states: too many to show each. "
            f"Choose a model with at most {MAX_STATES_UNITS} visible units."
        )
        return
    model, data, chains = found
    if chains is None:
        st.info(f"{who.label} has no chains and visits no states: it works with means of units.")
        return
    columns = state_columns(model, data, chains, n_visible)
    names = {"model": "model, exact", "data": "data", "chains": "chains"}
    words = curves_in_words("Probability of states", "rank", by_column(columns, "rank", names))
    show_chart(st, columns, states_spec(), words, STATES, key="states")
    apart = abs(model - chains).sum() / 2
    n = analysis.judged[who].n_counted if who in analysis.judged else 0
    blur = np.sqrt(model * (1 - model) / n) if n else np.zeros_like(model)
    # E|x| of a normal x is sqrt(2 / pi) deviations: what a perfect sampler would show
    perfect = f" (a perfect sampler of {n:,}: {blur.sum() / np.sqrt(2 * np.pi):.3f})" if n else ""
    st.caption(
        f"{min(MAX_STATES, model.size)} of {model.size:,} states; circles at the bottom are 0. "
        f"Total variation between chains and model: {apart:.3f}{perfect}."
    )
    gap = model - chains
    missed = gap.argsort()[::-1][:5]  # one line of them
    missed = missed[gap[missed] > 1e-3 + 3 * blur[missed]]
    if len(missed):
        st.markdown("**Most missed by the chains**")
        v = (missed[:, None] >> range(n_visible)) & 1
        texts = [f"model {model[s]:.3f}\nchains {chains[s]:.3f}" for s in missed]
        st.html(tiles_html(v, texts, analysis.case.image_shape, "States that the chains miss"))


def show_slowest_mode(analysis: Analysis) -> None:
    if analysis.operator is None:
        return
    mixing = analysis.operator.quarter_mixing_time
    if mixing == 1:
        st.markdown("**The chain mixes at once:** after one step it has forgotten where it began.")
        return
    st.markdown("**Why does the chain not mix?** The slowest mode splits the states in two sides.")
    sides = analysis.operator.slowest_sides()
    texts = [
        f"side {n}\nprobability {side.probability:.3f}" for n, side in zip("AB", sides, strict=True)
    ]
    v = [side.mean_v for side in sides]
    st.html(tiles_html(v, texts, analysis.case.image_shape, "Mean image of each side"))
    value = analysis.operator.second_eigenvalue
    st.caption(
        f"Mean image of each side. What a chain remembers of its side shrinks by λ₂ = {value:.4f} "
        "a step."
    )
