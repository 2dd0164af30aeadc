"""The engine of one session: it holds the run, trains in short bursts and answers the stage.

No thread of its own: each answer trains for at most BUDGET_SECONDS. Every frame keeps the state
behind it for a while, so that Pause can go back to the very step that is on the screen.
"""

import threading
from dataclasses import replace

import numpy as np

from rbmviz.core.enumeration import exact_negative_phase
from rbmviz.core.errors import DivergedError
from rbmviz.core.snapshot import Snapshot
from rbmviz.core.state_blocks import Progress
from rbmviz.core.training import TrainingState, with_settings
from rbmviz.language import _
from rbmviz.run.difference import Difference
from rbmviz.run.settings import ROWS, LabSettings
from rbmviz.studio.answer import Answer, Notice
from rbmviz.studio.companion import Companion
from rbmviz.studio.exact_cost import INLINE_SECONDS, ExactCost
from rbmviz.studio.follower import LogZReport
from rbmviz.studio.pace import Pace
from rbmviz.studio.playing import advance, play
from rbmviz.studio.requests import Command, Request
from rbmviz.studio.rival import SideBySide
from rbmviz.studio.runs import KeptRun, Runs
from rbmviz.studio.saved_run import SavedRun
from rbmviz.studio.schedule import Schedule
from rbmviz.studio.serial import first_number
from rbmviz.studio.track import Track
from rbmviz.studio.turns import PLAYERS

BUDGET_SECONDS = 0.03  # CPU, of training and describing in one answer while playing
STEP_BUDGET_SECONDS = 2.0  # of a step command
SPEEDS = (1, 2, 5, 10, 20, 50, 100, 0)  # updates a frame; 0: as many as the budget allows


class Engine:
    """Train, step, rewind and describe one run. Safe to call from two threads of a session."""

    def __init__(self, settings: LabSettings, speed: int = 20) -> None:
        self._lock = threading.Lock()
        self._client, self._ack = "", 0
        self._seq = self._run = first_number()
        self._answer: Answer | None = None
        self._wanted = 1
        self._acted = False  # a person did something that no answer shows yet
        self._exact_wanted = False
        self._pace = Pace()
        self.playing = False
        self.notice: Notice | None = None
        self.speed = speed
        self.runs = Runs()
        self._recorded_after: int | None = None  # what the stage has of the recording
        self._fork: int | None = None
        self._companion = Companion()
        self._track, self.settings = Track(settings), settings

    # ---- what the page asks -------------------------------------------------------------

    def receive(self, request: Request) -> None:
        """Carry out the commands that are new, and note how many frames are wanted."""
        with self._lock:
            if request.client != self._client:
                self._client, self._ack = request.client, 0
            for command in sorted(request.commands, key=lambda c: c.id):
                if command.id > self._ack:
                    self._ack, self._acted = command.id, True
                    self._carry_out(command, request.shown)
            self._recorded_after = request.recorded
            if self._acted or not self.playing or request.has_seen(self._seq):
                self._wanted = max(self._wanted, request.want, 1)

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
                self._wanted = max(self._wanted, 1)

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

    def answer(self) -> Answer:
        """Give the frames that are due, or the last answer again when nothing is.

        What plays waits for its turn among the sessions, without the lock.
        """
        while True:
            with self._lock:
                if not (self.playing and self._is_due):
                    return self._newest_answer()
                urgent = self._acted
            with PLAYERS.turn_with(self._lock, urgent=urgent) as has_lock:
                if has_lock:
                    return self._newest_answer()

    def approach(self, step: int, seconds: float) -> bool:
        """Train towards a step for a while, with a point in the ledger; False when it diverges."""
        with self._lock:
            before = self._track.step
            if before < step:
                self._advance(step - before, seconds)
                self._track.passing_frame()
                self._wanted = max(self._wanted, 1)
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

    def _lead(self, seconds: float | None = None) -> None:
        said = self._companion.lead(self._track, playing=self.playing, seconds=seconds)
        self.notice = self.notice or said

    # ---- the past -----------------------------------------------------------------------

    def keep(self, *, rival: bool = False) -> None:
        """Keep run A, or run B, as it stands."""
        with self._lock:
            other = self._companion.rival
            run = other.kept() if rival and other else self._track.kept(asked=True)
            self.notice = self.runs.keep(run) or Notice("info", _("The run is kept."))
            self._wanted = max(self._wanted, 1)

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
                self._wanted = max(self._wanted, 1)
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
    def _is_due(self) -> bool:
        return self._wanted > 0 or self._answer is None

    def _newest_answer(self) -> Answer:
        if self._is_due or self._answer is None:
            after, self._recorded_after = self._recorded_after, None
            snapshots = self._play(self._wanted) if self.playing else [self._still()]
            self._wanted, self._acted = 0, False
            self._seq += 1
            self._lead()
            self._answer = Answer(
                seq=self._seq,
                ack=self._ack,
                client=self._client,
                run=self._run,
                playing=self.playing,
                notice=self.notice,
                settings=self.settings,
                snapshots=tuple(snapshots),
                recording_id=self._track.recording.id,
                recorded=None if after is None else self._track.recording.excerpt(after),
            )
        return self._answer

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

    def _outdate(self) -> None:
        self._run += 1
        self._wanted = max(self._wanted, 1)

    def _carry_out(self, command: Command, shown: int) -> None:
        self.notice = None
        if command.kind == "play":
            self.playing = True
        elif command.kind == "pause":
            self._halt(shown)
        elif command.kind == "step":
            self._halt(shown)
            self._advance(max(command.value, 1))
        elif command.kind == "restart":
            self._enter(Track(self.settings))
            self._outdate()
        elif command.kind == "new_seed":
            seed = int(np.random.default_rng().integers(ROWS["seed"].limits[1], endpoint=True))
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

    def _halt(self, shown: int) -> None:
        """Stop playing at the step on the screen: frames beyond it were sent but not yet seen.

        When nothing played, the screen is at most behind, by steps that were asked for: those stay.
        """
        if not self.playing:
            return
        self.playing = False
        self._track.go_back_to(shown)
        wanted = self.settings.training_settings()
        if self._track.moment.state.settings != wanted:  # the settings changed after that frame
            self._stand_at(with_settings(self._track.moment.state, wanted))
        self._note_settings()

    def _stand_at(self, state: TrainingState) -> bool:
        """Move to a state and describe it, without enumeration; False when the run diverges."""
        try:
            self._track.stand_at(state)
        except DivergedError as error:
            self._stop_diverged(error)
            return False
        return True

    def _stop_diverged(self, error: DivergedError) -> None:
        self.playing = False
        self.notice = Notice(
            "warning", _("The run diverged and was stopped. {error}").format(error=error)
        )

    def _advance(self, n_updates: int, seconds: float | None = None) -> None:
        """Make a stated number of updates from here, within a bounded time."""
        try:
            limit = STEP_BUDGET_SECONDS if seconds is None else seconds
            made = advance(self._track, n_updates, limit)
        except DivergedError as error:
            self._stop_diverged(error)
            return
        if made < n_updates and seconds is None:
            self.notice = Notice(
                "info",
                _("Made {made} of {n_updates} updates in {seconds:g} s.").format(
                    made=made, n_updates=n_updates, seconds=STEP_BUDGET_SECONDS
                ),
            )

    def _play(self, n_frames: int) -> list[Snapshot]:
        """Train within the budget and describe up to n_frames moments on the way."""
        track, pace, budget = self._track, self._pace, BUDGET_SECONDS
        most = self._companion.most_updates(pace, self.speed, budget, n_frames, track)
        snapshots, error = play(
            track, pace, speed=self.speed, most=most, budget=budget, n_frames=n_frames
        )
        if error:
            self._stop_diverged(error)
        return snapshots or [self._still()]

    def _still(self) -> Snapshot:
        """Complete the snapshot of a moment that stays on the screen."""
        on_request = self._exact_wanted and self.exact.seconds <= INLINE_SECONDS
        if on_request:
            self._exact_wanted = False
        return self._track.still_frame(exact=on_request)
