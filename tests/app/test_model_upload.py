"""An uploaded model is on offer and on the page at once, and stays there as long as it should."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import rbmviz
from rbmviz.core.foreign_model import rbm_to_npz
from rbmviz.language import speaking
from rbmviz.pages import language
from rbmviz.studio.model_files import write_model

ROOT = Path(__file__).parents[2]
PAGE = str(ROOT / "rbmviz/pages/partition_function.py")
QUICK = {"log_z_model": "Random small weights", "log_z_methods": ["exact"]}
SIX = rbmviz.RBM.random(np.random.default_rng(0), 6, 4, scale=0.5)
NINE = rbmviz.RBM.random(np.random.default_rng(1), 9, 3, scale=0.5)


def opened(script: str = PAGE) -> AppTest:
    app = AppTest.from_file(script, default_timeout=60)
    for name, value in QUICK.items():
        app.session_state[name] = value
    return app.run()


def upload(app: AppTest, name: str, content: bytes) -> AppTest:
    app.file_uploader(key="model_file").set_value((name, content, "application/octet-stream"))
    return app.run()


def remove(app: AppTest) -> AppTest:
    app.file_uploader(key="model_file").set_value(None)
    return app.run()


def shows(app: AppTest, rbm: rbmviz.RBM | None) -> bool:
    """Say whether this run of the page offers, has chosen and describes this model, with its log Z.

    rbm: None for the model that was there before, with nothing imported on offer.
    """
    assert not app.exception
    choice = app.selectbox(key="log_z_model")
    case = app.session_state["log_z_study"].case
    (table,) = [h.proto.body for h in app.get("html") if 'data-testid="log-z"' in h.proto.body]
    assert f"{rbmviz.exact_log_z(case.rbm):.4f} exact" in table
    if rbm is None:
        return (
            choice.value == QUICK["log_z_model"] == case.name and "Imported" not in choice.options
        )
    same = all(np.array_equal(getattr(case.rbm, part), getattr(rbm, part)) for part in "Wbc")
    size = f"{rbm.n_visible} visible, {rbm.n_hidden} hidden"
    return same and choice.value == "uploaded" and any(size in m.value for m in app.markdown)


@pytest.mark.parametrize("kind", ["npz", "safetensors"])
def test_an_uploaded_model_is_on_the_page_at_once(kind: str) -> None:
    app = upload(opened(), f"mine.{kind}", write_model(SIX, kind))
    assert shows(app, SIX)
    assert "Imported" in app.selectbox(key="log_z_model").options
    assert not app.error
    assert shows(app.run(), SIX)


def test_a_second_file_takes_the_place_of_the_first() -> None:
    app = upload(opened(), "six.npz", rbm_to_npz(SIX))
    upload(app, "nine.npz", rbm_to_npz(NINE))
    assert shows(app, NINE)
    assert app.selectbox(key="log_z_model").options.count("Imported") == 1
    app.selectbox(key="log_z_model").set_value("Two distant modes").run()
    upload(app, "six.npz", rbm_to_npz(SIX))  # also while another model is on the page
    assert shows(app, SIX)


def test_another_model_that_is_chosen_afterwards_stays() -> None:
    app = upload(opened(), "six.npz", rbm_to_npz(SIX))
    app.selectbox(key="log_z_model").set_value("Two distant modes").run()
    for _ in range(2):
        assert app.selectbox(key="log_z_model").value == "Two distant modes"
        assert app.session_state["log_z_study"].case.name == "Two distant modes"
        app.run()
    app.selectbox(key="log_z_model").set_value("uploaded").run()
    assert shows(app, SIX)


def test_a_model_stays_when_its_file_goes_and_the_page_says_so() -> None:
    """As between two files, and when the page is left: the browser then has no file."""
    app = opened()
    assert not any("stays in the list" in each.value for each in app.caption)
    upload(app, "six.npz", rbm_to_npz(SIX))
    assert not any("stays in the list" in each.value for each in app.caption)
    remove(app)
    assert shows(app, SIX)
    assert any("stays in the list" in each.value for each in app.caption)
    upload(app, "bad.npz", b"")
    assert shows(app, SIX)
    upload(app, "nine.npz", rbm_to_npz(NINE))
    assert shows(app, NINE)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip"])
def test_a_file_that_cannot_be_read_says_so_and_changes_nothing(content: bytes) -> None:
    app = upload(opened(), "bad.npz", content)
    assert shows(app, None)
    assert "did not change" in app.error[0].value
    upload(app, "six.npz", rbm_to_npz(SIX))
    assert shows(app, SIX)
    assert not app.error
    upload(app, "bad.npz", content)
    assert shows(app, SIX)
    assert "did not change" in app.error[0].value
    remove(app)
    assert shows(app, SIX)
    assert not app.error


def test_it_outlives_another_language_and_a_visit_to_another_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(language, "MOUNTS_SECONDS", 0.0)
    monkeypatch.setattr(language, "SETTLES_SECONDS", 0.0)
    app = opened(str(ROOT / "app.py"))
    app.switch_page("rbmviz/pages/partition_function.py").run()
    upload(app, "six.npz", rbm_to_npz(SIX))
    assert shows(app, SIX)
    app.selectbox(key="language_choice").set_value("de").run()
    assert not app.exception
    with speaking("de"):
        assert app.selectbox(key="log_z_model").value == "uploaded"
        assert any("6 sichtbare" in each.value for each in app.markdown)
        app.switch_page("rbmviz/pages/derivation.py").run()
        app.switch_page("rbmviz/pages/partition_function.py").run()
    assert app.selectbox(key="log_z_model").value == "uploaded"
    assert app.session_state["log_z_study"].case.rbm is app.session_state["imported_model"].rbm
