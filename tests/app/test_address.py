"""Every page opened by its address, without a browser: the same screen, or a sentence."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import rbmviz
from rbmviz.core.errors import DivergedError
from rbmviz.core.foreign_model import rbm_to_npz
from rbmviz.core.rbm import RBM
from rbmviz.pages import lab_link, way
from rbmviz.run.lab import Lab
from rbmviz.run.models import load_model, with_rows
from rbmviz.run.requests import Command, Request
from rbmviz.run.settings import LabSettings
from rbmviz.run.table import rows
from rbmviz.studio.machine_settings import KINDS
from rbmviz.studio.page_tables import DERIVATION, NEGATIVE, PAGE_TABLES, PARTITION, STATES, WHICH
from rbmviz.studio.state_run import StateRun

ROOT = Path(__file__).parents[2]
OF_A_MODEL = [path for path, place in PAGE_TABLES.items() if "model" in rows(place.table)]
ADDRESSES = {  # a page, and what of its session the numbers follow from
    NEGATIVE: "v=1&model=two-distant-modes&estimator=pcd&k=5&repeats=50&warm_up=10&draw=3",
    PARTITION: "v=1&model=ising-torus&side=4&coupling=0.6&methods=exact,ais&chains=50&inside=ais",
    DERIVATION: "v=1&model=parity-4-untrained&parameter=b&i=2&samples=100&draw=2&row=3",
    STATES: "v=1&model=two-distant-modes&estimator=pcd&learning_rate=0.1&changes=40,n_chains,9",
    WHICH: "v=1&n_hidden=4&positive=exact&structure=deep&changes=30,learning_rate,0.1",
}
QUICK = {"log_z_methods": ["exact"], "negative_repeats": 50, "negative_warm_up": 0}
QUICKLY = {PARTITION: "&methods=exact", NEGATIVE: "&repeats=50&warm_up=0"}
ASKED = {PARTITION: {"inside"}}  # said in an address, and the default at that: not said again


def script(path: str) -> str:
    return str(ROOT / "rbmviz/pages" / f"{path.replace('-', '_')}.py")


def opened(path: str, query: str = "", **state: Any) -> AppTest:
    """Open a page; what takes long there is left out where the address says nothing of it."""
    app = AppTest.from_file(script(path), default_timeout=60)
    for name, value in parse_qsl(query):
        app.query_params[name] = value
    for name, value in QUICK.items():
        app.session_state[name] = value
    for name, value in state.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    return app


def shared(app: AppTest) -> dict[str, Any]:
    """What the buttons of the link are told."""
    (told,) = [c.proto.json for c in app.get("bidi_component") if '"query"' in c.proto.json]
    found: dict[str, Any] = json.loads(told)
    return found


def numbers(app: AppTest) -> list[str]:
    """Every text of the page that may hold a number, and what its pictures were sent."""
    sent = [c.proto.bytes for c in app.get("bidi_component") if c.proto.bytes]
    return [m.value for m in app.markdown] + [h.proto.body for h in app.get("html")] + sent


@pytest.mark.parametrize("path", PAGE_TABLES)
def test_an_address_opens_the_page_and_is_told_again(path: str) -> None:
    query = ADDRESSES[path]
    step = "&step=100" if PAGE_TABLES[path].changing else ""
    app = opened(path, query + step)
    assert not app.warning
    given = dict(parse_qsl(query))
    told = {name: value for name, value in given.items() if name not in ASKED.get(path, ())}
    assert dict(parse_qsl(shared(app)["query"])) == told
    assert shared(app)["path"] == path
    again = opened(path, query + step)
    for name, row in rows(PAGE_TABLES[path].table).items():
        key = PAGE_TABLES[path].key(name)
        assert again.session_state[key] == app.session_state[key]
        if name in given and name not in PAGE_TABLES[path].changing:
            shown = app.session_state[key]
            assert row.written(tuple(shown) if row.kind is tuple else shown) == given[name]


def test_the_same_address_gives_the_same_estimates() -> None:
    def estimates(draw: int) -> tuple[Any, ...]:
        one = opened(NEGATIVE, f"model=two-distant-modes&estimator=pcd&k=2&repeats=50&draw={draw}")
        log_z = opened(PARTITION, f"model=ising-torus&side=3&methods=ais&chains=50&draw={draw}")
        theta = opened(DERIVATION, f"model=xor-untrained&samples=100&draw={draw}")
        analysis = one.session_state["analysis"]
        tables = tuple(h.proto.body for h in theta.get("html"))
        (found,) = log_z.session_state["log_z_study"].found.values()
        return analysis._drawn[1].statistics.vh.tobytes(), tables, found.log_z

    first, again, other = estimates(4), estimates(4), estimates(5)
    assert first == again
    assert all(one != another for one, another in zip(first, other, strict=True))


@pytest.mark.parametrize("path", OF_A_MODEL)
def test_the_run_of_the_lab_comes_along_to_its_step_bit_for_bit(path: str) -> None:
    run = {"dataset": "shifting bar 9", "n_hidden": "4", "seed": "8", "step": "230"}
    query = urlencode({"model": "lab", **{f"lab.{name}": value for name, value in run.items()}})
    app = opened(path, query + QUICKLY.get(path, ""))
    assert not app.warning
    settings = LabSettings("shifting bar 9", n_hidden=4, seed=8)
    whole = rbmviz.train(rbmviz.start(settings.training_settings(), settings.data.v), 230)
    lab = app.session_state["lab"]
    assert lab.state.step == 230
    assert np.array_equal(lab.state.rbm.W, whole.rbm.W)
    assert any("after 230 updates" in m.value for m in app.markdown)
    told = dict(parse_qsl(shared(app)["query"]))
    assert {name[4:]: value for name, value in told.items() if name.startswith("lab.")} == run


def test_the_labs_run_goes_on_in_the_lab_with_its_second_run() -> None:
    run = {"n_hidden": "4", "step": "60", "speed": "50", "rival": "momentum", "rival_value": "0.5"}
    query = urlencode({f"lab.{name}": value for name, value in run.items()})
    app = opened(DERIVATION, f"model=lab&{query}")
    told = dict(parse_qsl(shared(app)["query"]))
    assert {name[4:]: value for name, value in told.items() if name.startswith("lab.")} == run
    lab = app.session_state["lab"]
    widgets = ("rival_setting", "rival_momentum", "rival_from", "speed")
    state = {name: app.session_state[name] for name in widgets}
    app = AppTest.from_file(str(ROOT / "rbmviz/pages/lab.py"), default_timeout=60)
    for name, value in {"lab": lab, **state}.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    assert lab.difference.name == "momentum"
    assert app.selectbox(key="rival_setting").value == "momentum"
    assert app.select_slider(key="speed").value == 50
    assert lab.side_by_side().b.step == 60


@pytest.mark.parametrize("path", OF_A_MODEL)
def test_a_first_visit_shows_the_labs_run_where_it_fits(path: str) -> None:
    small = Lab(LabSettings("bars-and-stripes 3x3", n_hidden=5))
    app = opened(path, lab=small)
    assert app.session_state[PAGE_TABLES[path].key("model")] == "lab"
    assert app.selectbox(key=PAGE_TABLES[path].key("model")).options[0] == "The lab's current model"
    large = Lab(LabSettings("bars-and-stripes 4x4", n_hidden=5))
    app = opened(path, lab=large)
    shows_it = app.session_state[PAGE_TABLES[path].key("model")] == "lab"
    assert shows_it == (path != STATES)
    assert any("has 16 visible units, too many" in c.value for c in app.caption) != shows_it
    # An address says which one it means
    app = opened(path, "model=xor-untrained" + QUICKLY.get(path, ""), lab=small)
    assert app.session_state[PAGE_TABLES[path].key("model")] == "XOR, untrained"
    assert (
        opened(path).session_state[PAGE_TABLES[path].key("model")]
        == PAGE_TABLES[path].table().model
    )


def test_all_pages_offer_the_same_models() -> None:
    offered = {
        path: opened(path).selectbox(key=PAGE_TABLES[path].key("model")).options
        for path in OF_A_MODEL
    }
    common = offered[NEGATIVE]
    assert offered[DERIVATION] == offered[STATES] == common
    assert offered[PARTITION][: len(common)] == common
    for name in common[1:]:
        assert len(load_model(name).v_data)
    for name in offered[PARTITION][len(common) :]:  # they need no data there
        assert not len(load_model(name).v_data)


def test_an_address_of_another_run_of_the_lab_does_not_replace_the_one_that_is_there() -> None:
    lab = Lab(LabSettings(n_hidden=5))
    lab.receive(Request("tab", commands=(Command(1, "step", 7),)))
    app = opened(NEGATIVE, "model=lab&lab.n_hidden=6&lab.step=40" + QUICKLY[NEGATIVE], lab=lab)
    assert app.session_state["lab"] is lab
    assert lab.state.step == 7
    assert "another run of the lab" in app.warning[0].value
    app = opened(NEGATIVE, "model=lab&lab.n_hidden=5&lab.step=7" + QUICKLY[NEGATIVE], lab=lab)
    assert not app.warning


def test_a_lab_that_nobody_used_gives_way_and_its_sidebar_follows() -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert app.slider(key="n_hidden").value == 8
    for name, value in {"model": "lab", "lab.n_hidden": "6", "lab.step": "40"}.items():
        app.query_params[name] = value
    app.switch_page("rbmviz/pages/derivation.py").run()
    app.query_params.clear()
    app.switch_page("rbmviz/pages/lab.py").run()
    assert not app.exception
    assert app.session_state["lab"].settings.n_hidden == app.slider(key="n_hidden").value == 6
    assert app.session_state["lab"].state.step == 40


def test_the_link_of_a_lab_on_its_way_names_where_it_leads_to() -> None:
    lab = Lab(LabSettings(n_hidden=5))
    lab.lead_to(50)
    lab.go_on(0.0)
    assert lab.state.step < 50
    assert lab_link.lab_link(lab)[0].step == 50


def test_a_way_of_the_labs_run_is_cancelled_where_it_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(way, "MAX_SECONDS", 0.0)
    app = opened(DERIVATION, "model=lab&lab.n_hidden=4&lab.step=100000")
    step = app.session_state["lab"].state.step
    assert 0 < step < 100_000
    assert any("came to step" in w.value for w in app.warning)
    assert any(f"after {step:,} updates" in m.value for m in app.markdown)
    assert f"lab.step={step}" in shared(app)["query"]


# ---- runs of pages ------------------------------------------------------------------------


def at_step(app: AppTest, step: int) -> str:
    """The whole query: the browser adds the step."""
    return shared(app)["query"] + f"&step={step}"


def arrays(rbm: RBM) -> list[bytes]:
    return [rbm.W.tobytes(), rbm.b.tobytes(), rbm.c.tobytes()]


def test_every_state_comes_back_to_its_step_with_what_changed_on_the_way() -> None:
    app = opened(STATES, "model=trained-half-way&batch=model")
    run: StateRun = app.session_state["state_run"]
    assert run.way is None
    for number, (key, value) in enumerate(
        [("states_learning_rate", 0.05), ("states_n_steps", 3), ("states_learning_rate", 0.4)], 1
    ):
        run.receive(Request("tab", commands=(Command(number, "step", 25),)))
        app.number_input(key=key).set_value(value).run()
    run.receive(Request("tab", commands=(Command(9, "step", 25),)))
    app.run()
    assert not app.exception
    assert run.state.step == 100
    again = opened(STATES, at_step(app, 100))
    assert not again.warning
    other = again.session_state["state_run"]
    assert other.state.step == 100
    assert arrays(other.state.rbm) == arrays(run.state.rbm)
    assert again.session_state["states_learning_rate"] == 0.4
    assert again.session_state["states_n_steps"] == 3
    assert shared(again) == shared(app)
    assert again.run().session_state["state_run"].state.step == 100  # once


def test_a_restart_on_the_stage_is_told_to_the_link() -> None:
    app = opened(STATES)
    run: StateRun = app.session_state["state_run"]
    run.receive(Request("tab", commands=(Command(1, "step", 10),)))
    app.number_input(key="states_learning_rate").set_value(0.5).run()
    assert shared(app)["query"] == "v=1&changes=10,learning_rate,0.5"
    run.receive(Request("tab", commands=(Command(2, "restart"),)))
    app.run()
    assert shared(app)["query"] == "v=1&learning_rate=0.5"


def test_a_model_that_the_address_did_not_mean_is_not_trained_to_its_step() -> None:
    app = opened(STATES, "model=uploaded&file=mine.npz&step=300")
    assert app.session_state["state_run"].state.step == 0
    app = opened(STATES, "model=lab&lab.dataset=digits&step=300")
    assert "state_run" not in app.session_state
    app.selectbox(key="states_model").set_value("XOR, untrained").run()
    assert app.session_state["state_run"].state.step == 0


def test_a_choice_after_the_labs_run_was_trained_is_kept() -> None:
    query = "model=lab&lab.dataset=bars-and-stripes 2x2&lab.n_hidden=4&lab.step=50"
    app = opened(STATES, query)
    app.number_input(key="states_learning_rate").set_value(0.5).run()
    assert app.session_state["state_run"].learning.settings.learning_rate == 0.5


def test_what_the_model_does_not_have_is_named() -> None:
    app = opened(DERIVATION, "model=xor-untrained&i=7&j=2&row=99")
    assert "i '7'" not in app.warning[0].value
    assert "i 7 is beyond the limit; using 2" in app.warning[0].value
    assert "row 99 is beyond" in app.warning[0].value
    assert "j 2" not in app.warning[0].value
    app = opened(WHICH, "n_hidden=3&n_coupled=7")
    assert "n\\_coupled 7 is more than" in app.warning[0].value
    app = opened(STATES, "estimator=tempering&n_chains=500&n_steps=50&step=3")
    assert "too slow" in app.warning[0].value


def test_settings_that_changed_too_often_are_left_out_and_it_is_said() -> None:
    app = opened(STATES)
    run: StateRun = app.session_state["state_run"]
    for number in range(1, 27):
        run.receive(Request("tab", commands=(Command(number, "step", 1),)))
        app.number_input(key="states_learning_rate").set_value(0.01 * number).run()
    told = shared(app)
    assert told["query"] == "v=1&learning_rate=0.26"
    assert "changed too often" in told["notes"]


def test_which_phase_comes_back_to_its_step_with_what_changed_on_the_way() -> None:
    app = opened(WHICH, "dataset=xor&n_hidden=3&seed=4")
    race = app.session_state["race"]
    race.act("step", 40)
    app.number_input(key="machine_learning_rate").set_value(0.1).run()
    race.act("step", 30)
    app.selectbox(key="machine_negative").set_value("exact").run()
    race.act("step", 10)
    app.run()
    again = opened(WHICH, at_step(app, 80))
    other = again.session_state["race"]
    assert (other.step, race.step) == (80, 80)
    for kind in KINDS:
        one, same = race.machine(kind), other.machine(kind)
        assert all(np.array_equal(getattr(one, n), getattr(same, n)) for n in "bcWRS")
    assert again.session_state["machine_negative"] == "exact"
    assert shared(again) == shared(app)
    assert len(other.curves()["step"]) > 40


@pytest.mark.parametrize(
    ("path", "run"), [(STATES, "state_run"), (WHICH, "race")], ids=[STATES, WHICH]
)
def test_a_way_that_takes_too_long_ends_and_the_widgets_follow(
    path: str, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(way, "MAX_SECONDS", 0.0)
    app = opened(path, "step=100000&changes=90000,learning_rate,0.5")
    found = app.session_state[run]
    assert 0 < found.step < 90_000
    assert found.way is None
    key = PAGE_TABLES[path].key("learning_rate")
    assert app.session_state[key] == PAGE_TABLES[path].table().learning_rate
    assert "changes" not in shared(app)["query"]
    said = found.answer().notice
    assert said is not None
    assert "came to step" in said.text


# ---- models from files --------------------------------------------------------------------


def uploaded(path: str, rbm: RBM, name: str = "mine.npz") -> AppTest:
    app = opened(path)
    content = (name, rbm_to_npz(rbm), "application/octet-stream")
    app.file_uploader(key="model_file").set_value(content)
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize("path", OF_A_MODEL)
def test_an_uploaded_model_is_the_model_of_every_page_at_once(path: str) -> None:
    rbm = RBM.random(np.random.default_rng(0), 9, 4, scale=0.5)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in QUICK.items():
        app.session_state[name] = value
    app.run()
    app.switch_page(f"rbmviz/pages/{path.replace('-', '_')}.py").run()
    content = ("mine.npz", rbm_to_npz(rbm), "application/octet-stream")
    app.file_uploader(key="model_file").set_value(content).run()
    for other in [path, *(other for other in OF_A_MODEL if other != path)]:
        app.switch_page(f"rbmviz/pages/{other.replace('-', '_')}.py").run()
        assert not app.exception
        assert app.selectbox(key=PAGE_TABLES[other].key("model")).value == "uploaded"
        assert any("mine\\.npz: 9 visible, 4 hidden units." in m.value for m in app.markdown)
        rows_named = any("The rows of bars-and-stripes 3x3" in m.value for m in app.markdown)
        assert rows_named == (other != PARTITION)  # which needs none
        told = shared(app)
        assert dict(parse_qsl(told["query"]))["file"] == "mine.npz"
        assert "send it along" in told["notes"]


@pytest.mark.parametrize("path", OF_A_MODEL)
def test_the_address_of_an_uploaded_model_asks_for_its_file(path: str) -> None:
    app = opened(path, "model=uploaded&file=mine.npz" + QUICKLY.get(path, ""))
    assert "mine\\.npz" in app.warning[0].value
    assert app.session_state[PAGE_TABLES[path].key("model")] == PAGE_TABLES[path].table().model
    app.button(key="link_ok").click().run()
    assert not app.warning


def test_the_name_of_a_file_is_shown_as_it_is() -> None:
    rbm = RBM.random(np.random.default_rng(0), 9, 4, scale=0.5)
    app = uploaded(DERIVATION, rbm, "*b* [l](www.evil.example) :red[x].npz")
    (heading,) = [m.value for m in app.markdown if "9 visible, 4 hidden" in m.value]
    assert "\\*b\\* \\[l\\]\\(www\N{WORD JOINER}" in heading
    assert "\\:\N{WORD JOINER}red\\[x\\]" in heading


def test_an_address_with_a_model_left_out_means_the_first_one_also_beside_a_lab() -> None:
    lab = Lab(LabSettings("bars-and-stripes 3x3"))
    app = opened(NEGATIVE, "v=1&estimator=pcd&repeats=50&warm_up=0", lab=lab)
    assert app.session_state["negative_model"] == "Trained to the end"
    assert "model=trained-to-the-end" in shared(app)["query"]


def test_a_model_whose_units_no_data_set_has_is_given_samples_of_its_own() -> None:
    rbm = RBM.random(np.random.default_rng(0), 7, 4, scale=0.5)
    app = uploaded(NEGATIVE, rbm)
    assert any("100 exact samples of the model itself" in m.value for m in app.markdown)
    v = app.session_state["analysis"].case.v_data
    assert v.shape == (100, 7)
    p = rbmviz.exact_probabilities(rbm)
    frequency = np.bincount(v.astype(int) @ (1 << np.arange(7)), minlength=128) / 100
    error = np.sqrt(p * (1 - p) / 100)
    assert np.abs(frequency - p).max() < 5 * error.max()


def test_a_second_file_takes_the_place_of_the_first_with_rows_of_its_own() -> None:
    rng = np.random.default_rng(0)
    app = uploaded(NEGATIVE, RBM.random(rng, 9, 4, scale=0.5))
    content = ("other.npz", rbm_to_npz(RBM.random(rng, 4, 3, scale=0.5)), "application/zip")
    app.file_uploader(key="model_file").set_value(content).run()
    case = app.session_state["analysis"].case
    assert case.v_data.shape[1] == case.rbm.n_visible == 4
    preset = load_model("Two distant modes")
    assert with_rows(preset) is preset


def test_a_model_too_large_to_be_sampled_is_answered_with_a_sentence() -> None:
    rbm = RBM.random(np.random.default_rng(0), 23, 21, scale=0.1)
    app = uploaded(NEGATIVE, rbm)
    assert "none of 23 units are known" in app.warning[0].value
    for path in (DERIVATION, STATES):
        assert "23 visible units have 2" in uploaded(path, rbm).warning[0].value


def test_an_address_whose_run_cannot_begin_gives_way_to_the_widgets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin = StateRun._begin

    def begin_unless_wild(run: StateRun, case: Any, learning: Any) -> None:
        if learning.settings.learning_rate == 10:
            raise DivergedError("The parameters are beyond all bounds.")
        begin(run, case, learning)

    monkeypatch.setattr(StateRun, "_begin", begin_unless_wild)
    app = opened(STATES, "learning_rate=10&step=50&changes=20,n_steps,2")
    assert "beyond all bounds" in app.warning[0].value
    app.number_input(key="states_learning_rate").set_value(0.1).run()
    assert not app.warning
    assert app.session_state["state_run"].learning.settings.learning_rate == 0.1
    assert app.session_state["state_run"].state.step == 0
