"""The models that the pages about one model offer: the lab's current one and the presets."""

import streamlit as st

from rbmviz.language import N_, _, language
from rbmviz.studio.presets import ModelCase, load_preset, preset_names

LAB = N_("The lab's current model")


def lab_and_presets() -> dict[str, ModelCase | None]:
    """The models on offer; a preset is loaded when it is chosen."""
    cases: dict[str, ModelCase | None] = dict.fromkeys(preset_names())
    lab = st.session_state.get("lab")
    if lab is not None:
        state, settings = lab.state, lab.settings
        kept_for, kept = st.session_state.get("lab_case", (None, None))
        # Other settings keep the model, but not its batch and its description.
        if (
            kept is None
            or kept_for != (settings, state.step, language())
            or kept.rbm is not state.rbm
        ):
            data = settings.data
            cursor = state.cursor if state.cursor < len(data.v) else 0
            kept = ModelCase(
                LAB,
                _("{name}, {n_hidden} hidden units, after {step:,} updates of {label}.").format(
                    name=data.name,
                    n_hidden=settings.n_hidden,
                    step=state.step,
                    label=settings.label,
                ),
                state.rbm,
                state.v_data,
                state.v_data[state.order[cursor : cursor + settings.batch_size]],
                data.image_shape,
            )
            st.session_state.lab_case = ((settings, state.step, language()), kept)
        cases = {LAB: kept, **cases}
    return cases


def chosen_case(name: str, cases: dict[str, ModelCase | None]) -> ModelCase:
    """The model of that name, loaded."""
    return cases.get(name) or load_preset(name)
