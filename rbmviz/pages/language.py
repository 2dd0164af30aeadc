"""The language of a session: of its link, its reader's choice or its browser, in this order."""

from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from rbmviz.language import ENGLISH, LANGUAGES, find_language_with
from rbmviz.run.query import read_language

LANGUAGE = "language"  # in the session, what is spoken; the widget of the choice has its own key
_CHOICE, _NOTES, _KEPT = "language_choice", "language_notes", "language_kept"
MOUNTS_SECONDS = 0.4  # of the pictures in another language
SETTLES_SECONDS = 1.5  # requests on their way have arrived by then


def _of_session() -> str | None:
    """Tell the language of the session whose script, fragment or callback runs in this thread."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None  # a computing thread, a test, the command line
    return st.session_state.get(LANGUAGE)


def begin_language() -> None:
    """Choose the language of a new session; call it before anything is drawn."""
    find_language_with(_of_session)
    if LANGUAGE in st.session_state:
        _keep_choices()
        return
    asked, st.session_state[_NOTES] = read_language(st.query_params.get("lang"))
    # Last: a newer run of the page may interrupt before, and then begins again.
    st.session_state[LANGUAGE] = asked or _of_browser()


def _of_browser() -> str:
    """Take the browser's language where there is a catalogue for it: "de-AT" is German."""
    spoken = str(st.context.locale or "").lower().partition("-")[0]
    return spoken if spoken in LANGUAGES else ENGLISH


def show_language_choice() -> None:
    """Draw the choice at the bottom of the sidebar."""
    with st.sidebar:
        for note in st.session_state.get(_NOTES, []):
            st.caption(note)
        st.session_state[_CHOICE] = st.session_state[LANGUAGE]
        st.selectbox(
            "Language / Sprache",  # both: who cannot read the page finds it
            list(LANGUAGES),
            format_func=LANGUAGES.__getitem__,
            key=_CHOICE,
            on_change=_choose,
        )
    kept: _Kept | None = st.session_state.get(_KEPT)
    if kept is not None and kept.drawn_at is None:
        kept.drawn_at = monotonic()
        sleep(MOUNTS_SECONDS)
        st.rerun()  # so that the browser hears of the choices when its pictures have been mounted


def _choose() -> None:
    chosen = st.session_state[_CHOICE]
    if chosen not in LANGUAGES:
        return
    st.session_state[_KEPT] = _Kept(_choices())
    st.session_state[_NOTES] = []
    st.session_state[LANGUAGE] = chosen


# ---- what is chosen stays chosen ----------------------------------------------------------


@dataclass
class _Kept:
    """The options that were chosen before another language was."""

    values: dict[str, Any]
    drawn_at: float | None = None  # when the page stood in the new language


def _choices() -> dict[str, Any]:
    """List all chosen options: texts, for numbers have the same labels in every language."""
    own = {LANGUAGE, _CHOICE}
    return {k: v for k, v in st.session_state.to_dict().items() if k not in own and _is_choice(v)}


def _is_choice(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, str) for one in value)
    return isinstance(value, str)


def _keep_choices() -> None:
    """Set the chosen options again, until the browser knows their new labels.

    It names an option by its label. A request that it sent before it had the new ones, such as a
    pull of the stage, would put every choice back to its first option.
    """
    kept: _Kept | None = st.session_state.get(_KEPT)
    if kept is None:
        return
    if kept.drawn_at is not None and monotonic() - kept.drawn_at > SETTLES_SECONDS:
        del st.session_state[_KEPT]
        return
    for key, value in kept.values.items():
        st.session_state[key] = value
