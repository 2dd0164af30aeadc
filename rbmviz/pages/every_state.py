"""Every state of a small model: what pushes it, where the probability goes, what is spurious."""

import time
from dataclasses import replace
from typing import Any

import pyarrow as pa
import streamlit as st

from rbmviz.language import N_, _
from rbmviz.pages.address import (
    open_address,
    opened_link,
    page_settings,
    put_settings,
    show_page_share,
)
from rbmviz.pages.lesson_bar import show_lesson_bar
from rbmviz.pages.model_choice import (
    chosen_case,
    show_import,
    show_model_choice,
    wait_for_the_lab,
)
from rbmviz.pages.present import show_present
from rbmviz.pages.setting_widgets import show_setting, show_speed
from rbmviz.pages.share import note_link
from rbmviz.pages.startup import FLUSH_SECONDS, collect_when_due, tidy_up
from rbmviz.pages.style import PAGE_STYLE
from rbmviz.pages.way import follow_where_a_way_ended, train_on_the_way
from rbmviz.run.difference import setting_name
from rbmviz.run.estimators import ESTIMATORS
from rbmviz.run.model_case import ModelCase
from rbmviz.run.models import LAB_MODEL
from rbmviz.run.requests import parse_request
from rbmviz.run.schedule import Course
from rbmviz.run.table import rows
from rbmviz.stage.component import load_stage_code, sent, show_states
from rbmviz.stage.states import encode_states
from rbmviz.studio.analysis import MAX_STATES_UNITS
from rbmviz.studio.page_tables import PAGE_TABLES, STATES
from rbmviz.studio.state_run import (
    EveryStateSettings,
    Learning,
    StateRun,
    StatesAnswer,
    can_be_seen,
)
from rbmviz.studio.state_words import definition, top_states, verdict

_key = PAGE_TABLES[STATES].key
_ROWS = rows(EveryStateSettings)
_SEEN = [name for name, row in _ROWS.items() if row.seen]
_GUIDE = N_("""
A model with few visible units can be shown whole. Each tile is one **state** v: an image that the
visible units can form. Its fill (green) is the model's probability p(v), exact. Its frame (blue) is
there when the data hold the state. Its ring (orange) is how often the estimator's samples showed it
in this update: an estimate.

- **The landscape** is figure 18.1 of *Deep Learning*, live. The positive phase (blue, up) raises
  log p̃ at the data. The negative phase (orange, down) lowers it wherever the model puts its
  probability. If log p̃(v) of each state could be moved freely, the mean log-likelihood would change
  by **p data(v) − p model(v)** for each nat: d(mean log-likelihood)/d log p̃(v). All pushes together
  sum to zero, and vanish when the model's probabilities are the data's.
- **What one step does** shows the real change of log p̃ in the next update. It differs from the
  pushes: the states share the weights, so a push on one state moves others too.
- **Hypercube**: the states in Gray code, as in a Karnaugh map. Neighbours differ in one unit,
  around the edges too. A state has as many neighbours as there are units, and a grid can put only
  four of them beside it: the grey marks show them all.
- **By free energy**: F(v) = −log p̃(v), the lowest first: the most probable state.
- **A spurious mode** is {definition}. The negative phase has to find it before it can lower it:
  CD-k, which starts at the data, hardly ever comes there.

The page trains its own copy of the model; the lab's run stays as it is. Keys: space plays and
pauses, the right arrow makes one update; on a picture, the arrow keys walk from state to state.
""")


def _current_values() -> dict[str, Any]:
    """The widgets' values as the browser last sent them, not checked."""
    return {name: st.session_state.get(_key(name)) for name, row in _ROWS.items() if not row.seen}


def _controls(settings: EveryStateSettings) -> Learning:
    """Draw the sidebar; return how the model learns, within the limits."""
    with st.sidebar:
        st.markdown("## rbmviz")
        show_model_choice(STATES)
        show_setting(_ROWS["estimator"], _key("estimator"))
        estimator = ESTIMATORS[settings.estimator]
        st.caption(_(estimator.note))
        with st.container():  # so that what follows keeps its place
            for name in ("n_steps", "n_chains"):
                if name in estimator.parameters:
                    label = setting_name(name, settings.estimator)
                    show_setting(_ROWS[name], _key(name), label=label)
        show_setting(_ROWS["learning_rate"], _key("learning_rate"))
        show_setting(_ROWS["batch"], _key("batch"))
        show_speed(_key("speed"), _ROWS["speed"].default)
        learning, messages = settings.learning()
        for message in messages:
            st.warning(message)
        show_import()
    return learning


def _run(case: ModelCase, learning: Learning, settings: EveryStateSettings) -> StateRun | None:
    """The run of this session with what the widgets say; None when the model cannot learn so."""
    run: StateRun | None = st.session_state.get("state_run")
    try:
        if run is None:
            run = _begun(case, learning, settings)
        run.apply(case, learning, settings.speed)
    except ValueError as error:
        st.session_state.states_refused = True  # so that the next one begins with the widgets
        st.warning(str(error))
        return None
    return run


def _begun(case: ModelCase, learning: Learning, settings: EveryStateSettings) -> StateRun:
    """Begin the run: with the model of the address, as the address says, on the way to its step."""
    link = opened_link(STATES)
    told: EveryStateSettings = link.settings
    if told.model != settings.model or "states_refused" in st.session_state:
        run = StateRun(case, learning, settings.speed)
    else:
        note_link(told.learning()[1])
        entries = [(step, replace(told, **values).learning()[0]) for step, values in link.course]
        run = StateRun(case, entries[0][1] if entries else learning, settings.speed)
        run.lead_to(told.step, Course(tuple(entries)) if entries else None)
    st.session_state.state_run = run
    return run


def _follow(run: StateRun) -> None:
    put_settings(STATES, run.learning.values)


def _on_request() -> None:
    """Carry out what the browser asked for, before the fragment runs."""
    run: StateRun | None = st.session_state.get("state_run")
    request = parse_request(sent("all_states", "request"))
    if run is not None and request.client:
        run.receive(request)


def _message(answer: StatesAnswer) -> bytes:
    """Encode an answer, once."""
    kept = st.session_state.get("state_message")
    if kept is None or kept[0] is not answer:
        settings = answer.learning.settings
        header = {
            **answer.header,
            "run": f"{answer.case.name} {answer.run}",
            "image_shape": list(answer.case.image_shape),
            "negative": {"label": settings.label, "exact": settings.estimator == "exact"},
            "learning_rate": settings.learning_rate,
            "verdicts": [verdict(frame) for frame in answer.frames],
            "look": _look(),
        }
        kept = (answer, encode_states(header, answer.frames))
        st.session_state.state_message = kept
    return kept[1]


def _look() -> dict[str, str]:
    told = opened_link(STATES).settings
    return {name: _ROWS[name].written(getattr(told, name)) for name in _SEEN}


@st.fragment
def _live(run: StateRun) -> None:
    # A widget change in the same moment as a request of the stage runs this fragment alone.
    if _current_values() != st.session_state.get("state_seen"):
        st.rerun()
    answer = run.answer()
    if run.course != st.session_state.get("states_course"):
        st.rerun()  # the link of the page tells another one
    show_states(_message(answer), key="all_states", on_request=_on_request)
    table = st.expander(
        _("The most probable states, a table"), key="states_table", on_change="rerun"
    )
    if table.open:
        _show_table(table, answer)
    collect_when_due()


def _show_table(place: Any, answer: StatesAnswer) -> None:
    """Write the top states; while playing the table rests, since a moving one cannot be read."""
    kept = st.session_state.get("state_columns")
    if kept is None or kept[0] != answer.run or not answer.playing:
        frame = answer.frames[-1]
        kept = st.session_state.state_columns = (answer.run, frame.step, top_states(frame))
    step, columns = kept[1:]
    place.caption(_("At step {step:,}. All numbers but the frequency are exact.").format(step=step))
    place.dataframe(pa.table(columns), hide_index=True, width="stretch", height=320)


def _explain_refusal(case: ModelCase) -> None:
    n_visible = case.rbm.n_visible
    remedy = _(
        "Choose another model in the sidebar, or train one of at most {limit} "
        "visible units in the lab: bars-and-stripes 3x3 has 9."
    ).format(limit=MAX_STATES_UNITS)
    st.warning(
        _(
            "{n} visible units have 2^{n} = {states:.3g} states: too many to show each. "
            "The limit is {limit} units. {remedy}"
        ).format(n=n_visible, states=2.0**n_visible, limit=MAX_STATES_UNITS, remedy=remedy)
    )


def _explain_another_model(model: str) -> None:
    """Say why the lab's model is not the one that is shown, where it cannot be."""
    lab = st.session_state.get("lab")
    if lab is None or model == LAB_MODEL or lab.state.rbm.n_visible <= MAX_STATES_UNITS:
        return
    st.caption(
        _(
            "The lab's current model has {n} visible units, too many to show each state: the limit "
            "is {limit}. This is another model."
        ).format(n=lab.state.rbm.n_visible, limit=MAX_STATES_UNITS)
    )


def show_every_state() -> None:
    """Draw the page."""
    st.html(PAGE_STYLE)
    lab, run = st.session_state.get("lab"), st.session_state.get("state_run")
    open_address(STATES, shows_lab=lab is not None and lab.state.rbm.n_visible <= MAX_STATES_UNITS)
    show_lesson_bar(STATES)
    if run is not None:
        follow_where_a_way_ended(STATES, lambda: _follow(run))
    settings: EveryStateSettings = page_settings(STATES)
    learning = _controls(settings)
    title = _("Where does the model put its probability?")
    wait_for_the_lab(settings.model, title)
    case = chosen_case(settings.model)
    about = _(case.description)
    if settings.model == LAB_MODEL:
        about = f"{_(case.name)}: {about}"
    st.markdown(f"### {title}\n{about}")
    _explain_another_model(settings.model)
    run = _run(case, learning, settings) if can_be_seen(case) else None
    st.session_state.states_course = run.course if run else None
    course = [(step, each.values) for step, each in run.course.entries] if run else []
    goal = run.way[1] if run and run.way else None
    step = run.state.step if run else None
    show_page_share(STATES, settings, course=course, step=step, goal=goal)
    batch = _("all rows of the data") if learning.all_rows else _("as large as the model's")
    show_present(
        STATES, _(case.name), _(learning.settings.label),
        _("learning rate {rate}").format(rate=f"{learning.settings.learning_rate:g}"),
        _("batch: {batch}").format(batch=batch),
    )  # fmt: skip
    above = st.container()
    if run is not None:
        st.session_state.state_seen = _current_values()
        _live(run)
    elif not can_be_seen(case):
        _explain_refusal(case)
    with st.expander(_("What am I looking at?")):
        st.markdown(_(_GUIDE).format(definition=definition()))
    load_stage_code()
    tidy_up()
    if run is not None and run.way:
        with above:
            train_on_the_way(run, STATES, lambda: _follow(run))
    if run is not None and run.playing:
        time.sleep(FLUSH_SECONDS)


show_every_state()
