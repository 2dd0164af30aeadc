"""Links to the lab: opened in a new session, copied and shown as a code in the sidebar."""

import re
from dataclasses import replace
from functools import partial
from time import monotonic

import numpy as np
import segno
import streamlit as st

from rbmviz.core.state_blocks import Progress
from rbmviz.language import _, language
from rbmviz.pages.comparison import CHOICE, FORK, FORK_IS_OPEN
from rbmviz.pages.controls import follow
from rbmviz.pages.progress import with_progress
from rbmviz.run.difference import Difference
from rbmviz.run.lab import Lab
from rbmviz.run.own_data import is_own
from rbmviz.run.player import Notice
from rbmviz.run.schedule import Schedule
from rbmviz.stage.component import sent, show_share
from rbmviz.studio.link import LabLink, decode_link, encode_link, is_left_out
from rbmviz.studio.link_changes import without_false_start, write_changes

MAX_SECONDS = 60.0  # of training to a link's step; then the reader decides
_SLICE_SECONDS = 0.2
_MAX_LINK = 2900  # characters; a code holds 2,953 bytes
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")
_ADDRESS = re.compile(r"(?<=[:@])|(?<=www)")  # here an address would become a link
_LINK = re.compile(r"https?://[!-~]+")


def open_link() -> None:
    """Begin a session with what its link says: call it before any widget is drawn."""
    if "lab" in st.session_state:
        return
    link, messages = decode_link(st.query_params.to_dict())
    if st.query_params:
        st.session_state.speed = link.speed
    if is_own(link.settings.dataset):
        st.session_state.own_data = link.settings.dataset
    if link.difference is not None:
        st.session_state[CHOICE] = link.difference.name
        st.session_state[f"rival_{link.difference.name}"] = link.difference.value
        st.session_state[FORK] = link.difference.from_step
        st.session_state[FORK_IS_OPEN] = link.difference.from_step > 0
    st.session_state.link_look = {"view": link.view, "selected": link.selected}
    st.session_state.link_messages = messages
    if link.changes:  # the sidebar shows where they lead to
        follow(link.last_settings)
    lab = Lab(link.settings, link.speed)
    lab.lead_to(link.step, Schedule(((0, link.settings), *link.changes)))
    # Last: every line above may be interrupted by a newer run of the page, which then begins again.
    st.session_state.lab = lab


def train_on_the_way(lab: Lab) -> None:
    """Train to the step that a link or a lesson asks for; Cancel, or the sidebar, stops there."""
    assert lab.way is not None  # else nothing is due
    goal = lab.way[1]

    def work(progress: Progress) -> None:
        begun = monotonic()
        while lab.way:
            lab.go_on(_SLICE_SECONDS)
            progress(lab.step / max(goal, 1))
            if lab.way and monotonic() - begun > MAX_SECONDS:
                said = _(
                    "This computer came to step {here:,} of {step:,} in {seconds:.0f} s; "
                    "Play and +100 go on from here."
                ).format(step=goal, here=lab.step, seconds=MAX_SECONDS)
                lab.stay(Notice("warning", said))

    text = _("Training to step {step:,}").format(step=goal)
    with_progress(text, work, key="link_cancel", on_cancel=partial(_stay, lab))
    st.session_state.way_ended = True
    st.rerun()


def _stay(lab: Lab) -> None:
    lab.stay()
    follow(lab.settings)


def show_where_the_way_ended(lab: Lab) -> None:
    """Let the sidebar, which shows where a way leads to, show where it ended."""
    if st.session_state.pop("way_ended", False):
        follow(lab.settings)


def show_link_messages() -> None:
    """Name what of the link was changed, until it was read."""
    if messages := st.session_state.get("link_messages"):
        left, right = st.columns([7, 1], vertical_alignment="center")
        told = "\n".join(f"- {_plain(message)}" for message in messages)
        left.warning(_("About the link that opened this page:") + f"\n{told}")
        right.button(_("OK"), key="link_ok", on_click=_forget_messages, width="stretch")


def show_share_buttons(lab: Lab, speed: int, difference: Difference | None) -> None:
    """Draw the buttons of the sidebar, and the code while it is asked for."""
    way = lab.way
    (_step, settings), *later = without_false_start(lab.schedule.entries, difference)
    changes, notes = tuple(later), []
    if write_changes(settings, changes) is None:
        settings, changes = lab.settings, ()
        notes.append(_("The settings changed too often: the link trains with those of now alone."))
    link = LabLink(settings, speed=speed, difference=difference, changes=changes)
    query = encode_link(replace(link, language=language()))
    if is_left_out(settings):
        notes.append(_("Your own data are too large for a link: send the file along."))
    goal = way[1] if way else None
    with st.sidebar:
        show_share(query, " ".join(notes), goal, key="share", on_qr=_on_qr)
    if st.session_state.get("share_link"):
        dialog = st.dialog(_("Link to this state"), width="medium", on_dismiss=_close)
        dialog(_show_code)(" ".join(notes))


def _plain(message: str) -> str:
    """Show what somebody put into a link as the text it is: no picture, no link, no markup."""
    escaped = _MARKDOWN.sub(lambda found: "\\" + found[0], message)
    return _ADDRESS.sub("\N{WORD JOINER}", escaped)


def _forget_messages() -> None:
    st.session_state.link_messages = []


def _on_qr() -> None:
    link = sent("share", "qr")
    fits = isinstance(link, str) and len(link) <= _MAX_LINK and _LINK.fullmatch(link)
    st.session_state.share_link = link if fits else "too long"
    st.session_state.own_open = False  # only one dialog can be open


def _close() -> None:
    st.session_state.share_link = None


def _show_code(notes: str) -> None:
    link = str(st.session_state.share_link)
    try:
        code = segno.make(link, error="m" if len(link) < 1000 else "l", micro=False)
    except segno.DataOverflowError:
        code = None
    if code is None or not _LINK.fullmatch(link):
        st.warning(_("This link is too long for a code. Copy it instead."))
    else:
        modules = np.pad(np.array([list(row) for row in code.matrix], dtype=np.uint8), 4)
        scale = max(560 // len(modules), 2)  # pixels a module
        picture = 255 * (1 - np.kron(modules, np.ones((scale, scale), dtype=np.uint8)))
        st.image(picture, alt=_("QR code of {link}").format(link=link), output_format="PNG")
    if notes:
        st.caption(notes)
    st.code(link, language=None, wrap_lines=True)
