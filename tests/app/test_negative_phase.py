"""The page Negative phase without a browser: every preset and estimator, hostile values."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rbmviz.run.lab import Lab
from rbmviz.run.presets import preset_names
from rbmviz.run.settings import LabSettings
from rbmviz.studio.analysis import KINDS

PAGE = str(Path(__file__).parents[2] / "rbmviz/pages/negative_phase.py")


def opened(**values: object) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=60)
    app.session_state["negative_repeats"] = 50  # quick
    app.session_state["negative_warm_up"] = 0
    for name, value in values.items():
        app.session_state[name] = value
    return app.run()


def maps(app: AppTest) -> bytes:
    (data,) = [c.proto.bytes for c in app.get("bidi_component") if c.proto.bytes]
    return bytes(data)


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_opens(name):
    app = opened(negative_model=name)
    assert not app.exception
    assert maps(app).startswith(b"RBM1")
    assert app.session_state["analysis"].case.name == name
    assert len(app.get("vega_lite_chart")) == 2
    assert len(app.dataframe) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_estimator_opens_and_another_k_changes_the_maps(kind):
    app = opened(negative_estimator=kind)
    assert not app.exception
    before = maps(app)
    app.run()
    assert maps(app) == before
    app.select_slider(key="negative_k").set_value(5).run()
    assert not app.exception
    assert maps(app) != before


def test_redraw_draws_another_estimate():
    app = opened()
    before = maps(app)
    app.button(key="draw_again").click().run()
    assert maps(app) != before


def test_the_lab_hands_its_model_over():
    lab = Lab(LabSettings("bars-and-stripes 2x2", n_hidden=3))
    app = opened(lab=lab)
    assert app.session_state["analysis"].case.rbm is lab.state.rbm
    told = "bars-and-stripes 2x2, 3 hidden units, after 0 updates"
    assert any(told in text.value for text in app.markdown)


def test_a_model_that_cannot_be_enumerated_says_so_with_the_cost():
    app = opened(lab=Lab(LabSettings("digits", n_hidden=30)))
    assert not app.exception
    (warning,) = app.warning
    assert "2**30" in warning.value
    assert "CPU seconds" in warning.value


def test_a_model_beyond_the_operator_is_measured_by_repeats():
    app = opened(lab=Lab(LabSettings("digits", n_hidden=11, batch_size=8)))
    assert not app.exception
    assert any("measured by repeats" in info.value for info in app.info)
    assert app.session_state["analysis"].operator is None
    assert any("64 visible units have" in info.value for info in app.info)


def test_after_cancel_nothing_long_begins_by_itself():
    lab = Lab(LabSettings("digits", n_hidden=11, batch_size=8))
    app = opened(lab=lab)
    analysis = app.session_state["analysis"]
    analysis.judged.clear()
    analysis.stopped = True
    app.run()
    assert not app.exception
    assert analysis.judged == {}
    app.button(key="measure_one").click().run()
    assert analysis.judged != {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("negative_model", "no such model"),
        ("negative_estimator", "<script>"),
        ("negative_k", 10**9),
        ("negative_repeats", 10**9),
        ("negative_warm_up", -1),
    ],
)
def test_values_that_no_widget_offers_do_not_break_the_page(name, value):
    app = opened(**{name: value})
    assert not app.exception
    assert maps(app).startswith(b"RBM1")
