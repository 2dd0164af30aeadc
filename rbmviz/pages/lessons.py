"""The lessons: a list to start from, and a lesson of one's own from a file."""

import streamlit as st

from rbmviz.language import _
from rbmviz.pages.lesson_bar import (
    draw_bar,
    go_on,
    is_playing,
    show_lesson_bar,
    start_lesson,
)
from rbmviz.pages.lesson_presets import script_of
from rbmviz.pages.present import show_present
from rbmviz.pages.startup import tidy_up
from rbmviz.pages.style import PAGE_STYLE
from rbmviz.studio.lesson import Lesson
from rbmviz.studio.lesson_format import LessonError, built_in_lessons, read_lesson
from rbmviz.studio.lesson_reader import MAX_BYTES
from rbmviz.studio.page_tables import LESSONS

OWN = "own"  # the name of a lesson from a file
MAX_LISTED = 8  # problems of a file
_STYLE = """<style>
  .st-key-lesson_list p { font-size: 16px; margin-bottom: 0; }
  .st-key-lesson_list [data-testid="stMarkdownContainer"] { margin-bottom: 0; } /* for p's margin */
  .st-key-lesson_list { gap: 0.9rem; max-width: 1100px; }
  .st-key-lesson_list [data-testid="stHorizontalBlock"] { gap: 0.2rem 1.5rem; }
  @media (min-width: 641px) { /* the text gives way, its button never */
    .st-key-lesson_list .stColumn:nth-child(1) { flex: 1 1 10rem; }
    .st-key-lesson_list .stColumn:nth-child(2) { flex: 0 0 8.5rem; }
    .st-key-lesson_list .stColumn:nth-child(3) { flex: 0 0 7rem; }
  }
</style>"""


def show_lessons() -> None:
    """Draw the page."""
    st.html(PAGE_STYLE + _STYLE)
    st.sidebar.markdown("## rbmviz")
    st.markdown(f"### {_('Lessons')}")
    st.markdown(
        _(
            "Short sequences to play: predict first, look, then bring the model to a target. Each "
            "takes the lab or another page to where its story begins."
        )
    )
    if (play := is_playing()) and script_of(play.step.page) is None:
        st.caption(_("This step is about a page that this version does not have."))
        draw_bar(play)
        go_on(LESSONS)
    else:
        show_lesson_bar(LESSONS)
    show_present(LESSONS)
    done = st.session_state.get("lessons_done", frozenset())
    lessons = list(built_in_lessons())
    own = st.session_state.get("own_lesson")
    with st.container(key="lesson_list"):
        for number, lesson in enumerate(lessons, start=1):
            _show_row(lesson, f"{number}", lesson.name in done)
        if isinstance(own, Lesson):
            _show_row(own, _("Yours"), OWN in done)
    with st.expander(_("Open a lesson of your own")):
        _show_upload()
    tidy_up()


def _show_row(lesson: Lesson, number: str, is_done: bool) -> None:
    text, state, button = st.columns([8, 1.6, 1.2], vertical_alignment="center")
    text.markdown(f"**{number}. {_(lesson.title)}.** {_(lesson.summary)}")
    state.markdown(
        _("{minutes} min, **done**").format(minutes=lesson.minutes)
        if is_done
        else _("{minutes} min, not done").format(minutes=lesson.minutes)
    )
    button.button(
        _("Again") if is_done else _("Start"),
        key=f"lesson_start_{lesson.name}",
        on_click=start_lesson,
        args=[lesson],
        width="stretch",
    )


def _show_upload() -> None:
    st.markdown(
        _(
            "A lesson is a plain TOML file of text, presets, predictions and checks; "
            "`docs/lessons.md` describes it with an example. Nothing in it is run."
        )
    )
    file = st.file_uploader(_("Lesson file"), type=["toml"], max_upload_size=1, key="lesson_file")
    if file is None:
        return
    if st.session_state.get("lesson_file_read") != file.file_id:
        st.session_state.lesson_file_read = file.file_id
        st.session_state.lesson_problems = []
        try:
            content = file.getvalue()[: MAX_BYTES + 1]
            st.session_state.own_lesson = read_lesson(OWN, content)
            st.session_state.lessons_done = st.session_state.get("lessons_done", frozenset()) - {
                OWN
            }
        except LessonError as error:
            st.session_state.own_lesson = None
            st.session_state.lesson_problems = error.problems
        st.rerun()  # its row stands above
    problems = st.session_state.lesson_problems
    if not problems:
        st.markdown(_("The file is a lesson: start it above."))
        return
    listed = "\n".join(
        _("line {line}: {text}").format(line=one.line, text=one.text)
        for one in problems[:MAX_LISTED]
    )
    more = len(problems) - MAX_LISTED
    st.error(_("This file is not a lesson yet. Fix these lines and open it again."))
    st.code(
        listed + (_("\nand {more} more").format(more=more) if more > 0 else ""),
        language=None,
        wrap_lines=True,
    )


show_lessons()
