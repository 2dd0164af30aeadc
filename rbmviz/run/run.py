"""A run: where it stands, and all that is kept of its way. Nothing else changes any of it.

Run A on the stage, run B beside it, the runs that are kept and those of files are all of this
class. A run is a pure function of its schedule and its step.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter

import numpy as np

from rbmviz.core.errors import FloatArray
from rbmviz.core.phase import PhaseStatistics
from rbmviz.core.snapshot import Snapshot
from rbmviz.core.training import TrainingState, with_settings
from rbmviz.run.curves import CurvePoint, TrainingCurves
from rbmviz.run.exact_cost import ExactCost
from rbmviz.run.moment import Moment, trained
from rbmviz.run.pace import work_clock
from rbmviz.run.recording import Recording
from rbmviz.run.schedule import Place, Schedule
from rbmviz.run.settings import LabSettings
from rbmviz.run.tracked_log_z import Follower, LogZReport, report

ESTIMATE_SECONDS = 1.0  # between two estimates of log Z by annealing, while playing
KEPT_PLACES = 40  # of frames that were sent: more than the browser can have in its queue
# Points on the way to a step beside another run: their number, and the fewest updates between two
_POINTS = {"frame": (150, 20), "answer": (40, 100), "request": (20, 500), "never": (20, 500)}
_ESTIMATES = 20  # on that way, beside exact values: a line joins no fewer


@dataclass(frozen=True, eq=False)
class Past:
    """A place that the run came through not long ago, to go back to."""

    place: Place
    follower: Follower | None


class Run:
    """One run. Not safe for threads: a player locks."""

    def __init__(
        self,
        schedule: Schedule,
        place: Place | None = None,
        *,
        curves: TrainingCurves | None = None,
        recording: Recording | None = None,
        follower: Follower | None = None,
        tracks_log_z: bool = True,
        name: str = "",
    ) -> None:
        """Stand at a place of the schedule, or at step 0."""
        self.schedule = schedule
        self.name = name
        self.tracks_log_z = tracks_log_z
        self.curves = curves or TrainingCurves()
        self.recording = recording or Recording()
        self.seconds_an_update = 1e-4  # of CPU
        self._place = place or Place.first(schedule)
        self._moment: Moment | None = None
        self._follower = follower
        self._past: deque[Past] = deque(maxlen=KEPT_PLACES)
        self._estimated_at = self._measured_at = float("-inf")
        self._measured_step = self._estimated_step = self.step

    @classmethod
    def start(cls, settings: LabSettings) -> "Run":
        """Stand at step 0, and describe it as far as that takes no time."""
        run = cls(Schedule(((0, settings),)))
        run.still_frame(exact=False)
        return run

    def copy(self, place: Place | None = None) -> "Run":
        """Copy the run as it stands, or as it stood at a place of its own."""
        here = place is None or place is self._place
        run = Run(
            self.taken_schedule,
            place or self._place,
            curves=self.curves.until(place.state.step if place else self.step),
            recording=self.recording.copy(place.state.step if place else None),
            follower=self._follower if here else None,
            tracks_log_z=self.tracks_log_z,
            name=self.name,
        )
        run._moment = self._moment if here else None
        return run

    # ---- where it stands ----------------------------------------------------------------

    @property
    def state(self) -> TrainingState:
        """The parameters, chains and generators here."""
        return self._place.state

    @property
    def step(self) -> int:
        """Number of updates that were made."""
        return self._place.state.step

    @property
    def taken_schedule(self) -> Schedule:
        """The settings that it took, without what is planned beyond."""
        return Schedule(self.schedule.entries[: self._place.n_taken])

    @property
    def settings(self) -> LabSettings:
        """What holds here."""
        return self.schedule.entries[self._place.n_taken - 1][1]

    @property
    def is_planned(self) -> bool:
        """True when settings beyond this step are planned."""
        return self._place.n_taken < len(self.schedule.entries)

    @cached_property
    def exact(self) -> ExactCost:
        """How often the exact phase of this model can be had."""
        rbm = self.state.rbm
        return ExactCost(rbm.n_visible, rbm.n_hidden)

    @property
    def moment(self) -> Moment:
        """What is known of this step.

        Raises:
            DivergedError: the update that starts here goes beyond all bounds.
        """
        if self._moment is None or self._moment.state.step != self.step:
            self._moment = Moment.at(self.state)
        return self._moment

    @property
    def snapshot(self) -> Snapshot:
        """The numbers and pictures of this step, as far as they are known."""
        return self.moment.snapshot

    @property
    def ascent(self) -> PhaseStatistics:
        """The gradient that the update takes here."""
        return self.moment.ascent

    @property
    def title(self) -> str:
        """The data and the size of the model."""
        return f"{self.settings.data.name}, {self.settings.n_hidden} hidden units"

    @property
    def best(self) -> float | None:
        """The best reachable mean log-likelihood, where reaching it is not mere memorising."""
        data = self.settings.data
        return data.best_mean_log_likelihood if data.is_complete else None

    @property
    def oldest_kept_step(self) -> int | None:
        """The first step that the run can go back to at once."""
        return self._past[0].place.state.step if self._past else None

    def kept_place(self, step: int) -> Place | None:
        """Give the last place up to a step, above 0, from which the run can be made again."""
        return self.recording.place_before(min(step, self.step)) if step else None

    def is_part_of(self, other: "Run") -> bool:
        """Say whether both are the same run, and this one stands at an earlier step or there."""
        before = tuple(e for e in other.taken_schedule.entries if e[0] <= self.step)
        return self.step <= other.step and self.taken_schedule.entries == before

    @cached_property
    def _distinct_rows(self) -> FloatArray:
        return np.unique(self.state.v_data, axis=0)

    # ---- it goes on ---------------------------------------------------------------------

    def train(self, n_updates: int, seconds: float = float("inf")) -> None:
        """Make updates, or as many as the time allows; stands at the last and describes it.

        Raises:
            DivergedError: the run has not moved.
        """
        self._stand_at(trained(self.moment.following, n_updates - 1, seconds))

    def take(self, settings: LabSettings) -> None:
        """Go on from here with other settings; what was planned beyond is forgotten.

        Raises:
            DivergedError: with them it would diverge here; the run has not changed.
        """
        wanted = settings.training_settings()
        if self.state.settings != wanted:
            self._stand_at(with_settings(self.state, wanted))
        self.schedule = self.taken_schedule.changed(self.step, settings)
        self._place = Place(self.state, len(self.schedule.entries))

    def plan(self, schedule: Schedule) -> None:
        """Take another schedule, of which this place is one as well."""
        self.schedule = schedule

    def forget_plan(self) -> None:
        """Go on with the settings of this step."""
        self.schedule = self.taken_schedule

    def bring_to(
        self, step: int, seconds: float, *, still: bool = True, points: int | None = None
    ) -> None:
        """Train until a step within a time; measure on the way and, if still, there.

        points: of the curves on the way; None: as a run beside another one has them.

        Raises:
            DivergedError: the run stands where it was last well.
        """
        deadline = work_clock() + seconds
        self._take_changes()
        if not self.curves.points:
            self._measure()
        share, usual = _POINTS[self.exact.every]
        pace = max(step // points, 1) if points else max(step // share, usual)
        every = max(step // _ESTIMATES, pace) if self.tracks_log_z else 0
        while self.step < step and (left := deadline - work_clock()) > 0:
            coming = self._place.coming(self.schedule)
            goal = min(step, self._measured_step + pace, *coming)
            self._train_to(max(goal, self.step + 1), left)
            self._take_changes()
            if self.step >= self._measured_step + pace:
                self._measure(every)
        if self.step == step:
            late = perf_counter() - self._measured_at > ESTIMATE_SECONDS
            if still or late or self.exact.by_itself:
                self._measure()
        self._remember()

    def go_back(self, fits: Callable[[Place], bool]) -> bool:
        """Stand at the latest place that is kept and fits; False, and unmoved, without one."""
        kept = list(self._past)
        while kept and not fits(kept[-1].place):
            kept.pop()
        if not kept:
            return False
        self._past = deque(kept, maxlen=KEPT_PLACES)
        if self._past[-1].place is not self._place:
            self._place, self._moment = self._past[-1].place, None
        self._follower = self._past[-1].follower
        self._measured_step = min(self._measured_step, self.step)
        self._estimated_step = min(self._estimated_step, self.step)
        self.curves.forget_after(self.step)
        self.recording.forget_after(self.step)
        return True

    def go_back_to(self, step: int) -> bool:
        """Stand at the frame of this step, if it is still kept; forget what came after."""
        return self.go_back(lambda place: place.state.step == step)

    # ---- it is described ----------------------------------------------------------------

    def playing_frame(self, *, first: bool, last: bool) -> Snapshot:
        """Complete a moment of an answer with what its frame can afford."""
        every = self.exact.every
        exact = every == "frame" or (every == "answer" and first)
        states = last or self.exact.states_every_frame or (exact and self.exact.states_seconds == 0)
        late = perf_counter() - self._estimated_at > ESTIMATE_SECONDS
        self._complete(exact=exact, states=states, estimate=first and late)
        self._remember()
        return self.snapshot

    def still_frame(self, *, exact: bool) -> Snapshot:
        """Complete a moment that stays on the screen; exact: also where it takes a while."""
        exact = exact or self.exact.by_itself
        self._complete(exact=exact, states=True, estimate=True, still=True)
        self._remember()
        return self.snapshot

    def know_log_z(self, *, exact: bool) -> None:
        """Have log Z here, exactly or estimated."""
        self._know(self.moment.with_exact() if exact else self.moment.with_estimate())

    def known_exactly(self, moment: Moment, negative: PhaseStatistics, log_z: float) -> None:
        """Take what was summed for a moment, if the run still stands there."""
        if self._moment is moment:
            self._know(moment.known_exactly(negative, log_z))

    def log_z_report(self) -> LogZReport:
        """Describe the tracked log Z beside what else is known of it."""
        estimate = self.snapshot.log_z_estimate.log_z if self.snapshot.log_z_estimate else None
        return report(self.follower, self._distinct_rows, self.snapshot.log_z, estimate)

    @property
    def follower(self) -> Follower:
        """The particles that track log Z, at this step."""
        if self._follower is None:
            self._follower = Follower.at(self.state)
        self._follower = self._follower.moved_to(self.state)
        return self._follower

    # ---- inside -------------------------------------------------------------------------

    def _stand_at(self, state: TrainingState) -> None:
        moment = Moment.at(state)  # when this raises, the run has not moved
        self._place, self._moment = Place(moment.state, self._place.n_taken), moment

    def _take_changes(self) -> None:
        """Take the settings that are planned for this step."""
        place = self._place.with_changes(self.schedule)
        if place is not self._place:
            moment = Moment.at(place.state)  # when this raises, the run has not changed
            self._place, self._moment = Place(moment.state, place.n_taken), moment

    def _train_to(self, step: int, seconds: float) -> None:
        begun, first = work_clock(), self.step
        n_updates = step - first - 1
        self._stand_at(trained(self.moment.following, n_updates, seconds, work_clock))
        cost = (work_clock() - begun) / (self.step - first)
        self.seconds_an_update += 0.3 * (cost - self.seconds_an_update)

    def _measure(self, every: int = 0) -> None:
        """Add a point to the curves and to the recording.

        every: updates between two estimates where log Z is exact as well; 0: without them.
        """
        exact = self.exact.by_itself
        due = every > 0 and self.step - self._estimated_step >= every
        self._complete(exact=exact, states=False, estimate=due or not exact)
        self._measured_step, self._measured_at = self.step, perf_counter()

    def _remember(self) -> None:
        """Keep this place for a while, to go back to."""
        if self._past and self._past[-1].place.state is self.state:
            self._past.pop()
        self._past.append(Past(self._place, self._follower))

    def _complete(self, *, exact: bool, states: bool, estimate: bool, still: bool = False) -> None:
        moment = self.moment
        if exact:
            moment = moment.with_exact()
        if estimate and moment.snapshot.log_z_estimate is None:
            moment = moment.with_estimate()
            self._estimated_step, self._estimated_at = self.step, perf_counter()
        if states:
            moment = moment.with_states(self._distinct_rows)
        self._know(moment, still=still)

    def _know(self, moment: Moment, *, still: bool = False) -> None:
        """Take what is known of the same step, into the curves and the recording too."""
        self._moment = moment
        tracked = None
        if self.tracks_log_z:
            tracked = self.follower.tracked.log_z  # before an anchor: the curve shows it
        self.curves.add(CurvePoint.of(moment.snapshot, tracked))
        rows, n_taken = self._distinct_rows, self._place.n_taken
        self.recording.note(moment, self.settings, rows, n_taken, newest=still)
        if self.tracks_log_z and moment.snapshot.log_z is not None:
            self._follower = self.follower.put_on(moment.snapshot.log_z)
