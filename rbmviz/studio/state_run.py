"""A run of a model whose states can all be seen: trained in short bursts, described state by state.

Unlike the lab it starts from the parameters of any model, and each frame describes all
visible states.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rbmviz.core.errors import DivergedError
from rbmviz.core.state_snapshot import StatesSnapshot, take_states_snapshot
from rbmviz.core.state_space import state_frequencies
from rbmviz.core.training import TrainingState, start, train_step, with_settings
from rbmviz.run.moment import trained
from rbmviz.run.player import Answer, Player
from rbmviz.run.run import KEPT_PLACES
from rbmviz.run.settings import LabSettings
from rbmviz.studio.analysis import MAX_STATES_UNITS
from rbmviz.studio.presets import ModelCase

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
class StatesAnswer(Answer):
    """Frames that are due, and the run that they are of."""

    case: ModelCase
    learning: Learning
    frames: tuple[StatesSnapshot, ...]


def can_be_seen(case: ModelCase) -> bool:
    """Say whether all states of a model can be shown."""
    return case.rbm.n_visible <= MAX_STATES_UNITS and len(case.v_data) > 0


class StateRun(Player[StatesSnapshot, StatesAnswer]):
    """Train, step and describe one run."""

    def __init__(self, case: ModelCase, learning: Learning, speed: int) -> None:
        super().__init__(speed)
        self._state: TrainingState
        self._begin(case, learning)

    def apply(self, case: ModelCase, learning: Learning, speed: int) -> None:
        """Take another model, which starts anew, or other learning, which goes on from here."""
        with self._lock:
            self.speed = speed
            if case.rbm is not self.case.rbm:
                self._begin(case, learning)
            elif learning != self.learning:
                self._acted = True
                self._go_on_with(learning)

    @property
    def state(self) -> TrainingState:
        """The run where it stands."""
        with self._lock:
            return self._state

    # ---- inside, with the lock held -----------------------------------------------------

    @property
    def step(self) -> int:
        """Where the run stands."""
        return self._state.step

    def _train(self, n_updates: int, seconds: float = float("inf")) -> None:
        self._stand_at(trained(self._following, n_updates - 1, seconds))

    def _frame(self, *, first: bool, last: bool) -> StatesSnapshot:
        if not self._recent or self._recent[-1] is not self._state:
            self._recent.append(self._state)
        return take_states_snapshot(self._state, self._following, self._p_data)

    def _still(self) -> StatesSnapshot:
        return self._frame(first=True, last=True)

    def _go_back_to(self, step: int) -> None:
        for state in reversed(self._recent):
            if state.step == step:
                self._stand_at(with_settings(state, self._state.settings))
                break

    def _restart(self) -> None:
        self._begin(self.case, self.learning)

    def _n_frames(self, wanted: int) -> int:
        return min(wanted, max(MAX_STATES_SENT // 2**self.case.rbm.n_visible, 1))

    def _answer_of(self, head: Answer, frames: Sequence[StatesSnapshot]) -> StatesAnswer:
        return StatesAnswer(
            **vars(head), case=self.case, learning=self.learning, frames=tuple(frames)
        )

    def _begin(self, case: ModelCase, learning: Learning) -> None:
        state = learning.start(case)
        following = train_step(state)  # when this raises, the run before is untouched
        self.case, self.learning = case, learning
        self._p_data = state_frequencies(case.v_data, case.rbm.n_visible)
        self._state, self._following = state, following
        self._recent: deque[TrainingState] = deque(maxlen=KEPT_PLACES)
        self.playing, self.notice = False, None
        self._outdate()

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
