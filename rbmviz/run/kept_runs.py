"""Runs that are kept beside the one on the stage: up to six, to compare and to open again."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from rbmviz.language import _
from rbmviz.run.curves import CurvePoint
from rbmviz.run.difference import setting_name
from rbmviz.run.player import Notice
from rbmviz.run.run import Run
from rbmviz.run.settings import ROWS, LabSettings

MAX_RUNS = 6
MAX_NAME = 40  # characters


@dataclass(frozen=True, eq=False)
class KeptRun:
    """A run as it stood, in the list."""

    run: Run
    id: int
    asked: bool  # somebody asked to keep it; else it was left for a new one

    @property
    def numbers(self) -> CurvePoint | None:
        """The last numbers of its curves."""
        points = self.run.curves.points
        return points[-1] if points else None


class Runs:
    """At most MAX_RUNS kept runs, the newest last. Safe to call from two threads."""

    def __init__(self) -> None:
        self._lock, self._ids = threading.Lock(), count(1)
        self._kept: list[KeptRun] = []

    def __iter__(self) -> Iterator[KeptRun]:
        """List the runs as they are now."""
        with self._lock:
            return iter(tuple(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, run: Run, *, asked: bool) -> Notice | None:
        """Keep a copy of a run that nothing else will change.

        One that was not asked for gives way; when all were asked for, none does.
        """
        with self._lock:
            others = []
            for old in self._kept:
                if run.is_part_of(old.run) and (run.step < old.run.step or old.asked >= asked):
                    said = _("{run} holds this run up to step {step:,}.").format(
                        run=old.run.name, step=old.run.step
                    )
                    return Notice("info", said) if asked else None
                if old.run.is_part_of(run):  # the same run, further on
                    run.name, asked = old.run.name, asked or old.asked
                else:
                    others.append(old)
            if len(others) >= MAX_RUNS:
                gives_way = next((old for old in others if not old.asked), None)
                if gives_way is None:
                    said = _("{n} runs are kept: delete one to keep another.").format(n=MAX_RUNS)
                    return Notice("warning", said) if asked else None
                others.remove(gives_way)
            number = next(self._ids)
            run.name = run.name or _("Run {n}").format(n=number)
            self._kept = [*others, KeptRun(run, number, asked)]
            return None

    def delete(self, number: int) -> None:
        """Let a run go."""
        with self._lock:
            self._kept = [kept for kept in self._kept if kept.id != number]

    def rename(self, number: int, name: str) -> None:
        """Give a run another name; one that was named is kept as if asked for."""
        name = " ".join(name.split())[:MAX_NAME]
        with self._lock:
            for k, kept in enumerate(self._kept):
                if kept.id == number and name:
                    kept.run.name = name
                    self._kept[k] = replace(kept, asked=True)

    def get(self, number: int) -> Run | None:
        """Find a run."""
        return next((kept.run for kept in self if kept.id == number), None)


def differing(settings: LabSettings, here: LabSettings) -> str:
    """Say in which settings a run differs from the one on the stage.

    >>> differing(LabSettings(learning_rate=0.5, seed=2), LabSettings())
    'Learning rate 0.5, Seed 2'
    """
    said = []
    for name, row in ROWS.items():
        value = getattr(settings, name)
        if value == getattr(here, name) or not settings.uses(name):
            continue
        label = setting_name(name, settings.estimator)
        if name == "estimator":
            said.append(_(settings.row.label))
        elif row.kind is bool:
            said.append(label if value else _(row.off))
        else:
            said.append(f"{label} {value:g}" if row.kind is float else f"{label} {value}")
    return ", ".join(said)
