"""The sidebar and the sliders of the page Partition function: widgets in, checked values out."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from rbmviz.core.ising import CRITICAL_COUPLING
from rbmviz.core.log_z.path import BASES
from rbmviz.core.log_z.schedule import SCHEDULES
from rbmviz.language import N_, _
from rbmviz.pages.model_choice import LAB, chosen_case, lab_and_presets
from rbmviz.pages.model_upload import IMPORTED, imported_model, show_upload
from rbmviz.studio.log_z_methods import (
    KINDS,
    N_BETAS,
    N_CHAINS,
    LogZSettings,
    checked_settings,
)
from rbmviz.studio.presets import (
    ModelCase,
    hidden_valley,
    ising_ring_case,
    ising_torus_case,
    large_random,
)

MODEL = "log_z_model"  # the key of the choice
VALLEY, LARGE = N_("A valley nobody finds"), N_("784 × 500, random weights")
RING, TORUS = N_("Ising ring"), N_("Ising torus")
SIDES = (3, 4, 6, 8, 10, 12, 16)
SPINS = (8, 16, 32, 64, 128, 256)
CRITICAL = round(CRITICAL_COUPLING, 3)
COUPLINGS = tuple(sorted({*(round(0.05 * n, 2) for n in range(31)), CRITICAL}))
# Of a large model only what is had in about a minute is chosen at first.
_AT_FIRST_LARGE = ["exact", "ais", "mean field"]
LARGE_UNITS = 600
_SCHEDULE_NAMES = {
    "linear": N_("Linear"),
    "salakhutdinov-murray": N_("Salakhutdinov & Murray"),
    "adaptive": N_("Adaptive"),
}
_BASE_NAMES = {"data mean": N_("Data mean"), "uniform": N_("Uniform")}


def tidy(key: str, allowed: Sequence[Any], default: Any) -> None:
    """Give a widget its first value, and put one that it does not offer back to that."""
    value = st.session_state.get(key)
    if isinstance(default, list):
        fits = isinstance(value, list) and all(one in allowed for one in value)
    else:
        fits = any(type(value) is type(one) and value == one for one in allowed)
    if not fits:
        st.session_state[key] = default


def choose_model() -> ModelCase:
    """Draw the choice of the model and its own sliders."""
    cases = lab_and_presets()
    imported = imported_model()
    names = [*cases, VALLEY, RING, TORUS, LARGE]
    if imported is not None:
        names.append(IMPORTED)
    tidy(MODEL, names, LAB if LAB in cases else "Trained to the end")
    name = st.selectbox(_("Model"), names, format_func=_, key=MODEL, persist_state="session")
    if name in (RING, TORUS):
        return _choose_ising(name)
    if name == VALLEY:
        return hidden_valley()
    if name == LARGE:
        return large_random()
    if name == IMPORTED and imported is not None:
        return imported
    return chosen_case(name, cases)


def _choose_ising(name: str) -> ModelCase:
    if name == TORUS:
        tidy("log_z_side", SIDES, 8)
        size = st.select_slider(
            _("Spins along a side"), SIDES, key="log_z_side", persist_state="session"
        )
    else:
        tidy("log_z_spins", SPINS, 16)
        size = st.select_slider(_("Spins"), SPINS, key="log_z_spins", persist_state="session")
    tidy("log_z_coupling", COUPLINGS, CRITICAL)
    coupling = st.select_slider(
        _("Coupling"),
        COUPLINGS,
        format_func=lambda K: _("{K:.3f}, critical").format(K=K) if K == CRITICAL else f"{K:.2f}",
        key="log_z_coupling",
        persist_state="session",
        help=_(
            "How strongly neighbours want to be equal. At 0.441 an infinite square lattice "
            "begins to align."
        ),
    )
    exactly = CRITICAL_COUPLING if coupling == CRITICAL else coupling
    return (ising_torus_case if name == TORUS else ising_ring_case)(size, exactly)


def choose_methods(case: ModelCase) -> list[str]:
    """Draw the choice of methods."""
    large = case.rbm.n_visible + case.rbm.n_hidden > LARGE_UNITS
    key = "log_z_kinds_large" if large else "log_z_kinds"
    tidy(key, list(KINDS), _AT_FIRST_LARGE if large else list(KINDS))
    chosen = st.pills(
        _("Methods"),
        list(KINDS),
        selection_mode="multi",
        format_func=lambda kind: _(KINDS[kind]),
        key=key,
        persist_state="session",
    )
    return [kind for kind in KINDS if kind in chosen]


def choose_path() -> None:
    """Draw the choice of the path."""
    tidy("log_z_schedule", SCHEDULES, "linear")
    tidy("log_z_base", BASES, "data mean")
    st.selectbox(
        _("Schedule of temperatures"),
        SCHEDULES,
        format_func=lambda name: _(_SCHEDULE_NAMES.get(name, name.capitalize())),
        key="log_z_schedule",
        persist_state="session",
        help=_("Where the inverse temperatures β lie between 0 and 1."),
    )
    st.selectbox(
        _("Base model at β = 0"),
        BASES,
        format_func=lambda name: _(_BASE_NAMES.get(name, name.capitalize())),
        key="log_z_base",
        persist_state="session",
        help=_("Independent units, whose log Z is known. Without data their mean is ½."),
    )


def show_sidebar() -> tuple[ModelCase, list[str]]:
    """Draw the sidebar; return the model and the methods."""
    with st.sidebar:
        st.markdown("## rbmviz")
        case = choose_model()
        kinds = choose_methods(case)
        choose_path()
        with st.expander(_("Import a model")):
            show_upload(MODEL)
    return case, kinds


def show_sliders(case: ModelCase) -> LogZSettings:
    """Draw the sliders over chains and temperatures; return checked settings."""
    tidy("log_z_chains", N_CHAINS, 100)
    tidy("log_z_betas", N_BETAS, 1000)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    row.select_slider(
        _("Chains"),
        N_CHAINS,
        key="log_z_chains",
        persist_state="session",
        help=_("Independent chains, or particles."),
    )
    row.select_slider(
        _("Temperatures"),
        N_BETAS,
        format_func=lambda n: f"{n:,}",
        key="log_z_betas",
        persist_state="session",
        help=_("Steps from the base model to this one."),
    )
    row.button(
        _("Redraw"),
        on_click=_draw_again,
        key="log_z_redraw",
        help=_("Estimate again with other random numbers."),
    )
    state = st.session_state
    return checked_settings(
        state.get("log_z_chains"),
        state.get("log_z_betas"),
        state.get("log_z_schedule"),
        state.get("log_z_base"),
        state.get("log_z_draw", 0),
        case.rbm,
    )


def _draw_again() -> None:
    draw = st.session_state.get("log_z_draw", 0)
    st.session_state.log_z_draw = (draw + 1) % 1_000_000 if isinstance(draw, int) else 0
