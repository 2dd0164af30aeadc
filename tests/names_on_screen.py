"""What a text names on the screen, and what is there: *italics* are the words of a control.

Buttons, fields, lists and what they offer, headings, parts that open, maps, pages. Nothing else
stands in italics, but for the book; what is stressed is **bold**.
"""

import json
import re
from html import unescape
from pathlib import Path

from streamlit.testing.v1 import AppTest

from rbmviz.language import _
from rbmviz.studio.lesson_places import PAGES

JS = Path(__file__).parents[1] / "rbmviz" / "stage" / "js"
BOOK = {"Deep Learning"}
STAGES = {"rbmviz_stage": "dom.js", "rbmviz_states": "states_dom.js"}  # component: its buttons
_ITALICS = re.compile(r"(?<!\*)\*(?![*\s])([^*]+?)(?<!\s)\*(?!\*)")
# button("step1", "+1", ...), button("slow", _("Slow motion"), ...), ["push", _("Push"), ...] of a
# choice, and button("play", `<span>${_("Play")}</span>`, ...)
_BUTTON = re.compile(r'(?:button\(|\[)"\w+", (?:(?:`[^`$]*\$\{)?_\((".*?")\)|("\+\d+"))')


def names_in(text: str) -> list[str]:
    """List what a text names, in its order; a field is filled in later.

    >>> names_in("Press *Play* in **all** of *Deep\\nLearning*, then *+1* of *{title}*.")
    ['Play', '+1']
    """
    found = [" ".join(name.split()) for name in _ITALICS.findall(text)]
    return [name for name in found if name not in BOOK and not name.startswith("{")]


def buttons_of(script: str) -> set[str]:
    """Collect what stands on the buttons of a stage, in English, from the code that builds them."""
    source = (JS / script).read_text("utf-8")
    return {json.loads(spoken or plain) for spoken, plain in _BUTTON.findall(source)}


def names_on(app: AppTest) -> set[str]:
    """Collect the names of what is on the page that an app shows, in the language spoken here."""
    names = {_(name) for name in (*PAGES.values(), "Lessons")}
    for element in app:
        proto = getattr(element, "proto", None)
        names.add(getattr(element, "label", None) or getattr(proto, "label", None) or "")
        options = getattr(proto, "options", [])
        names.update(str(getattr(option, "content", option)) for option in options)
        text = getattr(element, "value", None)
        if isinstance(text, str):
            names.update(re.findall(r"^#+ (.+)$", text, re.MULTILINE))
            names.update(unescape(head) for head in re.findall(r"<th[^>]*>([^<]+)<", text))
        component = getattr(proto, "component_name", "")
        for name, script in STAGES.items():
            if component.startswith(name) and component[len(name) :][:1] in ("", "_"):
                names.update(_(button) for button in buttons_of(script))
        if component.startswith("rbmviz_maps"):
            titles = re.findall(rb'"title": ?("(?:[^"\\]|\\.)*")', proto.SerializeToString())
            names.update(json.loads(title) for title in titles)
    return names - {""}
