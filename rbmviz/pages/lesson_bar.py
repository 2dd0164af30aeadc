"""The lesson bar: the step of a lesson that is being played, above the page that it is about."""

from dataclasses import dataclass, replace

import streamlit as st

from rbmviz.language import _
from rbmviz.pages.lesson_opening import open_lesson_address, take_file
from rbmviz.pages.lesson_presets import change, open_preset, script_of, subject_of
from rbmviz.pages.lesson_session import (
    finish,
    go_on_with,
    is_fetching,
    leave_lesson,
    playing,
    show_reader,
    wanted,
)
from rbmviz.studio.lesson import Check, Prediction
from rbmviz.studio.lesson_places import MAX_UNIT, PAGES
from rbmviz.studio.lesson_play import NOBODY, Play
from rbmviz.studio.page_tables import LESSONS
from rbmviz.studio.quantities import Quantity, Subject

READ_EVERY = 1.0  # seconds, while something on the page may move

_STYLE = """<style>
  .st-key-lesson_bar { border-left: 3px solid var(--st-primary-color, #64748b);
                       padding: 0 0 4px 14px; margin-bottom: 4px; gap: 0.3rem; }
  .st-key-lesson_bar [data-testid="stMarkdownContainer"] { margin-bottom: 0; }
  .st-key-lesson_bar p, .st-key-lesson_bar label p { font-size: 15px; margin-bottom: 0; }
  .st-key-lesson_bar [data-testid="stCaptionContainer"] p { font-size: 14px; }
  .st-key-lesson_bar [role="radiogroup"] { gap: 0; }
  .st-key-lesson_bar [data-testid="stVerticalBlock"] { gap: 0.3rem; }
  .st-key-lesson_bar [data-testid="stButton"] button { min-height: 2rem; padding: 0 0.9rem; }
  @media (max-width: 640px) {
    [class*="st-key-lesson_head"] > [data-testid="stElementContainer"]:first-child {
      flex-basis: 100%;
    }
  }
</style>"""


@dataclass(frozen=True)
class _Reading:
    """What was last read, and of what."""

    of: tuple[object, ...]
    texts: tuple[str, ...]
    value: float | None
    trouble: str


def show_lesson_bar(page: str) -> None:
    """Draw the bar on the page that the step is about, and a way there on the others.

    Call it before the page draws anything else, and after it has read its own address.
    """
    open_lesson_address(page)
    go_on(page)
    play = playing()
    if play or wanted() or page == LESSONS:
        show_reader(take_file)
    if is_fetching():
        st.caption(_("Fetching the lesson …"))
    if play is None:
        return
    st.html(_STYLE)
    if page == LESSONS and script_of(play.step.page) is None:
        st.caption(_("This step is about a page that this version does not have."))
        draw_bar(play)
        return
    if play.step.page != page:
        _show_way_back(play)
        return
    every = READ_EVERY if play.step.watch or play.waits == "check" else None
    st.fragment(_bar, run_every=every)(page)


def go_on(page: str) -> bool:
    """Go to the page that a button has asked for; say whether one was pressed since the last run.

    A step on a page that this version does not have stays among the lessons. The goal is kept until
    its page is drawn: a newer run may stop this one on the way, or bring this page back.
    """
    goal = st.session_state.get("lesson_goal")
    if goal and goal != page:
        script = script_of(goal)
        if script is None and page != LESSONS:
            script = script_of(LESSONS)
        if script:
            st.switch_page(script)
    st.session_state.pop("lesson_goal", None)
    return goal is not None


def _show_way_back(play: Play) -> None:
    with st.container(key="lesson_bar", horizontal=True, vertical_alignment="center"):
        st.caption(
            _("Lesson *{title}*: this step is about the page {page}.").format(
                title=_(play.lesson.title), page=_(PAGES[play.step.page])
            )
        )
        if st.button(_("Go there"), key="lesson_there"):
            st.session_state.lesson_goal = play.step.page
            go_on("")
        st.button(_("Leave"), key="lesson_leave", on_click=leave_lesson)


def _bar(page: str) -> None:
    if go_on(page):
        st.rerun()  # the whole page: its widgets were set
    play = playing()
    if play is None or play.step.page != page:
        return
    reading = _read(play, page)
    check = play.step.check
    holds = check and reading.value is not None and check.bound.holds(reading.value)
    if holds and play.waits == "check":
        go_on_with(play.passed())
        st.rerun()  # the whole page, so that the browser keeps it
    draw_bar(play, reading.texts, reading.value, reading.trouble)


def draw_bar(
    play: Play, texts: tuple[str, ...] = (), value: float | None = None, trouble: str = ""
) -> None:
    """Draw the step with what was read."""
    step = play.step
    with st.container(key="lesson_bar"):
        _show_head(play)
        right = bool(step.prediction or step.check)
        left, aside = st.columns([5, 6], gap="medium") if right else (st.container(), None)
        with left:
            st.markdown(f"**{as_sentence(_(step.title))}** {_(step.text)}")
            if texts:
                st.caption(" · ".join(texts))
        if aside is not None:
            with aside:
                if step.prediction:
                    _show_prediction(play, step.prediction)
                if step.check and play.waits != "prediction":
                    _show_check(play, step.check, value, trouble)


def as_sentence(title: str) -> str:
    """End a title that stands before a text."""
    return title if title.endswith(("?", "!", ".")) else f"{title}."


def _show_head(play: Play) -> None:
    where = _("step {n} of {of}").format(n=play.number + 1, of=len(play.lesson.steps))
    key = "lesson_head_last" if play.is_last else "lesson_head"  # a presentation ends there
    with st.container(key=key, horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{_(play.lesson.title)} · {where}", width="stretch")
        st.button(
            _("Back"),
            key="lesson_back",
            on_click=_go_to,
            args=[play.number - 1],
            disabled=play.number == 0,
        )
        last = play.is_last
        waits = play.waits
        st.button(
            (_("Finish") if last else _("Next"))
            if waits != "check"
            else (_("End") if last else _("Skip")),
            key="lesson_next",
            on_click=_finish if last else _go_to,
            args=[] if last else [play.number + 1],
            disabled=waits == "prediction",
            type="primary" if not waits else "secondary",
            help=_("Predict first, then reveal.") if waits == "prediction" else None,
        )
        st.button(_("Leave"), key="lesson_leave", on_click=leave_lesson)


def _show_prediction(play: Play, prediction: Prediction) -> None:
    given, key = play.answer, f"lesson_answer_{play.number}"
    if given is not None:
        _show_answer(prediction, given)
        return
    st.radio(
        f"**{_(prediction.question)}**",
        range(len(prediction.answers)),
        index=None,
        format_func=lambda n: _(prediction.answers[n].text),
        key=key,
    )
    is_open = st.session_state.get(key) is None
    st.button(
        _("Reveal"),
        key="lesson_reveal",
        on_click=_reveal,
        type="primary",
        disabled=is_open,
        help=_("Choose an answer first.") if is_open else None,
    )
    # Seen while a lesson is presented: a hall that has to guess shouts, and chooses nothing.
    st.button(
        _("Show the answer"),
        key="lesson_show",
        on_click=_reveal,
        args=[NOBODY],
        type="primary",
    )


def _show_answer(prediction: Prediction, given: int) -> None:
    """Say why the answer that was given is right or wrong."""
    right = prediction.answers[prediction.right]
    is_right = _("The right answer: *{answer}* {why}").format(
        answer=_(right.text), why=_(right.why)
    )
    st.markdown(f"**{_(prediction.question)}**")
    if given == NOBODY:
        st.markdown(is_right)
        return
    chosen = prediction.answers[given]
    said = {"answer": _(chosen.text), "why": _(chosen.why)}
    if chosen.right:
        st.markdown(_("You said: *{answer}* **Right.** {why}").format(**said))
        return
    st.markdown(_("You said: *{answer}* **No.** {why}").format(**said))
    st.markdown(is_right)


def _show_check(play: Play, check: Check, value: float | None, trouble: str) -> None:
    st.markdown(f"**{_(check.task)}**")
    if check.quantity.needs == "weight":
        with st.container(horizontal=True):
            for name in ("i", "j"):
                st.number_input(name, 0, MAX_UNIT, None, key=_weight_key(play, name), width=110)
    kind = _("exact") if check.quantity.exact else _("estimated")
    target = _("target {bound}").format(bound=check.bound.told(check.quantity))
    now = f"{check.quantity.told(value)} {kind}" if value is not None else _("not known yet")
    st.markdown(f"{_(check.quantity.name)}: **{now}**, {target}")
    if play.waits != "check":
        st.markdown(_("**Reached.**"))
    elif trouble:
        st.caption(trouble)
    elif check.hint:
        st.caption(_("Hint: {hint}").format(hint=_(check.hint)))


def _weight_key(play: Play, name: str) -> str:
    return f"lesson_{name}_{play.number}"


def _go_to(number: int) -> None:
    """Go to a step. A click can arrive twice, as the timer of this part sends it along."""
    play = playing()
    if play is None:
        return
    play = play.at(number)
    go_on_with(play)
    if play.step.preset is not None:
        open_preset(play.step.page, play.step.preset)
    st.session_state.lesson_goal = play.step.page


def _reveal(given: int | None = None) -> None:
    play = playing()
    prediction = play and play.step.prediction
    if play is None or not prediction:
        return
    chosen = st.session_state.get(f"lesson_answer_{play.number}")
    if given == NOBODY and chosen is None:
        chosen = NOBODY
    if not isinstance(chosen, int) or play.answer is not None:
        return
    go_on_with(play.revealed(chosen))
    if prediction.reveal is not None:
        change(play.step.page, prediction.reveal)
    st.session_state.lesson_goal = play.step.page  # the whole page: the browser keeps the answer


def _finish() -> None:
    play = playing()
    if play is not None and play.is_done:
        finish(play.lesson)
    leave_lesson()
    st.session_state.lesson_goal = LESSONS


def _read(play: Play, page: str) -> _Reading:
    """Read the quantities of a step, once for each state of the page."""
    step = play.step
    weight = _named_weight(play)
    subject = subject_of(page) if step.watch or step.check else None
    if subject is None:
        return _Reading((), (), None, "")
    estimate = subject.estimate() if subject.state is None and subject.estimate else None
    seen = subject.machine or subject.rbm
    key = (play.lesson.name, play.number, weight, seen, subject.n_steps, estimate)
    kept = st.session_state.get("lesson_reading")
    if isinstance(kept, _Reading) and _same(kept.of, key):
        return kept
    subject = replace(subject, weight=weight or (0, 0))
    texts = []
    for quantity in step.watch:
        value = _value(quantity, subject, None)[0]
        if value is not None:
            texts.append(f"{_(quantity.name)} {quantity.told(value)}")
    found, trouble = _value(step.check.quantity, subject, weight) if step.check else (None, "")
    reading = st.session_state.lesson_reading = _Reading(key, tuple(texts), found, trouble)
    return reading


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Compare keys; models and estimates are the same when they are one object."""
    return len(one) == len(other) and all(
        a is b or (isinstance(a, str | int | tuple) and a == b)
        for a, b in zip(one, other, strict=True)
    )


def _named_weight(play: Play) -> tuple[int, int] | None:
    i, j = (st.session_state.get(_weight_key(play, name)) for name in ("i", "j"))
    return (i, j) if isinstance(i, int) and isinstance(j, int) else None


def _value(
    quantity: Quantity, subject: Subject, weight: tuple[int, int] | None
) -> tuple[float | None, str]:
    """Read one quantity, or say why it cannot be known."""
    if quantity.needs == "weight" and weight is None:
        return None, _("Enter i and j.")
    try:
        return quantity.read(subject), ""
    except ValueError as error:
        return None, str(error)
