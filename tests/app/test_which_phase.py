"""The page Which phase is hard without a browser: every structure and method, hostile values."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rbmviz.core.boltzmann import training
from rbmviz.run.requests import Request
from rbmviz.studio import machine_cost
from rbmviz.studio.machine_race import MANY_UPDATES
from rbmviz.studio.machine_settings import KINDS, NEGATIVES, POSITIVES, race_datasets

PAGE = str(Path(__file__).parents[2] / "rbmviz/pages/which_phase.py")


def opened(**values: object) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in values.items():
        app.session_state[name] = value
    return app.run()


def maps(app: AppTest) -> bytes:
    (data,) = [c.proto.bytes for c in app.get("bidi_component") if c.proto.bytes]
    return bytes(data)


def overview(app: AppTest) -> str:
    (table,) = [h.proto.body for h in app.get("html") if "rbmviz-overview" in h.proto.body]
    return str(table)


@pytest.mark.parametrize("kind", KINDS)
def test_every_structure_opens_with_its_own_maps(kind):
    app = opened(machine_structure=kind)
    assert not app.exception
    assert maps(app).startswith(b"RBM1")
    table = overview(app)
    assert table.count("data:image/svg") == 10
    assert table.count('<tr aria-selected="true"') == 1
    assert len(app.get("vega_lite_chart")) == 1


@pytest.mark.parametrize("positive", POSITIVES)
@pytest.mark.parametrize("negative", NEGATIVES)
def test_every_pair_of_methods_plays_and_the_numbers_move(positive, negative):
    app = opened(machine_positive=positive, machine_negative=negative, machine_n_hidden=2)
    race = app.session_state["race"]
    assert (race.settings.positive, race.settings.negative) == (positive, negative)
    before, table = maps(app), overview(app)
    app.button(key="race_many").click().run()
    while race.playing:
        assert [b.label for b in app.button if b.key == "race_pause"] == ["Pause"]
        race.receive(Request(want=1, seen=race.answer().seq))  # what the browser does
        app.run()
    assert not app.exception
    assert race.step == MANY_UPDATES
    assert maps(app) != before
    assert overview(app) != table
    app.button(key="race_restart").click().run()
    assert race.step == 0
    assert not race.playing


@pytest.mark.parametrize("name", race_datasets())
def test_every_data_set_opens(name):
    app = opened(machine_dataset=name)
    assert not app.exception
    assert app.session_state["race"].settings.dataset == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("machine_dataset", "digits"),
        ("machine_n_hidden", 10**9),
        ("machine_n_coupled", -3),
        ("machine_learning_rate", float("nan")),
        ("machine_learning_rate", 1e300),
        ("machine_positive", "<script>"),
        ("machine_negative", "no such"),
        ("machine_seed", -5),
        ("machine_structure", "no such"),
    ],
)
def test_values_that_no_widget_offers_do_not_break_the_page(name, value):
    app = opened(**{name: value})
    assert not app.exception
    assert maps(app).startswith(b"RBM1")
    app.button(key="race_play").click().run()
    assert not app.exception


def test_a_smaller_layer_takes_the_block_with_it():
    app = opened()
    app.slider(key="machine_n_hidden").set_value(2).run()
    assert not app.exception
    assert app.session_state["race"].settings.n_coupled == 2


def test_costs_are_measured_on_request(monkeypatch):
    monkeypatch.setattr(machine_cost, "SIZES", (4, 6))
    app = opened()
    assert len(app.get("vega_lite_chart")) == 1
    app.button(key="race_costs_ask").click().run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 3
    points = app.session_state["race_costs"]
    app.run()
    assert app.session_state["race_costs"] is points
    app.button(key="race_costs_again").click().run()
    assert app.session_state["race_costs"] is not points


def test_a_diverged_race_says_what_to_do(monkeypatch):
    monkeypatch.setattr(training, "MAX_PARAMETER", 0.5)
    app = opened()
    app.button(key="race_play").click().run()
    app.run()
    assert any("Lower the learning rate" in warning.value for warning in app.warning)
