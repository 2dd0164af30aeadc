"""The lesson of a session: what is played, and the marks of lessons, which the browser keeps."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

import streamlit as st

from rbmviz.language import _, language
from rbmviz.run.query import add_to_query, write_pairs, write_query
from rbmviz.stage.component import draw_reader, sent
from rbmviz.studio.lesson import Lesson
from rbmviz.studio.lesson_link import (
    NAME,
    LessonAddress,
    is_on_its_own,
    write_lesson_address,
)
from rbmviz.studio.lesson_play import Marks, Play, read_marks

_MARKS, _DONE = "lesson.", "done."  # how the names of the browser's items begin
_MAX_ITEMS = 200


@dataclass
class _Known:
    """What is known of a reader's lessons, by their names."""

    marks: dict[str, Marks] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    items: dict[str, str] = field(default_factory=dict)  # what this session changed of it
    forget: str = ""  # the order that all is to be forgotten, each time another text
    was_asked: bool = False  # the browser, and it has answered


# ---- what is played -----------------------------------------------------------------------


def playing() -> Play | None:
    """The lesson that is being played."""
    play = st.session_state.get("lesson")
    return play if isinstance(play, Play) else None


def begin(play: Play, *, anew: bool = True) -> None:
    """Play a lesson; anew: what was answered at an earlier time is forgotten."""
    want(None)
    st.session_state.lesson_anew = anew
    go_on_with(play.marked(_known().marks.get(play.lesson.name, Marks()), anew=anew))


def go_on_with(play: Play) -> None:
    """Note how far the lesson that is being played has come."""
    known, name = _known(), play.lesson.name
    st.session_state.lesson = play
    known.marks[name] = marks = Marks(play.answers, play.reached)
    known.items[_MARKS + name] = "" if marks == Marks() else marks.written()


def leave_lesson() -> None:
    """Leave the lesson; what it did to the pages stays."""
    want(None)
    st.session_state.pop("lesson", None)
    st.session_state.lesson_goal = ""


def with_lesson(query: str) -> str:
    """Add the lesson that is being played, or fetched, to a query."""
    play, address = playing(), wanted()
    if play is not None:
        return add_to_query(query, write_lesson_address(play))
    if address is None:
        return query
    if address.stands:
        return add_to_query(query, address.written())
    # What the lesson begins with stands for what the page shows, until that is something else.
    is_plain = query in ("", write_query({}, language()))
    return write_pairs(address.written()) if is_fetching() or is_plain else query


def about_the_lesson() -> str:
    """Say what a link leaves out of the lesson that is being played."""
    play = playing()
    if play is None or is_on_its_own(play.lesson):
        return ""
    return _("The lesson is too large for a link: send its file along.")


# ---- marks --------------------------------------------------------------------------------


def finish(lesson: Lesson) -> None:
    """Note that a lesson is done."""
    _known().done.add(lesson.name)
    _known().items[_DONE + lesson.name] = "1"


def is_done(lesson: Lesson) -> bool:
    """Say whether a lesson was finished in this browser."""
    return lesson.name in _known().done


def has_marks() -> bool:
    """Say whether there is anything to forget."""
    known = _known()
    return bool(known.done) or any(marks != Marks() for marks in known.marks.values())


def forget_marks() -> None:
    """Forget which lessons were finished, and the answers of all of them."""
    st.session_state.lessons_known = _Known(forget=secrets.token_hex(4), was_asked=True)
    if play := playing():
        st.session_state.lesson = Play(play.lesson, play.number)


# ---- what the browser is asked for --------------------------------------------------------


def want(address: LessonAddress | None) -> None:
    """Let the browser fetch a lesson of its site, or none any more."""
    st.session_state.lesson_wanted = address
    st.session_state.lesson_missed = False


def wanted() -> LessonAddress | None:
    """Give the lesson of the address that the browser fetches, or could not fetch."""
    address: LessonAddress | None = st.session_state.get("lesson_wanted")
    return address


def is_fetching() -> bool:
    """Say whether a lesson is on its way."""
    return wanted() is not None and not st.session_state.lesson_missed


def show_reader(take_file: Callable[[LessonAddress, str], None]) -> None:
    """Draw what speaks to the browser: once on a page, outside of any fragment.

    take_file: a callback for the text of the lesson that was wanted; empty where there is none.
    """

    def on_fetched() -> None:
        given, address = sent("reader", "fetched"), wanted()
        if address is not None and isinstance(given, dict) and given.get("path") == address.path:
            st.session_state.lesson_missed = True  # until it has begun
            take_file(address, str(given.get("text", "")))

    known, address = _known(), wanted()
    draw_reader(
        {
            "items": known.items,
            "asks": not known.was_asked,
            "forget": known.forget,
            "path": address.path if address and is_fetching() else "",
        },
        key="reader",
        on_found=_on_found,
        on_fetched=on_fetched,
    )


def _known() -> _Known:
    if not isinstance(st.session_state.get("lessons_known"), _Known):
        st.session_state.lessons_known = _Known()
    known: _Known = st.session_state.lessons_known
    return known


def _on_found() -> None:
    """Join what the browser kept with what this session knows, which is newer."""
    found, known, play = sent("reader", "found"), _known(), playing()
    known.was_asked = True
    items = found.items() if isinstance(found, dict) else ()
    for item, text in islice(items, _MAX_ITEMS):
        kind, dot, name = str(item).partition(".")
        if not NAME.fullmatch(name):
            continue
        if kind + dot == _DONE and text:
            known.done.add(name)
        marks = read_marks(text) if kind + dot == _MARKS else None
        if marks is None:
            continue
        if play and play.lesson.name == name:
            go_on_with(play.marked(marks, anew=st.session_state.lesson_anew))
        else:
            known.marks.setdefault(name, marks)
