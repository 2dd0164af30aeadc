"""The lesson of a session: what is played, and the marks of lessons, which the browser keeps."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from rbmviz.language import _
from rbmviz.run.query import add_to_query
from rbmviz.stage.component import draw_reader, sent
from rbmviz.studio.lesson import Lesson
from rbmviz.studio.lesson_link import (
    NAME,
    LessonAddress,
    is_on_its_own,
    write_lesson_address,
)
from rbmviz.studio.lesson_play import Marks, Play, read_marks

_ITEM = "lesson."  # how the browser's items of lessons begin


def playing() -> Play | None:
    """The lesson that is being played."""
    play = st.session_state.get("lesson")
    return play if isinstance(play, Play) else None


def with_lesson(query: str) -> str:
    """Add the lesson that is being played to a query."""
    play = playing()
    return add_to_query(query, write_lesson_address(play.lesson, play.number)) if play else query


def about_the_lesson() -> str:
    """Say what a link leaves out of the lesson that is being played."""
    play = playing()
    if play is None or is_on_its_own(play.lesson):
        return ""
    return _("The lesson is too large for a link: send its file along.")


def begin(play: Play, *, anew: bool = True) -> None:
    """Play a lesson; anew: whatever was answered at an earlier time is forgotten."""
    st.session_state.lesson_anew = anew
    if not anew:
        play = play.marked(_marks().get(play.lesson.name, Marks()))
    go_on_with(play)


def go_on_with(play: Play, *, done: bool = False) -> None:
    """Note how far the lesson that is being played has come."""
    st.session_state.lesson = play
    name = play.lesson.name
    before = _marks().get(name, Marks())
    _marks()[name] = Marks(play.answers, play.reached, before.done or done)


def is_done(lesson: Lesson) -> bool:
    """Say whether a lesson was finished in this browser."""
    return _marks().get(lesson.name, Marks()).done


def has_marks() -> bool:
    """Say whether there is anything to forget."""
    return any(marks != Marks() for marks in _marks().values())


def forget_marks() -> None:
    """Forget which lessons were finished, and the answers of all of them."""
    for name in _marks():
        _marks()[name] = Marks()


def has_looked_at_the_address() -> bool:
    """Say whether a lesson was looked for in the address of this session."""
    return "lesson_wanted" in st.session_state


def want(address: LessonAddress | None) -> None:
    """Let the browser fetch a lesson of its site, or none."""
    st.session_state.lesson_wanted = address


def wanted() -> LessonAddress | None:
    """Give the lesson that the browser still fetches."""
    address: LessonAddress | None = st.session_state.get("lesson_wanted")
    return address


def show_reader(take_file: Callable[[LessonAddress, str], None]) -> None:
    """Draw what speaks to the browser: once on a page, outside of any fragment.

    take_file: a callback for the text of the lesson that was wanted; empty where there is none.
    """

    def on_fetched() -> None:
        given, address = sent("reader", "fetched"), wanted()
        if address is not None and isinstance(given, dict) and given.get("path") == address.path:
            want(None)
            take_file(address, str(given.get("text", "")))

    address = wanted()
    draw_reader(
        {
            "items": {f"{_ITEM}{name}": _written(marks) for name, marks in _marks().items()},
            "asks": not st.session_state.get("marks_found"),
            "path": address.path if address else "",
        },
        key="reader",
        on_found=_on_found,
        on_fetched=on_fetched,
    )


def _marks() -> dict[str, Marks]:
    """Give the marks of this session by the names of the lessons."""
    if "lesson_marks" not in st.session_state:
        st.session_state.lesson_marks = {}
    marks: dict[str, Marks] = st.session_state.lesson_marks
    return marks


def _written(marks: Marks) -> str:
    return "" if marks == Marks() else marks.written()


def _on_found() -> None:
    """Join what the browser kept with what this session knows, which is newer."""
    found = sent("reader", "found")
    st.session_state.marks_found = True
    play, marks = playing(), _marks()
    for item, text in found.items() if isinstance(found, dict) else ():
        name = str(item).removeprefix(_ITEM)
        kept = read_marks(text) if item == _ITEM + name and NAME.fullmatch(name) else None
        if kept is None:
            continue
        if name in marks:
            marks[name] = replace(marks[name], done=marks[name].done or kept.done)
        else:
            marks[name] = kept
        if play and play.lesson.name == name and not st.session_state.lesson_anew:
            go_on_with(play.marked(kept))
