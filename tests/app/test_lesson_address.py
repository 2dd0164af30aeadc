"""Lessons opened by an address, without a browser: the step they name, or a sentence."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from rbmviz.pages import lesson_session, way
from rbmviz.studio.lesson_format import built_in_lessons
from rbmviz.studio.lesson_link import own_lesson, write_lesson_address
from rbmviz.studio.lesson_play import NOBODY, Marks, Play

ROOT = Path(__file__).parents[2]
LESSONS = {lesson.name: lesson for lesson in built_in_lessons()}
EXAMPLE = re.search(r"```toml\n(.*?)```", (ROOT / "docs/lessons.md").read_text(), re.DOTALL)[1]


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    monkeypatch.setattr("rbmviz.run.player.Player.step_seconds", 120.0)
    monkeypatch.setattr(way, "MAX_SECONDS", 120.0)


def opened(query: str, page: str = "") -> AppTest:
    """Open the app, or one page of it by itself."""
    script = f"rbmviz/pages/{page}.py" if page else "app.py"
    app = AppTest.from_file(str(ROOT / script), default_timeout=90)
    app.session_state["negative_repeats"] = 50  # quick
    app.session_state["negative_warm_up"] = 0
    for name, value in parse_qsl(query):
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def sent_to(app: AppTest, name: str) -> dict[str, Any]:
    """What a component of the page was told, by a name that only it has."""
    told = [one.proto.json for one in app.get("bidi_component")]
    (found,) = [json.loads(text) for text in told if f'"{name}":' in text]
    return found


@pytest.mark.parametrize(
    ("name", "number", "page", "widgets"),
    [
        ("two-phases", 2, "lab", {"learning_rate": 0.2, "n_hidden": 6}),
        ("distant-mode", 1, "negative-phase", {"negative_model": "Two distant modes"}),
        ("distant-mode", 4, "negative-phase", {"negative_model": "Trained by CD-1 for long"}),
        ("few-temperatures", 2, "partition-function", {"log_z_temperatures": 10}),
        ("hard-positive-phase", 4, "which-phase", {"machine_n_hidden": 4}),
    ],
)
def test_a_bare_address_begins_a_lesson_at_its_step(
    name: str, number: int, page: str, widgets: dict[str, object]
) -> None:
    lesson = LESSONS[name]
    app = opened(f"lesson={name}&lesson_step={number + 1}")
    assert f"{lesson.title} · step {number + 1} of {len(lesson.steps)}" in said(app)
    assert app.session_state["lesson"].number == number
    shared = sent_to(app, "usual")
    assert shared["path"] == ("" if page == "lab" else page)
    assert f"lesson={name}&lesson_step={number + 1}" in shared["query"]
    for key, value in widgets.items():
        assert app.session_state[key] == value, key
    assert not [one for one in app.warning if "About the link" in one.value]


def test_a_step_in_the_lab_stands_where_the_lesson_has_come_to() -> None:
    app = opened("lesson=two-phases&lesson_step=3")
    assert app.session_state["lab"].state.step == 300
    assert app.session_state["lesson"].answers == {1: NOBODY}


def test_an_address_that_tells_what_the_page_shows_leaves_it_so() -> None:
    app = opened("v=1&n_hidden=9&lesson=two-phases&lesson_step=3&step=40")
    lab = app.session_state["lab"]
    assert (lab.settings.n_hidden, lab.state.step) == (9, 40)
    assert "step 3 of 3" in said(app)
    query = sent_to(app, "usual")["query"]
    assert query == "v=1&n_hidden=9&lesson=two-phases&lesson_step=3"


@pytest.mark.parametrize("page", ["lessons", "every_state", "derivation"])
def test_on_another_page_the_address_keeps_the_lesson(page: str) -> None:
    app = opened("v=1&lesson=distant-mode&lesson_step=2", page)
    assert "this step is about the page Negative phase" in said(app)
    shared = sent_to(app, "usual")
    assert shared["path"] == page.replace("_", "-")
    assert shared["query"].endswith("lesson=distant-mode&lesson_step=2")
    app.button(key="lesson_leave").click().run()
    assert "lesson" not in sent_to(app, "usual")["query"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("lesson=nothing", "There is no lesson 'nothing' here"),
        ("lesson=own-0123456789ab", "was a file of your own: open it again"),
        ("lesson=~AAAA", "was cut off, or changed on its way"),
        ("lesson=//evil.example/a.toml", "has to be a .toml file of this site"),
        ("lesson=two-phases&lesson_step=9", "The lesson has 3 steps, no step 9"),
        ("lesson=" + own_lesson(EXAMPLE.encode()).origin[:-20], "was cut off"),
    ],
)
def test_what_cannot_be_opened_is_told(query: str, message: str) -> None:
    app = opened(query)
    (warning,) = app.warning
    assert message in re.sub(r"[\\\u2060]", "", warning.value)
    assert ("lesson" in app.session_state) == query.startswith("lesson=two-phases")


def test_an_own_lesson_comes_with_its_address_and_is_listed() -> None:
    lesson = own_lesson(EXAMPLE.encode())
    app = opened("&".join(f"{k}={v}" for k, v in write_lesson_address(Play(lesson).at(1)).items()))
    assert "How fast is too fast? · step 2 of 3" in said(app)
    assert app.session_state["lab"].state.step == 500
    app.switch_page("rbmviz/pages/lessons.py").run()
    assert "Linked. How fast is too fast?" in said(app)


def test_a_lesson_too_large_for_a_link_says_so_with_the_link() -> None:
    noise = "".join(f"# {n**9:x} {n**7:x}\n" for n in range(10**9, 10**9 + 200))
    app = opened("").switch_page("rbmviz/pages/lessons.py").run()
    content = (noise + EXAMPLE).encode()
    app.file_uploader(key="lesson_file").upload("mine.toml", content, "text/plain").run()
    lesson = app.session_state["own_lesson"]
    assert lesson.origin == ""
    app.button(key=f"lesson_start_{lesson.name}").click().run()
    assert "too large for a link" in sent_to(app, "usual")["notes"]


def test_an_own_lesson_begins_at_a_step_with_all_that_its_steps_before_have_set() -> None:
    lesson = own_lesson(EXAMPLE.encode())
    app = opened("&".join(f"{k}={v}" for k, v in write_lesson_address(Play(lesson).at(2)).items()))
    lab = app.session_state["lab"]
    assert (lab.state.step, lab.settings.learning_rate) == (1000, 1.0)
    rates = [(step, settings.learning_rate) for step, settings in lab.schedule.entries]
    assert rates == [(0, 0.1), (500, 1.0)]


def sent_by_the_browser(app: AppTest, monkeypatch, name: str, given: object) -> AppTest:
    """Let the reader of a page send something, once."""
    calls: list[object] = []

    def draw(data: dict[str, Any], key: str, on_found: Any, on_fetched: Any) -> None:
        if not calls:
            calls.append({"found": on_found, "fetched": on_fetched}[name]())

    with monkeypatch.context() as patch:
        patch.setattr(lesson_session, "sent", lambda key, asked: given)
        patch.setattr(lesson_session, "draw_reader", draw)
        app.run()
    app.run()
    assert calls
    assert not app.exception
    return app


def test_a_file_of_the_site_is_asked_for_and_begun_when_it_comes(monkeypatch) -> None:
    app = opened("v=1&lesson=/course/a.toml&lesson_step=2")
    assert sent_to(app, "asks")["path"] == "/course/a.toml"
    assert "Fetching the lesson" in said(app)
    another = {"path": "/course/b.toml", "text": EXAMPLE}
    sent_by_the_browser(app, monkeypatch, "fetched", another)
    assert "Fetching the lesson" in said(app)
    sent_by_the_browser(app, monkeypatch, "fetched", {**another, "path": "/course/a.toml"})
    assert "How fast is too fast? · step 2 of 3" in said(app)
    assert "Fetching the lesson" not in said(app)
    assert sent_to(app, "asks")["path"] == ""
    assert "lesson=/course/a.toml&lesson_step=2" in sent_to(app, "usual")["query"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"path": "/course/a.toml", "text": ""}, "This site has no file '/course/a.toml'"),
        ({"path": "/course/a.toml"}, "This site has no file"),
        (
            {"path": "/course/a.toml", "text": "titel = 1"},
            "has a fault in line 1: claims is missing",
        ),
        ({"path": "/course/a.toml", "text": "x" * 40_000}, "has a fault in line 1"),
        ({"path": "/course/a.toml", "text": 7}, "has a fault in line 1"),
    ],
)
def test_a_file_that_does_not_come_is_told(monkeypatch, given: object, message: str) -> None:
    app = opened("lesson=/course/a.toml")
    sent_by_the_browser(app, monkeypatch, "fetched", given)
    (warning,) = app.warning
    assert message in re.sub(r"[\\\u2060]", "", warning.value)
    assert "lesson" not in app.session_state


@pytest.mark.parametrize("given", [None, "x", [], {"path": 7}, {"text": EXAMPLE}])
def test_another_message_of_the_browser_is_no_file(monkeypatch, given: object) -> None:
    app = sent_by_the_browser(opened("lesson=/course/a.toml"), monkeypatch, "fetched", given)
    assert sent_to(app, "asks")["path"] == "/course/a.toml"


def found_by(app: AppTest, monkeypatch, items: object) -> AppTest:
    """Let the browser send what it kept."""
    assert sent_to(app, "asks")["asks"]
    sent_by_the_browser(app, monkeypatch, "found", items)
    assert not sent_to(app, "asks")["asks"]
    return app


KEPT = Marks({1: 1})
AT_THE_ANSWER = "v=1&model=two-distant-modes&lesson=distant-mode&lesson_step=2"


def test_an_answer_that_the_browser_kept_comes_back_where_it_was_shown(monkeypatch) -> None:
    app = opened(f"{AT_THE_ANSWER}&lesson_shown=1", "negative_phase")
    assert "The right answer: *About half.*" in said(app)  # whoever gave it
    found_by(app, monkeypatch, {"lesson.distant-mode": KEPT.written()})
    assert "You said: *About half.* **Right.**" in said(app)
    assert sent_to(app, "asks")["items"] == {"lesson.distant-mode": KEPT.written()}
    assert "lesson_shown=1" in sent_to(app, "usual")["query"]


def test_before_it_was_shown_the_question_is_asked_again(monkeypatch) -> None:
    """The page stands as it did before the answer, which changes it."""
    app = opened(AT_THE_ANSWER, "negative_phase")
    found_by(app, monkeypatch, {"lesson.distant-mode": KEPT.written()})
    assert "You said" not in said(app)
    assert app.radio(key="lesson_answer_1")


def test_a_lesson_begun_anew_forgets_answers_but_stays_done(monkeypatch) -> None:
    app = opened("lesson=distant-mode&lesson_step=2")
    kept = {"lesson.distant-mode": KEPT.written(), "done.distant-mode": "1"}
    found_by(app, monkeypatch, kept)
    assert "You said" not in said(app)
    app.switch_page("rbmviz/pages/lessons.py").run()
    assert app.button(key="lesson_start_distant-mode").label == "Again"


def test_a_step_opened_by_its_link_again_keeps_the_answers_before_it(monkeypatch) -> None:
    app = opened("lesson=distant-mode&lesson_step=3")
    found_by(app, monkeypatch, {"lesson.distant-mode": Marks({1: 1, 2: 0}).written()})
    assert app.session_state["lesson"].answers == {1: 1}


def test_only_what_this_session_changed_is_told_to_the_browser(monkeypatch) -> None:
    app = opened("lesson=two-phases&lesson_step=2")
    kept = {"lesson.distant-mode": KEPT.written(), "done.distant-mode": "1"}
    found_by(app, monkeypatch, kept)  # another tab may change these meanwhile
    assert list(sent_to(app, "asks")["items"]) == ["lesson.two-phases"]


def test_on_another_page_a_reload_brings_the_pages_of_the_lesson_too() -> None:
    app = opened("v=1&lesson=pcd-falls-behind&lesson_step=3", "derivation")
    lab = app.session_state["lab"]
    assert (lab.settings.estimator, lab.way) == ("pcd", (0, 2000))
    app = opened(
        "v=1&model=lab&lab.n_hidden=5&lab.step=3&lesson=pcd-falls-behind&lesson_step=3",
        "derivation",
    )
    lab = app.session_state["lab"]
    assert (lab.settings.n_hidden, lab.settings.estimator) == (5, "cd")


def test_while_a_lesson_is_fetched_and_after_a_failure_the_address_keeps_it(monkeypatch) -> None:
    bare = "lesson=/course/a.toml&lesson_step=2"
    app = opened(bare)
    assert sent_to(app, "usual")["query"] == bare
    sent_by_the_browser(app, monkeypatch, "fetched", {"path": "/course/a.toml", "text": ""})
    assert sent_to(app, "usual")["query"] == bare
    assert sent_to(app, "asks")["path"] == ""
    app.number_input(key="learning_rate").set_value(0.3).run()  # the reader does something else
    assert sent_to(app, "usual")["query"] == "v=1&learning_rate=0.3"
    app = opened(f"v=1&n_hidden=9&{bare}")
    assert sent_to(app, "usual")["query"] == f"v=1&n_hidden=9&{bare}"


def test_a_lesson_begun_meanwhile_is_not_replaced_by_a_file_that_comes_late(monkeypatch) -> None:
    app = opened("lesson=/course/a.toml").switch_page("rbmviz/pages/lessons.py").run()
    app.button(key="lesson_start_two-phases").click().run()
    late = {"path": "/course/a.toml", "text": EXAMPLE}
    sent_by_the_browser(app, monkeypatch, "fetched", late)
    assert app.session_state["lesson"].lesson.name == "two-phases"


@pytest.mark.parametrize(
    "items",
    [None, "x", [1], {"lesson.two-phases": "{"}, {"lesson." + "x" * 999: KEPT.written()},
     {"lesson.two-phases": 7}, {3: 4}, {"other": KEPT.written()}, {"done." + "x" * 99: "1"},
     {"done.two-phases": ""}, {"done": "1"}, {"done.": "1"}],
)  # fmt: skip
def test_whatever_else_the_browser_sends_does_not_break_a_page(monkeypatch, items: object) -> None:
    app = found_by(opened("", "lessons"), monkeypatch, items)
    assert not [button for button in app.button if button.label == "Again"]


def test_of_very_many_items_the_first_are_taken(monkeypatch) -> None:
    items = {f"lesson.n{n}": KEPT.written() for n in range(5000)}
    app = found_by(opened("", "lessons"), monkeypatch, items)
    assert len(app.session_state["lessons_known"].marks) == 200


def test_marks_are_forgotten_when_that_is_asked_for(monkeypatch) -> None:
    app = opened("v=1&lesson=distant-mode&lesson_step=3&lesson_shown=1", "lessons")
    kept = {"lesson.distant-mode": Marks({1: 1, 2: 0}).written(), "done.two-phases": "1"}
    found_by(app, monkeypatch, kept)
    assert app.session_state["lesson"].answers == {1: 1, 2: 0}
    assert app.button(key="lesson_start_two-phases").label == "Again"
    assert sent_to(app, "asks")["forget"] == ""
    app.button(key="lessons_forget").click().run()
    assert app.button(key="lesson_start_two-phases").label == "Start"
    assert app.session_state["lesson"].answers == {}
    told = sent_to(app, "asks")
    assert told["forget"]
    assert (told["items"], told["asks"]) == ({}, False)


def test_the_list_gives_the_link_to_a_step(monkeypatch) -> None:
    app = opened("", "lessons")
    app.session_state["lesson_link"] = True
    app.run()
    (which,) = [box for box in app.selectbox if box.label == "Lesson"]
    which.select("distant-mode").run()
    (step,) = [field for field in app.number_input if field.label == "Step"]
    step.set_value(4).run()
    (code,) = app.code
    query = dict(parse_qsl(code.value.partition("?")[2]))
    assert query == {"lesson": "distant-mode", "lesson_step": "4"}
    assert "step 4 of 5" in said(opened(code.value.partition("?")[2]))


def test_an_address_is_looked_at_once(monkeypatch) -> None:
    app = opened("lesson=two-phases")
    app.button(key="lesson_leave").click().run()
    assert "lesson" not in app.session_state
