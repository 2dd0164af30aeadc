"""The lessons: a list to start from, links to hand out, and a lesson of one's own."""

import streamlit as st

from rbmviz.language import _, language
from rbmviz.pages.lesson_bar import as_sentence, show_lesson_bar
from rbmviz.pages.lesson_opening import start_lesson
from rbmviz.pages.lesson_session import forget_marks, has_marks, is_done
from rbmviz.pages.plain import plain
from rbmviz.pages.present import show_present
from rbmviz.pages.share import ask_for_code, show_share_buttons
from rbmviz.pages.startup import tidy_up
from rbmviz.pages.style import PAGE_STYLE
from rbmviz.run.query import write_pairs, write_query
from rbmviz.stage.component import load_stage_code
from rbmviz.studio.lesson import Lesson
from rbmviz.studio.lesson_folder import FOLDER, offered_lessons
from rbmviz.studio.lesson_format import LessonError
from rbmviz.studio.lesson_link import is_on_its_own, own_lesson, write_lesson_address
from rbmviz.studio.lesson_play import Play
from rbmviz.studio.lesson_reader import MAX_BYTES
from rbmviz.studio.page_tables import LESSONS

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
    show_lesson_bar(LESSONS)
    show_share_buttons(LESSONS, write_query({}, language()), "", {})
    show_present(LESSONS)
    lessons, faults = offered_lessons()
    own = st.session_state.get("own_lesson")
    with st.container(key="lesson_list"):
        for number, lesson in enumerate(lessons, start=1):
            _show_row(lesson, f"{number}")
        if isinstance(own, Lesson):
            lessons.append(own)
            _show_row(own, _("Linked") if st.session_state.get("own_is_linked") else _("Yours"))
    if faults:
        told = "\n".join(f"- {plain(fault)}" for fault in faults[:MAX_LISTED])
        st.warning(f"{_('About the folder of lessons:')}\n{told}")
    if has_marks():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(_("This browser keeps which lessons are done, and the answers."))
            st.button(_("Forget them"), key="lessons_forget", on_click=forget_marks)
    with st.expander(_("Link to a lesson"), key="lesson_link", on_change="rerun") as folded:
        if folded.open:
            _show_link(lessons, own=isinstance(own, Lesson))
    with st.expander(_("Open a lesson of your own")):
        _show_upload()
    load_stage_code()
    tidy_up()


def _show_row(lesson: Lesson, number: str) -> None:
    done = is_done(lesson)
    text, state, button = st.columns([8, 1.6, 1.2], vertical_alignment="center")
    text.markdown(f"**{number}. {as_sentence(_(lesson.title))}** {_(lesson.summary)}")
    state.markdown(
        _("{minutes} min, **done**").format(minutes=lesson.minutes)
        if done
        else _("{minutes} min, not done").format(minutes=lesson.minutes)
    )
    button.button(
        _("Again") if done else _("Start"),
        key=f"lesson_start_{lesson.name}",
        on_click=start_lesson,
        args=[lesson],
        width="stretch",
    )


def _show_link(lessons: list[Lesson], *, own: bool) -> None:
    """Make the link that a lecturer hands out: a lesson from a step on, as it begins there.

    own: the last lesson is the reader's own, which is the one that is meant.
    """
    which, where = st.columns([3, 1])
    names = {lesson.name: lesson for lesson in lessons}
    titles = {name: _(lesson.title) for name, lesson in names.items()}
    chosen = which.selectbox(
        _("Lesson"), list(names), index=len(names) - 1 if own else 0, format_func=titles.__getitem__
    )
    lesson = names[chosen]
    number = where.number_input(_("Step"), 1, len(lesson.steps), 1)
    if not is_on_its_own(lesson):
        st.warning(
            _(
                "This lesson is too large for a link. Put its file on the site of rbmviz, or into "
                "the folder that {name} names on the server."
            ).format(name=FOLDER)
        )
        return
    query = write_pairs(write_lesson_address(Play(lesson).at(number - 1)))
    link = f"{st.context.url or ''}?{query}"
    st.code(link, language=None, wrap_lines=True)
    st.button(
        _("QR code of this link"),
        key="lesson_code",
        on_click=ask_for_code,
        args=[LESSONS, link, _("Link to a lesson")],
    )
    st.caption(
        _(
            "Whoever opens it begins the lesson there. While a lesson is played, *Copy link* and "
            "*QR code* tell what the page shows as well."
        )
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
            st.session_state.own_lesson = own_lesson(file.getvalue()[: MAX_BYTES + 1])
            st.session_state.own_is_linked = False
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
