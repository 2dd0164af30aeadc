"""The sidebar of the lab: widgets in, checked settings out."""

from typing import Any

import streamlit as st

from rbmviz.core.datasets import dataset_names, load_dataset
from rbmviz.language import _
from rbmviz.pages.comparison import DIFFERENCE_KEYS, chosen_estimators, show_difference
from rbmviz.pages.own_data_dialog import (
    open_own_data_dialog,
    own_text,
    show_own_data_button,
)
from rbmviz.pages.setting_widgets import show_setting, show_speed
from rbmviz.run.difference import Difference, setting_name
from rbmviz.run.estimators import ESTIMATORS, OFFERED
from rbmviz.run.own_data import OWN_NAME, is_own, own_dataset
from rbmviz.run.player import SPEEDS
from rbmviz.run.settings import ROWS, LabSettings, clamp_settings

DEFAULT_SPEED = 20


def current_values() -> dict[str, Any]:
    """The widgets' values as the browser last sent them, not checked."""
    values = {name: st.session_state.get(name) for name in [*ROWS, "speed", *DIFFERENCE_KEYS]}
    if values["dataset"] == OWN_NAME:
        values["dataset"] = own_text()  # what the settings hold
    return values


def read_settings(current: LabSettings) -> tuple[LabSettings, int, list[str]]:
    """Check the widgets' values; a widget that is not shown keeps the current setting."""
    values = {
        name: getattr(current, name) if value is None else value
        for name, value in current_values().items()
        if name in ROWS
    }
    settings, messages = clamp_settings(values)
    speed = st.session_state.get("speed", DEFAULT_SPEED)
    return settings, speed if speed in SPEEDS else DEFAULT_SPEED, messages


def follow(settings: LabSettings) -> None:
    """Let the widgets show a run's settings; call it before they are drawn, from a callback."""
    if is_own(settings.dataset):
        st.session_state.own_data = settings.dataset
    for name in ROWS:
        value = getattr(settings, name)
        value = OWN_NAME if name == "dataset" and is_own(value) else value
        if st.session_state.get(name) != value:  # setting it again would undo a press
            st.session_state[name] = value


def show_controls(current: LabSettings) -> tuple[LabSettings, int, Difference | None]:
    """Draw the sidebar; return the settings, the speed and the second run that it asks for."""
    for name in ROWS:  # a widget that was away for a while comes back with its value
        value = getattr(current, name)
        st.session_state.setdefault(name, OWN_NAME if is_own(value) else value)
    if st.session_state.pop("own_chosen", False):
        st.session_state.dataset = OWN_NAME
    st.session_state.setdefault("speed", DEFAULT_SPEED)

    with st.sidebar:
        st.markdown("## rbmviz")
        names = [*dataset_names(), OWN_NAME]
        show_setting(ROWS["dataset"], "dataset", options=names, on_change=_on_dataset)
        st.caption(_describe(st.session_state.dataset))
        if st.session_state.dataset == OWN_NAME:
            show_own_data_button()
        show_setting(ROWS["n_hidden"], "n_hidden")
        set_by_lesson = [current.estimator] if not current.row.offered else []
        show_setting(ROWS["estimator"], "estimator", options=[*OFFERED, *set_by_lesson])
        estimator = str(st.session_state.estimator)
        st.caption(_(ESTIMATORS[estimator].note) if estimator in ESTIMATORS else "")
        estimator_message = st.container()
        with st.container():  # so that what follows keeps its place, and an open part stays open
            _estimator_parameters(estimator, chosen_estimators())
        show_setting(ROWS["learning_rate"], "learning_rate")
        show_speed("speed", DEFAULT_SPEED)
        settings, speed, messages = read_settings(current)
        difference = show_difference(settings)
        with st.expander(_("More settings")):
            for name, said in ROWS.items():
                if said.more:
                    show_setting(said, name)
        for message in messages:
            estimator_message.warning(message)
    return settings, speed, difference


def _estimator_parameters(estimator: str, chosen: set[str]) -> None:
    """Draw the widgets of the parameters that matter, to run A or to run B."""
    of = {name for one in chosen if one in ESTIMATORS for name in ESTIMATORS[one].parameters}
    for name, said in ROWS.items():
        if name in of:
            show_setting(said, name, label=setting_name(name, estimator))


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
