"""What the settings of a run follow from, and what the server makes of costly ones."""

from dataclasses import asdict, replace

import pytest

import rbmviz
from rbmviz.run.estimators import OFFERED
from rbmviz.run.settings import (
    MAX_CHAIN_NUMBERS,
    MAX_ROW_STEPS,
    ROWS,
    LabSettings,
    clamp_settings,
)


def test_good_values_pass_unchanged_and_without_a_word() -> None:
    wanted = LabSettings("digits", 16, "pcd", 3, 50, 10, 0.1, 0.05, 100, 0.5, 0.001, 0.1, 42)
    assert clamp_settings(asdict(wanted)) == (wanted, [])
    ladder = LabSettings(estimator="tempering", n_temperatures=7, centered=True)
    assert clamp_settings(asdict(ladder)) == (ladder, [])
    assert clamp_settings({"centered": "true"}) == (LabSettings(centered=True), [])


def test_the_label_of_an_estimator_tells_its_parameters() -> None:
    labels = {name: LabSettings(estimator=name, n_steps=3).label for name in OFFERED}
    assert labels == {
        "cd": "CD-3", "pcd": "PCD-3", "fpcd": "FPCD-3", "tempering": "PT-3 × 10",
        "tap": "TAP-3", "mf": "MF-3", "exact": "exact",
    }  # fmt: skip


@pytest.mark.parametrize("estimator", OFFERED)
def test_an_estimator_looks_at_its_parameters_and_at_no_others(estimator: str) -> None:
    settings = LabSettings(estimator=estimator)
    others = {
        "n_steps": 5, "n_chains": 7, "n_temperatures": 4, "fast_learning_rate": 0.3,
    }  # fmt: skip
    for name, value in others.items():
        changed = replace(settings, **{name: value})
        assert (changed.negative_phase != settings.negative_phase) == settings.uses(name)
    assert settings.uses("momentum")


@pytest.mark.parametrize("estimator", OFFERED)
def test_an_update_at_the_limits_moves_a_bounded_number_of_rows(estimator: str) -> None:
    highest = {name: row.limits[1] for name, row in ROWS.items() if row.limits[1]}
    settings, messages = clamp_settings({**highest, "estimator": estimator})
    assert settings.n_moved_rows * settings.n_steps <= MAX_ROW_STEPS
    if estimator == "tempering":
        assert any("n_steps 50 of 990 chains" in message for message in messages)


@pytest.mark.parametrize("estimator", OFFERED)
@pytest.mark.parametrize("dataset", rbmviz.dataset_names())
def test_the_chains_of_a_state_are_bounded(dataset: str, estimator: str) -> None:
    values = {"n_chains": 500, "n_temperatures": 30, "n_hidden": 64}
    settings, messages = clamp_settings({**values, "dataset": dataset, "estimator": estimator})
    state = rbmviz.start(settings.training_settings(), settings.data.v)
    held = [a for a in vars(state.chains).values() if hasattr(a, "size")] if state.chains else []
    most = MAX_CHAIN_NUMBERS + 3 * settings.data.n_visible * 64  # and the fast weights
    assert sum(array.size for array in held) <= most
    assert settings.n_chain_numbers <= MAX_CHAIN_NUMBERS
    cut = "n_chains 500 of this model are 960,000 numbers"
    assert any(cut in m and "64,000" in m for m in messages) == (estimator == "tempering")


def test_clamped_values_are_named_with_their_limits() -> None:
    settings, (message,) = clamp_settings({"n_hidden": 1000})
    assert settings.n_hidden == ROWS["n_hidden"].limits[1] == 64
    assert message == "n_hidden 1000 is outside 1 to 64, whole; using 64."


def test_exact_training_of_a_large_model_falls_back_and_says_so() -> None:
    settings, (message,) = clamp_settings(
        {"dataset": "digits", "n_hidden": 40, "estimator": "exact"}
    )
    assert settings.estimator == "cd"
    assert "40 units" in message
    assert clamp_settings({"n_hidden": 8, "estimator": "exact"}) == (
        LabSettings(n_hidden=8, estimator="exact"),
        [],
    )
