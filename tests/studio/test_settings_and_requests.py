"""What comes from outside: settings and requests, hostile values included."""

from dataclasses import asdict, fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rbmviz
from rbmviz.studio.requests import COMMANDS, MAX_FRAMES, MAX_STEPS, parse_request
from rbmviz.studio.settings import (
    ESTIMATOR_NOTES,
    ESTIMATOR_PARAMETERS,
    ESTIMATORS,
    LIMITS,
    MAX_CHAIN_NUMBERS,
    MAX_ROW_STEPS,
    LabSettings,
    clamp_settings,
)

HOSTILE = [
    None, "", "drop table", "1e999", float("nan"), float("inf"), -float("inf"), -1, 0, 10**30,
    True, [], {}, b"\x00", "../../etc/passwd", "<script>alert(1)</script>", object(),
]  # fmt: skip


@pytest.mark.parametrize("name", [spec.name for spec in fields(LabSettings)])
@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: repr(v)[:20])
def test_any_value_gives_settings_that_train(name: str, value: object) -> None:
    settings, messages = clamp_settings({name: value})
    state = rbmviz.start(settings.training_settings(), settings.data.v)
    assert state.step == 0
    used = getattr(settings, name)
    taken = used == value or (isinstance(value, int | float) and used == float(value))
    assert taken or any(name in message for message in messages)


def test_good_values_pass_unchanged_and_without_a_word() -> None:
    wanted = LabSettings("digits", 16, "pcd", 3, 50, 0.05, 100, 0.5, 0.001, 0.1, 42)
    assert clamp_settings(asdict(wanted)) == (wanted, [])
    ladder = LabSettings(estimator="tempering", n_temperatures=7, centered=True)
    assert clamp_settings(asdict(ladder)) == (ladder, [])
    assert clamp_settings({"centered": "true"}) == (LabSettings(centered=True), [])


def test_every_estimator_has_a_note_a_label_and_its_parameters() -> None:
    assert set(ESTIMATOR_NOTES) == set(ESTIMATOR_PARAMETERS) == set(ESTIMATORS)
    labels = {name: LabSettings(estimator=name, n_steps=3).label for name in ESTIMATORS}
    assert labels == {
        "cd": "CD-3", "pcd": "PCD-3", "fpcd": "FPCD-3", "tempering": "PT-3 × 10",
        "tap": "TAP-3", "mf": "MF-3", "exact": "exact",
    }  # fmt: skip


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_an_estimator_looks_at_its_parameters_and_at_no_others(estimator: str) -> None:
    settings = LabSettings(estimator=estimator)
    others = {
        "n_steps": 5, "n_chains": 7, "n_temperatures": 4, "fast_learning_rate": 0.3,
    }  # fmt: skip
    for name, value in others.items():
        changed = replace(settings, **{name: value})
        assert (changed.negative_phase != settings.negative_phase) == settings.uses(name)
    assert settings.uses("momentum")


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_an_update_at_the_limits_moves_a_bounded_number_of_rows(estimator: str) -> None:
    highest = {name: high for name, (_, high) in LIMITS.items()}
    settings, messages = clamp_settings({**highest, "estimator": estimator})
    assert settings.n_moved_rows * settings.n_steps <= MAX_ROW_STEPS
    if estimator == "tempering":
        assert any("n_steps 50 of 990 chains" in message for message in messages)


@pytest.mark.parametrize("estimator", ESTIMATORS)
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
    assert settings.n_hidden == LIMITS["n_hidden"][1] == 64
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


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
command_like = st.fixed_dictionaries(
    {}, optional={"id": json_values, "kind": st.sampled_from(COMMANDS) | json_values,
                  "value": json_values}
)  # fmt: skip
request_like = st.fixed_dictionaries(
    {},
    optional={
        "client": json_values,
        "shown": json_values,
        "want": json_values,
        "commands": st.lists(command_like | json_values, max_size=5) | json_values,
    },
)


@given(raw=request_like | json_values)
def test_no_request_can_break_or_ask_too_much(raw: object) -> None:
    request = parse_request(raw)
    assert 0 <= request.want <= MAX_FRAMES
    assert len(request.client) <= 64
    for command in request.commands:
        assert command.kind in COMMANDS
        assert 0 <= command.value <= MAX_STEPS
        assert command.id >= 0


def test_a_request_is_read() -> None:
    request = parse_request(
        {"client": "a", "shown": 12, "want": 9999, "commands": [
            {"id": 3, "kind": "step", "value": 10}, {"id": 4, "kind": "format disk"}]}
    )  # fmt: skip
    assert (request.client, request.shown, request.want) == ("a", 12, MAX_FRAMES)
    assert [(c.id, c.kind, c.value) for c in request.commands] == [(3, "step", 10)]
    assert len(parse_request({"commands": [{"id": 1, "kind": "play"}] * 1000}).commands) == 64
