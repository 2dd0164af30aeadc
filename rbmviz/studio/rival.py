"""Run B beside run A: the same start, seed and order of the data, and one setting that differs.

B is a pure function of A's settings over time and of the difference. So it can be started late,
replayed from step 0, and brought to any step of A. B may also leave A at a later step: a fork,
which goes on from a state of A's that was kept, when there is one.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from rbmviz.core.errors import DivergedError
from rbmviz.core.phase import PhaseStatistics
from rbmviz.core.snapshot import Snapshot
from rbmviz.language import _
from rbmviz.run.difference import Difference, run_label
from rbmviz.run.pace import work_clock
from rbmviz.run.settings import LabSettings
from rbmviz.studio.exact_cost import ExactCost
from rbmviz.studio.moment import Moment, bursts
from rbmviz.studio.record import LedgerPoint, RunRecord
from rbmviz.studio.recording import Recording
from rbmviz.studio.runs import KeptRun
from rbmviz.studio.schedule import Place, Schedule

_KEPT_PLACES = 40  # ends of answers, more than the browser can have in its queue
# Steps between two points of B's curve while it catches up: a share of the way, and the least
_PACES = {"frame": (150, 20), "answer": (40, 100), "request": (10, 500), "never": (10, 500)}
_ESTIMATE_EVERY_SECONDS = 1.0  # while playing


@dataclass(frozen=True, eq=False)
class Trunk:
    """Run A up to a place of its own, from which B can go on."""

    place: Place
    record: RunRecord
    recording: Recording


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Both runs as the page shows them; b is None when B has diverged."""

    a: Snapshot
    b: Snapshot | None
    ascents: tuple[PhaseStatistics, PhaseStatistics | None]  # the gradients that the updates take
    centered: tuple[bool, bool]  # whether those are the centered ones
    labels: tuple[str, str]
    columns: tuple[dict[str, list[float | None]], dict[str, list[float | None]]]  # of the records
    exact: bool  # the curves are exact, not estimated
    diverged: str  # why B ended, "" while it goes on


class Rival:
    """Hold run B and bring it to the steps of run A. Not safe for threads: the engine locks."""

    def __init__(
        self, difference: Difference, schedule: Schedule, trunk: Trunk | None = None
    ) -> None:
        """Stand at step 0, or at the end of a part of A's way before the fork."""
        self.difference = difference
        self.seconds_an_update = 1e-4
        self.schedule = schedule.forked(difference)
        self._trunk = trunk if difference.from_step else None
        self._start_over()
        self._distinct_rows = np.unique(self._place.state.v_data, axis=0)

    @property
    def step(self) -> int:
        """Where B stands."""
        return self._place.state.step

    @property
    def settings(self) -> LabSettings:
        """B's settings at the end of the schedule."""
        return self.schedule.settings

    @property
    def label(self) -> str:
        """B's name: what differs, and from where."""
        run, fork = run_label(self.settings, self.difference.name), self.difference.from_step
        return _("{run} from step {step:,}").format(run=run, step=fork) if fork else run

    @property
    def by_itself(self) -> bool:
        """True when log Z of this size is exact without anyone asking."""
        return self._cost.by_itself

    def lags(self, step: int) -> bool:
        """Say whether B has still to come to a step of A."""
        return self.step < step and not self.diverged

    def follow(self, schedule: Schedule) -> None:
        """Take what happened to A's settings; B goes back to where that can still be taken."""
        before, self.schedule = self.schedule, schedule.forked(self.difference)
        if before == self.schedule:
            return
        self._go_back_to(lambda place: place.fits(before, self.schedule))

    def go_on_from(self, trunk: Trunk) -> None:
        """Stand at a later place of the way that both runs share, instead of training to it."""
        self._trunk = trunk
        self._start_over()

    def bring_to(self, step: int, seconds: float, *, still: bool = False) -> None:
        """Go back, or train until the step within a time; measure on the way and, if still, there.

        A diverging B stays where it was last well, and says so in `diverged`.
        """
        if self.step > step:
            self._go_back_to(lambda place: place.state.step <= step)
        deadline = work_clock() + seconds
        self._take_changes()
        if not self.record.points:
            self._measure()
        share, least = _PACES[self._cost.every]
        pace = max(step // share, least)
        while self.lags(step) and (left := deadline - work_clock()) > 0:
            goal = min(step, self._measured_step + pace, *self._place.coming(self.schedule))
            self._train_to(max(goal, self.step + 1), left)
            self._take_changes()
            if self.step >= self._measured_step + pace:
                self._measure()
        if self._kept[-1] is not self._place:
            self._kept.append(self._place)
        if self.step == step:
            late = perf_counter() - self._measured_at > _ESTIMATE_EVERY_SECONDS
            if still or late or self.by_itself:
                self._measure()

    def kept(self) -> KeptRun:
        """Copy run B as it stands."""
        record, recording = self.record.until(self.step), self.recording.copy()
        return KeptRun(self._place, self.schedule, record, recording, name=f"B: {self.label}")

    def snapshot(self) -> Snapshot | None:
        """Describe B where it stands, exactly or estimated; None when it diverges there."""
        if self.diverged:
            return None
        if self._moment is None or self._moment.state.step != self.step:
            try:
                moment = Moment.at(self._place.state)
            except DivergedError as error:
                self.diverged = str(error)
                return None
            exact = self.by_itself
            self._moment = moment.with_exact() if exact else moment.with_estimate()
        return self._moment.snapshot

    def beside(self, a: Moment, record: RunRecord, settings: LabSettings) -> SideBySide:
        """Put B, where it stands, beside run A with its record and settings."""
        name, snapshot = self.difference.name, self.snapshot()
        well = snapshot is not None and self._moment is not None
        return SideBySide(
            a=a.snapshot,
            b=snapshot,
            ascents=(a.ascent, self._moment.ascent if well else None),
            centered=(settings.centered, self.settings.centered),
            labels=(run_label(settings, name), self.label),
            columns=(record.columns(), self.record.columns()),
            exact=self.by_itself,
            diverged=self.diverged,
        )

    # ---- inside -------------------------------------------------------------------------

    @property
    def _cost(self) -> ExactCost:
        rbm = self._place.state.rbm
        return ExactCost(rbm.n_visible, rbm.n_hidden)

    def _start_over(self) -> None:
        trunk = self._trunk
        self._place = trunk.place if trunk else Place.first(self.schedule)
        self._kept = deque([self._place], maxlen=_KEPT_PLACES)
        self._moment: Moment | None = None
        self._measured_step, self._measured_at = self.step, float("-inf")
        self.record = trunk.record.until(self.step) if trunk else RunRecord()
        self.recording = trunk.recording.copy(self.step) if trunk else Recording()
        self.diverged = ""

    def _go_back_to(self, fits: Callable[[Place], bool]) -> None:
        """Stand at the latest kept place that fits, or at step 0."""
        self.diverged = ""
        if self._trunk and not fits(self._trunk.place):
            self._trunk = None
        while self._kept and not fits(self._kept[-1]):
            self._kept.pop()
        if not self._kept:
            self._start_over()
            return
        self._place, self._moment = self._kept[-1], None
        self._measured_step = min(self._measured_step, self.step)
        self.record.forget_after(self.step)
        self.recording.forget_after(self.step)

    def _take_changes(self) -> None:
        """Take the settings that hold from this step on."""
        place = self._place.with_changes(self.schedule)
        if place is not self._place:
            self._place, self._moment = place, None

    def _train_to(self, step: int, seconds: float) -> None:
        begun, first = work_clock(), self.step
        try:
            for state in bursts(self._place.state, step - first, seconds, work_clock):
                self._place = self._place.at(state)
        except DivergedError as error:
            self.diverged = str(error)
        if made := self.step - first:
            cost = (work_clock() - begun) / made
            self.seconds_an_update += 0.3 * (cost - self.seconds_an_update)

    def _measure(self) -> None:
        if (snapshot := self.snapshot()) and self._moment:
            self.record.add(LedgerPoint.of(snapshot))
            settings = self.schedule.entries[self._place.n_taken - 1][1]
            self.recording.note(self._moment, settings, self._distinct_rows)
            self._measured_step, self._measured_at = self.step, perf_counter()
