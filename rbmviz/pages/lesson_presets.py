"""What a lesson does to the pages: it sets their widgets, and starts the lab's run."""

from collections.abc import Collection
from pathlib import Path

import streamlit as st

from rbmviz.pages.address import put_settings, widget_values
from rbmviz.pages.comparison import CHOICE, NOTHING
from rbmviz.pages.controls import follow
from rbmviz.pages.lab_link import the_lab
from rbmviz.pages.model_choice import chosen_case
from rbmviz.run.table import clamp, rows
from rbmviz.studio.lesson import Lesson, Values
from rbmviz.studio.lesson_path import LabPath, path_to
from rbmviz.studio.lesson_places import LAB, lab_settings
from rbmviz.studio.lesson_proof import subject_of_machine, subject_of_model, subject_of_run
from rbmviz.studio.log_z_study import LogZStudy
from rbmviz.studio.machine_race import Race
from rbmviz.studio.machine_settings import WhichPhaseSettings
from rbmviz.studio.page_tables import NEGATIVE, PAGE_TABLES, PARTITION, WHICH
from rbmviz.studio.quantities import Subject

_PLAIN = {  # what else a page is put back to, so that the screen is the one the lesson speaks of
    PARTITION: {
        **{name: rows(PAGE_TABLES[PARTITION].table)[name].default for name in ("schedule", "base")},
        "methods": ("exact", "ais"),
        "draw": 0,
    },
    NEGATIVE: {"repeats": 50, "warm_up": 10},  # quick
    WHICH: {name: row.default for name, row in rows(WhichPhaseSettings).items() if not row.seen},
}


def script_of(page: str) -> str | None:
    """Give the script of a page for st.switch_page; None where this version has no such page."""
    name = page.replace("-", "_") + ".py"
    return f"rbmviz/pages/{name}" if (Path(__file__).parent / name).exists() else None


def open_path(lesson: Lesson, number: int, but: Collection[str] = ()) -> None:
    """Put the pages, but some, to where a step of a lesson begins.

    As all that sets widgets: in a callback, or before they are drawn.
    """
    lab: LabPath | None = None
    for page, values, begins in path_to(lesson, number):
        if page in but:
            continue
        if page != LAB:
            (open_preset if begins else _set_widgets)(page, values)
        else:
            lab = LabPath.begun(values) if begins else (lab or LabPath()).changed(values)
    if lab is not None:
        _begin_lab(lab)


def open_preset(page: str, values: Values) -> None:
    """Put a page to what a step starts from: in the lab a new run."""
    if page == LAB:
        _begin_lab(LabPath.begun(values))
        return
    _set_widgets(page, {**_PLAIN.get(page, {}), **values})
    race = st.session_state.get("race")
    if page == WHICH and isinstance(race, Race):
        race.act("restart")


def change(page: str, values: Values) -> None:
    """Change some of what a page is set to; a run goes on."""
    if page != LAB:
        _set_widgets(page, values)
        return
    lab = the_lab()
    settings = lab_settings(values, lab.settings)[0]
    if settings != lab.settings:
        lab.apply(settings, lab.speed)
    goal = values.get("train_to", 0)
    if isinstance(goal, int) and goal:
        lab.lead_to(goal)
    follow(settings)


def _begin_lab(path: LabPath) -> None:
    if st.session_state.get(CHOICE) != NOTHING:
        st.session_state[CHOICE] = NOTHING  # a second run is another story
    lab = the_lab()
    lab.begin(path.schedule.entries[0][1])
    lab.lead_to(path.step, path.schedule)
    follow(path.schedule.settings)


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
    if page not in PAGE_TABLES:
        return None
    settings, _messages = clamp(PAGE_TABLES[page].table, widget_values(page))
    if page == PARTITION:
        study = state.get("log_z_study")
        if not isinstance(study, LogZStudy):
            return None
        return subject_of_model(study.case, study=study, log_z=settings.of_log_z(study.case.rbm))
    if page == WHICH:
        race = state.get("race")
        if not isinstance(race, Race):
            return None
        v = race.settings.data.v
        return subject_of_machine(race.machine(settings.structure), race.machine("restricted"), v)
    return subject_of_model(chosen_case(settings.model), getattr(settings, "k", 1))


def _set_widgets(page: str, values: Values) -> None:
    if page in PAGE_TABLES:
        put_settings(page, values)
