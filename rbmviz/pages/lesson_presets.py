"""What a lesson does to the pages: it sets their widgets, and starts the lab's run."""

from dataclasses import asdict, fields
from pathlib import Path

import streamlit as st

from rbmviz.pages.comparison import CHOICE, NOTHING
from rbmviz.pages.model_choice import LAB as LAB_MODEL
from rbmviz.pages.model_choice import chosen_case, lab_and_presets
from rbmviz.run.lab import Lab
from rbmviz.run.settings import LabSettings
from rbmviz.studio.lesson import Values
from rbmviz.studio.lesson_places import (
    DERIVATION,
    FIRST_STRUCTURE,
    LAB,
    NEGATIVE,
    PARTITION,
    THE_LAB,
    WHICH,
    lab_settings,
    load_model,
    model_names,
)
from rbmviz.studio.lesson_proof import subject_of_machine, subject_of_model, subject_of_run
from rbmviz.studio.log_z_methods import checked_settings
from rbmviz.studio.log_z_study import LogZStudy
from rbmviz.studio.machine_race import Race
from rbmviz.studio.machine_settings import KINDS as STRUCTURES
from rbmviz.studio.machine_settings import RaceSettings
from rbmviz.studio.quantities import Subject

_KEYS = {  # of the widgets, by what a lesson calls them
    NEGATIVE: {"model": "negative_model", "estimator": "negative_kind", "k": "negative_k"},
    PARTITION: {
        "model": "log_z_model",
        "chains": "log_z_chains",
        "temperatures": "log_z_betas",
    },
    DERIVATION: {
        "model": "derivation_model",
        "parameter": "derivation_kind",
        "i": "derivation_i",
        "j": "derivation_j",
    },
    WHICH: {
        "structure": "machine_kind",
        **{spec.name: f"machine_{spec.name}" for spec in fields(RaceSettings)},
    },
}
_PLAIN = {  # what else a page is put back to, so that the screen is the one the lesson speaks of
    PARTITION: {
        "log_z_kinds": ["exact", "ais"],
        "log_z_schedule": "linear",
        "log_z_base": "data mean",
        "log_z_draw": 0,
    },
    NEGATIVE: {"negative_repeats": 50, "negative_warm_up": 10},  # quick
}
_AS_FIRST = {WHICH: {"structure": FIRST_STRUCTURE, **asdict(RaceSettings())}}  # if not named


def script_of(page: str) -> str | None:
    """Give the script of a page for st.switch_page; None where this version has no such page."""
    name = page.replace("-", "_") + ".py"
    return f"rbmviz/pages/{name}" if (Path(__file__).parent / name).exists() else None


def the_lab() -> Lab:
    """The session's lab, made when there is none yet."""
    if "lab" not in st.session_state:
        st.session_state.lab = Lab(LabSettings())
    lab: Lab = st.session_state.lab
    return lab


def open_preset(page: str, values: Values) -> None:
    """Put a page to what a step starts from: in the lab a new run. Call it from a callback."""
    if page != LAB:
        _set_widgets(page, {**_AS_FIRST.get(page, {}), **values})
        race = st.session_state.get("race")
        if page == WHICH and isinstance(race, Race):
            race.act("restart")
        for key, value in _PLAIN.get(page, {}).items():
            _put(key, value)
        return
    lab, settings = the_lab(), lab_settings(values)[0]
    _put(CHOICE, NOTHING)  # a second run is another story
    lab.begin(settings)
    _lead_on(lab, values)
    _show(settings)


def change(page: str, values: Values) -> None:
    """Change some of what a page is set to; a run goes on. Call it from a callback."""
    if page != LAB:
        _set_widgets(page, values)
        return
    lab = the_lab()
    settings = lab_settings({**asdict(lab.settings), **values})[0]
    if settings != lab.settings:
        lab.apply(settings, lab.speed)
    _lead_on(lab, values)
    _show(settings)


def _lead_on(lab: Lab, values: Values) -> None:
    goal = values.get("train_to", 0)
    if isinstance(goal, int) and goal:
        lab.lead_to(goal)


def subject_of(page: str) -> Subject | None:
    """Look at what a page shows; None where there is nothing to read, or not yet."""
    state = st.session_state
    if page == LAB:
        lab = the_lab()
        columns = lab.curves()
        seen = [
            log_p - log_z
            for log_p, log_z in zip(columns["mean_log_p_tilde"], columns["log_z"], strict=True)
            if log_p is not None and log_z is not None
        ]
        return subject_of_run(lab.state, lab.settings, max(seen, default=None))
    if page == PARTITION:
        study = state.get("log_z_study")
        if not isinstance(study, LogZStudy):
            return None
        settings = checked_settings(
            state.get("log_z_chains"), state.get("log_z_betas"), state.get("log_z_schedule"),
            state.get("log_z_base"), state.get("log_z_draw", 0), study.case.rbm,
        )  # fmt: skip
        return subject_of_model(study.case, study=study, log_z=settings)
    if page == WHICH:
        race, kind = state.get("race"), state.get("machine_kind")
        if not isinstance(race, Race) or kind not in STRUCTURES:
            return None
        v = race.settings.data.v
        return subject_of_machine(race.machine(kind), race.machine("restricted"), v)
    keys = _KEYS.get(page)
    if keys is None:
        return None
    cases, name = lab_and_presets(), state.get(keys["model"])
    if name in model_names() and name not in cases:
        case = load_model(str(name))
    else:
        case = chosen_case(name if name in cases else next(iter(cases)), cases)
    k = state.get(keys["k"], 1) if "k" in keys else 1
    return subject_of_model(case, k if isinstance(k, int) and k > 0 else 1)


def _set_widgets(page: str, values: Values) -> None:
    for name, key in _KEYS.get(page, {}).items():
        if name in values:
            is_lab = name == "model" and values[name] == THE_LAB
            if is_lab:
                the_lab()
            _put(key, LAB_MODEL if is_lab else values[name])


def _show(settings: LabSettings) -> None:
    for name, value in asdict(settings).items():
        _put(name, value)


def _put(key: str, value: object) -> None:
    if st.session_state.get(key) != value:  # a value set again would undo a press on its way here
        st.session_state[key] = value
