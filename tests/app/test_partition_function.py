"""The page Partition function without a browser: every model and method, hostile values."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import rbmviz
from rbmviz.core.ising import CRITICAL_COUPLING, ising_torus
from rbmviz.run.lab import Lab
from rbmviz.run.model_case import ModelCase
from rbmviz.run.presets import hidden_valley, preset_names
from rbmviz.run.settings import LabSettings
from rbmviz.studio import log_z_cost
from rbmviz.studio.log_z_methods import KINDS, SAMPLING
from rbmviz.studio.log_z_study import LogZStudy

PAGE = str(Path(__file__).parents[2] / "rbmviz/pages/partition_function.py")
MODELS = [*preset_names(), "A valley nobody finds", "Ising ring", "Ising torus"]
QUICK = "Random small weights"


def opened(**values: object) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=60)
    quick = {"log_z_model": QUICK, "log_z_temperatures": 30, "log_z_chains": 20}
    for name, value in {**quick, **values}.items():
        app.session_state[name] = value
    return app.run()


def study(app: AppTest) -> LogZStudy:
    return app.session_state["log_z_study"]


def charts(app: AppTest) -> int:
    return len(app.get("vega_lite_chart"))


def table(app: AppTest) -> str:
    (found,) = [h.proto.body for h in app.get("html") if 'data-testid="log-z"' in h.proto.body]
    return found


def said(app: AppTest) -> str:
    texts = (app.markdown, app.caption, app.warning, app.info)
    return "\n".join(element.value for some in texts for element in some)


def names(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


@pytest.mark.parametrize("name", MODELS)
def test_every_model_opens_and_every_method_finds_a_number(name):
    app = opened(log_z_model=name)
    assert not app.exception
    assert study(app).case.name == name
    assert charts(app) == 4  # axis, weights, path, exactness
    assert "…" not in table(app)
    exact = study(app).truth.log_z
    assert f"{exact:.4f} exact" in table(app)
    if name.startswith("Ising"):
        assert "closed form" in table(app)


def test_the_exact_number_is_the_librarys():
    app = opened(log_z_model="Two distant modes")
    assert f"{rbmviz.exact_log_z(study(app).case.rbm):.4f} exact" in table(app)


def test_the_coupling_and_the_size_make_the_model():
    app = opened(log_z_model="Ising torus", log_z_side=4, log_z_coupling=0.441)
    known = ising_torus(4, CRITICAL_COUPLING)
    assert study(app).truth.log_z == known.log_z
    app.select_slider(key="log_z_coupling").set_value(0.2).run()
    assert not app.exception
    assert study(app).truth.log_z == ising_torus(4, 0.2).log_z


@pytest.mark.parametrize("kind", SAMPLING)
def test_looking_inside_every_method(kind):
    app = opened(log_z_inside=kind)
    assert not app.exception
    assert f"{KINDS[kind]}: log Z = " in said(app)
    assert charts(app) == (3 if kind == "reverse" else 4)  # reverse annealing records no path


def test_more_temperatures_and_redraw_estimate_again():
    app = opened(log_z_methods=["ais"])
    first = table(app)
    app.select_slider(key="log_z_temperatures").set_value(100).run()
    second = table(app)
    app.button(key="log_z_redraw").click().run()
    assert not app.exception
    assert len({first, second, table(app)}) == 3
    assert len(study(app).found) == 3


def test_a_method_that_no_weight_warns_of_is_refuted_in_words():
    app = opened(log_z_model="A valley nobody finds", log_z_chains=100, log_z_temperatures=100)
    assert "The weights alone cannot tell of a mode" in said(app)
    assert "but the interval ends at" in said(app)  # of the method looked into
    app = opened(
        log_z_model="A valley nobody finds", log_z_chains=100, log_z_temperatures=100,
        log_z_methods=["ais", "sandwich"], log_z_inside="sandwich",
    )  # fmt: skip
    assert "contradicts what is certain of log Z: at least 36.0." in said(app)  # of the other


@pytest.mark.parametrize("inside", SAMPLING)
def test_every_method_that_is_refuted_is_named_once(inside):
    kinds = [kind for kind in KINDS if kind != "exact"]
    app = opened(log_z_methods=kinds, log_z_inside=inside)
    found = study(app).found
    for key, one in found.items():
        found[key] = replace(one, low=one.log_z - 1, high=one.log_z + 1, at_least=one.log_z + 2)
    app.run()
    (doubts,) = [each.value for each in app.warning if "certain of log Z" in each.value]
    named = re.findall(r"([^.]+), -?\d[^,]*, contradicts", doubts)
    others = [KINDS[kind] for kind in kinds if kind != inside]
    assert [name.strip() for name in named] == others
    assert "That contradicts what is certain of log Z: at least" in said(app)  # of the one inside


def test_a_mode_that_only_the_search_knows_refutes_in_words():
    valley = hidden_valley().rbm
    W = np.hstack([valley.W, np.zeros((36, 23))])  # 24 hidden units: too many states to sum
    rbm = rbmviz.RBM(W, valley.b, np.append(valley.c, np.full(23, -9.0)))
    none = np.empty((0, 36))
    case = ModelCase("Imported", "A valley, and 23 units off.", rbm, none, none, (6, 6))
    app = opened(imported_model=case, log_z_model="uploaded", log_z_methods=["ais", "bridge"])
    assert study(app).truth is None
    assert "That contradicts what is certain of log Z: at least 36.0." in said(app)
    assert "a search of the modes found add up to that, but the interval ends at" in said(app)


def test_no_method_is_no_error():
    app = opened(log_z_methods=[])
    assert not app.exception
    assert "Choose a method" in said(app)


def test_the_lab_hands_its_model_over():
    lab = Lab(LabSettings("bars-and-stripes 2x2", n_hidden=3))
    app = opened(lab=lab, log_z_model="lab")
    assert study(app).case.rbm is lab.state.rbm
    assert "bars-and-stripes 2x2, 3 hidden units, after 0 updates" in said(app)


def test_an_imported_model_is_offered_and_works_without_data():
    rbm = rbmviz.RBM.random(np.random.default_rng(0), 6, 4, scale=0.5)
    none = np.empty((0, 6))
    case = ModelCase("Imported", "six.npz: 6 visible, 4 hidden units.", rbm, none, none, (1, 6))
    app = opened(imported_model=case, log_z_model="uploaded")
    assert not app.exception
    assert study(app).case is case
    assert f"{rbmviz.exact_log_z(rbm):.4f} exact" in table(app)


def test_an_imported_model_with_enormous_weights_shows_no_traceback():
    rbm = rbmviz.RBM(np.full((3, 2), 1e30), np.zeros(3), np.zeros(2))
    none = np.empty((0, 3))
    app = opened(
        imported_model=ModelCase("Imported", "Large.", rbm, none, none, (1, 3)),
        log_z_model="uploaded",
    )
    assert not app.exception


def test_a_large_model_waits_for_the_button_and_says_float32():
    app = opened(
        log_z_model="784 × 500, random weights", log_z_temperatures=14_500, log_z_chains=100
    )
    assert not app.exception
    assert study(app).found == {}
    assert "2<sup>500</sup> states: out of reach" in table(app)
    assert "float32" in said(app)
    assert any(name.startswith("Estimate log Z: about ") for name in names(app))
    assert "10¹" in said(app)  # years


def test_a_large_model_is_estimated_when_asked():
    app = opened(
        log_z_model="784 × 500, random weights",
        log_z_methods_large=["ais"],
        log_z_temperatures=30,
        log_z_chains=10,
    )
    study(app).stopped = True  # as after Cancel
    study(app).found.clear()
    app.run()
    assert study(app).found == {}
    app.button(key="log_z_go").click().run()
    assert not app.exception
    (estimate,) = study(app).found.values()
    assert f"{estimate.log_z:.0f}"[:2] in table(app)
    assert "not known here" in said(app) or "do not trust" in said(app)


def test_error_against_cost_is_measured_when_its_tab_is_open(monkeypatch):
    monkeypatch.setattr(log_z_cost, "_BETAS", (10, 30))
    monkeypatch.setattr(log_z_cost, "_ROUNDS", (10,))
    app = opened(log_z_tab="Error against cost")
    assert not app.exception
    for _ in range(2):  # what takes longer asks first
        wanted = [b for b in app.button if b.label.startswith("Measure every method")]
        if wanted:
            wanted[0].click().run()
    assert not app.exception
    kept, points = app.session_state["log_z_errors"]
    assert kept is study(app)
    assert {point.kind for point in points} == set(KINDS) - {"exact"}
    assert charts(app) == 4


def test_an_error_needs_the_exact_value():
    app = opened(log_z_tab="Error against cost", log_z_methods=["ais"])
    assert "choose the method *Exact* first" in said(app)


def test_few_and_many_temperatures_stand_side_by_side():
    app = opened(
        log_z_tab="10 against 10,000 temperatures", log_z_methods=["exact"], log_z_chains=10
    )
    assert not app.exception
    assert charts(app) == 3
    found = [s.n_betas for kind, s in study(app).found if kind == "ais"]
    assert found == [10, 10_000]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("log_z_model", "no such model"),
        ("log_z_model", "uploaded"),
        ("log_z_methods", ["<script>"]),
        ("log_z_methods", "ais"),
        ("log_z_chains", 10**9),
        ("log_z_temperatures", -1),
        ("log_z_schedule", "no such schedule"),
        ("log_z_base", 7),
        ("log_z_draw", "x"),
        ("log_z_inside", "exact"),
        ("log_z_tab", "no such tab"),
        ("log_z_side", 10**6),
        ("log_z_coupling", float("nan")),
    ],
)
def test_values_that_no_widget_offers_do_not_break_the_page(name, value):
    ising = name in ("log_z_side", "log_z_coupling")
    values = {"log_z_model": "Ising torus"} if ising else {}
    quick = {"log_z_methods": ["exact", "ais"]}
    app = opened(**{**values, **quick, name: value})
    assert not app.exception
    assert charts(app) == 4
