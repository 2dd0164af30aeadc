"""The sidebar of the lab: widgets in, checked settings out."""

from dataclasses import fields
from typing import Any

import streamlit as st

from rbmviz.core.datasets import dataset_names, load_dataset
from rbmviz.studio.engine import SPEEDS
from rbmviz.studio.settings import ESTIMATORS, LIMITS, LabSettings, clamp_settings

_NAMES = [spec.name for spec in fields(LabSettings)]
DEFAULT_SPEED = 20


def current_values() -> dict[str, Any]:
    """The widgets' values as the browser last sent them, not checked."""
    return {name: st.session_state.get(name) for name in [*_NAMES, "speed"]}


def read_settings(current: LabSettings) -> tuple[LabSettings, int, list[str]]:
    """Check the widgets' values; a widget that is not shown keeps the current setting."""
    values = {
        name: getattr(current, name) if value is None else value
        for name, value in current_values().items()
        if name != "speed"
    }
    settings, messages = clamp_settings(values)
    speed = st.session_state.get("speed", DEFAULT_SPEED)
    return settings, speed if speed in SPEEDS else DEFAULT_SPEED, messages


def show_controls(current: LabSettings) -> tuple[LabSettings, int]:
    """Draw the sidebar and return the settings and the speed that it asks for."""
    for name in _NAMES:  # a widget that was away for a while comes back with its value
        st.session_state.setdefault(name, getattr(current, name))
    st.session_state.setdefault("speed", DEFAULT_SPEED)

    with st.sidebar:
        st.markdown("## rbmviz")
        st.selectbox("Data set", dataset_names(), key="dataset")
        st.caption(_describe(st.session_state.dataset))
        _slider("Hidden units", "n_hidden", help="Another size starts a new run.")
        st.selectbox(
            "Negative phase",
            list(ESTIMATORS),
            format_func=ESTIMATORS.__getitem__,
            key="estimator",
            help="How the model's expectation is estimated in every update.",
        )
        estimator_message = st.container()
        if st.session_state.estimator != "exact":
            _number("Gibbs steps k", "n_steps", step=1)
        if st.session_state.estimator == "pcd":
            _number("Chains", "n_chains", step=10)
        _number("Learning rate", "learning_rate", step=0.01, format="%.3f")
        st.select_slider(
            "Updates a frame",
            options=SPEEDS,
            format_func=lambda n: "max" if n == 0 else str(n),
            key="speed",
            help="Parameter updates between two painted frames; fewer when a model is too slow.",
        )
        with st.expander("More settings"):
            _number("Batch size", "batch_size", step=1)
            _number("Momentum", "momentum", step=0.1, format="%.2f")
            _number("Weight decay", "weight_decay", step=0.001, format="%.4f")
            _number(
                "Initial scale of W",
                "initial_scale",
                step=0.01,
                format="%.3f",
                help="Standard deviation of the first weights. Another value starts a new run.",
            )
            _number("Seed", "seed", step=1, help="Another seed starts a new run.")
        settings, speed, messages = read_settings(current)
        for message in messages:
            estimator_message.warning(message)
    return settings, speed


def _describe(name: object) -> str:
    if name not in dataset_names():
        return ""
    dataset = load_dataset(str(name))
    return f"{dataset.description} {dataset.n_visible} visible units."


def _slider(label: str, name: str, **options: Any) -> None:
    low, high = LIMITS[name]
    st.slider(label, int(low), int(high), key=name, **options)


def _number(label: str, name: str, step: float, **options: Any) -> None:
    low, high = LIMITS[name]
    if isinstance(step, int):
        low, high = int(low), int(high)
    st.number_input(label, min_value=low, max_value=high, step=step, key=name, **options)
