"""Beginning a lesson: from the list, or as the address says that opened the page."""

import streamlit as st

from rbmviz.language import _
from rbmviz.pages.lesson_presets import open_path
from rbmviz.pages.lesson_session import begin, want
from rbmviz.pages.share import note_link
from rbmviz.run.page_link import OF_LAB
from rbmviz.run.query import short
from rbmviz.studio.lesson import Lesson
from rbmviz.studio.lesson_folder import find_lesson
from rbmviz.studio.lesson_format import LessonError
from rbmviz.studio.lesson_link import OWN, LessonAddress, own_lesson, read_lesson_address
from rbmviz.studio.lesson_play import NOBODY, Play
from rbmviz.studio.page_tables import LAB


def start_lesson(lesson: Lesson, number: int = 0) -> None:
    """Begin a lesson, at a step counted from 0; call it before widgets are drawn."""
    play = Play.begun_at(lesson, number)
    begin(play)
    open_path(lesson, play.number)
    st.session_state.lesson_goal = play.step.page


def open_lesson_address(page: str) -> None:
    """Begin the lesson that the address of a page tells of, once in a session."""
    if "lesson_opened" in st.session_state:
        return
    query = st.query_params.to_dict()
    address, messages = read_lesson_address(query)
    note_link(messages)
    told_lab = any(name.startswith(OF_LAB) for name in query)
    st.session_state.lesson_told_of = {page, LAB} if told_lab else {page}
    if address is not None and address.name:
        _open_name(address)
    elif address is not None and not address.path:
        _open_text(address, address.content)
    else:
        want(address)
    # Last: a newer run of the page may interrupt before, and begins again.
    st.session_state.lesson_opened = True


def take_file(address: LessonAddress, text: str) -> None:
    """Begin the lesson that the browser has fetched, or say that there is none."""
    if text:
        _open_text(address, text.encode("utf-8", "replace"))
    else:
        said = _("This site has no file {path}, or did not send it: no lesson was opened.")
        note_link([said.format(path=short(address.path))])


def _open_name(address: LessonAddress) -> None:
    lesson = find_lesson(address.name)
    if lesson is not None:
        _open(address, lesson)
        return
    said = _("There is no lesson {name} here; the page Lessons lists those there are.")
    if address.name.startswith(OWN):
        said = _("The lesson of this address was a file of your own: open it again, in Lessons.")
    note_link([said.format(name=short(address.name))])


def _open_text(address: LessonAddress, content: bytes) -> None:
    try:
        lesson = own_lesson(content, address.path or None)
    except LessonError as error:
        first = error.problems[0]
        said = _("The lesson of the address has a fault in line {line}: {text}")
        note_link([said.format(line=first.line, text=first.text)])
        return
    st.session_state.own_lesson, st.session_state.own_is_linked = lesson, True
    _open(address, lesson)


def _open(address: LessonAddress, lesson: Lesson) -> None:
    if address.number >= len(lesson.steps):
        said = _("The lesson has {n} steps, no step {number}; this is the last one.")
        note_link([said.format(n=len(lesson.steps), number=address.number + 1)])
    if not address.stands:
        start_lesson(lesson, address.number)
        return
    play = Play(lesson).at(address.number)
    begin(play.revealed(NOBODY) if address.shown else play, anew=False)
    # The address tells of its own page alone: the others are as the lesson has left them.
    open_path(lesson, play.number, but=st.session_state.lesson_told_of)
