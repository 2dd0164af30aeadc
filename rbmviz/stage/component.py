"""The stage as a Streamlit component.

Streamlit sends a component's inline code again with every message. So the code travels once, in
a component of its own that never changes, and a second one of a few lines receives the frames.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)

_READY = """
const ready = (globalThis.rbmvizStageReady ??= (() => {
  let resolve;
  const promise = new Promise((done) => { resolve = done; });
  return Object.assign(promise, { resolve });
})());
"""
_CODE = "\nready.resolve({ mount, css: STAGE_CSS });\nexport default function () {}\n"
_FORWARD = """
export default function (component) {
  let cleanUp = null;
  ready.then(({ mount, css }) => { cleanUp = mount(component, css); });
  return () => cleanUp?.();
}
"""


@cache
def bundle() -> str:
    """Join js/*.js to one module, each file after those that it imports."""
    sources = {path.stem: path.read_text("utf-8") for path in sorted(_FOLDER.glob("js/*.js"))}
    ordered: dict[str, str] = {}

    def place(name: str, above: tuple[str, ...] = ()) -> None:
        if name in above:
            raise ImportError(f"js/{name}.js imports itself through {' -> '.join(above)}")
        if name not in ordered:
            for needed in _IMPORT.findall(sources[name]):
                place(needed, (*above, name))
            ordered[name] = _EXPORT.sub("", _IMPORT.sub("", sources[name]))

    for name in sources:
        place(name)
    css = json.dumps((_FOLDER / "stage.css").read_text("utf-8"))
    return "\n".join([_READY, f"const STAGE_CSS = {css};", *ordered.values(), _CODE])


_stage_code = st.components.v2.component("rbmviz_stage_code", js=bundle())
_stage = st.components.v2.component("rbmviz_stage", js=_READY + _FORWARD)


def load_stage_code() -> None:
    """Send the stage's code: once on a page, outside of any fragment."""
    _stage_code(key="stage_code", height=1)


def show_stage(message: bytes, key: str, on_request: Any) -> None:
    """Mount or update the stage with a message of message.py.

    on_request is called without arguments when the browser asks for something;
    st.session_state[key].request then holds what it sent, not validated.
    """
    _stage(key=key, data=message, on_request_change=on_request)
