"""The stage as a Streamlit component.

Streamlit sends a component's inline code again with every message. So the code travels once, in
a component of its own that never changes, and a second one of a few lines receives the frames.
"""

import json
from functools import cache
from typing import Any

import streamlit as st

from rbmviz.stage.source import joined_code, style

_READY = """
const ready = (globalThis.rbmvizStageReady ??= (() => {
  let resolve;
  const promise = new Promise((done) => { resolve = done; });
  return Object.assign(promise, { resolve });
})());
"""
_CODE = """
const asOnStage = (name) => STAGE_CSS.replaceAll(".stage", `.${name}`); // the same buttons and type
const CSS = {
  stage: STAGE_CSS,
  maps: STAGE_CSS + MAPS_CSS,
  states: STAGE_CSS + STATES_CSS,
  painter: asOnStage("painter") + PAINTER_CSS,
  share: asOnStage("share") + SHARE_CSS,
};
const mounts = {
  stage: mount, maps: mountMaps, states: mountStates, painter: mountPainter, share: mountShare,
};
ready.resolve({ ...mounts, css: CSS, mendEmptiedPages });
export default function () {}
"""


def _forward(name: str) -> str:
    """Hand what Streamlit passes on to the code that came before."""
    return f"""
export default function (component) {{
  let cleanUp = null;
  ready.then((code) => {{
    const takeDown = code.{name}(component, code.css.{name});
    cleanUp = () => {{ takeDown?.(); code.mendEmptiedPages(component.parentElement); }};
  }});
  return () => cleanUp?.();
}}
"""


@cache
def bundle() -> str:
    """Make one module of the code and the styles of all pictures."""
    pictures = ("stage", "maps", "states", "painter", "share")
    css = [f"const {name.upper()}_CSS = {json.dumps(style(name))};" for name in pictures]
    return "\n".join([_READY, *css, joined_code(*pictures), _CODE])


@cache
def presenter() -> str:
    """Make one module of the presentation: small, so that pages without pictures have it too."""
    css = f"const PRESENT_CSS = {json.dumps(style('present'))};"
    mounted = "export default (component) => mountPresentation(component, PRESENT_CSS);"
    return "\n".join([css, joined_code("present"), mounted])


_stage_code = st.components.v2.component("rbmviz_stage_code", js=bundle())
_stage = st.components.v2.component("rbmviz_stage", js=_READY + _forward("stage"))
_painter = st.components.v2.component("rbmviz_painter", js=_READY + _forward("painter"))
_share = st.components.v2.component("rbmviz_share", js=_READY + _forward("share"))
_maps = st.components.v2.component("rbmviz_maps", js=_READY + _forward("maps"))
_presenter = st.components.v2.component("rbmviz_presenter", js=presenter())
_states = st.components.v2.component("rbmviz_states", js=_READY + _forward("states"))


def load_stage_code() -> None:
    """Send the stage's code: once on a page, outside of any fragment."""
    _stage_code(key="stage_code", height=1)


def sent(key: str, name: str) -> Any:
    """Give what a picture sent, not validated; None when its page was left in the meantime."""
    state = st.session_state.get(key)
    return None if state is None else state.get(name)


def show_stage(message: bytes, key: str, on_request: Any) -> None:
    """Mount or update the stage with a message of message.py.

    on_request is called without arguments when the browser asks for something;
    st.session_state[key].request then holds what it sent, not validated.
    """
    _stage(key=key, data=message, on_request_change=on_request)


def show_maps(message: bytes, key: str, on_pull: Any = None, on_chosen: Any = None) -> None:
    """Mount or update linked heat maps with a message of maps.py.

    Both are called without arguments: on_pull when the browser has painted a message with a number
    to pull; on_chosen when a parameter was chosen, if the message names one. Then
    st.session_state[key] holds, not validated, the number as .pull, or the parameter's key, such
    as "2,3" or "c3", as .chosen.
    """
    asked = {"on_pull_change": on_pull, "on_chosen_change": on_chosen}
    _maps(key=key, data=message, **{name: call for name, call in asked.items() if call})


def show_states(message: bytes, key: str, on_request: Any) -> None:
    """Mount or update all states of a model with a message of states.py; see show_stage."""
    _states(key=key, data=message, on_request_change=on_request)


def show_painter(text: str, origin: int, key: str, on_painted: Any) -> None:
    """Mount or update the painter with patterns in the text of studio/own_data.py.

    origin: another number when the text comes from elsewhere than this painter. on_painted is
    called without arguments; st.session_state[key].painted then holds a text, not validated.
    """
    _painter(key=key, data={"text": text, "origin": origin}, on_painted_change=on_painted)


def show_share(query: str, notes: str, goal: int | None, key: str, on_qr: Any) -> None:
    """Mount or update the buttons that copy and show the link to what is on the screen.

    query: the server's part of it. notes: what the link leaves out. goal: the step that the run is
    on its way to, which the link names already. on_qr is called without arguments;
    st.session_state[key].qr then holds the whole link, not validated.
    """
    _share(key=key, data={"query": query, "notes": notes, "goal": goal}, on_qr_change=on_qr)


def show_presenter(data: dict[str, Any], key: str) -> None:
    """Mount what presents the page; see js/present.js for what it is told."""
    _presenter(key=key, data=data, height=1)
