"""The app in German: every page opens, nothing on it is left in English, and values stay."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rbmviz.language import LANGUAGES, _, language, speaking
from tests.make_catalogue import FOLDER, read
from tests.names_on_screen import names_in, names_on

APP = str(Path(__file__).resolve().parents[2] / "app.py")
PAGES = [
    "lab",
    "lessons",
    "negative_phase",
    "partition_function",
    "derivation",
    "every_state",
    "which_phase",
]
# Texts with a German form of their own, and words that no German sentence has.
ENGLISH = {
    message.id
    for message in read(FOLDER / "de.po")
    if isinstance(message.id, str) and message.string != message.id and len(message.id) > 3
}
WORDS = re.compile(
    r"\b(the|of|with|from|is|are|this|and|not|by|to|mean|field|chains|units|exact|step|steps)\b"
)
NAMES = re.compile(r"[Bb]ars-and-stripes|Shifting bar|Deep Learning|`[^`]*`|<[^>]*>|Swipe|Sandwich")


def opened(page="lab", lang="de"):
    app = AppTest.from_file(APP, default_timeout=90)
    if lang:
        app.query_params["lang"] = lang
    app.run()
    if page != "lab":
        go_on(app, page, lang or "en")
    assert not app.exception
    return app


def go_on(app, page, lang):
    """Open another page: the test's own thread has to name the options as the browser would."""
    with speaking(lang):
        app.switch_page(f"rbmviz/pages/{page}.py").run()
    assert not app.exception


def said(app):
    """List what stands on the page: labels, texts, helps, options and the titles of charts."""
    texts = []
    for element in app:
        own = ("label", "help") if hasattr(element, "label") else ("value",)  # or a choice's value
        for name in own:
            text = getattr(element, name, None)
            texts += [text] if isinstance(text, str) else []
        proto = getattr(element, "proto", None)
        texts += [
            str(option) for option in getattr(proto, "options", []) if isinstance(option, str)
        ]
        texts += re.findall(r'"(?:title|text)":\s*"([^"]*)"', getattr(proto, "spec", "") or "")
    return [text for text in texts if "{" not in text]  # style sheets


@pytest.mark.parametrize("page", PAGES)
def test_every_page_speaks_german(page):
    app = opened(page)
    texts = said(app)
    assert len(texts) > 10
    with speaking("de"):  # a guide or a help names what is there
        assert {name for text in texts for name in names_in(text)} <= names_on(app)
    assert [text for text in texts if text in ENGLISH] == []
    left = [text for text in texts if WORDS.search(NAMES.sub("", text))]
    assert left == []


def test_an_english_page_would_be_noticed():
    assert [text for text in said(opened(lang=None)) if text in ENGLISH] != []


def test_a_choice_changes_the_language_and_nothing_else():
    app = opened(lang=None)
    app.selectbox(key="estimator").set_value("pcd").run()
    app.number_input(key="learning_rate").set_value(0.25).run()
    assert app.selectbox(key="estimator").label == "Negative phase"
    app.selectbox(key="language_choice").set_value("de").run()
    assert not app.exception
    assert app.selectbox(key="estimator").label == "Negative Phase"
    assert app.selectbox(key="estimator").value == "pcd"
    assert app.number_input(key="learning_rate").value == 0.25
    assert app.session_state["lab"].settings.estimator == "pcd"
    go_on(app, "derivation", "de")  # it stays on other pages
    assert app.selectbox(key="language_choice").value == "de"
    go_on(app, "lab", "de")
    assert app.selectbox(key="estimator").value == "pcd"
    with speaking("de"):
        app.selectbox(key="language_choice").set_value("en").run()
    assert app.selectbox(key="estimator").label == "Negative phase"
    assert app.selectbox(key="estimator").value == "pcd"


def test_an_unknown_language_is_named_and_english_spoken():
    app = opened(lang="xx<b>")
    assert any("lang" in caption.value and "xx" in caption.value for caption in app.caption)
    assert app.selectbox(key="language_choice").value == "en"


def test_outside_of_a_session_english_is_spoken():
    assert language() == "en"
    assert _("Play") == "Play"
    with speaking("de"):
        assert _("Play") == "Abspielen"
    assert sorted(LANGUAGES) == ["de", "en"]
