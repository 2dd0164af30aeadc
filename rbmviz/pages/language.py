"""The language of a session: of its link, its reader's choice or its browser, in this order."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from rbmviz.language import ENGLISH, LANGUAGES, find_language_with
from rbmviz.studio.link import read_language

LANGUAGE = "language"  # in the session, what is spoken; the widget of the choice has its own key
_CHOICE, _NOTES = "language_choice", "language_notes"


def _of_session() -> str | None:
    """Tell the language of the session whose script, fragment or callback runs in this thread."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None  # a computing thread, a test, the command line
    return st.session_state.get(LANGUAGE)


def begin_language() -> None:
    """Choose the language of a new session; call it before anything is drawn."""
    find_language_with(_of_session)
    if LANGUAGE in st.session_state:
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


def _choose() -> None:
    chosen = st.session_state[_CHOICE]
    if chosen not in LANGUAGES:
        return
    # A browser names an option by its label: it has to learn the new ones. What is no option, such
    # as a button or an upload, has none of these types and would not bear to be set.
    for key, value in st.session_state.to_dict().items():
        if key != _CHOICE and (type(value) in (str, int, float) or _are_texts(value)):
            st.session_state[key] = value
    st.session_state[_NOTES] = []
    st.session_state[LANGUAGE] = chosen


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)
