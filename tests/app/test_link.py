"""The lab opened by a link, without a browser: what it says, what it trains to, hostile ones."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import rbmviz
from rbmviz.core.training import with_settings
from rbmviz.pages import lab_link, share
from rbmviz.run.difference import Difference
from rbmviz.run.link import LabLink, encode_link
from rbmviz.run.own_data import OWN_NAME, decode_rows, encode_rows
from rbmviz.run.requests import Command, Request
from rbmviz.run.settings import LabSettings
from rbmviz.stage import component

APP = str(Path(__file__).parents[2] / "app.py")
MINE = encode_rows([[1, 0, 0, 1], [0, 1, 1, 0]], (2, 2))


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_a_link_opens_the_lab_as_it_was() -> None:
    query = {
        **{"dataset": "digit 3", "n_hidden": "5", "momentum": "0.5", "centered": "true"},
        **{"estimator": "tempering", "n_chains": "20", "n_temperatures": "4", "seed": "9"},
        **{"v": "1", "speed": "50", "rival": "momentum", "rival_value": "0.0"},
        **{"view": "images", "selected": "b3"},
    }
    app = opened(**query)
    assert not app.exception
    assert not app.warning
    lab = app.session_state["lab"]
    wanted = LabSettings(
        "digit 3",
        5,
        "tempering",
        n_chains=20,
        momentum=0.5,
        seed=9,
        n_temperatures=4,
        centered=True,
    )
    assert lab.settings == wanted
    assert lab.speed == 50
    assert lab.side_by_side().labels == ("momentum 0.5", "momentum 0")
    (shown,) = [c.proto.bytes for c in app.get("bidi_component") if c.proto.bytes]
    assert b'"look": {"view": "images", "selected": "b3"}' in shown
    shared = [c.proto.json for c in app.get("bidi_component") if "query" in c.proto.json]
    link = LabLink(wanted, speed=50, difference=Difference("momentum", 0.0))
    assert encode_link(link) in shared[0]


def test_a_link_with_a_step_trains_to_it_bit_for_bit() -> None:
    app = opened(v="1", n_hidden="5", seed="3", step="700")
    assert not app.exception
    settings = LabSettings(n_hidden=5, seed=3)
    whole = rbmviz.train(rbmviz.start(settings.training_settings(), settings.data.v), 700).rbm
    lab = app.session_state["lab"]
    assert lab.state.step == 700
    assert np.array_equal(lab.state.rbm.W, whole.W)
    assert len(lab.curves()["step"]) > 20  # the curves come along
    app.run()
    assert lab.state.step == 700  # once


class _Interrupted(dict):
    """The state of a session whose script is stopped at its nth write, as by a newer run."""

    left = 10**9

    def __setitem__(self, name: str, value: object) -> None:
        self.left, stops = self.left - 1, self.left == 0
        if stops:
            raise InterruptedError
        super().__setitem__(name, value)

    def __setattr__(self, name: str, value: object) -> None:
        if name == "left":
            super().__setattr__(name, value)
        else:
            self[name] = value


@pytest.mark.parametrize("n_writes", range(10))
def test_a_beginning_that_is_interrupted_anywhere_is_made_good(
    monkeypatch: pytest.MonkeyPatch, n_writes: int
) -> None:
    class Parameters(dict):
        to_dict = dict.copy

    query = {"v": "1", "seed": "7", "speed": "50", "step": "700", "dataset": MINE}
    query |= {"rival": "momentum", "rival_value": "0.5", "rival_from": "300"}
    query |= {"view": "images", "no_such": "1"}
    state = _Interrupted()
    streamlit = SimpleNamespace(session_state=state, query_params=Parameters(query))
    for module in (lab_link, share):
        monkeypatch.setattr(module, "st", streamlit)
    state.left = n_writes
    with pytest.raises(InterruptedError):
        lab_link.open_link()
    state.left = 10**9
    lab_link.open_link()
    assert state["lab"].way == (0, 700)
    assert state["lab"].settings.seed == 7
    assert state["own_data"] == state["lab"].settings.dataset == MINE
    assert state["rival_momentum"] == 0.5
    assert state["rival_from"] == 300
    assert state["link_look"]["view"] == "images"
    assert state["link_messages"]
    assert state["speed"] == 50


def test_what_a_picture_sent_is_read_while_its_page_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = {"stage": {"request": {"want": 3}}}
    monkeypatch.setattr(component, "st", SimpleNamespace(session_state=state))
    assert component.sent("stage", "request") == {"want": 3}
    assert component.sent("stage", "other") is None
    state.clear()  # another page was opened in the meantime
    assert component.sent("stage", "request") is None


def test_a_step_can_be_cancelled_and_other_settings_end_it() -> None:
    app = opened(v="1", dataset="digits", n_hidden="20")
    lab = app.session_state["lab"]
    lab.lead_to(100_000)
    app.number_input(key="learning_rate").set_value(0.2).run()
    assert not app.exception
    assert lab.way is None
    assert lab.state.step == 0


def test_what_takes_too_long_stops_and_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rbmviz.pages.way.MAX_SECONDS", 0.0)
    app = opened(v="1", step="100000")
    assert not app.exception
    step = app.session_state["lab"].state.step
    assert 0 < step < 100_000
    assert f"came to step {step:,} of 100,000 in 0 s" in app.session_state["lab"].notice.text


def test_a_way_that_ends_before_its_settings_change_keeps_those_of_its_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rbmviz.pages.way.MAX_SECONDS", 0.0)
    app = opened(v="1", step="100000", changes="99999,learning_rate,0.5")
    lab = app.session_state["lab"]
    assert 0 < lab.step < 99_999
    for _ in range(2):
        assert f"came to step {lab.step:,} of 100,000" in lab.notice.text
        assert len(lab.schedule.entries) == 1
        assert app.number_input(key="learning_rate").value == lab.settings.learning_rate == 0.1
        app.run()


def test_a_way_that_diverges_says_so_and_stays() -> None:
    app = opened(
        **{"v": "1", "step": "900", "changes": "800,learning_rate,0.5"},
        **{"learning_rate": "10", "weight_decay": "1", "initial_scale": "5"},
    )
    assert not app.exception
    lab = app.session_state["lab"]
    assert "diverged" in lab.notice.text
    assert lab.step < 800
    assert lab.settings.learning_rate == app.number_input(key="learning_rate").value == 10


def test_own_data_come_with_the_link() -> None:
    app = opened(v="1", dataset=MINE)
    assert not app.exception
    assert app.selectbox(key="dataset").value == OWN_NAME
    assert np.array_equal(app.session_state["lab"].settings.data.v, decode_rows(MINE)[0])
    assert not app.tabs  # nobody asked for the dialog


def test_what_was_changed_is_named_until_it_was_read() -> None:
    app = opened(v="1", n_hidden="1000", estimator="magic", seed="5")
    (warning,) = app.warning
    assert "n\\_hidden 1000 is outside 1 to 64" in warning.value
    assert "'magic' is not known" in warning.value
    assert app.session_state["lab"].settings == LabSettings(n_hidden=64, seed=5)
    app.number_input(key="batch_size").set_value(8).run()
    assert len(app.warning) == 1
    app.button(key="link_ok").click().run()
    assert not app.warning


HOSTILE = [
    {"v": "1", "n_hidden": "![x](http://evil.example/a.png)"},
    {"v": "99", "step": "-1", "seed": "<script>alert(1)</script>"},
    {"dataset": "own.16x16.2000.AAAA"},
    {"dataset": "own", "rival": "dataset", "rival_value": "own."},
    {"rival": "estimator", "rival_value": "exact", "dataset": "digits", "n_hidden": "64"},
    {"rival": "n_chains", "rival_value": "999999"},
    {"rival": "momentum", "rival_value": "0.5", "rival_from": "-1e999", "step": "5"},
    {"rival": "momentum", "rival_value": "0.5", "rival_from": "9" * 99, "step": "5"},
    {"rival_from": "5", "step": "5"},
    {"estimator": "exact", "dataset": "digits", "n_hidden": "64", "step": "5"},
    {"selected": "c7", "n_hidden": "2", "view": "\u202e"},
    {"learning_rate": "10", "weight_decay": "1", "initial_scale": "5", "step": "400"},
    {"speed": "0", "v": ""},
    {"lab": "1", "stage": "{}", "kept_choices": "[]"},
]


@pytest.mark.parametrize("query", HOSTILE, ids=str)
def test_a_hostile_link_opens_a_lab(query: dict[str, str]) -> None:
    app = opened(**query)
    assert not app.exception
    assert any(c.proto.bytes[:4] == b"RBM1" for c in app.get("bidi_component") if c.proto.bytes)


@pytest.mark.parametrize(
    "link", [None, 7, "javascript:alert(1)", "http://a b", "x" * 9999, "https://a/" + "x" * 20_000]
)
def test_what_is_no_link_opens_no_code(monkeypatch, link: object) -> None:
    state = SimpleNamespace()
    monkeypatch.setattr(share, "st", SimpleNamespace(session_state=state))
    share.ask_for_code("", link)
    assert state.share_link is None
    share.ask_for_code("", "https://a/?v=1")
    assert state.share_link == "https://a/?v=1"


def test_a_link_too_long_for_a_code_can_be_copied() -> None:
    app = opened()
    link = "https://a/?lesson=~" + "x" * 5000
    app.session_state["share_link"] = link
    app.run()
    assert not app.exception
    assert "too long for a code" in app.warning[0].value
    assert app.code[0].value == link


def test_the_code_holds_the_link() -> None:
    app = opened()
    app.session_state["share_link"] = "http://localhost:8501/?v=1&n_hidden=5"
    app.run()
    assert not app.exception
    assert app.code[0].value == "http://localhost:8501/?v=1&n_hidden=5"


def test_a_link_takes_the_changes_on_its_way_bit_for_bit() -> None:
    first = LabSettings(n_hidden=5, seed=3)
    second = replace(first, learning_rate=0.5)
    third = replace(second, estimator="pcd", n_chains=6)
    link = LabLink(first, step=300, changes=((100, second), (250, third)))
    query = dict(parse_qsl(encode_link(link)))
    app = opened(**query)
    assert not app.exception
    assert not app.warning
    lab = app.session_state["lab"]
    state = rbmviz.train(rbmviz.start(first.training_settings(), first.data.v), 100)
    state = rbmviz.train(with_settings(state, second.training_settings()), 150)
    state = rbmviz.train(with_settings(state, third.training_settings()), 50)
    assert lab.state.step == 300
    assert np.array_equal(lab.state.rbm.W, state.rbm.W)
    assert lab.settings == third
    assert app.selectbox(key="estimator").value == "pcd"
    shared = [c.proto.json for c in app.get("bidi_component") if "query" in c.proto.json]
    assert f"changes={query['changes']}" in shared[0]  # and the next link has them too
    assert "changed" not in shared[0]
    app.number_input(key="momentum").set_value(0.5).run()
    assert [step for step, _ in lab.schedule.entries] == [0, 100, 250, 300]


def test_other_settings_end_the_way_of_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rbmviz.pages.way.train_on_the_way", lambda *told: None)
    app = opened(v="1", step="500", changes="100,learning_rate,0.5")
    lab = app.session_state["lab"]
    assert lab.answer().settings.learning_rate == 0.1  # still on its way
    assert app.number_input(key="learning_rate").value == 0.5
    app.number_input(key="learning_rate").set_value(0.7).run()
    assert not app.exception
    assert lab.settings.learning_rate == 0.7
    assert lab.way is None


# ---- run B ----------------------------------------------------------------------------------


def step(app: AppTest, count: int) -> None:
    lab = app.session_state["lab"]
    lab.receive(Request("tab", -1, 1, (Command(lab._ack + 1, "step", count),)))
    app.run()


def copied(app: AppTest) -> dict[str, str]:
    """The query of the link that the buttons give, as the browser completes it."""
    (shared,) = [c.proto.json for c in app.get("bidi_component") if "query" in c.proto.json]
    pairs = parse_qsl(json.loads(shared)["query"], keep_blank_values=True)
    return {**dict(pairs), "step": str(app.session_state["lab"].state.step)}


def run_b(app: AppTest) -> rbmviz.TrainingState:
    return app.session_state["lab"]._second.run.state


@pytest.mark.parametrize("fork", [0, 33])
def test_the_link_of_a_fork_gives_a_second_session_the_same_run_b(fork: int) -> None:
    sender = opened(v="1", dataset="bars-and-stripes 2x2", n_hidden="3", seed="4")
    step(sender, 20)
    sender.number_input(key="momentum").set_value(0.5).run()
    step(sender, 30)
    sender.selectbox(key="rival_setting").set_value("learning_rate").run()
    sender.number_input(key="rival_learning_rate").set_value(0.5).run()
    sender.number_input(key="rival_from").set_value(fork).run()
    sender.number_input(key="weight_decay").set_value(0.01).run()
    step(sender, 10)
    query = copied(sender)
    receiver = opened(**query)
    assert not receiver.exception
    assert not receiver.warning
    assert run_b(receiver).step == run_b(sender).step == 60
    for part in "Wbc":
        of_sender = getattr(run_b(sender).rbm, part)
        assert np.array_equal(getattr(run_b(receiver).rbm, part), of_sender)
        assert not np.array_equal(getattr(sender.session_state["lab"].state.rbm, part), of_sender)
    assert receiver.selectbox(key="rival_setting").value == "learning_rate"
    assert receiver.number_input(key="rival_learning_rate").value == 0.5
    assert receiver.number_input(key="rival_from").value == fork
    views = [app.session_state["lab"].side_by_side() for app in (sender, receiver)]
    assert views[0].labels == views[1].labels
    assert copied(receiver) == query


def test_a_link_whose_fork_is_yet_to_come_says_so() -> None:
    query = {"rival": "momentum", "rival_value": "0.5", "rival_from": "500", "step": "40"}
    app = opened(v="1", dataset="bars-and-stripes 2x2", n_hidden="3", **query)
    assert not app.exception
    assert not app.warning
    lab = app.session_state["lab"]
    assert "step 500. Until then both runs are identical" in lab.notice.text
    assert np.array_equal(run_b(app).rbm.W, lab.state.rbm.W)
    assert copied(app) | query == copied(app)


def test_a_fork_outlives_a_visit_to_another_page_but_not_run_b() -> None:
    query = {"rival": "momentum", "rival_value": "0.5", "rival_from": "30", "step": "40"}
    app = opened(v="1", dataset="bars-and-stripes 2x2", n_hidden="3", **query)
    app.switch_page("rbmviz/pages/derivation.py").run()
    app.switch_page("rbmviz/pages/lab.py").run()
    assert not app.exception
    assert app.session_state["lab"]._second.difference == Difference("momentum", 0.5, 30)
    app.selectbox(key="rival_setting").set_value("nothing").run()
    app.selectbox(key="rival_setting").set_value("momentum").run()
    assert app.session_state["lab"]._second.difference == Difference("momentum", 0.5)
