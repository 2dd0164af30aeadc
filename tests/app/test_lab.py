"""The lab page without a browser: every data set and estimator, hostile values, the same run."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import rbmviz
from rbmviz.studio.settings import ESTIMATORS

APP = str(Path(__file__).parents[2] / "app.py")


def opened(**values: object) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in values.items():
        app.session_state[name] = value
    return app.run()


def message(app: AppTest) -> bytes:
    """The bytes that the stage was sent; the first component on the page with data is the stage."""
    (data,) = [c.proto.bytes for c in app.get("bidi_component") if c.proto.bytes]
    return bytes(data)


@pytest.mark.parametrize("dataset", rbmviz.dataset_names())
def test_every_data_set_opens(dataset: str) -> None:
    app = opened(dataset=dataset)
    assert not app.exception
    assert message(app).startswith(b"RBM1")
    assert len(app.get("vega_lite_chart")) == 2
    assert app.session_state["engine"].settings.dataset == dataset


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_estimator_opens(estimator: str) -> None:
    app = opened(estimator=estimator)
    assert not app.exception
    assert not app.warning
    assert app.session_state["engine"].settings.estimator == estimator


def test_a_widget_changes_the_run_and_a_rerun_keeps_it() -> None:
    app = opened()
    before = message(app)
    app.run()
    assert message(app) == before  # nothing new: the very same bytes
    app.number_input(key="learning_rate").set_value(0.5).run()
    assert app.session_state["engine"].settings.learning_rate == 0.5
    assert message(app) != before
    app.slider(key="n_hidden").set_value(5).run()
    assert not app.exception
    assert app.session_state["engine"].answer().snapshots[-1].rbm.n_hidden == 5


def test_an_exact_phase_that_is_too_large_says_so_beside_the_control() -> None:
    app = opened(dataset="digits", n_hidden=40, estimator="exact")
    assert not app.exception
    (warning,) = app.warning
    assert "40 units" in warning.value
    assert app.session_state["engine"].settings.estimator == "cd"


@pytest.mark.parametrize(
    ("name", "value"),
    [("speed", 77), ("estimator", "<script>"), ("dataset", "no such data")],
)
def test_values_that_no_widget_offers_do_not_break_the_page(name: str, value: object) -> None:
    app = opened(**{name: value})
    assert not app.exception
    assert message(app).startswith(b"RBM1")
