"""Choices outlive answers that got lost, and are never set over what a visitor is choosing."""

from pathlib import Path

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

PAGES = Path(__file__).parents[2] / "rbmviz/pages"
CHOICES = {  # none of them the first option, which a browser shows when it is told nothing
    "lab.py": {"speed": 100, "learning_rate": 0.3, "estimator": "pcd", "rival_setting": "momentum"},
    "negative_phase.py": {"negative_warm_up": 10, "negative_model": "Two distant modes"},
    "partition_function.py": {"log_z_chains": 20, "log_z_model": "Ising torus", "log_z_side": 4},
    "every_state.py": {"states_speed": 2, "states_model": "Two distant modes"},
    "which_phase.py": {"machine_n_hidden": 3, "machine_seed": 5},
    "derivation.py": {
        "derivation_model": "Two distant modes",
        "derivation_i": 3,
        "derivation_row": 2,
    },
}


def begun(page: str) -> AppTest:
    app = AppTest.from_file(str(PAGES / page), default_timeout=60)
    for key, value in CHOICES[page].items():
        app.session_state[key] = value
    return app.run()


def widgets(app: AppTest) -> list:
    return [*app.slider, *app.select_slider, *app.selectbox, *app.number_input]


def told(app: AppTest) -> dict:
    """What the server tells the browser to show, of the choices above."""
    return {w.key: w.value for w in widgets(app) if w.proto.set_value}


@pytest.mark.parametrize("page", CHOICES)
def test_a_choice_is_told_until_the_browser_has_it_and_then_never_again(page: str) -> None:
    app = begun(page)
    assert told(app).items() >= CHOICES[page].items()
    # A run that the next one cuts short sends nothing: the browser has no widget to speak of.
    app._run(WidgetStates())
    assert told(app).items() >= CHOICES[page].items()
    # Once the browser has it, a value set again would undo a press that is on its way here.
    app.run()
    assert len(widgets(app)) >= 3
    assert told(app) == {}
