"""The sidebar of the lab: widgets in, checked settings out."""

from dataclasses import fields
from typing import Any

import streamlit as st

from rbmviz.core.datasets import dataset_names, load_dataset
from rbmviz.language import N_, _
from rbmviz.pages.comparison import DIFFERENCE_KEYS, chosen_estimators, show_difference
from rbmviz.pages.own_data_dialog import (
    open_own_data_dialog,
    own_text,
    show_own_data_button,
)
from rbmviz.studio.difference import Difference, setting_name
from rbmviz.studio.engine import SPEEDS
from rbmviz.studio.own_data import OWN_NAME, is_own, own_dataset
from rbmviz.studio.settings import (
    ALL_ESTIMATORS,
    ESTIMATOR_NOTES,
    ESTIMATOR_PARAMETERS,
    ESTIMATORS,
    LESSON_ESTIMATORS,
    LIMITS,
    LabSettings,
    clamp_settings,
)

_NAMES = [spec.name for spec in fields(LabSettings)]
DEFAULT_SPEED = 20
_CENTERED = N_(
    "Takes the gradient in v - mu and h - lambda instead of v and h. The offset mu is the mean of "
    "the data, lambda a running mean of E[h | v]. Biases then no longer hide in the weights: "
    "learning does not depend on whether a pixel is coded as 0 or as 1. The panels show the plain "
    "phases; their difference is turned into the centered one before the step "
    "(Montavon & Müller 2012; Melchior, Fischer & Wiskott 2016)."
)


def current_values() -> dict[str, Any]:
    """The widgets' values as the browser last sent them, not checked."""
    values = {name: st.session_state.get(name) for name in [*_NAMES, "speed", *DIFFERENCE_KEYS]}
    if values["dataset"] == OWN_NAME:
        values["dataset"] = own_text()  # what the settings hold
    return values


def read_settings(current: LabSettings) -> tuple[LabSettings, int, list[str]]:
    """Check the widgets' values; a widget that is not shown keeps the current setting."""
    values = {
        name: getattr(current, name) if value is None else value
        for name, value in current_values().items()
        if name in _NAMES
    }
    settings, messages = clamp_settings(values)
    speed = st.session_state.get("speed", DEFAULT_SPEED)
    return settings, speed if speed in SPEEDS else DEFAULT_SPEED, messages


def follow(settings: LabSettings) -> None:
    """Let the widgets show a run's settings; call it before they are drawn, from a callback."""
    if is_own(settings.dataset):
        st.session_state.own_data = settings.dataset
    for name in _NAMES:
        value = getattr(settings, name)
        value = OWN_NAME if name == "dataset" and is_own(value) else value
        if st.session_state.get(name) != value:  # setting it again would undo a press
            st.session_state[name] = value


def show_controls(current: LabSettings) -> tuple[LabSettings, int, Difference | None]:
    """Draw the sidebar; return the settings, the speed and the second run that it asks for."""
    for name in _NAMES:  # a widget that was away for a while comes back with its value
        value = getattr(current, name)
        st.session_state.setdefault(name, OWN_NAME if is_own(value) else value)
    if st.session_state.pop("own_chosen", False):
        st.session_state.dataset = OWN_NAME
    st.session_state.setdefault("speed", DEFAULT_SPEED)

    with st.sidebar:
        st.markdown("## rbmviz")
        names = [*dataset_names(), OWN_NAME]
        st.selectbox(
            _("Data set"),
            names,
            format_func=_,
            key="dataset",
            persist_state="session",
            on_change=_on_dataset,
        )
        st.caption(_describe(st.session_state.dataset))
        if st.session_state.dataset == OWN_NAME:
            show_own_data_button()
        _slider(_("Hidden units"), "n_hidden", help=_("Another size starts a new run."))
        set_by_lesson = [n for n in LESSON_ESTIMATORS if n == current.estimator]
        st.selectbox(
            _("Negative phase"),
            [*ESTIMATORS, *set_by_lesson],
            format_func=lambda name: _(ALL_ESTIMATORS[name]),
            key="estimator",
            persist_state="session",
            help=_("How the model's expectation is estimated in every update."),
        )
        estimator = str(st.session_state.estimator)
        st.caption(_(ESTIMATOR_NOTES.get(estimator, "")))
        estimator_message = st.container()
        with st.container():  # so that what follows keeps its place, and an open part stays open
            _estimator_parameters(estimator, chosen_estimators())
        _number(_("Learning rate"), "learning_rate", step=0.01, format="%.3f")
        st.select_slider(
            _("Updates per frame"),
            options=SPEEDS,
            format_func=lambda n: _("max") if n == 0 else str(n),
            key="speed",
            persist_state="session",
            help=_("Parameter updates between two painted frames; fewer when a model is too slow."),
        )
        settings, speed, messages = read_settings(current)
        difference = show_difference(settings)
        with st.expander(_("More settings")):
            _number(_("Batch size"), "batch_size", step=1)
            _number(_("Momentum"), "momentum", step=0.1, format="%.2f")
            _number(_("Weight decay"), "weight_decay", step=0.001, format="%.4f")
            _number(
                _("Initial scale of W"),
                "initial_scale",
                step=0.01,
                format="%.3f",
                help=_("Standard deviation of the first weights. Another value starts a new run."),
            )
            _number(_("Seed"), "seed", step=1, help=_("Another seed starts a new run."))
            st.toggle(
                _("Centered gradient"), key="centered", persist_state="session", help=_(_CENTERED)
            )
        for message in messages:
            estimator_message.warning(message)
    return settings, speed, difference


def _estimator_parameters(estimator: str, chosen: set[str]) -> None:
    """Draw the widgets of the parameters that matter, to run A or to run B."""
    of = {name for one in chosen for name in ESTIMATOR_PARAMETERS.get(one, ())}
    if "n_steps" in of:
        _number(setting_name("n_steps", estimator), "n_steps", step=1)
    if "n_chains" in of:
        _number(setting_name("n_chains", estimator), "n_chains", step=10)
    if "n_temperatures" in of:
        _number(
            _("Temperatures"),
            "n_temperatures",
            step=1,
            help=_("Chains of each ladder, from independent units to the model itself."),
        )
    if "fast_learning_rate" in of:
        _number(
            _("Fast learning rate"),
            "fast_learning_rate",
            step=0.01,
            format="%.3f",
            help=_("Of the fast weights, which lose a twentieth in every update. 0 is PCD."),
        )


def _on_dataset() -> None:
    if st.session_state.dataset == OWN_NAME and "own_data" not in st.session_state:
        open_own_data_dialog()


def _describe(name: object) -> str:
    if name == OWN_NAME:
        return own_dataset(own_text()).description
    if name not in dataset_names():
        return ""
    dataset = load_dataset(str(name))
    return f"{_(dataset.description)} " + _("{n} visible units.").format(n=dataset.n_visible)


def _slider(label: str, name: str, **options: Any) -> None:
    low, high = LIMITS[name]
    st.slider(label, int(low), int(high), key=name, persist_state="session", **options)


def _number(label: str, name: str, step: float, **options: Any) -> None:
    low, high = LIMITS[name]
    if isinstance(step, int):
        low, high = int(low), int(high)
    st.number_input(label, low, high, step=step, key=name, persist_state="session", **options)
