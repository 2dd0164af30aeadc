"""Run B beside run A: the same start, seed and order of the data, and one setting that differs.

B is a pure function of A's settings over time and of the difference. So it can be started late,
replayed from step 0, and brought to any step of A. B may also leave A at a later step: a fork,
which goes on from a state of A's that was kept, when there is one.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rbmviz.core.errors import DivergedError
from rbmviz.core.phase import PhaseStatistics
from rbmviz.core.snapshot import Snapshot
from rbmviz.language import _
from rbmviz.run.difference import Difference, run_label
from rbmviz.run.pace import MAX_UPDATES, Pace
from rbmviz.run.player import Notice
from rbmviz.run.run import Run
from rbmviz.run.schedule import Place
from rbmviz.run.settings import LabSettings

PLAYING_SECONDS = 0.03  # of run B's training in one answer while playing
STILL_SECONDS = 0.5  # of bringing run B to a step that stays on the screen


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Both runs as the page shows them; b is None when B has diverged."""

    a: Snapshot
    b: Snapshot | None
    ascents: tuple[PhaseStatistics, PhaseStatistics | None]  # the gradients that the updates take
    centered: tuple[bool, bool]  # whether those are the centered ones
    labels: tuple[str, str]
    columns: tuple[dict[str, list[float | None]], dict[str, list[float | None]]]  # of the curves
    exact: bool  # the curves are exact, not estimated
    diverged: str  # why B ended, "" while it goes on


class SecondRun:
    """Hold run B and bring it to the steps of run A. Not safe for threads: the lab locks."""

    def __init__(self, difference: Difference, first: Run) -> None:
        """Stand at step 0 of run A, or where it was kept last before a fork."""
        self.difference = difference
        self.diverged = ""
        self._begin(first)

    @property
    def step(self) -> int:
        """Where B stands."""
        return self.run.step

    @property
    def settings(self) -> LabSettings:
        """B's settings at the end of the schedule."""
        return self.run.schedule.settings

    @property
    def label(self) -> str:
        """B's name: what differs, and from where."""
        run, fork = run_label(self.settings, self.difference.name), self.difference.from_step
        return _("{run} from step {step:,}").format(run=run, step=fork) if fork else run

    def lags(self, step: int) -> bool:
        """Say whether B has still to come to a step of A."""
        return self.step < step and not self.diverged

    def beginning(self, first: Run) -> Notice | None:
        """Say where B begins, if that is not where A stands."""
        fork, begins = self.difference.from_step, self.step
        if fork:
            if first.step < fork:
                how = _("Until then both runs are identical.")
            elif begins:
                how = _("It goes on from the state that was kept at step {begins:,}.").format(
                    begins=begins
                )
            else:
                how = _("No state before was kept: it is trained again from step 0, bit for bit.")
            said = _("Run B leaves run A at step {step:,}. {how}").format(step=fork, how=how)
        elif first.step:
            said = _(
                "Run B starts from the same step 0 and catches up with run A at step {step:,}."
            ).format(step=first.step)
        else:
            return None
        return Notice("info", said)

    def follow(self, first: Run) -> None:
        """Take what happened to A's settings; B goes back to where that can still be taken."""
        before, after = self.run.schedule, first.schedule.forked(self.difference)
        if before == after:
            return
        self.run.plan(after)
        self._go_back_or_begin(lambda place: place.fits(before, after), first)

    def lead(self, first: Run, *, playing: bool, seconds: float | None = None) -> Notice | None:
        """Bring B to the step of A, within a time; say so when it diverges on the way.

        B stays then where it was last well, and says why in `diverged`.
        """
        if not playing:
            self._skip_shared_way(first)
        if self.step > first.step:
            self._go_back_or_begin(lambda place: place.state.step <= first.step, first)
        if self.diverged:
            return None
        if seconds is None:
            seconds = PLAYING_SECONDS if playing else STILL_SECONDS
        try:
            self.run.bring_to(first.step, seconds, still=not playing)
        except DivergedError as error:
            self.diverged = str(error)
            return Notice(
                "warning", _("Run B diverged and was stopped. {error}").format(error=error)
            )
        return None

    def most_updates(self, pace: Pace, speed: int, budget: float, n_frames: int, first: Run) -> int:
        """How many updates a frame of A may make, so that B keeps up with a whole answer.

        While B is far behind and catches up, A makes at least half of its updates.
        """
        if self.diverged:
            return MAX_UPDATES
        each, both = self.run.seconds_an_update, budget + PLAYING_SECONDS
        oldest = first.oldest_kept_step
        if oldest is not None and self.lags(oldest):
            least = pace.updates_of_a_frame(speed, budget, 0.0, n_frames) // 2
            return max(pace.most_beside(each, both / 4, n_frames), least)
        return pace.most_beside(each, both, n_frames)

    def beside(self, first: Run) -> SideBySide:
        """Put B, where it stands, beside run A."""
        name, exact = self.difference.name, self.run.exact.by_itself
        first.know_log_z(exact=exact)
        b = None
        if not self.diverged:
            try:
                self.run.know_log_z(exact=exact)
                b = self.run.snapshot
            except DivergedError as error:
                self.diverged = str(error)
        return SideBySide(
            a=first.snapshot,
            b=b,
            ascents=(first.ascent, self.run.ascent if b is not None else None),
            centered=(first.settings.centered, self.settings.centered),
            labels=(run_label(first.settings, name), self.label),
            columns=(first.curves.columns(), self.run.curves.columns()),
            exact=exact,
            diverged=self.diverged,
        )

    # ---- inside -------------------------------------------------------------------------

    def _begin(self, first: Run) -> None:
        """Stand at step 0, or at a place that both runs have come through."""
        place = first.kept_place(self.difference.from_step)
        schedule = first.schedule.forked(self.difference)
        self.run = first.copy(place) if place else Run(schedule)
        self.run.plan(schedule)
        self.run.name, self.run.tracks_log_z, self.diverged = "", False, ""

    def _skip_shared_way(self, first: Run) -> None:
        """Stand at a later place of the way that both runs share, instead of training to it."""
        place = first.kept_place(self.difference.from_step)
        if place is not None and place.state.step > self.step:
            self._begin(first)

    def _go_back_or_begin(self, fits: Callable[[Place], bool], first: Run) -> None:
        self.diverged = ""
        if not self.run.go_back(fits):
            self._begin(first)
