"""The same training from many seeds: how much of a curve is the method, and how much is luck.

The work is cut into short pieces, so that whoever asks can stop, show what there is, or go on.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from rbmviz.core.enumeration import mean_log_likelihood
from rbmviz.core.errors import DivergedError, FloatArray
from rbmviz.core.many_runs import train_many
from rbmviz.core.training import TrainingState, start
from rbmviz.language import _
from rbmviz.run.settings import LabSettings

SEEDS = (2, 50)  # fewest and most
UPDATES = (100, 20_000)
DEFAULT_SEEDS, DEFAULT_UPDATES = 30, 5000
CHECKPOINTS = 40  # steps at which the likelihood is computed, besides step 0
MAX_UNITS = 14  # in the shorter layer: 50 seeds and 41 checkpoints are some 6 s of enumeration
MAX_SECONDS = 180.0  # of work; what is known by then is kept
MAX_NUMBERS = 12_000_000  # in the states of all seeds, 96 MB
_MAX_STACK = 500_000  # numbers in the rows of all seeds that are trained together, 4 MB
_PIECE_SECONDS = 0.05


@dataclass(frozen=True)
class SeedsPlan:
    """What is trained: one set of seeds, or two that differ in one setting."""

    settings: tuple[LabSettings, ...]
    labels: tuple[str, ...]
    n_seeds: int = DEFAULT_SEEDS
    n_updates: int = DEFAULT_UPDATES

    def __post_init__(self) -> None:
        for name, (low, high) in (("n_seeds", SEEDS), ("n_updates", UPDATES)):
            if not low <= getattr(self, name) <= high:
                raise ValueError(
                    _("{name} is {value}; choose {low} to {high}.").format(
                        name=name, value=getattr(self, name), low=low, high=high
                    )
                )
        if reason := why_not(self.settings[0]):
            raise ValueError(reason)
        if (
            size := self.n_seeds * sum(_numbers_of_a_state(s) for s in self.settings)
        ) > MAX_NUMBERS:
            raise ValueError(
                _(
                    "{n_seeds} seeds hold {size:,} numbers; choose fewer seeds or "
                    "chains: the limit is "
                    "{limit:,}."
                ).format(n_seeds=self.n_seeds, size=size, limit=MAX_NUMBERS)
            )

    @property
    def checkpoints(self) -> list[int]:
        """The steps at which the likelihood is computed, evenly spaced from 0."""
        n = min(CHECKPOINTS, self.n_updates)
        return sorted({round(k * self.n_updates / n) for k in range(n + 1)})


def why_not(settings: LabSettings) -> str:
    """Say why the likelihoods of many seeds cannot be had exactly; "" when they can."""
    shorter = min(settings.n_hidden, settings.data.n_visible)
    if shorter <= MAX_UNITS:
        return ""
    return _(
        "The exact likelihood of many runs needs at most {limit} units in the shorter layer; "
        "this model has {shorter}. Choose fewer hidden units."
    ).format(limit=MAX_UNITS, shorter=shorter)


def _numbers_of_a_state(settings: LabSettings) -> int:
    """Count what a run holds between two updates: chains, three arrays like W, the order."""
    rows, n_visible = settings.data.v.shape
    return settings.n_chain_numbers + 3 * (n_visible + 1) * (settings.n_hidden + 1) + rows


class ManySeeds:
    """Work on a plan piece by piece. Safe to call from two threads of a session.

    The states of the runs live in a generator alone: whatever ends the work closes it.
    """

    def __init__(self, plan: SeedsPlan) -> None:
        self.plan = plan
        self.ended = ""  # why it ended early, "" when it did not
        self.done = False
        self._lock = threading.Lock()
        self._asked_to_stop = False
        self._seconds = 0.0
        self._made = 0.0  # updates of all sets, and what a checkpoint weighs
        self._curves: list[list[FloatArray]] = [[] for _ in plan.settings]
        self._work = self._pieces()

    @property
    def share(self) -> float:
        """How much of the work is done, 0 to 1."""
        if self.done:
            return 1.0
        return min(self._made / (self.plan.n_updates * len(self.plan.settings)), 1.0)

    @property
    def steps(self) -> list[int]:
        """The checkpoints that all sets have passed."""
        return self.plan.checkpoints[: min(len(curve) for curve in self._curves)]

    @property
    def curves(self) -> list[FloatArray]:
        """Exact mean log-likelihoods (n_seeds, len(steps)) of each set, nats per row."""
        n = len(self.steps)
        shape = (0, self.plan.n_seeds)
        return [np.reshape(curve[:n], (n, self.plan.n_seeds) if n else shape).T
                for curve in self._curves]  # fmt: skip

    def advance(self, seconds: float) -> None:
        """Work for about so long, at least one piece; some pieces cannot be cut shorter."""
        with self._lock:
            begun = perf_counter()
            while not (self.done or self._asked_to_stop) and perf_counter() - begun < seconds:
                if next(self._work, None) is None:
                    self.done = True
            self._seconds += perf_counter() - begun
            if not self.done and self._seconds > MAX_SECONDS:
                self._end(_("Stopped after {seconds:g} s of work.").format(seconds=MAX_SECONDS))

    def stop(self, why: str) -> None:
        """End here and keep what is known."""
        self._asked_to_stop = True  # another thread that works now ends its turn at the next piece
        with self._lock:
            if not self.done:
                self._end(why)

    def _end(self, why: str) -> None:
        self._work.close()
        self.ended, self.done = why, True

    def _pieces(self) -> Iterator[float]:
        """Go from checkpoint to checkpoint with all sets; yield after each piece of work."""
        sets = [_groups(settings, self.plan.n_seeds) for settings in self.plan.settings]
        for step in self.plan.checkpoints:
            for k, groups in enumerate(sets):
                likelihoods: list[float] = []
                for g in range(len(groups)):
                    try:
                        yield from self._train(groups, g, step)
                    except DivergedError as error:
                        self.ended = f"{self.plan.labels[k]}: a run diverged. {error}"
                        return
                    for state in groups[g]:
                        likelihoods.append(mean_log_likelihood(state.rbm, state.v_data))
                        yield 0.0
                self._curves[k].append(np.array(likelihoods))

    def _train(self, groups: list[list[TrainingState]], g: int, step: int) -> Iterator[float]:
        """Bring one group of seeds to a step, in pieces of about _PIECE_SECONDS."""
        size = 1
        while (left := step - groups[g][0].step) > 0:
            begun, n = perf_counter(), min(size, left)
            # Rows and samples of the last update are as large as the chains, and never looked at
            groups[g] = [replace(state, last=None) for state in train_many(groups[g], n)]
            size = 2 * size if perf_counter() - begun < _PIECE_SECONDS / 2 else max(size // 2, 1)
            self._made += n * len(groups[g]) / self.plan.n_seeds
            yield 0.0


def _groups(settings: LabSettings, n_seeds: int) -> list[list[TrainingState]]:
    """Start all seeds, from the lab's on, in groups whose stacks stay small."""
    v = settings.data.v
    seeded = [replace(settings, seed=settings.seed + k) for k in range(n_seeds)]
    states = [start(one.training_settings(), v) for one in seeded]
    rows = max(settings.n_moved_rows, min(settings.batch_size, len(v)))
    size = max(_MAX_STACK // (rows * (v.shape[1] + settings.n_hidden)), 1)
    return [states[k : k + size] for k in range(0, n_seeds, size)]
