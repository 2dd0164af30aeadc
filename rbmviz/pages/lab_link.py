"""The run of the lab and its link: begun by it, trained to its step, and told again."""

from dataclasses import replace

import streamlit as st

from rbmviz.language import N_, _, language
from rbmviz.pages.comparison import CHOICE, FORK, FORK_IS_OPEN
from rbmviz.pages.controls import DEFAULT_SPEED, follow
from rbmviz.pages.share import note_link, show_share_buttons
from rbmviz.run.lab import Lab
from rbmviz.run.link import KNOWN, SEEN, VIEWS, LabLink, decode_link, encode_link, is_left_out
from rbmviz.run.link_changes import without_false_start, write_lab_changes
from rbmviz.run.own_data import is_own
from rbmviz.run.schedule import Schedule
from rbmviz.run.settings import LabSettings

TOO_MANY_CHANGES = N_("The settings changed too often: the link trains with those of now alone.")


def the_lab() -> Lab:
    """The session's lab, made when there is none yet."""
    if "lab" not in st.session_state:
        st.session_state.lab = Lab(LabSettings())
    lab: Lab = st.session_state.lab
    return lab


def open_link() -> None:
    """Take what the address of the lab says, once in a session, before any widget is drawn."""
    state = st.session_state
    if "lab_opened" in state:
        return
    query = st.query_params.to_dict()
    link, messages = decode_link(query)
    if any(name in KNOWN for name in query) or "lab" not in state:
        messages += take_lab(link)
    note_link(messages)
    # Last: every line above may be interrupted by a newer run of the page, which then begins again.
    state.lab_opened = True


def take_lab(link: LabLink) -> list[str]:
    """Begin the session's lab as a link says; one that was used already stays, and it is told."""
    lab: Lab | None = st.session_state.get("lab")
    if lab is None or _run_of(lab_link(lab)[0]) == "":  # as every lab is at first
        if lab is not None:  # the sidebar may have shown it
            follow(link.last_settings)
        begin_lab(link)
    elif _run_of(link) != _run_of(lab_link(lab)[0]):
        return [_("The address tells of another run of the lab than the one that is shown now.")]
    return []


def _run_of(link: LabLink) -> str:
    """Write what of a link tells of the run, and not of how it is looked at."""
    return encode_link(
        replace(link, view=VIEWS[0], selected="0,0", speed=DEFAULT_SPEED, presentation=None)
    )


def begin_lab(link: LabLink) -> None:
    """Begin the session's lab as a link says."""
    if is_own(link.settings.dataset):
        st.session_state.own_data = link.settings.dataset
    if link.difference is not None:
        st.session_state[CHOICE] = link.difference.name
        st.session_state[f"rival_{link.difference.name}"] = link.difference.value
        st.session_state[FORK] = link.difference.from_step
        st.session_state[FORK_IS_OPEN] = link.difference.from_step > 0
    if link.speed != DEFAULT_SPEED:
        st.session_state.speed = link.speed
    st.session_state.link_look = {"view": link.view, "selected": link.selected}
    if link.changes:  # the sidebar shows where they lead to
        follow(link.last_settings)
    lab = Lab(link.settings, link.speed)
    lab.lead_to(link.step, Schedule(((0, link.settings), *link.changes)))
    lab.apply(lab.settings, link.speed, link.difference)
    st.session_state.lab = lab


def lab_link(lab: Lab) -> tuple[LabLink, list[str]]:
    """Describe the lab where it stands, or will stand at the end of its way; what is left out."""
    difference = lab.difference
    (_step, settings), *later = without_false_start(lab.schedule.entries, difference)
    changes, notes = tuple(later), []
    if write_lab_changes(settings, changes) is None:
        settings, changes = lab.settings, ()
        notes.append(_(TOO_MANY_CHANGES))
    if is_left_out(settings):
        notes.append(_("Your own data are too large for a link: send the file along."))
    step = lab.way[1] if lab.way else lab.state.step
    speed = st.session_state.get("speed", DEFAULT_SPEED)
    link = LabLink(settings, step, speed=speed, difference=difference, changes=changes)
    return link, notes


def show_lab_share(lab: Lab) -> None:
    """Draw the buttons of the sidebar; the step is told by the stage, which may play."""
    st.session_state.told_schedule = lab.schedule
    link, notes = lab_link(lab)
    goal = lab.way[1] if lab.way else None
    query = encode_link(replace(link, step=0, language=language()))
    show_share_buttons("", query, " ".join(notes), SEEN, lab.state.step, goal)
