"""The lab page without a browser: every data set and estimator, hostile values, the same run."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import rbmviz
from rbmviz.run.difference import DIFFERENCES, setting_name
from rbmviz.run.estimators import ESTIMATORS, OFFERED
from rbmviz.run.own_data import OWN_NAME
from rbmviz.run.requests import Command, Request
from rbmviz.run.settings import ROWS, LabSettings

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
    assert app.session_state["lab"].settings.dataset == dataset


@pytest.mark.parametrize("estimator", OFFERED)
def test_every_estimator_opens(estimator: str) -> None:
    app = opened(estimator=estimator)
    assert not app.exception
    assert not app.warning
    assert app.session_state["lab"].settings.estimator == estimator


@pytest.mark.parametrize("estimator", OFFERED)
def test_every_setting_has_the_widget_that_its_row_describes(estimator: str) -> None:
    app = opened(estimator=estimator)
    kinds = (app.selectbox, app.slider, app.number_input, app.toggle)
    widgets = {widget.key: widget for kind in kinds for widget in kind}
    settings = LabSettings(estimator=estimator)
    for name, row in ROWS.items():
        assert (name in widgets) == settings.uses(name), name
        if name in widgets:
            assert widgets[name].label == setting_name(name, estimator)
            assert widgets[name].value == getattr(settings, name)
        if name in widgets and row.kind in (int, float):
            assert (widgets[name].min, widgets[name].max) == row.limits
    assert widgets["estimator"].options == [ESTIMATORS[name].label for name in OFFERED]
    assert widgets["dataset"].options == [*rbmviz.dataset_names(), OWN_NAME]


def test_only_the_parameters_of_the_estimator_are_shown() -> None:
    app = opened(estimator="tempering")
    shown = {widget.key for widget in app.number_input}
    assert {"n_steps", "n_chains", "n_temperatures"} <= shown
    assert "fast_learning_rate" not in shown
    assert rb"PT-1 \u00d7 10" in message(app)
    app.selectbox(key="estimator").set_value("fpcd").run()
    shown = {widget.key for widget in app.number_input}
    assert "fast_learning_rate" in shown
    assert "n_temperatures" not in shown
    app.toggle(key="centered").set_value(True).run()
    assert not app.exception
    assert app.session_state["lab"].settings.centered


def test_a_widget_changes_the_run_and_a_rerun_keeps_it() -> None:
    app = opened()
    before = message(app)
    app.run()
    assert message(app) == before  # nothing new: the very same bytes
    app.number_input(key="learning_rate").set_value(0.5).run()
    lab = app.session_state["lab"]
    assert lab.settings.learning_rate == 0.5
    assert message(app) != before
    lab.receive(Request("tab", 0, 1, (Command(1, "step", 10),)))
    assert any(said.value.startswith("log Z tracked at step 10:") for said in app.run().caption)
    app.slider(key="n_hidden").set_value(5).run()
    assert not app.exception
    assert app.session_state["lab"].answer().snapshots[-1].rbm.n_hidden == 5


def test_an_exact_phase_that_is_too_large_says_so_beside_the_control() -> None:
    app = opened(dataset="digits", n_hidden=40, estimator="exact")
    assert not app.exception
    (warning,) = app.warning
    assert "40 units" in warning.value
    assert app.session_state["lab"].settings.estimator == "cd"


@pytest.mark.parametrize(
    ("name", "value"),
    [("speed", 77), ("estimator", "<script>"), ("dataset", "no such data")],
)
def test_values_that_no_widget_offers_do_not_break_the_page(name: str, value: object) -> None:
    app = opened(**{name: value})
    assert not app.exception
    assert message(app).startswith(b"RBM1")


# ---- a second run -------------------------------------------------------------------------


def table(app: AppTest) -> str:
    """The table of both runs, "" without a second run."""
    return next((m.value for m in app.markdown if m.value.startswith("| |")), "")


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_second_run_comes_and_goes(name: str) -> None:
    app = opened(estimator="tempering" if name == "n_temperatures" else "fpcd")
    assert table(app) == ""
    app.selectbox(key="rival_setting").set_value(name).run()
    assert not app.exception
    assert not app.warning
    lab = app.session_state["lab"]
    label_a, label_b = lab.side_by_side().labels
    assert f"A: {label_a} | B: {label_b}" in table(app)
    assert label_a != label_b
    assert len(app.get("vega_lite_chart")) == 4
    specs = "".join(chart.proto.spec for chart in app.get("vega_lite_chart"))
    assert "of both" in specs
    app.selectbox(key="rival_setting").set_value("nothing").run()
    assert not app.exception
    assert table(app) == ""
    assert lab.side_by_side() is None
    assert len(app.get("vega_lite_chart")) == 2


def test_the_same_value_is_no_second_run_and_says_so() -> None:
    app = opened(rival_setting="n_steps")
    assert table(app)
    app.number_input(key="rival_n_steps").set_value(1).run()
    assert table(app) == ""
    assert "the same as run A" in app.warning[0].value
    app.number_input(key="n_steps").set_value(2).run()
    assert "A: CD-2 | B: CD-1" in table(app)


def test_what_run_b_needs_is_shown_although_run_a_does_not() -> None:
    app = opened(rival_setting="estimator", rival_estimator="tempering")
    assert not app.exception
    assert {"n_chains", "n_temperatures"} <= {widget.key for widget in app.number_input}
    app.number_input(key="n_temperatures").set_value(4).run()
    assert "B: PT-1 × 4" in table(app)


def test_the_maps_of_a_centered_run_say_so() -> None:
    app = opened(rival_setting="centered")
    specs = "".join(chart.proto.spec for chart in app.get("vega_lite_chart"))
    assert "Gradient of W, A: plain gradient" in specs
    assert "Centered gradient of W, B: centered" in specs
    assert "before centering" in table(app)


def test_run_b_far_behind_names_its_own_step() -> None:
    app = opened()
    lab = app.session_state["lab"]
    lab.receive(Request("tab", -1, 1, (Command(1, "step", 1000), Command(2, "play"))))
    app.session_state["rival_setting"] = "n_steps"
    app.session_state["rival_n_steps"] = 50
    app.run()
    step = lab.side_by_side().b.step
    assert step < lab.side_by_side().a.step
    assert f"B: CD-50 (at step {step:,})" in table(app)


def test_run_b_may_not_change_a_second_setting() -> None:
    app = opened(n_steps=50, rival_setting="estimator", rival_estimator="tempering")
    assert not app.exception
    assert table(app) == ""
    assert any("differ in n_steps as well" in warning.value for warning in app.warning)


@pytest.mark.parametrize(
    "values",
    [
        {"rival_setting": "no such setting"},
        {"rival_setting": "n_hidden"},
        {"rival_setting": 7},
        {"rival_setting": "estimator", "rival_estimator": "<script>"},
        {"rival_setting": "n_temperatures"},  # which CD does not use
        {"rival_setting": "estimator", "rival_estimator": "exact", "n_hidden": 64,
         "dataset": "digits"},
    ],
)  # fmt: skip
def test_no_value_of_the_second_run_breaks_the_page(values: dict[str, object]) -> None:
    app = opened(**values)
    assert not app.exception
    assert message(app).startswith(b"RBM1")


def test_a_second_run_that_is_far_behind_catches_up() -> None:
    app = opened()
    lab = app.session_state["lab"]
    lab.receive(Request("tab", -1, 1, (Command(1, "step", 1000), Command(2, "step", 1000))))
    app.run()
    app.number_input(key="n_steps").set_value(1)
    app.session_state["rival_setting"] = "n_steps"
    app.session_state["rival_n_steps"] = 50
    seen = []
    for _ in range(100):
        app.run()
        assert not app.exception
        seen.append(lab.side_by_side().b.step)
        if seen[-1] == 2000:
            break
    assert seen[-1] == 2000
    assert lab.side_by_side().a.step == 2000


# ---- many seeds ---------------------------------------------------------------------------


def test_many_seeds_run_and_belong_to_their_settings() -> None:
    app = opened(dataset="bars-and-stripes 2x2", rival_setting="n_steps")
    app.number_input(key="seeds_count").set_value(3)
    app.number_input(key="seeds_updates").set_value(200)
    app.button(key="seeds_run").click().run()
    for _ in range(100):
        assert not app.exception
        if app.session_state["seeds_work"].done:
            break
        app.run()
    work = app.session_state["seeds_work"]
    assert [curve.shape for curve in work.curves] == [(3, 41), (3, 41)]
    assert any("seeds 1 to 3" in caption.value for caption in app.caption)
    (spec,) = [c.proto.spec for c in app.get("vega_lite_chart") if "quartiles" in c.proto.spec]
    for words in ("3 seeds", "A: CD-1", "B: CD-10", "the run above"):
        assert words in spec
    app.number_input(key="learning_rate").set_value(0.5).run()
    assert any("have changed since" in caption.value for caption in app.caption)
    (spec,) = [c.proto.spec for c in app.get("vega_lite_chart") if "quartiles" in c.proto.spec]
    assert "the run above" not in spec


def test_many_seeds_can_be_cancelled() -> None:
    app = opened(seeds_count=50, seeds_updates=20_000)
    app.button(key="seeds_run").click().run()
    assert not app.session_state["seeds_work"].done
    app.button(key="seeds_cancel").click().run()
    assert not app.exception
    assert app.session_state["seeds_work"].ended == "Cancelled."
    assert any("Cancelled." in caption.value for caption in app.caption)
    app.button(key="seeds_run").click().run()
    assert not app.session_state["seeds_work"].done


def test_the_highest_seed_is_followed_by_the_next() -> None:
    app = opened(dataset="bars-and-stripes 2x2", seed=999_999, seeds_count=3, seeds_updates=100)
    app.button(key="seeds_run").click().run()
    assert any("seeds 999999 to 1000001" in caption.value for caption in app.caption)


def test_many_seeds_of_a_large_model_are_refused_with_the_reason() -> None:
    app = opened(dataset="digits", n_hidden=20)
    assert not app.exception
    assert app.button(key="seeds_run").disabled
    assert "20. Choose fewer hidden units" in app.info[0].value
