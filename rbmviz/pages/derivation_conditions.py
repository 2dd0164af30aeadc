"""When the derivation holds: p(x) > 0, and the derivative inside an integral."""

import streamlit as st

from rbmviz.core.where_it_holds import ThreeStates, bell_curve, moving_edge
from rbmviz.language import _
from rbmviz.pages.address import shown_value
from rbmviz.pages.derivation_text import small_table
from rbmviz.pages.setting_widgets import show_setting
from rbmviz.run.table import rows
from rbmviz.stage.component import tell_look
from rbmviz.studio.derivation import DerivationSettings
from rbmviz.studio.page_tables import DERIVATION, PAGE_TABLES

_key = PAGE_TABLES[DERIVATION].key
_ROWS = rows(DerivationSettings)


def show_conditions() -> None:
    """Draw both parts side by side; the slider runs them alone."""
    left, right = st.columns([6, 5], gap="medium")
    with left:
        _forbidden_states()
    with right:
        _continuous()


@st.fragment
def _forbidden_states() -> None:
    st.markdown(_("**Where does p(x) > 0 matter?** Three states, one parameter θ ≥ 0."))
    show_setting(_ROWS["theta"], _key("theta"))
    theta = shown_value(DERIVATION, "theta")
    model = ThreeStates(theta)
    names = (_("always possible"), _("possible while θ > 0"), _("never possible"))
    formulas = ("exp(θ)", "θ", "0")
    lines = []
    for name, formula, p, dp, dlog in zip(
        names, formulas, model.p_tilde, model.slope_of_p_tilde, model.slope_of_log_p_tilde,
        strict=True,
    ):  # fmt: skip
        told = _("undefined") if dlog is None else f"{dlog:.4f}"
        product = _("no term") if dlog is None else f"{p * dlog:.4f}"
        lines.append([name, formula, f"{p:.4f}", f"{dp:.4f}", told, product])
    head = (_("state"), "p̃", _("here"), "∂ p̃", "∂ log p̃", "p̃ ∂ log p̃")
    st.html(small_table(head, lines))
    agree = model.by_sum == model.by_expectation or theta > 0
    numbers = _("18.8 gives {by_sum:.4f}, 18.12 gives {by_expectation:.4f}.").format(
        by_sum=model.by_sum, by_expectation=model.by_expectation
    )
    if agree:
        st.markdown(
            _(
                "{numbers} They agree. The state that is never possible adds nothing to either: "
                "leaving it out of the sum is enough."
            ).format(numbers=numbers)
        )
    else:
        st.markdown(
            _(
                "{numbers} **They part.** At θ = 0 the second state has p = 0, so the expectation "
                "does not see it; but its p̃ is about to grow, and Z with it. Line 18.8 is still "
                "right; the step to 18.9 is not allowed."
            ).format(numbers=numbers)
        )
    tell_look(DERIVATION, {"theta": _ROWS["theta"].written(theta)}, key="derivation_look_theta")


@st.fragment
def _continuous() -> None:
    st.markdown(_("**And with continuous x?** The sum becomes an integral."))
    show_setting(_ROWS["continuous"], _key("continuous"))
    theta = shown_value(DERIVATION, "continuous")
    bell, edge = bell_curve(theta), moving_edge(theta)
    lines = [
        [_("exp(−θ x²/2), all x"), f"{bell.outside:.8f}", f"{bell.inside:.8f}"],
        [_("1 for 0 < x < θ, else 0"), f"{edge.outside:.8f}", f"{edge.inside:.8f}"],
    ]
    lines = [[cell.replace("-", "−") for cell in row] for row in lines]
    st.html(small_table(("p̃(x)", "∂ ∫ p̃ dx", "∫ ∂ p̃ dx"), lines))
    st.markdown(
        _(
            "The derivative may move inside the integral when |dp̃/dθ| stays, for all θ "
            "near by, below "
            "one function of x whose integral is finite, and p̃ is differentiable in θ "
            "at almost every "
            "x without jumps. The bell curve does. The box does not: what grows is its "
            "edge, where p̃ "
            "jumps, and the integral of dp̃/dθ never sees it."
        )
    )
    tell_look(
        DERIVATION,
        {"continuous": _ROWS["continuous"].written(theta)},
        key="derivation_look_continuous",
    )
