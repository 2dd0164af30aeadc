"""The lab: train a small RBM and watch both phases of the gradient."""

import time

import streamlit as st

from rbmviz.language import N_, _
from rbmviz.pages.comparison import begin_fork
from rbmviz.pages.controls import current_values, follow, show_controls
from rbmviz.pages.export_menu import show_export
from rbmviz.pages.lab_ledger import show_ledger
from rbmviz.pages.lab_link import open_link, show_lab_share, the_lab
from rbmviz.pages.lesson_bar import show_lesson_bar
from rbmviz.pages.own_data_dialog import show_own_data_dialog
from rbmviz.pages.present import show_present
from rbmviz.pages.runs import show_recording_upload, show_runs
from rbmviz.pages.seeds import show_many_seeds
from rbmviz.pages.share import show_link_messages
from rbmviz.pages.startup import FLUSH_SECONDS, collect_when_due, tidy_up
from rbmviz.pages.style import PAGE_STYLE
from rbmviz.pages.way import follow_where_a_way_ended, train_on_the_way
from rbmviz.run.lab import Lab, LabAnswer
from rbmviz.run.moment import ESTIMATOR
from rbmviz.run.requests import parse_request
from rbmviz.stage.component import load_stage_code, sent, show_stage
from rbmviz.stage.message import encode
from rbmviz.studio.page_tables import LAB
from rbmviz.studio.stage_header import live_header

CATCH_UP_SECONDS, CATCH_UP_EVERY = 0.2, 0.3  # of work on a second run that is far behind

_GUIDE = N_("""
Training raises the probability of the data. Its gradient has two terms (*Deep Learning*, eq. 18.4).

- **Positive phase** (blue). Clamp data on the visible units and ask what the hidden units do.
  It raises log p̃ at the data. In an RBM it is exact and cheap: given v, the hidden units are
  independent.
- **Negative phase** (orange). Ask the same of states that the **model** believes in. It is the
  gradient of log Z (eq. 18.12), and lowers log p̃ wherever the model puts its probability. It is
  a sum over all states, so it is usually estimated from samples.
- **Their difference** is the gradient: a weight grows where it is blue and shrinks where it is
  orange. When both phases agree, the model expects what the data show, and learning stops.
- **Exact** values (green) come from a sum over every state of the shorter layer. They show how
  wrong the estimate is. **Estimated** values are dashed; that of log Z is annealed importance
  sampling with {n_chains} chains and {n_betas} temperatures, with a 95%
  interval.
- **log Z tracked** follows the run with particles that are reweighted by every update, and starts
  anew at exact values where they are affordable. Its drift is what it lost since then.
- **Estimate against exact** compares the two negative phases: the length of their difference, the
  angle between the two gradients that follow from them, and the ratio of those gradients' lengths.
  At 90° an update does nothing for the likelihood; beyond, it lowers it.
- **Compare two runs** in the sidebar starts run B beside run A: the same first parameters, seed and
  order of the data, and one setting that differs. **Many seeds** shows whether such a difference
  is more than luck.

- **The line under the buttons** is the recording of the run: drag along it, or press the arrow
  keys, to see any recorded step again. *Fork here* lets run B leave at that step with one setting
  changed. *Runs and recordings*, below, keeps runs, opens them again, and saves them.

Keys: space plays and pauses, the right arrow makes one update, the left arrow looks back, s
explains one update in slow motion.

**p presents**: huge type, chosen panels, no controls. Page Down, Page Up and the arrows, or a
presenter's clicker, go on and back; a digit goes to that panel, 0 to all of them; b makes the
screen black. Shift with an arrow is the arrow as before, and Escape leaves.
""")


def _on_request() -> None:
    """Carry out what the browser asked for, before the fragment runs."""
    lab = the_lab()
    request = parse_request(sent("stage", "request"))
    if not request.client:
        return
    lab.receive(request)
    if st.session_state.get("seed") != lab.settings.seed:
        st.session_state.seed = lab.settings.seed  # the sidebar follows the button
    if (step := lab.take_fork()) is not None:
        begin_fork(step)


def _message(answer: LabAnswer, lab: Lab) -> bytes:
    """Encode an answer, once."""
    kept = st.session_state.get("message")
    if kept is None or kept[0] != answer.seq:
        past = answer.recorded.blocks if answer.recorded else None
        header = {**live_header(answer, lab.exact), "look": st.session_state.get("link_look")}
        kept = (answer.seq, encode(header, answer.snapshots, past))
        st.session_state.message = kept
    return kept[1]


@st.fragment
def _live(*, sums_later: bool, catches_up: bool) -> None:
    """Draw the stage and the ledger.

    sums_later: this run of the page ends with a long sum; catches_up: or with a second run that is
    far behind.
    """
    lab = the_lab()
    # A widget change in the same moment as a request of the stage runs this fragment alone.
    if current_values() != st.session_state.get("seen_values"):
        st.rerun()
    answer = lab.answer()
    show_stage(_message(answer, lab), key="stage", on_request=_on_request)
    show_ledger(lab, answer.playing)
    if lab.schedule != st.session_state.get("told_schedule"):
        st.rerun()  # the link of the page tells another one
    if lab.long_exact_is_due and not sums_later:
        st.rerun()  # the whole page: a run of this fragment alone could not be cancelled
    collect_when_due()
    if lab.second_lag and not catches_up:
        st.rerun()


def _catch_up(lab: Lab) -> None:
    """Bring a second run that is far behind to the step on the screen, a little in each run.

    The stage goes on meanwhile: its requests are answered between two of these runs.
    """
    lab.catch_up(CATCH_UP_SECONDS)
    lag = lab.second_lag
    if lag is None:
        st.rerun()
    step, goal_step = lag
    st.progress(
        step / goal_step,
        text=_("Run B is at step {step:,} of {goal:,}").format(step=step, goal=goal_step),
    )


def _enumerate_with_progress(lab: Lab) -> None:
    """Run a long enumeration; a widget outside of the fragment cancels it at the next progress."""
    summing = _("Summing all states")
    left, right = st.columns([7, 1], vertical_alignment="bottom")
    bar = left.progress(
        0.0,
        text=_("Summing all states, about {seconds:.0f} s").format(seconds=lab.exact.seconds),
    )
    right.button(_("Cancel"), key="cancel_exact", width="stretch")
    lab.compute_exact(lambda done: bar.progress(done, text=f"{summing}: {done:.0%}"))
    st.rerun()


def show_lab() -> None:
    """Draw the page."""
    st.html(PAGE_STYLE)
    open_link()  # a new session begins with what its link says
    show_lesson_bar(LAB)
    lab = the_lab()
    follow_where_a_way_ended(LAB, lambda: follow(lab.settings))
    settings, speed, difference = show_controls(lab.settings)
    try:
        lab.apply(settings, speed, difference)
    except ValueError as error:
        st.sidebar.error(str(error))
    show_export(lab)
    show_lab_share(lab)
    show_present("lab")
    show_own_data_dialog()
    show_recording_upload(lab)
    st.session_state.seen_values = current_values()
    above, sums = st.container(), lab.long_exact_is_due
    with above:
        show_link_messages()
    lab.answer()  # it brings a second run to the step on the screen, if there is time
    lags = lab.second_lag is not None
    st.session_state.ledger_outdated = True
    _live(sums_later=sums, catches_up=lags)
    if lags and not sums:
        st.fragment(_catch_up, run_every=CATCH_UP_EVERY)(lab)
    with st.container(key="more"):
        show_many_seeds(lab, difference)
        show_runs(lab, two=difference is not None)
        with st.expander(_("What am I looking at?")):
            st.markdown(_(_GUIDE).format(n_chains=ESTIMATOR.n_chains, n_betas=ESTIMATOR.n_betas))
    load_stage_code()
    tidy_up()
    if sums:
        with above:
            _enumerate_with_progress(lab)
    if lab.way:
        with above:
            train_on_the_way(lab, LAB, lambda: follow(lab.settings))
    if lab.playing:
        # A run of the fragment that starts now would drop what this run drew in it and was not sent
        # yet, while its end is still announced: the browser would take the stage down as outdated.
        time.sleep(FLUSH_SECONDS)


show_lab()
