"""The lab: train a small RBM and watch both phases of the gradient."""

import time
from functools import partial

import pyarrow as pa
import streamlit as st

from rbmviz.charts.ledger import ledger_columns, likelihood_spec, terms_spec
from rbmviz.core.datasets import Dataset
from rbmviz.pages.controls import current_values, show_controls
from rbmviz.pages.startup import freeze_imports
from rbmviz.stage.component import load_stage_code, show_stage
from rbmviz.stage.message import encode
from rbmviz.studio.engine import ESTIMATOR, Answer, Engine
from rbmviz.studio.requests import parse_request
from rbmviz.studio.settings import LabSettings

LEDGER_EVERY_SECONDS = 1.0  # while playing
FLUSH_SECONDS = 0.03  # Streamlit sends what a run draws every 0.01 s

_KINDS = {  # as message.py names them
    "cd": "contrastive_divergence",
    "pcd": "persistent_contrastive_divergence",
    "exact": "exact",
}
_STYLE = """<style>
  .stApp { --rbmviz-sticky-top: 2.4rem; }
  .stMainBlockContainer { padding: 2.4rem 2rem 1rem; max-width: 1500px; }
  .stAppHeader { pointer-events: none; height: 2.4rem; min-height: 0; }
  .stAppHeader button { pointer-events: auto; }
  .stSidebar [data-testid="stSidebarHeader"] { height: 2.4rem; margin: 0; padding-bottom: 0; }
  .stSidebar [data-testid="stSidebarUserContent"] { padding-top: 0; }
  @media (min-width: 641px) { .stAppHeader { background: none; } }
  @media (max-width: 640px) { .stMainBlockContainer { padding: 2.6rem 0.8rem 1rem; } }
</style>"""

_GUIDE = f"""
Training raises the probability of the data. Its gradient has two terms (*Deep Learning*, eq. 18.4).

- **Positive phase** (blue). Clamp data on the visible units and ask what the hidden units do.
  It raises log p̃ at the data. In an RBM it is exact and cheap: given v, the hidden units are
  independent.
- **Negative phase** (orange). Ask the same of states that the *model* believes in. It is the
  gradient of log Z (eq. 18.12), and lowers log p̃ wherever the model puts its probability. It is
  a sum over all states, so it is usually estimated from samples.
- **Their difference** is the gradient: a weight grows where it is blue and shrinks where it is
  orange. When both phases agree, the model expects what the data show, and learning rests.
- **Exact** values (green) come from a sum over every state of the shorter layer. They show how
  wrong the estimate is. **Estimated** values are dashed; that of log Z is annealed importance
  sampling with {ESTIMATOR.n_chains} chains and {ESTIMATOR.n_betas} temperatures, with a 95%
  interval.
- **Estimate against exact** compares the two negative phases: the length of their difference, the
  angle between the two gradients that follow from them, and the ratio of those gradients' lengths.
  At 90° an update does nothing for the likelihood; beyond, it lowers it.

Keys: space plays and pauses, the right arrow makes one update, s tells one update in slow motion.
"""


def _engine() -> Engine:
    if "engine" not in st.session_state:
        st.session_state.engine = Engine(LabSettings())
    engine: Engine = st.session_state.engine
    return engine


def _on_request() -> None:
    """Carry out what the browser asked for, before the fragment runs."""
    engine = _engine()
    engine.receive(parse_request(st.session_state.stage.get("request")))
    if st.session_state.get("seed") != engine.settings.seed:
        st.session_state.seed = engine.settings.seed  # the sidebar follows the button


def _goal(data: Dataset) -> float | None:
    """The best reachable value, where reaching it is not mere memorising."""
    return data.best_mean_log_likelihood if data.is_complete else None


def _message(answer: Answer, engine: Engine) -> bytes:
    """Encode an answer, once."""
    kept = st.session_state.get("message")
    if kept is None or kept[0] != answer.seq:
        settings, data = answer.settings, answer.settings.data
        header = {
            "seq": answer.seq,
            "ack": answer.ack,
            "client": answer.client,
            "run": str(answer.run),
            "playing": answer.playing,
            "image_shape": list(data.image_shape),
            "n_rows": len(data.v),
            "negative": {
                "label": settings.label,
                "kind": _KINDS[settings.estimator],
                "n_samples": len(answer.snapshots[0].negative.samples),
            },
            "learning_rate": settings.learning_rate,
            "best_mean_log_likelihood": _goal(data),
            "notice": vars(answer.notice) if answer.notice else None,
            "exact": engine.exact_offer,
        }
        kept = (answer.seq, encode(header, answer.snapshots))
        st.session_state.message = kept
    return kept[1]


def _ledger(engine: Engine, playing: bool) -> None:
    """Draw the ledger; while playing its data change once a second."""
    kept, best = st.session_state.get("ledger"), _goal(engine.settings.data)
    now = time.monotonic()
    if kept is None or not playing or now - kept[0] > LEDGER_EVERY_SECONDS:
        columns = ledger_columns(engine.record.columns(), best)
        kept = (now, pa.table({name: pa.array(c, pa.float64()) for name, c in columns.items()}))
        st.session_state.ledger = kept
    left, right = st.columns(2, gap="medium")
    left.vega_lite_chart(kept[1], terms_spec(), key="terms", width="stretch")
    right.vega_lite_chart(
        kept[1], likelihood_spec(best is not None), key="likelihood", width="stretch"
    )


@st.fragment
def _live(*, sums_later: bool) -> None:
    """Draw the stage and the ledger; sums_later: this run of the page ends with a long sum."""
    engine = _engine()
    # A widget change in the same moment as a request of the stage runs this fragment alone.
    if current_values() != st.session_state.get("seen_values"):
        st.rerun()
    answer = engine.answer()
    show_stage(_message(answer, engine), key="stage", on_request=_on_request)
    _ledger(engine, answer.playing)
    if engine.long_exact_is_due and not sums_later:
        st.rerun()  # the whole page: a run of this fragment alone could not be cancelled


def _enumerate_with_progress(engine: Engine) -> None:
    """Run a long enumeration; a widget outside of the fragment cancels it at the next progress."""
    left, right = st.columns([7, 1], vertical_alignment="bottom")
    bar = left.progress(0.0, text=f"Summing all states, about {engine.exact_seconds:.0f} s")
    right.button("Cancel", key="cancel_exact", width="stretch")
    engine.compute_exact(lambda done: bar.progress(done, text=f"Summing all states: {done:.0%}"))
    st.rerun()


def _picture(engine: Engine) -> bytes:
    """Print what the stage shows; matplotlib is loaded when the first picture is asked for."""
    from rbmviz.charts.phases import phases_pdf

    answer = engine.answer()
    title = f"{answer.settings.dataset}, {answer.settings.n_hidden} hidden units"
    return phases_pdf(answer.snapshots[-1], title, answer.settings.label)


def show_lab() -> None:
    """Draw the page."""
    st.html(_STYLE)
    engine = _engine()
    settings, speed = show_controls(engine.settings)
    try:
        engine.apply(settings, speed)
    except ValueError as error:
        st.sidebar.error(str(error))
    st.sidebar.download_button(
        "Save the phases (PDF)",
        partial(_picture, engine),  # it runs later, in a thread that knows no session
        file_name="rbmviz-phases.pdf",
        mime="application/pdf",
        on_click="ignore",
        width="stretch",
    )
    st.session_state.seen_values = current_values()
    above, sums = st.container(), engine.long_exact_is_due
    _live(sums_later=sums)
    with st.expander("What am I looking at?"):
        st.markdown(_GUIDE)
    load_stage_code()
    freeze_imports()
    if sums:
        with above:
            _enumerate_with_progress(engine)
    if engine.playing:
        # A run of the fragment that starts now would drop what this run drew in it and was not sent
        # yet, while its end is still announced: the browser would take the stage down as outdated.
        time.sleep(FLUSH_SECONDS)


show_lab()
