"""The engine of one session: it holds the run, trains in short bursts and answers the stage.

No thread of its own: each answer trains for at most BUDGET_SECONDS. Every frame keeps the state
behind it for a while, so that Pause can go back to the very step that is on the screen.
"""

import threading
import time
from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from rbmviz.core.enumeration import (
    MAX_ENUMERATED_UNITS,
    MAX_LISTED_UNITS,
    enumeration_seconds,
    exact_negative_phase,
)
from rbmviz.core.errors import DivergedError
from rbmviz.core.log_z import AnnealedImportanceSampling, estimate_log_z
from rbmviz.core.snapshot import (
    ProbableStates,
    Snapshot,
    most_probable_of,
    most_probable_states,
    take_snapshot,
)
from rbmviz.core.state_blocks import Progress
from rbmviz.core.training import TrainingState, start, train, train_step, with_settings
from rbmviz.studio.record import LedgerPoint, RunRecord
from rbmviz.studio.requests import Command, Request
from rbmviz.studio.settings import LIMITS, LabSettings

BUDGET_SECONDS = 0.03  # of training and describing in one answer while playing
STEP_BUDGET_SECONDS = 2.0  # of a step command
ESTIMATE_EVERY_SECONDS = 1.0  # of annealed importance sampling while playing
# 15 to 30 ms: an interval of some tenths of a nat, which is what fits beside a moving picture
ESTIMATOR = AnnealedImportanceSampling(n_chains=100, n_betas=200, n_sweeps=1)
EVERY_FRAME_UNITS = 12  # in the shorter layer: the exact phase takes under a millisecond
EVERY_ANSWER_UNITS = 16  # under 20 ms, once an answer
INLINE_SECONDS = 0.4  # a longer enumeration runs with a progress bar
N_STATES = 12  # most probable states that are listed
KEPT_FRAMES = 40  # more than the browser can have in its queue
SPEEDS = (1, 2, 5, 10, 20, 50, 100, 0)  # updates a frame; 0: as many as the budget allows


@dataclass(frozen=True)
class Notice:
    """A sentence for the person at the screen."""

    kind: str  # "info" or "warning"
    text: str


@dataclass(frozen=True, eq=False)
class Answer:
    """A batch of frames, with what the stage has to know to play it."""

    seq: int  # counts answers; the same answer may be sent twice
    ack: int  # the last command of `client` that was carried out
    client: str
    run: int  # changes when frames sent before are outdated
    playing: bool
    notice: Notice | None
    settings: LabSettings
    snapshots: tuple[Snapshot, ...]


@dataclass(frozen=True, eq=False)
class _Moment:
    state: TrainingState
    following: TrainingState  # train_step(state), whose update the snapshot shows
    snapshot: Snapshot


def _moment(state: TrainingState, following: TrainingState) -> _Moment:
    """Describe a state; what an update was made of is kept in the snapshot alone."""
    snapshot = take_snapshot(state, following, exact=False)
    return _Moment(replace(state, last=None), replace(following, last=None), snapshot)


class Engine:
    """Train, step, rewind and describe one run. Safe to call from two threads of a session."""

    def __init__(self, settings: LabSettings, speed: int = 20) -> None:
        self._lock = threading.Lock()
        self._client, self._ack, self._seq, self._run = "", 0, 0, 0
        self._answer: Answer | None = None
        self._wanted = 1
        self._exact_wanted = False
        self._seconds_an_update, self._seconds_a_frame = 1e-4, 1e-3
        self.playing = False
        self.notice: Notice | None = None
        self.speed = speed
        self._begin(settings)

    # ---- what the page asks -------------------------------------------------------------

    def receive(self, request: Request) -> None:
        """Carry out the commands that are new, and note how many frames are wanted."""
        with self._lock:
            if request.client != self._client:
                self._client, self._ack = request.client, 0
            for command in sorted(request.commands, key=lambda c: c.id):
                if command.id > self._ack:
                    self._ack = command.id
                    self._carry_out(command, request.shown)
            self._wanted = max(self._wanted, request.want, 1)

    def apply(self, settings: LabSettings, speed: int) -> None:
        """Take new settings: learning settings go on from here, the others start a new run.

        Raises:
            ValueError: the settings do not fit; the run before is untouched.
        """
        with self._lock:
            self.speed, before = speed, self.settings
            if settings == before:
                return
            changed = settings.starts_anew_from(before)
            if changed:
                self._begin(settings)
                said = ", ".join(
                    f"{n.replace('_', ' ')} {getattr(before, n)} → {getattr(settings, n)}"
                    for n in changed
                )
                self.notice = Notice("info", f"Started again at step 0: {said}.")
            else:
                state = with_settings(self._moment.state, settings.training_settings())
                self.notice = None
                if self._stand_at(state):  # else the run diverges with them: the old ones stay
                    self.settings = settings
            self._outdate()

    def answer(self) -> Answer:
        """Give the frames that are due, or the last answer again when nothing is."""
        with self._lock:
            if self._wanted > 0 or self._answer is None:
                snapshots = self._play(self._wanted) if self.playing else [self._still()]
                self._wanted = 0
                self._seq += 1
                self._answer = Answer(
                    seq=self._seq,
                    ack=self._ack,
                    client=self._client,
                    run=self._run,
                    playing=self.playing,
                    notice=self.notice,
                    settings=self.settings,
                    snapshots=tuple(snapshots),
                )
            return self._answer

    # ---- the exact phase ----------------------------------------------------------------

    @property
    def exact_every(self) -> str:
        """How often the exact phase is computed: "frame", "answer", "request" or "never"."""
        shorter = min(self._sizes)
        if shorter <= EVERY_FRAME_UNITS:
            return "frame"
        if shorter <= EVERY_ANSWER_UNITS:
            return "answer"
        return "request" if shorter <= MAX_ENUMERATED_UNITS else "never"

    @property
    def exact_offer(self) -> dict[str, str | int]:
        """What the stage says where the exact phase is missing; every = 0: on request."""
        n = min(self._sizes)
        if self.exact_every == "never":
            return {
                "every": -1,
                "reason": f"2^{n} states are too many to sum; the limit is {MAX_ENUMERATED_UNITS} "
                "units in the shorter layer.",
            }
        if self.exact_every == "request":
            cost = f"about {self.exact_seconds:.2g} s" if self.exact_seconds >= 0.1 else "a moment"
            return {"every": 0, "reason": f"A sum over 2^{n} states takes {cost}."}
        return {"every": 1, "reason": ""}

    @property
    def exact_seconds(self) -> float:
        """The estimated CPU seconds of one exact phase."""
        return enumeration_seconds(min(self._sizes), max(self._sizes))

    @property
    def long_exact_is_due(self) -> bool:
        """True when an exact phase was asked for that takes long enough for a progress bar."""
        return self._exact_wanted and self.exact_seconds > INLINE_SECONDS

    def compute_exact(self, progress: Progress) -> None:
        """Enumerate for the frame on the screen, without the lock; progress may raise to cancel."""
        with self._lock:
            self._exact_wanted = False
            moment = self._moment
        try:
            statistics, log_z = exact_negative_phase(moment.state.rbm, progress)
        finally:
            with self._lock:
                self.notice = None
                self._wanted = max(self._wanted, 1)
        with self._lock:
            if self._moment is moment:
                snapshot = replace(moment.snapshot, exact_negative=statistics, log_z=log_z)
                self._moment = replace(moment, snapshot=snapshot)
                self.record.add(LedgerPoint.of(snapshot))

    # ---- inside, with the lock held -----------------------------------------------------

    @property
    def _sizes(self) -> tuple[int, int]:
        rbm = self._moment.state.rbm
        return rbm.n_visible, rbm.n_hidden

    def _begin(self, settings: LabSettings) -> None:
        """Start a run; when this raises, the run before is untouched."""
        state = start(settings.training_settings(), settings.data.v)
        following = train_step(state)
        self.settings = settings
        self.record = RunRecord()
        self._recent: deque[_Moment] = deque(maxlen=KEPT_FRAMES)
        self._distinct_rows = np.unique(state.v_data, axis=0)
        self._estimated_at = -np.inf
        self._exact_wanted = False
        self._moment = _moment(state, following)

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
            self._begin(self.settings)
            self._outdate()
        elif command.kind == "new_seed":
            seed = int(np.random.default_rng().integers(LIMITS["seed"][1] + 1))
            self._begin(replace(self.settings, seed=seed))
            self._outdate()
        elif command.kind == "exact" and self.exact_every == "request":
            self._halt(shown)
            self._exact_wanted = True
            if self.exact_seconds > INLINE_SECONDS:
                self.notice = Notice("info", "Summing over all states. Cancel, or wait to go on.")

    def _halt(self, shown: int) -> None:
        """Stop playing at the step on the screen: frames beyond it were sent but not yet seen.

        When nothing played, the screen is at most behind, by steps that were asked for: those stay.
        """
        if not self.playing:
            return
        self.playing = False
        for moment in reversed(self._recent):
            if moment.state.step == shown:
                self._moment = moment
                self.record.forget_after(shown)
                break
        wanted = self.settings.training_settings()
        if self._moment.state.settings != wanted:  # the settings changed after that frame
            self._stand_at(with_settings(self._moment.state, wanted))

    def _stand_at(self, state: TrainingState) -> bool:
        """Move to a state and describe it, without enumeration; False when the run diverges."""
        try:
            following = train_step(state)
        except DivergedError as error:
            self._stop_diverged(error)
            return False
        self._moment = _moment(state, following)
        return True

    def _stop_diverged(self, error: DivergedError) -> None:
        self.playing = False
        self.notice = Notice("warning", f"The run diverged and was stopped. {error}")

    def _advance(self, n_updates: int) -> None:
        """Make a stated number of updates from here, within a bounded time."""
        deadline = time.perf_counter() + STEP_BUDGET_SECONDS
        state, left, chunk = self._moment.following, n_updates - 1, 1
        try:
            while left > 0 and (now := time.perf_counter()) < deadline:
                chunk = min(left, chunk)
                state, left = train(state, chunk), left - chunk
                chunk = 2 * chunk if time.perf_counter() - now < 0.02 else max(chunk // 2, 1)
        except DivergedError as error:
            self._stop_diverged(error)
            return
        if self._stand_at(state) and left > 0:
            made = n_updates - left
            self.notice = Notice(
                "info", f"Made {made} of {n_updates} updates in {STEP_BUDGET_SECONDS:g} s."
            )

    def _play(self, n_frames: int) -> list[Snapshot]:
        """Train within the budget and describe up to n_frames moments on the way."""
        begun = time.perf_counter()
        snapshots: list[Snapshot] = []
        while len(snapshots) < n_frames and self.playing:
            elapsed = time.perf_counter() - begun
            if snapshots and elapsed > BUDGET_SECONDS:
                break
            share = (BUDGET_SECONDS - elapsed) / (n_frames - len(snapshots))
            if self.speed:  # so many as a whole budget holds: an answer stays below two
                n_updates = min(self.speed, int(BUDGET_SECONDS / self._seconds_an_update))
            else:
                n_updates = int((share - self._seconds_a_frame) / self._seconds_an_update)
            n_updates = min(max(n_updates, 1), 2000)
            trained = time.perf_counter()
            try:
                state = train(self._moment.following, n_updates - 1)
            except DivergedError as error:
                self._stop_diverged(error)
                break
            if not self._stand_at(state):
                break
            described = time.perf_counter()
            last = len(snapshots) == n_frames - 1 or described - begun > BUDGET_SECONDS
            snapshots.append(self._describe(first=not snapshots, last=last))
            self._seconds_an_update += 0.2 * (
                (described - trained) / n_updates - self._seconds_an_update
            )
            self._seconds_a_frame += 0.2 * (time.perf_counter() - described - self._seconds_a_frame)
        return snapshots or [self._still()]

    def _describe(self, *, first: bool, last: bool) -> Snapshot:
        """Complete the snapshot of a playing moment with what its frame can afford."""
        every = self.exact_every
        exact = every == "frame" or (every == "answer" and first)
        due = first and time.perf_counter() - self._estimated_at > ESTIMATE_EVERY_SECONDS
        return self._complete(exact=exact, states=last, estimate=due)

    def _still(self) -> Snapshot:
        """Complete the snapshot of a moment that stays on the screen."""
        on_request = self._exact_wanted and self.exact_seconds <= INLINE_SECONDS
        if on_request:
            self._exact_wanted = False
        every = self.exact_every
        return self._complete(
            exact=every in ("frame", "answer") or on_request, states=True, estimate=True
        )

    def _complete(self, *, exact: bool, states: bool, estimate: bool) -> Snapshot:
        moment = self._moment
        snapshot, rbm = moment.snapshot, moment.state.rbm
        if exact and snapshot.log_z is None:
            negative, log_z = exact_negative_phase(rbm)
            snapshot = replace(snapshot, exact_negative=negative, log_z=log_z)
        if estimate and snapshot.log_z_estimate is None:
            rng = np.random.default_rng([self.settings.seed, snapshot.step])
            found = estimate_log_z(rng, rbm, ESTIMATOR, moment.state.v_data)
            snapshot = replace(snapshot, log_z_estimate=found)
            self._estimated_at = time.perf_counter()
        if states and snapshot.probable_states is None:
            snapshot = replace(snapshot, probable_states=self._probable_states(snapshot))
        self._moment = replace(moment, snapshot=snapshot)
        if not self._recent or self._recent[-1].state is not moment.state:
            self._recent.append(self._moment)
        self.record.add(LedgerPoint.of(snapshot))
        return snapshot

    def _probable_states(self, snapshot: Snapshot) -> ProbableStates | None:
        rbm = snapshot.rbm
        if rbm.n_visible <= min(EVERY_ANSWER_UNITS, MAX_LISTED_UNITS):
            return most_probable_states(rbm, N_STATES)
        if snapshot.log_z is None:
            return None
        seen = np.concatenate([self._distinct_rows, np.unique(snapshot.negative.samples, axis=0)])
        return most_probable_of(rbm, np.unique(seen, axis=0), N_STATES, snapshot.log_z)
