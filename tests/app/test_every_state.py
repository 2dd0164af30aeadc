"""The page Every state without a browser: every model and estimator, extreme and hostile values."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import rbmviz
from rbmviz.run.estimators import OFFERED
from rbmviz.run.lab import Lab
from rbmviz.run.presets import load_preset, preset_names
from rbmviz.run.requests import Command, Request
from rbmviz.run.settings import LabSettings
from rbmviz.run.small_models import load_small_model, small_model_names

PAGE = str(Path(__file__).parents[2] / "rbmviz/pages/every_state.py")


def opened(**values: object) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in values.items():
        app.session_state[name] = value
    return app.run()


def message(app: AppTest) -> bytes:
    (data,) = [c.proto.bytes for c in app.get("bidi_component") if c.proto.bytes]
    return bytes(data)


@pytest.mark.parametrize("name", [*small_model_names(), *preset_names()])
def test_every_model_opens(name: str) -> None:
    app = opened(states_model=name)
    assert not app.exception
    assert not app.warning
    assert message(app).startswith(b"RBM1")
    assert app.session_state["state_run"].case.name == name


@pytest.mark.parametrize("estimator", OFFERED)
def test_every_estimator_opens_with_its_own_parameters(estimator: str) -> None:
    app = opened(states_estimator=estimator)
    assert not app.exception
    assert not app.warning
    run = app.session_state["state_run"]
    assert run.learning.settings.estimator == estimator
    shown = {widget.key for widget in app.number_input}
    assert ("states_n_steps" in shown) == (estimator != "exact")
    assert ("states_n_chains" in shown) == (estimator not in ("cd", "exact"))


def test_the_first_model_is_untrained_and_shown_at_step_0() -> None:
    app = opened()
    run = app.session_state["state_run"]
    assert run.case is load_small_model(small_model_names()[0])
    assert run.state.step == 0
    before = message(app)
    app.run()
    assert message(app) == before  # nothing new: the very same bytes


def test_a_widget_changes_how_the_run_goes_on() -> None:
    app = opened()
    run = app.session_state["state_run"]
    run.receive(Request("tab", -1, 1, (Command(1, "step", 7),)))
    app.number_input(key="states_learning_rate").set_value(0.5).run()
    assert not app.exception
    assert app.session_state["state_run"].learning.settings.learning_rate == 0.5
    assert app.session_state["state_run"].state.step == 7
    app.selectbox(key="states_model").set_value("XOR, untrained").run()
    assert app.session_state["state_run"].state.step == 0
    assert not app.exception


def test_the_labs_model_is_trained_as_a_copy() -> None:
    lab = Lab(LabSettings("bars-and-stripes 3x3", n_hidden=5, batch_size=4))
    app = opened(lab=lab, states_model="lab", states_batch="model")
    run = app.session_state["state_run"]
    assert run.case.rbm is lab.state.rbm
    assert run.state.settings.batch_size == 4
    run.receive(Request("tab", -1, 1, (Command(1, "step", 10),)))
    app.run()
    assert run.state.step == 10
    assert lab.state.step == 0


def test_too_many_states_say_so_with_the_remedy() -> None:
    lab = Lab(LabSettings("bars-and-stripes 4x4"))
    app = opened(lab=lab, states_model="lab")
    assert not app.exception
    (warning,) = app.warning
    assert "16 visible units" in warning.value
    assert "limit is 12" in warning.value
    assert "in the lab" in warning.value
    assert [c.proto.bytes for c in app.get("bidi_component") if c.proto.bytes] == []
    app.selectbox(key="states_model").set_value("XOR, untrained").run()
    assert not app.warning
    assert message(app).startswith(b"RBM1")


@pytest.mark.parametrize("scale", [0.0, 50.0])
def test_extreme_models_are_shown_and_learn(scale: float, monkeypatch: pytest.MonkeyPatch) -> None:
    base = load_preset("Two distant modes")
    rbm = rbmviz.RBM.random(np.random.default_rng(0), 12, 8, scale)
    case = replace(base, rbm=rbm)
    monkeypatch.setattr("rbmviz.pages.model_choice.load_model", lambda name, spins: case)
    app = opened(states_model="Two distant modes")
    run = app.session_state["state_run"]
    assert run.case is case
    before = message(app)
    run.receive(Request("tab", -1, 1, (Command(1, "step", 100),)))
    app.run()
    assert not app.exception
    assert message(app) != before
    assert np.isfinite(run.answer().frames[-1].log_p).all()


def test_the_table_is_written_when_it_is_open() -> None:
    app = opened()
    assert len(app.dataframe) == 0
    app = opened(states_table=True)
    assert not app.exception
    (table,) = app.dataframe
    assert len(table.value) == 50


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("states_model", "no such model"),
        ("states_estimator", "<script>"),
        ("states_n_steps", 10**9),
        ("states_n_chains", -5),
        ("states_learning_rate", float("nan")),
        ("states_learning_rate", 1e300),
        ("states_batch", "all; drop"),
        ("states_speed", 10**9),
        ("all_states", {"request": {"commands": [{"kind": "step", "value": "x"}, 3], "want": -1}}),
        ("state_run", None),
    ],
)
def test_values_that_no_widget_offers_do_not_break_the_page(name: str, value: object) -> None:
    app = opened(**{name: value})
    assert not app.exception
    assert message(app).startswith(b"RBM1")
