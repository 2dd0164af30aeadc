"""Which settings hold from which step on. A run is a pure function of its schedule and the step."""

from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from rbmviz.core.training import TrainingState, start, with_settings
from rbmviz.run.difference import Difference
from rbmviz.run.settings import LabSettings

S = TypeVar("S")


@dataclass(frozen=True)
class Course(Generic[S]):
    """Steps, rising, and the settings that are taken there; the first step is 0."""

    entries: tuple[tuple[int, S], ...]

    def changed(self, step: int, settings: S) -> Self:
        """Stand at a step with these settings: what was planned beyond is forgotten."""
        kept = tuple(entry for entry in self.entries if entry[0] <= step)
        return type(self)(kept if kept[-1][1] == settings else (*kept, (step, settings)))

    @property
    def settings(self) -> S:
        """What holds at the end."""
        return self.entries[-1][1]


class Schedule(Course[LabSettings]):
    """The settings of a run of the lab."""

    def forked(self, difference: Difference) -> "Schedule":
        """Branch off at a step: the same up to there, and from there on with one difference."""
        fork = difference.from_step
        kept = tuple(entry for entry in self.entries if entry[0] <= fork) if fork else ()
        later = self.entries[len(kept) :]
        branch = tuple((step, difference.applied_to(settings)) for step, settings in later)
        if kept:
            branch = ((fork, difference.applied_to(kept[-1][1])), *branch)
        return Schedule((*kept, *branch))


@dataclass(frozen=True, eq=False)
class Place:
    """A state on the way of a schedule."""

    state: TrainingState
    n_taken: int  # entries of the schedule that were taken

    @classmethod
    def first(cls, schedule: Schedule) -> "Place":
        """Start at step 0."""
        settings = schedule.entries[0][1]
        return cls(start(settings.training_settings(), settings.data.v), 1)

    def coming(self, schedule: Schedule) -> list[int]:
        """Give the step of the next change, if there is one."""
        return [step for step, _ in schedule.entries[self.n_taken :][:1]]

    def with_changes(self, schedule: Schedule) -> "Place":
        """Take the settings that hold from this step on."""
        place = self
        while place.state.step in place.coming(schedule):
            settings = schedule.entries[place.n_taken][1].training_settings()
            place = Place(with_settings(place.state, settings), place.n_taken + 1)
        return place

    def fits(self, before: Schedule, after: Schedule) -> bool:
        """Say whether a place on one schedule is one on another."""
        n = self.n_taken
        same = before.entries[:n] == after.entries[:n]
        return same and all(self.state.step <= step for step in self.coming(after))
