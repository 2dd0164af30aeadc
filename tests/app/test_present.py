"""Presenting without a browser: what a link asks for, and that the run and its settings stay."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rbmviz.run.presentation import USUAL_PANELS
from rbmviz.studio.lesson_format import built_in_lessons
from rbmviz.studio.lesson_play import NOBODY, Play

ROOT = Path(__file__).parents[2]
PAGES = ("lessons", "negative_phase", "derivation", "every_state", "which_phase")


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def told(app: AppTest) -> dict[str, Any]:
    """What the browser is told of the presentation."""
    (found,) = [c.proto.json for c in app.get("bidi_component") if '"titles"' in c.proto.json]
    return json.loads(found)


def test_presenting_keeps_the_run_and_its_settings() -> None:
    app = opened(v="1", n_hidden="5", seed="3", step="40")
    app.number_input(key="learning_rate").set_value(0.05).run()
    lab, settings = app.session_state["lab"], app.session_state["lab"].settings
    before = told(app)
    assert not before["on"]
    app.button(key="present").click().run()
    assert not app.exception
    after = told(app)
    assert after["on"]
    assert after["ask"] != before["ask"]  # the browser begins once for each press
    app.run()
    assert told(app) == after
    assert app.session_state["lab"] is lab
    assert (lab.settings, lab.state.step) == (settings, 40)
    assert app.number_input(key="learning_rate").value == 0.05  # drawn still: only hidden


def test_a_link_presents_its_panels() -> None:
    app = opened(v="1", present="samples,maps", panel="maps")
    assert (told(app)["on"], told(app)["shown"]) == (True, "maps")
    assert told(app)["panels"] == ["samples", "maps"]
    assert not app.warning


def test_an_unknown_panel_is_named_on_the_lab() -> None:
    app = opened(present="maps,magic")
    (warning,) = app.warning
    assert "'magic' is not a panel" in warning.value
    assert told(app)["panels"] == ["maps"]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_can_be_presented(page: str) -> None:
    app = AppTest.from_file(str(ROOT / f"rbmviz/pages/{page}.py"), default_timeout=60)
    app.query_params["present"] = "magic"
    app.run()
    assert not app.exception
    assert told(app)["panels"] == list(USUAL_PANELS)
    assert any("'magic' is not a panel" in warning.value for warning in app.warning)


def test_a_hall_is_shown_the_right_answer() -> None:
    app = opened()
    lesson = next(one for one in built_in_lessons() if one.steps[1].prediction)
    app.session_state["lesson"] = Play(lesson, number=1)
    app.session_state["lesson_goal"] = lesson.steps[1].page
    app.run()
    prediction = lesson.steps[1].prediction
    assert app.button(key="lesson_reveal").disabled  # nobody has chosen
    app.button(key="lesson_show").click().run()
    assert app.session_state["lesson"].answer == NOBODY
    assert any(
        block.value.startswith(f"The right answer: *{prediction.answers[prediction.right].text}*")
        for block in app.markdown
    )
