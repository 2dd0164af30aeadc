"""A run of a model whose states can all be seen: trained in short bursts, described state by state.

Unlike the lab it starts from the parameters of any model, and each frame describes all
visible states.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rbmviz.core.errors import DivergedError
from rbmviz.core.state_snapshot import StatesSnapshot, take_states_snapshot
from rbmviz.core.state_space import state_frequencies
from rbmviz.core.training import TrainingState, start, train_step, with_settings
from rbmviz.language import N_
from rbmviz.run.estimators import ESTIMATORS, OFFERED
from rbmviz.run.led_player import LedPlayer
from rbmviz.run.model_case import ModelCase
from rbmviz.run.models import model_row
from rbmviz.run.moment import trained
from rbmviz.run.player import SPEEDS, Answer
from rbmviz.run.query import step_row
from rbmviz.run.run import KEPT_PLACES
from rbmviz.run.settings import ROWS, LabSettings, clamp_settings
from rbmviz.run.small_models import small_model_names
from rbmviz.run.table import Field, row
from rbmviz.studio.analysis import MAX_STATES_UNITS

MAX_STATES_SENT = 16_384  # states of all frames of one answer: some 200 kB


BATCHES = {"all": N_("All rows of the data"), "model": N_("As large as the model's")}
LEARNING = ("estimator", "n_steps", "n_chains", "learning_rate", "batch")  # goes on when changed


def _seen(*choices: str) -> Field:
    return Field(label="", choices=lambda: dict.fromkeys(choices, ""), seen=True)


@dataclass(frozen=True)
class EveryStateSettings:
    """Everything that the page follows from."""

    model: str = row(small_model_names()[0], model_row())
    estimator: str = row(
        "cd",
        replace(
            ROWS["estimator"],
            choices=lambda: {name: ESTIMATORS[name].label for name in OFFERED},
            help=N_("How the page's own copy of the model learns."),
        ),
    )
    n_steps: int = row(1, ROWS["n_steps"])
    n_chains: int = row(100, ROWS["n_chains"])
    learning_rate: float = row(0.2, ROWS["learning_rate"])
    batch: str = row("all", Field(label=N_("Batch"), choices=lambda: BATCHES))
    speed: int = row(10, Field(label=N_("Updates per frame"), numbers=SPEEDS))
    step: int = row(0, step_row())
    layout: str = row("hypercube", _seen("hypercube", "energy"))
    quantity: str = row("log", _seen("log", "linear"))
    arrows: str = row("push", _seen("push", "change"))
    spurious: str = row("off", _seen("off", "on"))
    selected: int = row(-1, Field(label="", limits=(-1, 2**MAX_STATES_UNITS - 1), seen=True))

    def learning(self) -> tuple["Learning", list[str]]:
        """How the model learns, within what one update may cost; what was cut is told."""
        values = {name: getattr(self, name) for name in LEARNING if name in ROWS}
        settings, messages = clamp_settings(values)
        return Learning(settings, all_rows=self.batch != "model"), messages


@dataclass(frozen=True)
class Learning:
    """How the page's own copy of a model learns."""

    settings: LabSettings  # the negative phase with its parameters, the learning rate, the seed
    all_rows: bool = True  # in every update; else batches as large as the model's

    @property
    def values(self) -> dict[str, Any]:
        """The same as the page's settings have it."""
        own = {name: getattr(self.settings, name) for name in LEARNING if name in ROWS}
        return {**own, "batch": "all" if self.all_rows else "model"}

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


class StateRun(LedPlayer[StatesSnapshot, StatesAnswer, Learning]):
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
            elif learning != self._course.settings:
                self._acted, self._way = True, None
                if self.step == 0:  # nothing was learned with the others
                    playing = self.playing
                    self._begin(case, learning)
                    self.playing = playing
                else:
                    self._choose(learning)

    @property
    def learning(self) -> Learning:
        """How it learns where it stands."""
        with self._lock:
            return self._settings

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
        if not self._recent or self._recent[-1][0] is not self._state:
            self._recent.append((self._state, self._n_taken))
        return take_states_snapshot(self._state, self._following, self._p_data)

    def _still(self) -> StatesSnapshot:
        return self._frame(first=True, last=True)

    def _go_back_to(self, step: int) -> None:
        for state, n_taken in reversed(self._recent):
            if state.step == step:
                settings = self._settings  # they may have changed after that frame
                self._stand_at(state)
                self._n_taken = n_taken
                try:
                    self._go_on_with(settings)
                except DivergedError as error:
                    self._stop_diverged(error)
                break

    def _restart(self) -> None:
        self._begin(self.case, self._settings)

    def _n_frames(self, wanted: int) -> int:
        return min(wanted, max(MAX_STATES_SENT // 2**self.case.rbm.n_visible, 1))

    def _answer_of(self, head: Answer, frames: Sequence[StatesSnapshot]) -> StatesAnswer:
        return StatesAnswer(
            **vars(head), case=self.case, learning=self._settings, frames=tuple(frames)
        )

    def _begin(self, case: ModelCase, learning: Learning) -> None:
        state = learning.start(case)
        following = train_step(state)  # when this raises, the run before is untouched
        self.case = case
        self._begin_course(learning)
        self._p_data = state_frequencies(case.v_data, case.rbm.n_visible)
        self._state, self._following = state, following
        self._recent: deque[tuple[TrainingState, int]] = deque(maxlen=KEPT_PLACES)
        self.playing, self.notice = False, None
        self._outdate()

    def _choose(self, learning: Learning) -> None:
        try:
            self._go_on_with(learning)
        except DivergedError as error:  # with these settings; the old ones stay
            self._stop_diverged(error)
        else:
            self.notice = None
        self._outdate()

    def _take(self, settings: Learning) -> None:
        self._stand_at(with_settings(self._state, settings.start(self.case).settings))

    def _stand_at(self, state: TrainingState) -> None:
        """Move to a state, and make the update that follows.

        Raises:
            DivergedError: the run has not moved.
        """
        self._following = train_step(state)
        self._state = state
