"""The engine of one session: run A on the stage, run B beside it, and the runs that are kept.

Every frame keeps the state behind it for a while, so that Pause can go back to the very step that
is on the screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rbmviz.core.enumeration import exact_negative_phase
from rbmviz.core.errors import DivergedError
from rbmviz.core.snapshot import Snapshot
from rbmviz.core.state_blocks import Progress
from rbmviz.core.training import TrainingState, with_settings
from rbmviz.language import _
from rbmviz.run.difference import Difference
from rbmviz.run.player import Answer, Notice, Player
from rbmviz.run.requests import Command, Request
from rbmviz.run.settings import ROWS, LabSettings
from rbmviz.studio.companion import Companion
from rbmviz.studio.exact_cost import INLINE_SECONDS, ExactCost
from rbmviz.studio.follower import LogZReport
from rbmviz.studio.moment import trained
from rbmviz.studio.recording import Excerpt
from rbmviz.studio.rival import SideBySide
from rbmviz.studio.runs import KeptRun, Runs
from rbmviz.studio.saved_run import SavedRun
from rbmviz.studio.schedule import Schedule
from rbmviz.studio.track import Track


@dataclass(frozen=True, eq=False)
class LabAnswer(Answer):
    """A batch of frames, and what the stage is told of the run and its recording."""

    settings: LabSettings
    snapshots: tuple[Snapshot, ...]
    recording_id: int  # of the run that is recorded
    recorded: Excerpt | None  # of the recording, when the stage asked for it


class Engine(Player[Snapshot, LabAnswer]):
    """Train, step, rewind and describe one run."""

    def __init__(self, settings: LabSettings, speed: int = 20) -> None:
        super().__init__(speed)
        self._exact_wanted = False
        self.runs = Runs()
        self._recorded_after: int | None = None  # what the stage has of the recording
        self._fork: int | None = None
        self._companion = Companion()
        self._track, self.settings = Track(settings), settings

    # ---- what the page asks -------------------------------------------------------------

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
            if difference != self._companion.difference:
                self._acted = True
                self.notice = self._companion.choose(difference, self._track) or self.notice
                self._want()

    def begin(self, settings: LabSettings) -> None:
        """Start a new run and pause, whatever the settings were before."""
        with self._lock:
            self.playing, self.notice = False, None
            self._enter(Track(settings))
            self._outdate()

    def _take(self, settings: LabSettings) -> None:
        changed = settings.starts_anew_from(self.settings)
        if changed:
            self._enter(Track(settings))
            self.notice = Notice(
                "info", _("Started again at step 0: {changed}.").format(changed=", ".join(changed))
            )
        else:
            state = with_settings(self._track.moment.state, settings.training_settings())
            self.notice = None
            if self._stand_at(state):  # else the run diverges with them: the old ones stay
                self.settings = settings
                self._note_settings()
        self._outdate()

    def approach(self, step: int, seconds: float) -> bool:
        """Train towards a step for a while, with a point in the ledger; False when it diverges."""
        with self._lock:
            before = self._track.step
            if before < step:
                self._advance(step - before, seconds)
                self._track.passing_frame()
                self._want()
            return self._track.step > before or before >= step

    def change(self, settings: LabSettings) -> None:
        """Go on with other settings from here, as a link asks for on the way to its step."""
        with self._lock:
            if settings != self.settings:
                self._take(settings)

    @property
    def schedule(self) -> Schedule:
        """The settings of the run from step to step."""
        with self._lock:
            return self._track.schedule

    # ---- the second run -----------------------------------------------------------------

    @property
    def rival_lag(self) -> tuple[int, int] | None:
        """The steps of B and A while B has to catch up and nothing plays, else None."""
        with self._lock:
            return None if self.playing else self._companion.lag(self._track.step)

    def catch_up(self, seconds: float) -> None:
        """Bring the second run nearer to the step on the screen."""
        with self._lock:
            self._lead(seconds)

    def side_by_side(self) -> SideBySide | None:
        """Describe both runs where they stand now; None without a second run."""
        with self._lock:
            return self._companion.side_by_side(self._track, self.settings)

    # ---- the past -----------------------------------------------------------------------

    def keep(self, *, rival: bool = False) -> None:
        """Keep run A, or run B, as it stands."""
        with self._lock:
            other = self._companion.rival
            run = other.kept() if rival and other else self._track.kept(asked=True)
            self.notice = self.runs.keep(run) or Notice("info", _("The run is kept."))
            self._want()

    def kept(self) -> KeptRun:
        """Copy the run as it stands."""
        with self._lock:
            return self._track.kept(asked=True)

    def open_run(self, run: KeptRun) -> None:
        """Put a run on the stage where it stood; the one that is there is kept."""
        with self._lock:
            self._enter(Track(run.settings, run))
            self.playing = False
            self._outdate()
            said = _("{run}, at step {step:,}. Play goes on from its state, bit for bit.").format(
                run=run.name, step=run.step
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
        return self._track.exact

    @property
    def long_exact_is_due(self) -> bool:
        """True when an exact phase was asked for that takes long enough for a progress bar."""
        return self._exact_wanted and self.exact.seconds > INLINE_SECONDS

    def compute_exact(self, progress: Progress) -> None:
        """Enumerate for the frame on the screen, without the lock; progress may raise to cancel."""
        with self._lock:
            self._exact_wanted = False
            moment = self._track.moment
        try:
            statistics, log_z = exact_negative_phase(moment.state.rbm, progress)
        finally:
            with self._lock:
                self.notice = None
                self._want()
        with self._lock:
            if self._track.moment is moment:
                self._track.replace_moment(moment.known_exactly(statistics, log_z))

    def record_columns(self) -> dict[str, list[float | None]]:
        """Copy the numbers of the run so far, while no other thread adds to them."""
        with self._lock:
            return self._track.record.columns()

    def run_so_far(self) -> SavedRun:
        """Copy what files about the run are made of, all at the same step."""
        with self._lock:
            track = self._track
            return SavedRun(track.schedule.entries, track.moment.snapshot, track.record.columns())

    def log_z_report(self) -> LogZReport:
        """Describe the log Z that particles track from frame to frame."""
        with self._lock:
            return self._track.log_z_report()

    @property
    def state(self) -> TrainingState:
        """The run at the step on the screen."""
        with self._lock:
            return self._track.moment.state

    # ---- inside, with the lock held -----------------------------------------------------

    @property
    def step(self) -> int:
        """Where the run stands."""
        return self._track.step

    def _train(self, n_updates: int, seconds: float = float("inf")) -> None:
        self._track.stand_at(trained(self._track.moment.following, n_updates - 1, seconds))

    def _frame(self, *, first: bool, last: bool) -> Snapshot:
        return self._track.playing_frame(first=first, last=last)

    def _still(self) -> Snapshot:
        """Complete the snapshot of a moment that stays on the screen."""
        on_request = self._exact_wanted and self.exact.seconds <= INLINE_SECONDS
        if on_request:
            self._exact_wanted = False
        return self._track.still_frame(exact=on_request)

    def _go_back_to(self, step: int) -> None:
        self._track.go_back_to(step)
        wanted = self.settings.training_settings()
        if self._track.moment.state.settings != wanted:  # the settings changed after that frame
            self._stand_at(with_settings(self._track.moment.state, wanted))
        self._note_settings()

    def _restart(self) -> None:
        self._enter(Track(self.settings))
        self._outdate()

    def _most_updates(self, n_frames: int) -> int:
        return self._companion.most_updates(
            self._pace, self.speed, self.budget, n_frames, self._track
        )

    def _lead(self, seconds: float | None = None) -> None:
        said = self._companion.lead(self._track, playing=self.playing, seconds=seconds)
        self.notice = self.notice or said

    def _note(self, request: Request) -> None:
        self._recorded_after = request.recorded

    def _answer_of(self, head: Answer, frames: Sequence[Snapshot]) -> LabAnswer:
        after, self._recorded_after = self._recorded_after, None
        recording = self._track.recording
        return LabAnswer(
            **vars(head),
            settings=self.settings,
            snapshots=tuple(frames),
            recording_id=recording.id,
            recorded=None if after is None else recording.excerpt(after),
        )

    def _enter(self, track: Track) -> None:
        """Put a run in the place of the one before, which is kept."""
        if self._track.step:
            self.runs.keep(self._track.kept(asked=False))
        self._track, self.settings = track, track.schedule.settings
        self._exact_wanted = False
        self._companion.start_anew(track)

    def _note_settings(self) -> None:
        """Note from which step on the settings hold, for the second run too."""
        self._track.note(self.settings)
        self._companion.follow(self._track)

    def _carry_out_own(self, command: Command, shown: int) -> None:
        if command.kind == "new_seed":
            seed = int(np.random.default_rng().integers(int(ROWS["seed"].limits[1]), endpoint=True))
            self._enter(Track(replace(self.settings, seed=seed)))
            self._outdate()
        elif command.kind == "fork":
            self._halt(shown)
            self._fork = min(command.value, self._track.step)
        elif command.kind == "exact" and self.exact.every == "request":
            self._halt(shown)
            self._exact_wanted = True
            if self.exact.seconds > INLINE_SECONDS:
                self.notice = Notice(
                    "info", _("Summing over all states. Cancel, or wait to go on.")
                )

    def _stand_at(self, state: TrainingState) -> bool:
        """Move to a state and describe it, without enumeration; False when the run diverges."""
        try:
            self._track.stand_at(state)
        except DivergedError as error:
            self._stop_diverged(error)
            return False
        return True
