"""Kept runs, forks and recordings in the lab, without a browser."""

import io
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import rbmviz
from rbmviz.pages.runs import _page
from rbmviz.run.lab import Lab
from rbmviz.run.own_data import OWN_NAME, encode_rows
from rbmviz.run.requests import Command, Request
from rbmviz.run.run_file import read_run, write_run
from rbmviz.run.settings import LabSettings

APP = str(Path(__file__).parents[2] / "app.py")
SMALL = {"dataset": "bars-and-stripes 2x2", "n_hidden": 3}


def opened(**values: object) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in {**SMALL, **values}.items():
        app.session_state[name] = value
    return app.run()


def step(app: AppTest, count: int) -> None:
    lab: Lab = app.session_state["lab"]
    lab.receive(Request("tab", -1, 1, (Command(lab._ack + 1, "step", count),)))
    app.run()


def rows(app: AppTest) -> list[str]:
    """The names of the kept runs."""
    return [field.value for field in app.text_input if str(field.key).startswith("run_name_")]


def texts(app: AppTest) -> list[str]:
    return [each.value for each in app.markdown]


def test_runs_are_kept_opened_renamed_and_deleted() -> None:
    app = opened()
    lab: Lab = app.session_state["lab"]
    assert rows(app) == []
    step(app, 30)
    log_z = rbmviz.exact_log_z(lab.state.rbm)
    app.button(key="keep_run").click().run()
    assert rows(app) == ["Run 1"]
    for said in ("30", "nothing", f"{log_z:.3f} exact"):
        assert said in texts(app)
    app.number_input(key="learning_rate").set_value(0.5).run()
    step(app, 10)
    app.slider(key="n_hidden").set_value(4).run()  # a new run: the one before is kept
    assert rows(app) == ["Run 1", "Run 2"]
    assert "Hidden units 3" in texts(app)
    app.text_input(key="run_name_2").set_value("fast").run()
    assert rows(app) == ["Run 1", "fast"]
    app.button(key="open_2").click().run()
    assert not app.exception
    assert lab.answer().snapshots[-1].step == 40
    assert app.slider(key="n_hidden").value == 3
    assert app.number_input(key="learning_rate").value == 0.5
    assert "fast, at step 40" in lab.notice.text
    app.run()
    assert lab.settings.n_hidden == 3  # the sidebar does not undo it
    app.button(key="delete_1").click().run()
    assert rows(app) == ["fast"]
    assert not app.exception


def test_a_fork_is_a_second_run_from_a_step_on() -> None:
    app = opened()
    step(app, 40)
    app.session_state["rival_setting"] = "learning_rate"
    app.session_state["rival_from"] = 25
    app.run()
    assert not app.exception
    lab: Lab = app.session_state["lab"]
    assert lab.side_by_side().labels[1] == "rate 0.01 from step 25"
    specs = "".join(chart.proto.spec for chart in app.get("vega_lite_chart"))
    assert "B: rate 0.01 from step 25" in specs
    app.button(key="keep_rival").click().run()
    assert rows(app) == ["B: rate 0.01 from step 25"]
    app.number_input(key="rival_from").set_value(0).run()
    assert lab.side_by_side().labels[1] == "rate 0.01"


def recording() -> bytes:
    lab = Lab(LabSettings("bars-and-stripes 3x3", 5, "pcd", n_chains=6))
    for k in range(4):
        lab.receive(Request("tab", -1, 1, (Command(k + 1, "step", 20),)))
        lab.answer()
    return write_run(lab.copy_of_run())


def upload(app: AppTest, content: bytes, name: str = "r.npz") -> None:
    uploader = next(each for each in app.file_uploader if each.key == "recording_file")
    uploader.set_value((name, content, "application/octet-stream")).run()


def test_a_file_takes_the_stage_with_its_settings() -> None:
    app = opened()
    step(app, 7)
    upload(app, recording())
    assert not app.exception
    assert not app.error
    lab: Lab = app.session_state["lab"]
    assert lab.answer().snapshots[-1].step == 80
    assert "bit for bit" in lab.notice.text
    assert app.selectbox(key="dataset").value == "bars-and-stripes 3x3"
    assert app.selectbox(key="estimator").value == "pcd"
    assert rows(app) == ["Run 1"]  # the one that was there
    step(app, 20)
    expected = LabSettings("bars-and-stripes 3x3", 5, "pcd", n_chains=6)
    state = rbmviz.start(expected.training_settings(), expected.data.v)
    np.testing.assert_array_equal(lab.state.rbm.W, rbmviz.train(state, 100).rbm.W)


def test_a_file_opened_on_the_way_of_a_link_is_not_trained_to_its_step() -> None:
    app = opened()
    lab: Lab = app.session_state["lab"]
    app.session_state["link_goal"] = (500, lab.settings)
    upload(app, recording())
    assert lab.state.step == 80
    app.button(key="keep_run").click().run()
    step(app, 20)
    app.session_state["link_goal"] = (500, lab.settings)
    app.button(key="open_1").click().run()
    assert not app.exception
    assert lab.state.step == 80


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", recording()[:2000]])
def test_a_broken_file_says_so_beside_the_uploader(content: bytes) -> None:
    app = opened()
    upload(app, content)
    assert not app.exception
    assert "no .npz file" in app.error[0].value
    assert app.session_state["lab"].answer().snapshots[-1].step == 0
    upload(app, recording())
    assert not app.error


def test_a_recording_whose_run_diverges_at_once_is_refused() -> None:
    app = opened()
    with np.load(io.BytesIO(recording()), allow_pickle=False) as file:
        arrays = {name: file[name].copy() for name in file.files}
    arrays["state/rbm.W"] += 1e6
    broken = io.BytesIO()
    np.savez(broken, **arrays)
    read_run(broken.getvalue())
    upload(app, broken.getvalue())
    assert not app.exception
    assert "Lower the learning rate" in app.error[0].value


def test_the_page_tells_what_was_recorded() -> None:
    app = opened()
    for _ in range(3):
        step(app, 10)
    page = _page(app.session_state["lab"]).decode()
    assert "<title>bars-and-stripes 2x2, 4 × 3 units</title>" in page
    assert "CD-1, learning rate 0.1, batches of 8, seed 1. 4 recorded steps, 0 to 30." in page


def test_a_recording_of_own_data_keeps_its_settings_over_time() -> None:
    mine = encode_rows([[1, 0, 0, 1], [0, 1, 1, 0], [1, 1, 1, 1]], (2, 2))
    lab = Lab(LabSettings(mine, 3))
    for k, rate in enumerate((0.1, 0.4, 0.2), start=1):
        lab.apply(LabSettings(mine, 3, learning_rate=rate), 20)
        lab.receive(Request("tab", -1, 1, (Command(k, "step", 10),)))
        lab.answer()
    app = opened()
    upload(app, write_run(lab.copy_of_run()))
    assert not app.exception
    assert not app.error
    here: Lab = app.session_state["lab"]
    assert app.selectbox(key="dataset").value == OWN_NAME
    assert here.settings == lab.settings
    assert [step for step, _ in here.schedule.entries] == [0, 10, 20]
    app.run()
    assert here.state.step == 30  # the sidebar does not undo it
    assert np.array_equal(here.state.v_data, lab.state.v_data)
