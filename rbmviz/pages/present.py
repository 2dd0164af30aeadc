"""Presenting a page: the button, what the link asks for, and the style that hides the rest.

The controls are hidden by style and stay drawn, so that they keep driving what is shown.
"""

import secrets

import streamlit as st

from rbmviz.language import N_, _
from rbmviz.pages.share import note_link, show_link_messages
from rbmviz.run.presentation import PANELS, Presentation, read_presentation
from rbmviz.stage.component import show_presenter
from rbmviz.studio.page_tables import LAB

_LABEL = N_("Present")
_HELP = N_(
    "Huge type, chosen panels, no controls; also the key p. Page Down and Page Up, or a "
    "presenter's clicker, go on and back; Escape leaves."
)


def open_presentation(page: str) -> None:
    """Read once in a session what its link presents; the lab's own reader names what is wrong."""
    if "presentation" in st.session_state:
        return
    presentation, messages = read_presentation(st.query_params.to_dict())
    if messages and page != LAB:
        note_link(messages)
    st.session_state.presentation_ask = secrets.token_hex(4)
    st.session_state.presentation = presentation


def show_present(page: str, *driven: str) -> None:
    """Draw the button in the sidebar, and here the line that says what hidden controls drive."""
    open_presentation(page)
    if page != LAB:
        show_link_messages()
    presentation: Presentation | None = st.session_state.presentation
    st.sidebar.button(_(_LABEL), key="present", on_click=_ask, help=_(_HELP), width="stretch")
    if driven:
        with st.container(key="driven"):
            st.caption(" · ".join(driven))
    chosen = presentation or Presentation()
    with st.container(key="presenter"):
        show_presenter(
            {
                "page": page,
                "ask": st.session_state.presentation_ask,
                "on": presentation is not None,
                "panels": list(chosen.panels),
                "shown": chosen.shown,
                "titles": {name: _(title) for name, title in PANELS.items()},
            },
            key="presentation_stage",
        )


def _ask() -> None:
    """Let the browser begin: it knows which panels were chosen there."""
    st.session_state.presentation_ask = secrets.token_hex(4)
    st.session_state.presentation = st.session_state.get("presentation") or Presentation()
