"""Own data in the lab without a browser: chosen, painted, kept for the session."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from rbmviz.run.own_data import DEFAULT_ROWS, OWN_NAME, decode_rows, encode_rows

APP = str(Path(__file__).parents[2] / "app.py")
MINE = encode_rows([[1, 0, 0, 1], [0, 1, 1, 0], [1, 1, 1, 1]], (2, 2))


def opened(**values: object) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in values.items():
        app.session_state[name] = value
    return app.run()


def lab_rows(app: AppTest) -> np.ndarray:
    return app.session_state["lab"].settings.data.v


def test_own_data_are_offered_and_start_with_a_heart_and_a_smile() -> None:
    app = opened()
    app.selectbox(key="dataset").set_value(OWN_NAME).run()
    assert not app.exception
    assert np.array_equal(lab_rows(app), decode_rows(DEFAULT_ROWS)[0])
    assert app.session_state["own_open"]  # the first time it opens by itself
    assert [tab.label for tab in app.tabs] == ["Paint", "Upload", "Table"]


def test_what_was_painted_is_trained_on_and_kept() -> None:
    app = opened(dataset=OWN_NAME, own_open=True)
    app.session_state["own_draft"] = MINE
    app.session_state["own_origin"] = 1
    app.run()
    app.button(key="own_use_painted").click().run()
    assert not app.exception
    assert not app.session_state["own_open"]
    assert np.array_equal(lab_rows(app), decode_rows(MINE)[0])
    app.selectbox(key="dataset").set_value("XOR").run()
    assert lab_rows(app).shape == (4, 3)
    app.selectbox(key="dataset").set_value(OWN_NAME).run()
    assert np.array_equal(lab_rows(app), decode_rows(MINE)[0])
    assert not app.session_state["own_open"]  # there are data: nobody has to be asked


@pytest.mark.parametrize("text", ["own.2x2.1.", "<script>", None, 7, "own.2x2.1.kA" * 9999])
def test_nothing_that_the_browser_paints_breaks_the_page(text: object) -> None:
    app = opened(dataset=OWN_NAME, own_open=True)
    app.session_state["own_data"] = MINE
    app.session_state["own_painter"] = {"painted": text}
    app.run()
    assert not app.exception
    assert np.array_equal(lab_rows(app), decode_rows(MINE)[0])


def test_many_rows_are_not_offered_to_the_painter() -> None:
    many = encode_rows(np.eye(100), (10, 10))
    app = opened(dataset=OWN_NAME, own_data=many, own_open=True)
    assert not app.exception
    assert any("too many or too large to paint" in caption.value for caption in app.caption)
    assert np.array_equal(lab_rows(app), np.eye(100))


def test_every_estimator_takes_large_own_data() -> None:
    large = encode_rows(np.eye(256), (16, 16))
    app = opened(dataset=OWN_NAME, own_data=large, n_hidden=64, estimator="tempering")
    for estimator in ("tap", "exact", "cd"):
        app.selectbox(key="estimator").set_value(estimator).run()
        assert not app.exception
