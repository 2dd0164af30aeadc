"""A run of a model whose states can all be seen: trained in short bursts, described state by state.

Like the lab's engine it has no thread of its own and answers what the browser pulls; unlike it, it
starts from the parameters of any model, and each frame describes all visible states.
"""

import threading
from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from rbmviz.core.errors import DivergedError
from rbmviz.core.state_snapshot import StatesSnapshot, take_states_snapshot
from rbmviz.core.state_space import state_frequencies
from rbmviz.core.training import TrainingState, start, train, train_step, with_settings
from rbmviz.language import _
from rbmviz.run.settings import LabSettings
from rbmviz.studio.analysis import MAX_STATES_UNITS
from rbmviz.studio.answer import Notice
from rbmviz.studio.engine import BUDGET_SECONDS, STEP_BUDGET_SECONDS
from rbmviz.studio.moment import bursts
from rbmviz.studio.pace import Pace, work_clock
from rbmviz.studio.presets import ModelCase
from rbmviz.studio.requests import Command, Request
from rbmviz.studio.serial import first_number
from rbmviz.studio.track import KEPT_FRAMES
from rbmviz.studio.turns import PLAYERS

MAX_STATES_SENT = 16_384  # states of all frames of one answer: some 200 kB


@dataclass(frozen=True)
class Learning:
    """How the page's own copy of a model learns."""

    settings: LabSettings  # the negative phase with its parameters, the learning rate, the seed
    all_rows: bool = True  # in every update; else batches as large as the model's

    def start(self, case: ModelCase) -> TrainingState:
        """Stand at step 0: the parameters of the case, chains that start there at its data."""
        batch = case.v_data if self.all_rows else case.v_batch
        settings = replace(
            self.settings.training_settings(),
            n_hidden=case.rbm.n_hidden,
            batch_size=max(len(batch), 1),
        )
        rng = np.random.default_rng([settings.seed, 1])
        chains = settings.negative_phase.init(rng, case.rbm, case.v_data)
        return replace(start(settings, case.v_data), rbm=case.rbm, chains=chains)


@dataclass(frozen=True, eq=False)
class StatesAnswer:
    """Frames that are due, with what the browser has to know to play them."""

    seq: int  # grows with every answer, over restarts too: the stage shows the newest
    ack: int  # the last command of `client` that was carried out
    client: str
    run: int  # changes when frames sent before are outdated
    playing: bool
    notice: Notice | None
    case: ModelCase
    learning: Learning
    frames: tuple[StatesSnapshot, ...]


def can_be_seen(case: ModelCase) -> bool:
    """Say whether all states of a model can be shown."""
    return case.rbm.n_visible <= MAX_STATES_UNITS and len(case.v_data) > 0


class StateRun:
    """Train, step and describe one run. Safe to call from two threads of a session."""

    def __init__(self, case: ModelCase, learning: Learning, speed: int) -> None:
        self._lock = threading.Lock()
        self._client, self._ack = "", 0
        self._seq = self._run = first_number()
        self._answer: StatesAnswer | None = None
        self._wanted = 1
        self._acted = False  # a person did something that no answer shows yet
        self._pace = Pace()
        self.playing, self.notice, self.speed = False, None, speed
        self._begin(case, learning)

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
            if self._acted or not self.playing or request.has_seen(self._seq):
                self._wanted = max(self._wanted, request.want, 1)

    def apply(self, case: ModelCase, learning: Learning, speed: int) -> None:
        """Take another model, which starts anew, or other learning, which goes on from here."""
        with self._lock:
            self.speed = speed
            if case.rbm is not self.case.rbm:
                self.playing = False
                self._begin(case, learning)
            elif learning != self.learning:
                self._acted = True
                self._go_on_with(learning)

    def answer(self) -> StatesAnswer:
        """Give the frames that are due, or the last answer again when nothing is."""
        while True:
            with self._lock:
                if not (self.playing and self._is_due):
                    return self._newest_answer()
                urgent = self._acted
            with PLAYERS.turn_with(self._lock, urgent=urgent) as has_lock:
                if has_lock:
                    return self._newest_answer()

    @property
    def state(self) -> TrainingState:
        """The run where it stands."""
        with self._lock:
            return self._state

    # ---- inside, with the lock held -----------------------------------------------------

    @property
    def _is_due(self) -> bool:
        return self._wanted > 0 or self._answer is None

    def _newest_answer(self) -> StatesAnswer:
        if self._is_due or self._answer is None:
            n_most = max(MAX_STATES_SENT // 2**self.case.rbm.n_visible, 1)
            frames = self._play(min(self._wanted, n_most)) if self.playing else []
            self._wanted, self._acted = 0, False
            self._seq += 1
            self._answer = StatesAnswer(
                seq=self._seq,
                ack=self._ack,
                client=self._client,
                run=self._run,
                playing=self.playing,
                notice=self.notice,
                case=self.case,
                learning=self.learning,
                frames=tuple(frames) or (self._describe(),),
            )
        return self._answer

    def _begin(self, case: ModelCase, learning: Learning) -> None:
        state = learning.start(case)
        following = train_step(state)  # when this raises, the run before is untouched
        self.case, self.learning = case, learning
        self._p_data = state_frequencies(case.v_data, case.rbm.n_visible)
        self._state, self._following = state, following
        self._recent: deque[TrainingState] = deque(maxlen=KEPT_FRAMES)
        self.notice = None
        self._outdate()

    def _outdate(self) -> None:
        self._run += 1
        self._wanted = max(self._wanted, 1)

    def _go_on_with(self, learning: Learning) -> None:
        wanted = learning.start(self.case).settings
        try:
            self._stand_at(with_settings(self._state, wanted))
        except DivergedError as error:  # with these settings; the old ones stay
            self._stop_diverged(error)
        else:
            self.learning, self.notice = learning, None
        self._outdate()

    def _stand_at(self, state: TrainingState) -> None:
        """Move to a state, and make the update that follows.

        Raises:
            DivergedError: the run has not moved.
        """
        self._following = train_step(state)
        self._state = state

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
            self.playing = False
            self._begin(self.case, self.learning)

    def _halt(self, shown: int) -> None:
        """Stop at the step on the screen: frames beyond it were sent but not yet seen."""
        if not self.playing:
            return
        self.playing = False
        for state in reversed(self._recent):
            if state.step == shown:
                self._stand_at(with_settings(state, self._state.settings))
                break

    def _stop_diverged(self, error: DivergedError) -> None:
        self.playing = False
        self.notice = Notice(
            "warning", _("The run diverged and was stopped. {error}").format(error=error)
        )

    def _advance(self, n_updates: int) -> None:
        """Make a stated number of updates from here, within a bounded time."""
        first, before = self._following, self._state.step
        state = first
        try:
            for state in bursts(first, n_updates - 1, STEP_BUDGET_SECONDS):  # noqa: B007
                pass
            self._stand_at(state)
        except DivergedError as error:
            self._stop_diverged(error)
            return
        made = state.step - before
        if made < n_updates:
            said = _("Made {made} of {n_updates} updates in {seconds:g} s.").format(
                made=made, n_updates=n_updates, seconds=STEP_BUDGET_SECONDS
            )
            self.notice = Notice("info", said)

    def _play(self, n_frames: int) -> list[StatesSnapshot]:
        """Train within the budget and describe up to n_frames moments on the way."""
        begun = work_clock()
        frames: list[StatesSnapshot] = []
        while len(frames) < n_frames and self.playing:
            elapsed = work_clock() - begun
            if frames and elapsed > BUDGET_SECONDS:
                break
            n_updates = self._pace.updates_of_a_frame(
                self.speed, BUDGET_SECONDS, elapsed, n_frames - len(frames)
            )
            trained = work_clock()
            try:
                self._stand_at(train(self._following, n_updates - 1))
            except DivergedError as error:
                self._stop_diverged(error)
                break
            described = work_clock()
            frames.append(self._describe())
            self._pace.learn(
                n_updates=n_updates,
                updates=described - trained,
                frame=work_clock() - described,
            )
        return frames

    def _describe(self) -> StatesSnapshot:
        if not self._recent or self._recent[-1] is not self._state:
            self._recent.append(self._state)
        return take_states_snapshot(self._state, self._following, self._p_data)
