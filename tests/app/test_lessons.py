"""The lessons without a browser: every one is played to its end, and a file of one's own."""

import re
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from rbmviz.pages import lesson_bar, lesson_presets, way
from rbmviz.run.requests import Command, Request
from rbmviz.studio.lesson import Step
from rbmviz.studio.lesson_format import built_in_lessons, read_lesson
from rbmviz.studio.lesson_play import Marks, Play
from tests.make_catalogue import texts_of_step
from tests.names_on_screen import names_in, names_on

ROOT = Path(__file__).parents[2]
LESSONS = {lesson.name: lesson for lesson in built_in_lessons()}
EXAMPLE = re.search(r"```toml\n(.*?)```", (ROOT / "docs/lessons.md").read_text(), re.DOTALL)[1]
WIDGETS = {  # of a page's settings, as a person would use them
    "negative-phase": {"k": "negative_k"},
    "partition-function": {"temperatures": "log_z_temperatures"},
    "which-phase": {"structure": "machine_structure", "n_hidden": "machine_n_hidden"},
}


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Let a run come to its step however busy the computer is."""
    monkeypatch.setattr("rbmviz.run.player.Player.step_seconds", 120.0)
    monkeypatch.setattr(way, "MAX_SECONDS", 120.0)


def opened(page: str = "lessons") -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=90)
    app.session_state["negative_repeats"] = 50  # quick
    app.session_state["negative_warm_up"] = 0
    app.run()
    return app.switch_page(f"rbmviz/pages/{page}.py").run()


def said(app: AppTest) -> str:
    """All text on the page."""
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def press(app: AppTest, key: str) -> None:
    button = app.button(key=key)
    assert not button.disabled, key
    button.click().run()
    assert not app.exception
    follow(app)


def follow(app: AppTest) -> None:
    """Stay on the page that the app has gone to: AppTest itself remembers the one before."""
    here = "lesson" in app.session_state
    play = app.session_state["lesson"] if here else None
    script = lesson_presets.script_of(play.step.page) if play else None
    app.switch_page(script or "rbmviz/pages/lessons.py")


def train_to(app: AppTest, step: int) -> None:
    """Press the buttons of the stage until the run has come to a step."""
    lab, number = app.session_state["lab"], 0
    while lab.state.step < step:
        number += 1
        command = Command(number, "step", min(1000, step - lab.state.step))
        lab.receive(Request(f"test {step}", -1, 1, (command,)))


def do(app: AppTest, step: Step) -> None:
    """Bring the page to where the check holds, by its widgets."""
    reached = dict(step.check.reached)
    if step.check.quantity.needs == "weight":
        for name, value in zip("ij", step.check.weight, strict=True):
            (field,) = [w for w in app.number_input if w.key.startswith(f"lesson_{name}_")]
            field.set_value(value)
    goal = reached.pop("train_to", 0)
    for name, value in reached.items():
        app.session_state[WIDGETS.get(step.page, {}).get(name, name)] = value
    app.run()
    if step.page == "lab":
        train_to(app, goal)
    app.run()
    app.run()  # the bar looks at what the page found in the run before
    assert not app.exception


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_can_be_played_to_its_end(name: str) -> None:
    lesson = LESSONS[name]
    app = opened()
    assert lesson.summary in said(app)
    press(app, f"lesson_start_{name}")
    for number, step in enumerate(lesson.steps, start=1):
        assert f"{lesson.title} · step {number} of {len(lesson.steps)}" in said(app)
        assert step.title in said(app)
        assert set(names_in("\n".join(texts_of_step(step)))) <= names_on(app)
        if step.prediction:
            assert app.button(key="lesson_next").disabled
            assert app.button(key="lesson_reveal").disabled
            right = step.prediction.answers[step.prediction.right]
            assert right.why not in said(app)
            chosen = 0 if number % 2 else step.prediction.right
            app.radio(key=f"lesson_answer_{number - 1}").set_value(chosen).run()
            assert right.why not in said(app)  # not before it is asked for
            press(app, "lesson_reveal")
            assert right.why in said(app)
            assert ("**Right.**" in said(app)) == (chosen == step.prediction.right)
            if chosen != step.prediction.right:
                assert step.prediction.answers[chosen].why in said(app)
            assert f"You said: *{step.prediction.answers[chosen].text}*" in said(app)
            assert not app.radio  # once said, it stays said
            for key, value in (step.prediction.reveal or {}).items():
                if step.page == "lab":
                    lab = app.session_state["lab"]
                    known = {**asdict(lab.settings), "train_to": lab.state.step}
                    assert known[key] == value
        if step.check:
            assert "**Reached.**" not in said(app)
            assert app.button(key="lesson_next").label in ("Skip", "End")
            do(app, step)
            assert "**Reached.**" in said(app)
        play, known = app.session_state["lesson"], app.session_state["lessons_known"]
        assert known.marks[name] == Marks(play.answers, play.reached)
        assert known.items.get(f"lesson.{name}", "") in ("", known.marks[name].written())
        press(app, "lesson_next")
    assert not any(button.key.startswith("lesson_next") for button in app.button)
    assert app.session_state["lessons_known"].done == {name}
    assert app.button(key=f"lesson_start_{name}").label == "Again"
    assert "**done**" in said(app)


def test_back_keeps_what_was_answered_and_a_preset_begins_anew() -> None:
    app = opened()
    press(app, "lesson_start_pcd-falls-behind")
    press(app, "lesson_next")
    app.radio(key="lesson_answer_1").set_value(2).run()
    press(app, "lesson_reveal")
    assert app.session_state["lab"].state.step == 2000
    press(app, "lesson_back")
    assert app.session_state["lab"].state.step == 0
    press(app, "lesson_next")
    assert "You said: *A little lower: chains are noisy.*" in said(app)
    assert not app.button(key="lesson_next").disabled


def test_leaving_keeps_the_page_as_it_is_and_takes_the_bar_away() -> None:
    app = opened()
    press(app, "lesson_start_reconstruction")
    settings = app.session_state["lab"].settings
    assert (settings.seed, settings.dataset) == (2, "bars-and-stripes 4x4")
    assert app.number_input(key="seed").value == 2
    press(app, "lesson_leave")
    assert "lesson" not in app.session_state
    assert "step 1 of" not in said(app)
    assert app.session_state["lab"].state.step == 4000
    assert app.session_state["lab"].settings == settings


def test_on_another_page_the_bar_shows_the_way_back() -> None:
    app = opened()
    press(app, "lesson_start_distant-mode")
    assert app.session_state["negative_model"] == "Two distant modes"
    app.switch_page("rbmviz/pages/lab.py").run()
    assert "this step is about the page Negative phase" in said(app)
    press(app, "lesson_there")
    assert "step 1 of 5" in said(app)


def test_a_way_that_takes_too_long_ends_and_says_where(monkeypatch) -> None:
    monkeypatch.setattr(way, "MAX_SECONDS", 0.0)  # after one piece of it
    app = opened()
    press(app, "lesson_start_reconstruction")
    lab = app.session_state["lab"]
    there = lab.state.step
    assert 0 < there < 4000
    assert f"came to step {there:,} of 4,000" in lab.answer().notice.text
    app.run()
    assert (lab.state.step, lab.way) == (there, None)


def test_a_second_run_is_put_away_by_a_preset() -> None:
    app = opened("lab")
    app.selectbox(key="rival_setting").set_value("n_steps").run()
    assert app.session_state["lab"].side_by_side() is not None
    app.switch_page("rbmviz/pages/lessons.py").run()
    press(app, "lesson_start_two-phases")
    assert app.session_state["lab"].side_by_side() is None


def test_the_estimator_of_lessons_is_not_on_offer_elsewhere() -> None:
    app = opened("lab")
    assert "No negative phase" not in app.selectbox(key="estimator").options
    app.switch_page("rbmviz/pages/lessons.py").run()
    press(app, "lesson_start_no-negative-phase")
    assert "No negative phase" in app.selectbox(key="estimator").options
    assert app.selectbox(key="estimator").value == "none"
    app.selectbox(key="estimator").set_value("cd").run()
    app.run()
    assert "No negative phase" not in app.selectbox(key="estimator").options
    assert app.session_state["lab"].settings.estimator == "cd"


# ---- a lesson of one's own ----------------------------------------------------------------


def upload(app: AppTest, content: bytes) -> AppTest:
    app.file_uploader(key="lesson_file").upload("lesson.toml", content, "text/plain").run()
    assert not app.exception
    return app


def start_of_own(app: AppTest) -> str:
    (key,) = [b.key for b in app.button if str(b.key).startswith("lesson_start_own-")]
    return key


def test_a_file_of_ones_own_is_listed_and_played() -> None:
    app = upload(opened(), EXAMPLE.encode())
    assert "Yours. How fast is too fast?** " in said(app)
    press(app, start_of_own(app))
    assert "How fast is too fast? · step 1 of 3" in said(app)
    assert app.session_state["lab"].state.step == 500


def test_problems_of_a_file_are_told_with_their_lines() -> None:
    wrong = EXAMPLE.replace("minutes = 5", "minutes = 500").replace("n_hidden", "n_hiden", 1)
    app = upload(opened(), wrong.encode())
    (code,) = app.code
    assert code.value.splitlines()[0] == "line 3: minutes is 500; it must be from 1 to 90."
    assert "Did you mean 'n_hidden'?" in code.value
    assert not [b for b in app.button if str(b.key).startswith("lesson_start_own-")]
    upload(app, EXAMPLE.encode())
    assert not app.code
    assert app.button(key=start_of_own(app))


@pytest.mark.parametrize("content", [b"\x00\xff" * 500, b"", b"[" * 9000, b"x" * 500_000])
def test_a_hostile_file_does_not_break_the_page(content: bytes) -> None:
    app = upload(opened(), content)
    assert app.code


def test_a_step_about_a_page_that_is_missing_stays_among_the_lessons(monkeypatch) -> None:
    real = lesson_presets.script_of
    for module in (lesson_bar, lesson_presets):
        monkeypatch.setattr(module, "script_of", lambda p: None if p == "which-phase" else real(p))
    text = EXAMPLE.replace('page = "lab"\nwatch = ["mean log-likelihood"]', 'page = "which-phase"')
    text = re.sub(r"\[steps.set\]\n(.*\n)*?\n", "\n", text, count=1)
    assert read_lesson("own", text).steps[0].preset is None
    app = upload(opened(), text.encode())
    press(app, start_of_own(app))
    assert "step 1 of 3" in said(app)
    assert "a page that this version does not have" in said(app)
    press(app, "lesson_next")
    assert "step 2 of 3" in said(app)


@pytest.mark.parametrize("value", [7, "x", None, {"lesson": 1}])
def test_a_broken_session_does_not_break_the_pages(value: object) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["lesson"] = value
    app.session_state["lesson_goal"] = "nowhere"
    app.run()
    assert not app.exception


def test_a_way_to_another_page_that_is_cut_off_is_taken_again(monkeypatch) -> None:
    class CutOffError(Exception):
        pass

    def cut_off(script: str) -> None:
        raise CutOffError(script)

    state = {"lesson_goal": "lessons"}
    monkeypatch.setattr(lesson_bar, "st", SimpleNamespace(session_state=state, switch_page=cut_off))
    for _ in range(2):  # a newer run of the lab comes in between
        with pytest.raises(CutOffError, match=r"lessons\.py"):
            lesson_bar.go_on("lab")
    assert lesson_bar.go_on("lessons")
    assert not lesson_bar.go_on("lessons")  # once


def test_a_lesson_begun_on_the_way_of_a_link_is_not_trained_to_its_step():
    app = opened()
    app.session_state["lab"].lead_to(77)
    press(app, "lesson_start_pcd-falls-behind")
    app.run()
    assert not app.exception
    assert app.session_state["lesson"].step.page == "lab"
    assert app.session_state["lab"].way is None
    assert app.session_state["lab"].state.step != 77


class State(dict):
    """A session's state outside of a session."""

    __getattr__, __setattr__ = dict.__getitem__, dict.__setitem__


def test_a_click_that_arrives_twice_goes_one_step_on(monkeypatch):
    """Streamlit's browser sends a click twice when the timer of the bar ticks in that moment."""
    drawn, state = {}, State(lesson=Play(LESSONS["two-phases"]))
    monkeypatch.setattr(lesson_bar.st, "session_state", state)
    monkeypatch.setattr(
        lesson_bar.st, "button", lambda label, key, **options: drawn.update({key: options})
    )
    monkeypatch.setattr(lesson_bar, "open_preset", lambda page, values: None)
    for key, goes_to in {"lesson_next": 1, "lesson_back": 0}.items():
        lesson_bar._show_head(state.lesson)
        for _ in range(2):
            drawn[key]["on_click"](*drawn[key]["args"])
        assert state.lesson.number == goes_to


def test_a_preset_puts_back_what_else_the_screen_depends_on() -> None:
    def script() -> None:
        from rbmviz.pages.lesson_presets import open_preset

        open_preset("partition-function", {"model": "Two distant modes", "chains": 50})
        open_preset("which-phase", {"n_hidden": 3})

    app = AppTest.from_function(script)
    before = {"log_z_draw": 5, "log_z_schedule": "adaptive", "log_z_base": "uniform",
              "log_z_methods": ["tap"], "log_z_temperatures": 30, "machine_seed": 9}  # fmt: skip
    for name, value in before.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    after = {"log_z_draw": 0, "log_z_schedule": "linear", "log_z_base": "data mean",
             "log_z_methods": ["exact", "ais"], "log_z_temperatures": 30, "machine_seed": 1,
             "log_z_chains": 50, "machine_n_hidden": 3, "log_z_model": "Two distant modes",
             "machine_structure": "general"}  # fmt: skip
    assert {name: app.session_state[name] for name in after} == after
