"""The lab of one session: run A on the stage, run B beside it, and the runs that are kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rbmviz.core.enumeration import exact_negative_phase
from rbmviz.core.errors import DivergedError
from rbmviz.core.snapshot import Snapshot
from rbmviz.core.state_blocks import Progress
from rbmviz.core.training import TrainingState
from rbmviz.language import _
from rbmviz.run.difference import Difference
from rbmviz.run.exact_cost import INLINE_SECONDS, ExactCost
from rbmviz.run.kept_runs import Runs
from rbmviz.run.player import WAY_POINTS, Answer, Notice, Player
from rbmviz.run.recording import Excerpt
from rbmviz.run.requests import Command, Request
from rbmviz.run.run import Run
from rbmviz.run.schedule import Course, Schedule
from rbmviz.run.second_run import SecondRun, SideBySide
from rbmviz.run.settings import ROWS, LabSettings
from rbmviz.run.tracked_log_z import LogZReport


@dataclass(frozen=True, eq=False)
class LabAnswer(Answer):
    """A batch of frames, and what the stage is told of the run and its recording."""

    settings: LabSettings
    snapshots: tuple[Snapshot, ...]
    recording_id: int  # of the run that is recorded
    recorded: Excerpt | None  # of the recording, when the stage asked for it


class Lab(Player[Snapshot, LabAnswer]):
    """Run A on the stage, run B beside it, and the runs that are kept."""

    def __init__(self, settings: LabSettings, speed: int = 20) -> None:
        super().__init__(speed)
        self.runs = Runs()
        self._run = Run.start(settings)
        self._second: SecondRun | None = None
        self._exact_wanted = False
        self._recorded_after: int | None = None  # what the stage has of the recording
        self._fork: int | None = None

    # ---- what the page asks -------------------------------------------------------------

    @property
    def settings(self) -> LabSettings:
        """What the run is set to, at the end of the way that it is on."""
        return self._run.schedule.settings

    def apply(
        self, settings: LabSettings, speed: int, difference: Difference | None = None
    ) -> None:
        """Take new settings: learning settings go on from here, the others start a new run.

        difference: what a second run beside this one shall do otherwise; None: no second run.

        Raises:
            ValueError: the settings do not fit; the run before is untouched.
        """
        with self._lock:
            self.speed = speed
            if settings != self.settings:
                self._acted = True
                self._take(settings)
            if difference != (self._second.difference if self._second else None):
                self._acted = True
                self._second = SecondRun(difference, self._run) if difference else None
                said = self._second.beginning(self._run) if self._second else None
                self.notice = said or self.notice
                self._want()

    def begin(self, settings: LabSettings) -> None:
        """Start a new run and pause, whatever the settings were before."""
        with self._lock:
            self.playing, self.notice = False, None
            self._enter(Run.start(settings))

    @property
    def schedule(self) -> Schedule:
        """The settings of the run from step to step, those that are planned too."""
        with self._lock:
            return self._run.schedule

    @property
    def state(self) -> TrainingState:
        """The run at the step on the screen."""
        with self._lock:
            return self._run.state

    def curves(self) -> dict[str, list[float | None]]:
        """Copy the numbers of the run so far, while no other thread adds to them."""
        with self._lock:
            return self._run.curves.columns()

    def log_z_report(self) -> LogZReport:
        """Describe the log Z that particles track from frame to frame."""
        with self._lock:
            return self._run.log_z_report()

    # ---- the second run -----------------------------------------------------------------

    @property
    def difference(self) -> Difference | None:
        """What the second run does otherwise; None without one."""
        with self._lock:
            return self._second.difference if self._second else None

    @property
    def second_lag(self) -> tuple[int, int] | None:
        """The steps of B and A while B has to catch up and nothing plays, else None."""
        with self._lock:
            if self.playing or self._second is None or not self._second.lags(self.step):
                return None
            return self._second.step, self.step

    def catch_up(self, seconds: float) -> None:
        """Bring the second run nearer to the step on the screen."""
        with self._lock:
            self._lead(seconds)

    def side_by_side(self) -> SideBySide | None:
        """Describe both runs where they stand now; None without a second run."""
        with self._lock:
            return self._second.beside(self._run) if self._second else None

    # ---- the past -----------------------------------------------------------------------

    def copy_of_run(self) -> Run:
        """Copy the run as it stands."""
        with self._lock:
            return self._run.copy()

    def keep(self, *, second: bool = False) -> None:
        """Keep run A, or run B, as it stands."""
        with self._lock:
            run = self._run.copy()
            if second and self._second:
                run = self._second.run.copy()
                run.name = f"B: {self._second.label}"
            self.notice = self.runs.keep(run, asked=True) or Notice("info", _("The run is kept."))
            self._want()

    def open_run(self, run: Run) -> None:
        """Put a copy of a run on the stage where it stood; the one that is there is kept."""
        with self._lock:
            run = run.copy()
            run.tracks_log_z = True
            run.still_frame(exact=False)
            name, run.name = run.name, ""
            self._enter(run)
            self.playing = False
            said = _("{run}, at step {step:,}. Play goes on from its state, bit for bit.").format(
                run=name, step=run.step
            )
            self.notice = Notice("info", said)

    def take_fork(self) -> int | None:
        """Give the step at which the stage asked for a fork, once."""
        with self._lock:
            step, self._fork = self._fork, None
            return step

    # ---- the exact phase ----------------------------------------------------------------

    @property
    def exact(self) -> ExactCost:
        """How often the exact phase of this model can be had."""
        with self._lock:
            return self._run.exact

    @property
    def long_exact_is_due(self) -> bool:
        """True when an exact phase was asked for that takes long enough for a progress bar."""
        with self._lock:
            return self._exact_wanted and self._run.exact.seconds > INLINE_SECONDS

    def compute_exact(self, progress: Progress) -> None:
        """Enumerate for the frame on the screen, without the lock; progress may raise to cancel."""
        with self._lock:
            self._exact_wanted = False
            moment = self._run.moment
        try:
            statistics, log_z = exact_negative_phase(moment.state.rbm, progress)
        finally:
            with self._lock:
                self.notice = None
                self._want()
        with self._lock:
            self._run.known_exactly(moment, statistics, log_z)

    # ---- inside, with the lock held -----------------------------------------------------

    @property
    def step(self) -> int:
        """Where the run stands."""
        return self._run.step

    def _train(self, n_updates: int, seconds: float = float("inf")) -> None:
        self._run.train(n_updates, seconds)

    def _frame(self, *, first: bool, last: bool) -> Snapshot:
        return self._run.playing_frame(first=first, last=last)

    def _still(self) -> Snapshot:
        on_request = self._exact_wanted and self._run.exact.seconds <= INLINE_SECONDS
        if on_request:
            self._exact_wanted = False
        return self._run.still_frame(exact=on_request)

    def _go_back_to(self, step: int) -> None:
        settings = self.settings  # they may have changed after that frame
        self._run.go_back_to(step)
        self._go_on_with(settings)

    def _restart(self) -> None:
        self._enter(Run.start(self.settings))

    def _most_updates(self, n_frames: int) -> int:
        if self._second is None:
            return super()._most_updates(n_frames)
        return self._second.most_updates(self._pace, self.speed, self.budget, n_frames, self._run)

    def _lead(self, seconds: float | None = None) -> None:
        if self._second:
            said = self._second.lead(self._run, playing=self.playing, seconds=seconds)
            self.notice = self.notice or said

    def _note(self, request: Request) -> None:
        self._recorded_after = request.recorded

    def _answer_of(self, head: Answer, frames: Sequence[Snapshot]) -> LabAnswer:
        after, self._recorded_after = self._recorded_after, None
        recording = self._run.recording
        return LabAnswer(
            **vars(head),
            settings=self._run.settings,
            snapshots=tuple(frames),
            recording_id=recording.id,
            recorded=None if after is None else recording.excerpt(after),
        )

    def _carry_out_own(self, command: Command, shown: int) -> None:
        if command.kind == "new_seed":
            seed = int(np.random.default_rng().integers(int(ROWS["seed"].limits[1]), endpoint=True))
            self._enter(Run.start(replace(self.settings, seed=seed)))
        elif command.kind == "fork":
            self._halt(shown)
            self._fork = min(command.value, self.step)
        elif command.kind == "exact" and self._run.exact.every == "request":
            self._halt(shown)
            self._exact_wanted = True
            if self._run.exact.seconds > INLINE_SECONDS:
                self.notice = Notice(
                    "info", _("Summing over all states. Cancel, or wait to go on.")
                )

    def _enter(self, run: Run) -> None:
        """Put a run in the place of the one before, which is kept."""
        if self._run.step:
            self.runs.keep(self._run.copy(), asked=False)
        self._leave_way()
        self._run, self._exact_wanted = run, False
        if self._second:
            self._second = SecondRun(self._second.difference, run)
        self._outdate()

    @property
    def _is_planned(self) -> bool:
        return self._run.is_planned

    def _plan(self, course: Course[LabSettings]) -> None:
        self._run.plan(Schedule(course.entries))

    def _forget_plan(self) -> None:
        self._run.forget_plan()
        if self._second:
            self._second.follow(self._run)

    def _bring_to(self, step: int, seconds: float) -> None:
        self._run.bring_to(step, seconds, points=WAY_POINTS)

    def _take(self, settings: LabSettings) -> None:
        changed = settings.starts_anew_from(self.settings)
        if changed:
            self._enter(Run.start(settings))
            self.notice = Notice(
                "info", _("Started again at step 0: {changed}.").format(changed=", ".join(changed))
            )
        else:
            self.notice = None
            self._leave_way()
            self._go_on_with(settings)
            self._outdate()

    def _go_on_with(self, settings: LabSettings) -> None:
        """Take settings where the run stands; the old ones stay if it diverges with these."""
        try:
            self._run.take(settings)
        except DivergedError as error:
            self._run.forget_plan()
            self._stop_diverged(error)
        if self._second:
            self._second.follow(self._run)
