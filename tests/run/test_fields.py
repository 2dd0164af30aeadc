"""Every row of the tables, through everything that is read from it: a new row needs no new test."""

import argparse
from dataclasses import asdict, fields, replace
from typing import Any
from urllib.parse import parse_qsl

import pytest

import rbmviz
from rbmviz.cli import train
from rbmviz.core.errors import InputError
from rbmviz.core.training import TrainingSettings
from rbmviz.run.difference import (
    DIFFERENCES,
    Difference,
    read_difference,
    run_label,
    setting_name,
    suggested_value,
)
from rbmviz.run.estimators import ESTIMATORS, OFFERED
from rbmviz.run.kept_runs import differing
from rbmviz.run.link import LabLink, decode_link, encode_link
from rbmviz.run.link_changes import read_lab_changes, write_lab_changes
from rbmviz.run.schedule import Place, Schedule
from rbmviz.run.settings import ROWS, LabSettings, clamp_settings, strict_settings
from rbmviz.studio.analysis import TABLE, Contestant
from rbmviz.studio.lesson_places import LAB, read_values
from rbmviz.studio.lesson_reader import Document, Table

HOSTILE = [
    None, "", "drop table", "1e999", float("nan"), float("inf"), -float("inf"), -1, 0, 10**30,
    True, [], {}, b"\x00", "../../etc/passwd", "<script>alert(1)</script>", object(), "own.2x2.1.!",
]  # fmt: skip
every_row = pytest.mark.parametrize("name", ROWS)
every_difference = pytest.mark.parametrize("name", DIFFERENCES)
every_estimator = pytest.mark.parametrize("estimator", ESTIMATORS)


def user_of(name: str) -> LabSettings:
    """Settings whose estimator looks at this one."""
    estimator = next(e for e in ESTIMATORS if LabSettings(estimator=e).uses(name))
    return LabSettings(estimator=estimator)


def another_value(name: str) -> Any:
    """A value within the limits that is not the default."""
    row = ROWS[name]
    if row.choices is not None:
        return next(value for value in row.choices() if value != row.default)
    if row.kind is bool:
        return not row.default
    return row.kind(row.limits[1] if row.default == row.limits[0] else row.limits[0])


def changed(name: str) -> LabSettings:
    return replace(user_of(name), **{name: another_value(name)})


@every_row
def test_a_row_is_whole(name: str) -> None:
    row = ROWS[name]
    assert row.label
    assert row.flag.startswith("--")
    assert (row.new_start == "") != (row.rival is None)  # a run B has the start of run A
    assert row.kind in (str, bool) or row.limits[0] <= row.default <= row.limits[1]
    assert row.kind is not str or row.default in row.choices()  # type: ignore[misc]
    assert row.clamped(another_value(name)) == (another_value(name), "")


def test_a_row_is_of_the_library_or_of_an_estimator() -> None:
    of_training = {spec.name for spec in fields(TrainingSettings)}
    parameters = {name for each in ESTIMATORS.values() for name in each.parameters}
    assert set(ROWS) == (of_training - {"negative_phase"}) | parameters | {"dataset", "estimator"}


@every_row
def test_a_setting_reaches_the_library(name: str) -> None:
    plain, other = user_of(name), changed(name)
    made = [(s.training_settings(), s.data) for s in (plain, other)]
    assert made[0] != made[1]


@every_row
@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: repr(v)[:20])
def test_any_value_gives_settings_that_train(name: str, value: object) -> None:
    settings, messages = clamp_settings({name: value})
    assert rbmviz.start(settings.training_settings(), settings.data.v).step == 0
    used = getattr(settings, name)
    taken = used == value or (isinstance(value, int | float) and used == float(value))
    named = name if value != "own.2x2.1.!" or name != "dataset" else "own."
    assert taken or any(named in message for message in messages)


@every_row
def test_a_value_of_another_kind_is_refused_where_nothing_is_replaced(name: str) -> None:
    for value in (None, [], b"", 1j if ROWS[name].kind is str else "drop table"):
        with pytest.raises(InputError, match=name):
            strict_settings({name: value})
    with pytest.raises(InputError, match="is no setting; known are"):
        strict_settings({f"{name}s": 1})


@every_row
def test_a_link_brings_a_setting_back(name: str) -> None:
    link = LabLink(changed(name), step=30)
    assert decode_link(dict(parse_qsl(encode_link(link)))) == (link, [])
    assert f"{name}=" in encode_link(link)


@every_difference
def test_a_link_brings_a_fork_back(name: str) -> None:
    settings = user_of(name)
    fork = Difference(name, suggested_value(settings, name), from_step=20)
    link = LabLink(settings, step=30, difference=fork)
    assert decode_link(dict(parse_qsl(encode_link(link)))) == (link, [])


@every_difference
def test_a_link_brings_a_change_back(name: str) -> None:
    first = user_of(name)
    changes = ((20, changed(name)),)
    assert read_lab_changes(write_lab_changes(first, changes) or "", first, 30) == (changes, [])


@every_difference
def test_run_b_has_its_own_name_and_another_value(name: str) -> None:
    settings = user_of(name)
    found, messages = read_difference(settings, name, suggested_value(settings, name))
    assert found is not None
    assert messages == []
    b = found.applied_to(settings)
    assert [n for n in asdict(b) if getattr(b, n) != getattr(settings, n)] == [name]
    assert run_label(b, name) != run_label(settings, name)


@every_difference
def test_a_change_on_the_way_needs_no_new_start(name: str) -> None:
    first, then = user_of(name), changed(name)
    assert then.starts_anew_from(first) == []
    schedule = Schedule(((0, first), (0, then)))
    assert Place.first(schedule).with_changes(schedule).state.step == 0


@every_row
def test_a_flag_of_the_command_line_sets_it(name: str) -> None:
    parser = argparse.ArgumentParser()
    train.add_to(parser.add_subparsers())
    row, value = ROWS[name], another_value(name)
    given = [row.flag] if row.kind is bool else [row.flag, str(value)]
    chosen = parser.parse_args(["train", *given])
    assert strict_settings({n: getattr(chosen, n) for n in ROWS}) == LabSettings(**{name: value})
    of = [e for e in ESTIMATORS if name in ESTIMATORS[e].parameters]
    help_text = " ".join(_help(parser).split())
    assert row.flag in help_text
    assert not of or f"of {', '.join(of)}" in help_text


def _help(parser: argparse.ArgumentParser) -> str:
    actions = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return str(actions[0].choices["train"].format_help())


@every_row
def test_a_lesson_can_set_it(name: str) -> None:
    value = another_value(name)
    assert read_values(Table(Document(""), {name: value}), LAB) == {name: value}


@every_row
def test_kept_runs_tell_in_what_they_differ(name: str) -> None:
    assert differing(changed(name), user_of(name))
    assert differing(user_of(name), user_of(name)) == ""


@every_estimator
def test_an_estimator_is_whole(estimator: str) -> None:
    row, settings = ESTIMATORS[estimator], LabSettings(estimator=estimator)
    assert row.label
    assert row.note or not row.offered
    assert set(row.parameters) <= set(ROWS)
    assert set(row.own) <= set(row.parameters)
    state = rbmviz.start(settings.training_settings(), settings.data.v)
    held = [a for a in vars(state.chains).values() if hasattr(a, "size")] if state.chains else []
    assert (sum(a.size for a in held) >= settings.n_chain_numbers > 0) == bool(row.keeps)
    for name in row.parameters:
        assert setting_name(name, estimator)
        assert f"{{{name}}}" not in settings.label


@every_estimator
def test_an_estimator_looks_at_its_parameters_and_at_no_others(estimator: str) -> None:
    settings = LabSettings(estimator=estimator)
    for name in {name for each in ESTIMATORS.values() for name in each.parameters}:
        other = replace(settings, **{name: another_value(name)})
        assert (other.negative_phase != settings.negative_phase) == settings.uses(name)


def test_the_comparison_of_estimators_has_each_that_is_offered() -> None:
    assert {who.kind for who in TABLE} == set(OFFERED)
    assert [who.label for who in TABLE if who.kind == "tempering"] == ["PT-1 × 10"]
    assert Contestant("tempering").chains_text == "25 ladders of 10"
