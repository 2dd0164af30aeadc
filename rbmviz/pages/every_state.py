"""Every state of a small model: what pushes it, where the probability goes, what is spurious."""

import time
from typing import Any

import pyarrow as pa
import streamlit as st

from rbmviz.language import N_, _
from rbmviz.pages.model_choice import LAB, chosen_case, lab_and_presets
from rbmviz.pages.present import show_present
from rbmviz.pages.setting_widgets import show_setting, show_speed
from rbmviz.pages.startup import FLUSH_SECONDS, collect_when_due, tidy_up
from rbmviz.pages.style import PAGE_STYLE
from rbmviz.run.difference import setting_name
from rbmviz.run.estimators import ESTIMATORS, OFFERED
from rbmviz.run.requests import parse_request
from rbmviz.run.settings import ROWS, clamp_settings
from rbmviz.stage.component import load_stage_code, sent, show_states
from rbmviz.stage.states import encode_states
from rbmviz.studio.analysis import MAX_STATES_UNITS
from rbmviz.studio.presets import ModelCase
from rbmviz.studio.small_models import load_small_model, small_model_names
from rbmviz.studio.state_run import Learning, StateRun, StatesAnswer, can_be_seen
from rbmviz.studio.state_words import definition, top_states, verdict

_BATCHES = {"all": N_("All rows of the data"), "model": N_("As large as the model's")}
_SETTINGS = ("estimator", "n_steps", "n_chains", "learning_rate")
_FIRST_SPEED = 10
_FIRST = {  # what the widgets show at first
    "states_estimator": "cd",
    "states_n_steps": 1,
    "states_n_chains": 100,
    "states_learning_rate": 0.2,
    "states_batch": "all",
    "states_speed": _FIRST_SPEED,
}
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


def _cases() -> dict[str, ModelCase | None]:
    """The models on offer: untrained ones, the lab's and the presets; loaded when chosen."""
    fresh: dict[str, ModelCase | None] = dict.fromkeys(small_model_names())
    return fresh | lab_and_presets()


def _case(name: object, cases: dict[str, ModelCase | None]) -> ModelCase:
    if name in small_model_names() or name not in cases:
        return load_small_model(str(name) if name in cases else small_model_names()[0])
    return chosen_case(str(name), cases)


def _current_values() -> dict[str, Any]:
    """The widgets' values as the browser last sent them, not checked."""
    return {key: st.session_state.get(key) for key in ["states_model", *_FIRST]}


def _controls(cases: dict[str, ModelCase | None]) -> tuple[ModelCase, Learning, int]:
    """Draw the sidebar; return the model, how it learns, and the updates of a frame, checked."""
    for key, value in _FIRST.items():
        st.session_state.setdefault(key, value)
    with st.sidebar:
        st.markdown("## rbmviz")
        model = st.selectbox(
            _("Model"), list(cases), format_func=_, key="states_model", persist_state="session"
        )
        show_setting(
            ROWS["estimator"],
            "states_estimator",
            options=OFFERED,
            help=_("How the page's own copy of the model learns."),
        )
        estimator = str(st.session_state.states_estimator)
        row = ESTIMATORS.get(estimator)
        st.caption(_(row.note) if row else "")
        with st.container():  # so that what follows keeps its place
            for name in ("n_steps", "n_chains"):
                if row and name in row.parameters:
                    label = setting_name(name, estimator)
                    show_setting(ROWS[name], f"states_{name}", label=label)
        show_setting(ROWS["learning_rate"], "states_learning_rate")
        batch = st.selectbox(
            _("Batch"),
            list(_BATCHES),
            format_func=lambda batch: _(_BATCHES[batch]),
            key="states_batch",
            persist_state="session",
        )
        speed = show_speed("states_speed", _FIRST_SPEED)
        kept = {s: st.session_state.get(f"states_{s}") for s in _SETTINGS}
        settings, messages = clamp_settings({s: v for s, v in kept.items() if v is not None})
        for message in messages:
            st.warning(message)
    return _case(model, cases), Learning(settings, all_rows=batch != "model"), speed


def _run(case: ModelCase, learning: Learning, speed: int) -> StateRun | None:
    """The run of this session with what the widgets say; None when the model cannot learn so."""
    run: StateRun | None = st.session_state.get("state_run")
    try:
        if run is None:
            run = st.session_state.state_run = StateRun(case, learning, speed)
        run.apply(case, learning, speed)
    except ValueError as error:
        st.warning(str(error))
        return None
    return run


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
        }
        kept = (answer, encode_states(header, answer.frames))
        st.session_state.state_message = kept
    return kept[1]


@st.fragment
def _live(run: StateRun) -> None:
    # A widget change in the same moment as a request of the stage runs this fragment alone.
    if _current_values() != st.session_state.get("state_seen"):
        st.rerun()
    answer = run.answer()
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


def show_every_state() -> None:
    """Draw the page."""
    st.html(PAGE_STYLE)
    case, learning, speed = _controls(_cases())
    about = _(case.description)
    if case.name == LAB:
        about = f"{_(LAB)}: {about}"
    st.markdown(f"### {_('Where does the model put its probability?')}\n{about}")
    settings = learning.settings
    batch = _("all rows of the data") if learning.all_rows else _("as large as the model's")
    show_present(
        "every-state", _(case.name), _(settings.label),
        _("learning rate {rate}").format(rate=f"{settings.learning_rate:g}"),
        _("batch: {batch}").format(batch=batch),
    )  # fmt: skip
    run = _run(case, learning, speed) if can_be_seen(case) else None
    if run is not None:
        st.session_state.state_seen = _current_values()
        _live(run)
    elif not can_be_seen(case):
        _explain_refusal(case)
    with st.expander(_("What am I looking at?")):
        st.markdown(_(_GUIDE).format(definition=definition()))
    load_stage_code()
    tidy_up()
    if run is not None and run.playing:
        time.sleep(FLUSH_SECONDS)


show_every_state()
