"""A race of Boltzmann machines: five structures that learn the same data side by side.

Everything that is kept has a bound: one state a machine, and a thinned curve.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rbmviz.core.boltzmann import (
    BoltzmannMachine,
    MachineState,
    MachineStatistics,
    PersistentNegative,
    machine_mean_field,
    machine_negative_phase,
    phase_costs,
    start_machine,
    train_machine,
    with_machine_settings,
)
from rbmviz.core.boltzmann.exact import PhaseCost, positive_phase_and_log_p_tilde
from rbmviz.core.errors import FloatArray
from rbmviz.run.led_player import LedPlayer
from rbmviz.run.pace import work_clock
from rbmviz.run.player import Answer
from rbmviz.studio.machine_settings import KINDS, RaceSettings, make_structure, verdicts

MANY_UPDATES = 100  # that one button makes
_BLOCK = 10  # updates between two looks at the clock
_LOOKS = 24  # at the clock in one answer
MAX_POINTS = 300  # of each curve
_KEPT_TIMES = 20  # the shortest of the last so many is shown
SHOWN_SWEEPS = 5  # of the chains that only the picture needs


@dataclass(frozen=True, eq=False)
class Standing:
    """One machine at the step on the screen; exact, unless a name says otherwise."""

    kind: str
    state: MachineState
    mean_log_p_tilde: float  # nats, over all rows
    log_z: float
    bound: float  # mean over rows, of mean field: L <= log p~
    n_iterations: int  # of mean field
    converged: bool
    positive: MachineStatistics
    negative: MachineStatistics
    mean_field: MachineStatistics
    costs: tuple[PhaseCost, PhaseCost]
    verdicts: tuple[str, str]
    seconds: tuple[float, float]  # CPU seconds that the exact phases took here

    @property
    def log_likelihood(self) -> float:
        """Mean log p(v), nats per row."""
        return self.mean_log_p_tilde - self.log_z

    @property
    def gap(self) -> float:
        """What the bound lacks: the mean of KL(q || p(h | v)), nats."""
        return self.mean_log_p_tilde - self.bound


@dataclass(frozen=True, eq=False)
class Approximation:
    """The approximate phases of one machine at its parameters, and what they took."""

    positive: MachineStatistics
    negative: MachineStatistics
    seconds: tuple[float, float]  # CPU


class Race(LedPlayer[int, Answer, RaceSettings]):
    """Train and describe all structures; its frames are steps, and a page describes the last."""

    budget = 0.04

    def __init__(self, settings: RaceSettings) -> None:
        super().__init__(speed=0)
        self._begin(settings)

    # ---- what the page asks -------------------------------------------------------------

    def apply(self, settings: RaceSettings) -> None:
        """Take new settings: a rate or a phase goes on from here, the others start anew."""
        with self._lock:
            if settings == self._course.settings:
                return
            if not settings.goes_on_from(self._course.settings):
                self._begin(settings)
            elif self.step == 0:  # nothing was learned with the others
                playing = self.playing
                self._begin(settings)
                self.playing = playing
            else:
                self.notice, self._way = None, None
                self._go_on_with(settings)
                self._want()

    @property
    def settings(self) -> RaceSettings:
        """What holds at the step of all machines."""
        return self._settings

    @property
    def step(self) -> int:
        """The step of all machines."""
        return next(iter(self._states.values())).step

    def machine(self, kind: str) -> BoltzmannMachine:
        """One machine where it stands."""
        return self._states[kind].machine

    def standings(self) -> dict[str, Standing]:
        """Describe every machine where it stands."""
        with self._lock:
            return dict(self._described())

    def approximation(self, kind: str) -> Approximation:
        """Have both phases of a machine approximately; the run is not touched."""
        with self._lock:
            standing = self._described()[kind]
            if kind not in self._approximations:
                self._approximations[kind] = self._approximate(standing)
            return self._approximations[kind]

    def curves(self) -> dict[str, list[float]]:
        """Copy the exact mean log-likelihoods so far: a column a kind, and the steps."""
        with self._lock:
            self._described()
            columns = zip(*self._points, strict=True)
            names = ["step", *KINDS]
            return {n: list(column) for n, column in zip(names, columns, strict=True)}

    # ---- inside, with the lock held -----------------------------------------------------

    def _begin(self, settings: RaceSettings) -> None:
        """Start all machines; when this raises, the race before is untouched."""
        data = settings.data
        states = {}
        for kind in KINDS:
            structure = make_structure(kind, data.n_visible, settings.n_hidden, settings.n_coupled)
            states[kind] = start_machine(settings.machine_settings(structure), data.v)
        self._states = states
        self._begin_course(settings)
        self.playing, self.notice = False, None
        self._points: list[tuple[float, ...]] = []
        self._stride = 1
        self._times: dict[tuple[str, int], list[float]] = {}
        self._shown_chains: dict[str, FloatArray] = {}
        self._forget_descriptions()
        self._outdate()

    def _train(self, n_updates: int, seconds: float = float("inf")) -> None:
        states, left, begun = self._states, n_updates, work_clock()
        while left and (left == n_updates or work_clock() - begun < seconds):
            n = min(left, _BLOCK) if seconds < float("inf") else left
            states = {kind: train_machine(state, n) for kind, state in states.items()}
            left -= n
        self._states = states
        self._forget_descriptions()

    def _take(self, settings: RaceSettings) -> None:
        for kind, state in self._states.items():
            new = settings.machine_settings(state.settings.structure)
            self._states[kind] = with_machine_settings(state, new)
        self._forget_descriptions()

    def _look(self) -> None:
        self._described()

    def _frame(self, *, first: bool, last: bool) -> int:
        return self.step

    def _still(self) -> int:
        return self.step

    def _go_back_to(self, step: int) -> None:
        """Stay: what was sent last is on the screen, or about to be."""

    def _restart(self) -> None:
        self._begin(self._settings)

    def _n_frames(self, _wanted: int) -> int:
        return _LOOKS  # the last one is shown

    def _answer_of(self, head: Answer, frames: Sequence[int]) -> Answer:
        return head

    def _forget_descriptions(self) -> None:
        self._standings: dict[str, Standing] = {}
        self._approximations: dict[str, Approximation] = {}

    def _described(self) -> dict[str, Standing]:
        if not self._standings:
            self._standings = {kind: self._describe(kind) for kind in KINDS}
            values = (s.log_likelihood for s in self._standings.values())
            self._add_point((float(self.step), *values))
        return self._standings

    def _describe(self, kind: str) -> Standing:
        state, settings = self._states[kind], self._settings
        machine, v = state.machine, state.v_data
        begun = time.thread_time()
        positive, log_p_tilde = positive_phase_and_log_p_tilde(machine, v)
        between = time.thread_time()
        negative, log_z = machine_negative_phase(machine)
        ended = time.thread_time()
        found = machine_mean_field(machine, v, tolerance=1e-6, max_iterations=100)
        return Standing(
            kind=kind,
            state=state,
            mean_log_p_tilde=float(log_p_tilde.mean()),
            log_z=log_z,
            bound=float(found.bound.mean()),
            n_iterations=found.n_iterations,
            converged=found.converged,
            positive=positive,
            negative=negative,
            mean_field=found.statistics,
            costs=phase_costs(machine.structure, len(v)),
            verdicts=verdicts(kind, machine.n_visible, settings.n_hidden, settings.n_coupled),
            seconds=(
                self._shortest(kind, 0, between - begun),
                self._shortest(kind, 1, ended - between),
            ),
        )

    def _shortest(self, kind: str, phase: int, seconds: float) -> float:
        """Remember a time; the shortest of the last ones is not blurred by other work."""
        times = self._times.setdefault((kind, phase), [])
        times.append(seconds)
        del times[:-_KEPT_TIMES]
        return min(times)

    def _approximate(self, standing: Standing) -> Approximation:
        state, settings = standing.state, self._settings
        machine, v = state.machine, state.v_data
        rng = np.random.default_rng([settings.seed, state.step])
        begun = time.thread_time()
        if settings.positive == "gibbs":
            chains = state.positive_chains
            _chains, positive = settings.positive_phase.step(rng, chains, machine, v)
        else:
            positive = standing.mean_field
        between = time.thread_time()
        if settings.negative == "chains":
            chains = state.negative_chains
            _chains, negative = settings.negative_phase.step(rng, chains, machine, v)
        else:  # training sums; chains beside it show what they would have said
            method = PersistentNegative(n_sweeps=SHOWN_SWEEPS)
            kept = self._shown_chains.get(standing.kind)
            self._shown_chains[standing.kind], negative = method.step(rng, kept, machine, v)
        ended = time.thread_time()
        return Approximation(positive, negative, (between - begun, ended - between))

    def _add_point(self, point: tuple[float, ...]) -> None:
        """Add a point to the curves; they are thinned as they grow."""
        step = point[0]
        if self._points and self._points[-1][0] == step:
            self._points[-1] = point
        elif not self._points or step - self._points[-1][0] >= self._stride:
            self._points.append(point)
        if len(self._points) > MAX_POINTS:
            self._points = self._points[::2]
            self._stride = max(2 * self._stride, int(2 * step / MAX_POINTS))
