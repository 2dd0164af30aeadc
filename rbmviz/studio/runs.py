"""Runs that are kept beside the one on the stage: up to six, to compare and to open again."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from rbmviz.language import _
from rbmviz.run.difference import setting_name
from rbmviz.run.player import Notice
from rbmviz.run.settings import ROWS, LabSettings
from rbmviz.studio.record import LedgerPoint, RunRecord
from rbmviz.studio.recording import Recording
from rbmviz.studio.schedule import Place, Schedule

MAX_RUNS = 6
MAX_NAME = 40  # characters


@dataclass(frozen=True, eq=False)
class KeptRun:
    """A run as it stood: enough to show it, to scrub it, and to go on, bit for bit."""

    place: Place
    schedule: Schedule
    record: RunRecord
    recording: Recording
    name: str = ""
    asked: bool = True  # somebody asked to keep it; else it was left for a new one
    id: int = 0

    @property
    def step(self) -> int:
        """Where it stands."""
        return self.place.state.step

    @property
    def taken_schedule(self) -> Schedule:
        """The settings that it took, without what was planned beyond."""
        return Schedule(self.schedule.entries[: self.place.n_taken])

    @property
    def settings(self) -> LabSettings:
        """What held at its end."""
        return self.taken_schedule.settings

    @property
    def numbers(self) -> LedgerPoint | None:
        """The last numbers of its ledger."""
        return self.record.points[-1] if self.record.points else None

    def same_run(self, other: "KeptRun") -> bool:
        """Say whether both are the same run at two of its steps."""
        earlier, later = sorted((self, other), key=lambda run: run.step)
        before = tuple(e for e in later.taken_schedule.entries if e[0] <= earlier.step)
        return earlier.taken_schedule.entries == before


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

    def keep(self, run: KeptRun) -> Notice | None:
        """Keep a run. One that was not asked for gives way; when all were asked for, none does."""
        with self._lock:
            others = []
            for old in self._kept:
                if not old.same_run(run):
                    others.append(old)
                elif old.step > run.step or (old.step == run.step and old.asked >= run.asked):
                    said = _("{run} holds this run up to step {step:,}.").format(
                        run=old.name, step=old.step
                    )
                    return Notice("info", said) if run.asked else None
                else:  # the same run, further on
                    run = replace(run, name=old.name, asked=run.asked or old.asked)
            if len(others) >= MAX_RUNS:
                gives_way = next((old for old in others if not old.asked), None)
                if gives_way is None:
                    said = _("{n} runs are kept: delete one to keep another.").format(n=MAX_RUNS)
                    return Notice("warning", said) if run.asked else None
                others.remove(gives_way)
            number = next(self._ids)
            self._kept = [
                *others,
                replace(run, id=number, name=run.name or _("Run {n}").format(n=number)),
            ]
            return None

    def delete(self, number: int) -> None:
        """Let a run go."""
        with self._lock:
            self._kept = [run for run in self._kept if run.id != number]

    def rename(self, number: int, name: str) -> None:
        """Give a run another name; one that was named is kept as if asked for."""
        name = " ".join(name.split())[:MAX_NAME]
        with self._lock:
            self._kept = [
                replace(run, name=name, asked=True) if run.id == number and name else run
                for run in self._kept
            ]

    def get(self, number: int) -> KeptRun | None:
        """Find a run."""
        return next((run for run in self if run.id == number), None)


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
