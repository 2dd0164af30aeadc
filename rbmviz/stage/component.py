"""The stage as a Streamlit component.

Streamlit sends a component's inline code again with every message. So the code travels once, in
a component of its own that never changes, and a second one of a few lines receives the frames.
Each language has components of its own: another choice mounts the pictures anew.
"""

import json
from typing import Any

import streamlit as st

from rbmviz.language import ENGLISH, LANGUAGES, cache_by_language, language, speaking
from rbmviz.stage.source import joined_code, style

_STYLED = ("stage", "maps", "states", "painter", "share")
_PARTS = (*_STYLED, "told", "reader")

_READY = """
const ready = (globalThis.rbmvizStageReady_LANGUAGE ??= (() => {
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
  told: mountTold, reader: mountReader,
};
ready.resolve({ ...mounts, css: CSS, mendEmptiedPages });
export default function () {}
"""


def _ready() -> str:
    """Name the promise that the code of this language keeps when it has come."""
    return _READY.replace("LANGUAGE", language())


def _forward(name: str) -> str:
    """Hand what Streamlit passes on to the code that came before."""
    return f"""{_ready()}
export default function (component) {{
  let cleanUp = null;
  ready.then((code) => {{
    const takeDown = code.{name}(component, code.css.{name});
    cleanUp = () => {{ takeDown?.(); code.mendEmptiedPages(component.parentElement); }};
  }});
  return () => cleanUp?.();
}}
"""


@cache_by_language
def bundle() -> str:
    """Make one module of the code and the styles of all pictures."""
    css = [f"const {name.upper()}_CSS = {json.dumps(style(name))};" for name in _STYLED]
    return "\n".join([_ready(), *css, joined_code(*_PARTS), _CODE])


@cache_by_language
def presenter() -> str:
    """Make one module of the presentation: small, so that pages without pictures have it too."""
    css = f"const PRESENT_CSS = {json.dumps(style('present'))};"
    mounted = "export default (component) => mountPresentation(component, PRESENT_CSS);"
    return "\n".join([css, joined_code("present"), mounted])


def _ending() -> str:
    """Tell what the components of the spoken language, and their keys, end with."""
    return "" if language() == ENGLISH else f"_{language()}"


def _components() -> dict[str, Any]:
    """Register the code and the pictures in the language that is spoken."""
    end = _ending()
    make = st.components.v2.component
    made = {name: make(f"rbmviz_{name}{end}", js=_forward(name)) for name in _PARTS}
    code = {"code": bundle(), "presenter": presenter()}
    return made | {name: make(f"rbmviz_{name}{end}", js=js) for name, js in code.items()}


def _in_all_languages() -> dict[str, dict[str, Any]]:
    made = {}
    for each in LANGUAGES:
        with speaking(each):
            made[each] = _components()
    return made


_COMPONENTS = _in_all_languages()


def _draw(name: str, key: str, **options: Any) -> None:
    _COMPONENTS[language()][name](key=key + _ending(), **options)


def load_stage_code() -> None:
    """Send the stage's code: once on a page, outside of any fragment."""
    _draw("code", key="stage_code", height=1)


def sent(key: str, name: str) -> Any:
    """Give what a picture sent, not validated; None when its page was left in the meantime."""
    state = st.session_state.get(key + _ending())
    return None if state is None else state.get(name)


def show_stage(message: bytes, key: str, on_request: Any) -> None:
    """Mount or update the stage with a message of message.py.

    on_request is called without arguments when the browser asks for something;
    st.session_state[key].request then holds what it sent, not validated.
    """
    _draw("stage", key=key, data=message, on_request_change=on_request)


def show_maps(message: bytes, key: str, on_pull: Any = None, on_chosen: Any = None) -> None:
    """Mount or update linked heat maps with a message of maps.py.

    Both are called without arguments: on_pull when the browser has painted a message with a number
    to pull; on_chosen when a parameter was chosen, if the message names one. Then
    st.session_state[key] holds, not validated, the number as .pull, or the parameter's key, such
    as "2,3" or "c3", as .chosen.
    """
    asked = {"on_pull_change": on_pull, "on_chosen_change": on_chosen}
    _draw("maps", key=key, data=message, **{name: call for name, call in asked.items() if call})


def show_states(message: bytes, key: str, on_request: Any) -> None:
    """Mount or update all states of a model with a message of states.py; see show_stage."""
    _draw("states", key=key, data=message, on_request_change=on_request)


def show_painter(text: str, origin: int, key: str, on_painted: Any) -> None:
    """Mount or update the painter with patterns in the text of run/own_data.py.

    origin: another number when the text comes from elsewhere than this painter. on_painted is
    called without arguments; st.session_state[key].painted then holds a text, not validated.
    """
    _draw("painter", key=key, data={"text": text, "origin": origin}, on_painted_change=on_painted)


def draw_share(data: dict[str, Any], key: str, on_qr: Any) -> None:
    """Mount or update the buttons that copy and show the link to what is on the screen.

    data: see js/share.js for what it is told. on_qr is called without arguments;
    st.session_state[key].qr then holds the whole link, not validated.
    """
    _draw("share", key=key, data=data, on_qr_change=on_qr)


def tell_look(path: str, seen: dict[str, Any], key: str) -> None:
    """Tell the buttons of the link what a part of the page shows that is drawn by itself."""
    _draw("told", key=key, data={"path": path, "seen": seen}, height=1)


def draw_reader(data: dict[str, Any], key: str, on_found: Any, on_fetched: Any) -> None:
    """Let the browser keep items from visit to visit, and fetch a file of the same site.

    data: items, of a name and a text; asks, for those that it keeps; forget, an order to forget
    all; path, of a file or "". Both are called without arguments; st.session_state[key] then holds,
    not validated, the items as .found, or the path and the text, empty where there is none, as
    .fetched.
    """
    asked = {"on_found_change": on_found, "on_fetched_change": on_fetched}
    _draw("reader", key=key, data=data, height=1, **asked)


def show_presenter(data: dict[str, Any], key: str) -> None:
    """Mount what presents the page; see js/present.js for what it is told."""
    _draw("presenter", key=key, data=data, height=1)
