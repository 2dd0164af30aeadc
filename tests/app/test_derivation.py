"""The page Derivation without a browser: presets, extreme models, hostile values, what it says."""

import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import rbmviz
from rbmviz.core.derivation import StateTable
from rbmviz.core.parameter import Parameter, Response
from rbmviz.pages import model_choice
from rbmviz.run.lab import Lab
from rbmviz.run.model_case import ModelCase
from rbmviz.run.presets import load_preset, preset_names
from rbmviz.run.settings import LabSettings

PAGE = str(Path(__file__).parents[2] / "rbmviz/pages/derivation.py")
LINES = ["18.5", "18.6", "18.7", "18.8", "18.9", "18.10", "18.11", "18.12"]


def opened(**values: object) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in values.items():
        app.session_state[name] = value
    return app.run()


def numbers(app: AppTest) -> dict[str, str]:
    """The numbers of the table, as they are written."""
    (table,) = [h.proto.body for h in app.get("html") if 'data-testid="lines"' in h.proto.body]
    found = re.findall(r'data-line="([^"]+)".*?<td class="number[^"]*">([^<]*)<', table)
    return dict(found)


def as_number(text: str) -> float:
    return float(text.replace("−", "-"))


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_shows_one_number_in_eight_ways(name: str) -> None:
    app = opened(derivation_model=name)
    assert not app.exception
    shown = numbers(app)
    case = load_preset(name)
    exact = rbmviz.exact_negative_phase(case.rbm)[0].vh[0, 0]
    assert [as_number(shown[line]) for line in LINES] == pytest.approx([exact] * 8, abs=6e-11)
    positive = rbmviz.positive_phase(case.rbm, case.v_data).vh[0, 0]
    assert as_number(shown["positive"]) == pytest.approx(positive, abs=6e-11)
    assert as_number(shown["gradient"]) == pytest.approx(positive - exact, abs=1e-9)
    table = StateTable(case.rbm)
    slope = Response.of(case.rbm, Parameter("W", 0, 0), table.v).slope
    spread = np.sqrt(table.p @ (slope - exact) ** 2 / 1000)  # of a mean of 1,000 samples
    half = as_number(shown["samples"].split(" ± ")[1])
    assert half == pytest.approx(1.96 * spread, rel=0.25, abs=1e-4)
    assert len(app.get("vega_lite_chart")) == 4


@pytest.mark.parametrize("weight", [0.0, 50.0])
@pytest.mark.parametrize("kind", ["W", "b", "c"])
def test_extreme_models(weight: float, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    signs = np.random.default_rng(0).choice([-weight, weight], (9, 4))
    rbm = rbmviz.RBM(signs, np.full(9, weight), np.full(4, -weight))
    v = rbmviz.load_dataset("bars-and-stripes 3x3").v
    case = ModelCase("extreme", "", rbm, v, v, (3, 3))
    monkeypatch.setattr(model_choice, "load_model", lambda name, spins: case)
    app = opened(derivation_parameter=kind, derivation_i=1, derivation_j=1)
    assert not app.exception
    exact = Parameter(kind, 1, 1).of(rbmviz.exact_negative_phase(rbm)[0])
    shown = numbers(app)
    for line in LINES:
        assert as_number(shown[line]) == pytest.approx(exact, rel=1e-8, abs=6e-11)
    assert "nan" not in str(shown)


def test_a_row_and_another_parameter_change_the_numbers() -> None:
    app = opened(derivation_model="Trained half-way")
    before = numbers(app)
    app.number_input(key="derivation_row").set_value(3).run()
    after = numbers(app)
    assert after["18.12"] == before["18.12"]
    assert after["positive"] != before["positive"]
    app.segmented_control(key="derivation_parameter").set_value("b").run()
    assert not app.exception
    case = load_preset("Trained half-way")
    assert as_number(numbers(app)["positive"]) == case.v_data[2, 0]
    assert app.number_input(key="derivation_j").disabled


def test_the_wiggled_slopes_are_those_of_the_moved_model() -> None:
    app = opened(derivation_model="Trained half-way")
    app.slider(key="derivation_epsilon").set_value(1.5).run()
    assert not app.exception
    case = load_preset("Trained half-way")
    moved = Parameter("W", 0, 0).moved(case.rbm, 1.5)
    (slopes,) = [h.proto.body for h in app.get("html") if 'data-testid="slopes"' in h.proto.body]
    exact = rbmviz.exact_negative_phase(moved)[0].vh[0, 0]
    assert f"{exact:.6f}" in slopes


def test_where_p_is_zero_the_two_lines_part() -> None:
    app = opened()
    said = " ".join(m.value for m in app.markdown)
    assert "They agree." in said
    app.slider(key="derivation_theta").set_value(0.0).run()
    said = " ".join(m.value for m in app.markdown)
    assert "18.8 gives 2.0000, 18.12 gives 1.0000. **They part.**" in said


def test_samples_can_be_drawn_again() -> None:
    app = opened()
    before = numbers(app)
    app.button(key="draw_samples").click().run()
    after = numbers(app)
    assert after.pop("samples") != before.pop("samples")
    assert after == before


def test_too_many_visible_units_say_so_with_a_remedy() -> None:
    app = opened(lab=Lab(LabSettings("digits", n_hidden=4)))
    assert not app.exception
    (warning,) = app.warning
    assert "2**64" in warning.value
    assert "Choose a preset" in warning.value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("derivation_model", "no such model"),
        ("derivation_parameter", "<script>"),
        ("derivation_i", 10**9),
        ("derivation_j", -3),
        ("derivation_row", 10**9),
        ("derivation_samples", 10**12),
    ],
)
def test_values_that_no_widget_offers_do_not_break_the_page(name: str, value: object) -> None:
    app = opened(**{name: value})
    assert not app.exception
    assert len(numbers(app)) == 12
