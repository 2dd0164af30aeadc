"""Settings of the race: clamped on the server, and verdicts that follow from the graphs."""

import math

import pytest

from rbmviz import ExactNegative, ExactPositive, GibbsPositive, MeanFieldPositive
from rbmviz.core.datasets import load_dataset
from rbmviz.studio.machine_settings import (
    KINDS,
    MAX_VISIBLE_UNITS,
    RaceSettings,
    clamp_race_settings,
    hidden_layers,
    make_structure,
    race_datasets,
    unit_names,
    verdicts,
)


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("dataset", "digits", "bars-and-stripes 3x3"),
        ("dataset", ["XOR"], "bars-and-stripes 3x3"),
        ("n_hidden", 10**9, 8),
        ("n_hidden", -4, 2),
        ("n_hidden", "many", 5),
        ("n_coupled", math.inf, 3),
        ("learning_rate", math.nan, 0.3),
        ("learning_rate", 1e300, 2.0),
        ("positive", "<script>", "mean field"),
        ("negative", None, "chains"),
        ("seed", -1, 0),
    ],
)
def test_hostile_values_are_replaced_and_named(name, given, kept):
    settings, messages = clamp_race_settings({name: given})
    assert getattr(settings, name) == kept
    assert len(messages) == 1
    assert messages[0].startswith(name)


def test_fitting_values_are_taken_without_a_word():
    values = {"dataset": "XOR", "n_hidden": 4, "learning_rate": 0.5, "positive": "gibbs"}
    settings, messages = clamp_race_settings(values)
    assert (settings.dataset, settings.n_hidden, settings.learning_rate) == ("XOR", 4, 0.5)
    assert messages == []
    assert clamp_race_settings({"n_hidden": 2, "n_coupled": 7})[0].n_coupled == 2


def test_every_data_set_offered_is_small_enough():
    assert "bars-and-stripes 2x2" in race_datasets()
    assert all(load_dataset(name).n_visible <= MAX_VISIBLE_UNITS for name in race_datasets())


def test_methods_are_those_that_the_names_say():
    assert isinstance(RaceSettings(positive="exact").positive_phase, ExactPositive)
    assert isinstance(RaceSettings(positive="gibbs").positive_phase, GibbsPositive)
    assert isinstance(RaceSettings().positive_phase, MeanFieldPositive)
    assert isinstance(RaceSettings(negative="exact").negative_phase, ExactNegative)


def test_what_is_hard_follows_from_the_graph():
    found = {kind: verdicts(kind, 9, 5, 3) for kind in KINDS}
    assert found == {
        "fully visible": ("trivial", "hard"),
        "restricted": ("tractable", "hard"),
        "semi-restricted": ("tractable", "hard"),
        "general": ("hard", "hard"),
        "deep": ("hard", "hard"),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_unit_has_a_name_and_a_layer(kind):
    structure = make_structure(kind, 4, 3, 2)
    names = unit_names(kind, 4, 3)
    assert len(set(names)) == len(names) == structure.n_visible + structure.n_hidden
    assert sum(hidden_layers(kind, 3)) == structure.n_hidden


def test_a_rate_goes_on_and_a_seed_starts_anew():
    assert RaceSettings(learning_rate=0.1, positive="exact").goes_on_from(RaceSettings())
    assert not RaceSettings(seed=2).goes_on_from(RaceSettings())
    assert not RaceSettings(n_coupled=2).goes_on_from(RaceSettings())
