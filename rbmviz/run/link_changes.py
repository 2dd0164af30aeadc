"""The settings that changed during a run, as a part of its link, and back.

    changes=100,learning_rate,0.5,momentum,0.5~400,estimator,pcd

Each part is a step and what changed there. With them the same link gives the same numbers, bit for
bit, although the run was not trained with the same settings all the way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from rbmviz.language import _
from rbmviz.run.difference import DIFFERENCES, Difference
from rbmviz.run.schedule import Place, Schedule
from rbmviz.run.settings import LabSettings, clamp_settings
from rbmviz.run.state_arrays import arrays_of, numbers_of

T = TypeVar("T")
MAX_CHANGES, MAX_TEXT = 24, 800  # of parts, of characters
Values = Mapping[str, Any]  # the settings of a run by their names
Changes = tuple[tuple[int, LabSettings], ...]


def write_changes(entries: Sequence[tuple[int, Values]], names: Sequence[str]) -> str | None:
    """Write what changed after the first entry as text; None when it is too much for a link."""
    parts = []
    for (_step, before), (step, values) in pairwise(entries):
        told = [str(step)]
        for name in names:
            if values[name] != before[name]:
                value = values[name]
                told += [name, str(value).lower() if isinstance(value, bool) else str(value)]
        parts.append(",".join(told))
    text = "~".join(parts)
    return text if len(parts) <= MAX_CHANGES and len(text) <= MAX_TEXT else None


def read_changes(
    text: str,
    first: T,
    last_step: int,
    names: Sequence[str],
    taken: Callable[[T, dict[str, str]], tuple[T, list[str]]],
) -> tuple[tuple[tuple[int, T], ...], list[str]]:
    """Read changes up to a step; where they cannot be read on, a message says so.

    taken: makes settings of others and of what changes, within the limits.
    """
    found: list[tuple[int, T]] = []
    settings, messages, step = first, list[str](), 0
    parts = text.split("~") if len(text) <= MAX_TEXT else [""]
    for part in parts[:MAX_CHANGES]:
        at, *told = part.split(",")
        named, values = told[::2], told[1::2]
        wrong = not (at.isascii() and at.isdigit() and len(at) < 12) or len(told) % 2 or not told
        if wrong or int(at) < step or not set(named) <= set(names):
            messages.append(
                _(
                    "changes {part!r} cannot be read: the settings stay as they were before it."
                ).format(part=part[:40])
            )
            break
        step = int(at)
        if step > last_step:  # of a step that came before
            break
        after, said = taken(settings, dict(zip(named, values, strict=True)))
        messages += said
        if after != settings:
            settings = after
            found.append((step, settings))
    return tuple(found), messages


def write_lab_changes(first: LabSettings, changes: Changes) -> str | None:
    """Write the changes of a run of the lab; None when there are too many for a link."""
    entries = [(step, asdict(settings)) for step, settings in ((0, first), *changes)]
    return write_changes(entries, DIFFERENCES)


def read_lab_changes(text: str, first: LabSettings, last_step: int) -> tuple[Changes, list[str]]:
    """Read the changes of a run of the lab up to a step."""

    def taken(settings: LabSettings, changed: dict[str, str]) -> tuple[LabSettings, list[str]]:
        return clamp_settings({**asdict(settings), **changed})

    return read_changes(text, first, last_step, DIFFERENCES, taken)


def without_false_start(
    entries: Sequence[tuple[int, LabSettings]], difference: Difference | None = None
) -> Changes:
    """Leave out what was only chosen before the first update, where it leaves no trace.

    A start with the last of the settings at step 0 has to be the same state, bit for bit, and so
    has that of a run B with this difference: its estimator may have chains where run A has none.
    """
    at_once = [settings for step, settings in entries if step == 0]
    if len(at_once) == 1:
        return tuple(entries)
    whole, short = Schedule(tuple(entries)), Schedule(((0, at_once[-1]), *entries[len(at_once) :]))
    alike = _start_alike(whole, short)
    if difference is not None and alike:
        alike = _start_alike(whole.forked(difference), short.forked(difference))
    return short.entries if alike else whole.entries


def _start_alike(one: Schedule, other: Schedule) -> bool:
    """Say whether two schedules have the same state before the first update, bit for bit."""
    a, b = (Place.first(schedule).with_changes(schedule).state for schedule in (one, other))
    arrays, others = arrays_of(a), arrays_of(b)
    same = arrays.keys() == others.keys() and numbers_of(a) == numbers_of(b)
    return same and all(np.array_equal(arrays[name], others[name]) for name in arrays)
