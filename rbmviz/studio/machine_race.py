"""A race of Boltzmann machines: five structures that learn the same data side by side.

No thread of its own: each pull trains for at most BUDGET_SECONDS. Everything that is kept has a
bound: one state a machine, and a thinned curve.
"""

import threading
import time
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
from rbmviz.core.errors import DivergedError, FloatArray
from rbmviz.language import _
from rbmviz.studio.machine_settings import KINDS, RaceSettings, make_structure, verdicts
from rbmviz.studio.pace import work_clock
from rbmviz.studio.turns import PLAYERS

BUDGET_SECONDS = 0.04  # CPU, of training in one answer
MANY_UPDATES = 100  # that one button makes
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


class Race:
    """Train and describe all structures. Safe to call from two threads of a session."""

    def __init__(self, settings: RaceSettings) -> None:
        self._lock = threading.Lock()
        self.playing = False
        self.notice = ""
        self.seq = 0  # one more for every message that carries something new
        self._goal: int | None = None  # where to stop by itself
        self._pulled = False
        self._begin(settings)

    # ---- what the page asks -------------------------------------------------------------

    def apply(self, settings: RaceSettings) -> None:
        """Take new settings: a rate or a phase goes on from here, the others start anew."""
        with self._lock:
            if settings == self.settings:
                return
            if settings.goes_on_from(self.settings):
                self.notice = ""
                for kind, state in self._states.items():
                    new = settings.machine_settings(state.settings.structure)
                    self._states[kind] = with_machine_settings(state, new)
                self.settings = settings
                self._touch()
            else:
                self._begin(settings)

    def play(self) -> None:
        """Go on until told otherwise."""
        with self._lock:
            self._run(None)

    def pause(self) -> None:
        """Stay at this step."""
        with self._lock:
            self.playing = False
            self._touch()

    def make_many(self) -> None:
        """Go on for MANY_UPDATES updates, then pause; Pause ends it before."""
        with self._lock:
            self._run(self.step + MANY_UPDATES)

    def restart(self) -> None:
        """Go back to step 0."""
        with self._lock:
            self._begin(self.settings)

    def pull(self, seq: object) -> None:
        """Note that the browser has painted a message and wants the next; a stale one is void."""
        if isinstance(seq, int) and not isinstance(seq, bool) and seq == self.seq:
            self._pulled = True

    def advance(self, seconds: float = BUDGET_SECONDS) -> None:
        """Train for about so long, when the browser asked for it and nothing is paused."""
        while True:
            with self._lock:
                if not (self._pulled and self.playing):
                    self._pulled = False
                    return
            with PLAYERS.turn_with(self._lock, urgent=False) as has_lock:
                if has_lock and self._pulled and self.playing:
                    self._train(seconds)
                    self._pulled = False

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
        self.settings, self._states = settings, states
        self.playing, self.notice, self._goal = False, "", None
        self._points: list[tuple[float, ...]] = []
        self._stride = 1
        self._times: dict[tuple[str, int], list[float]] = {}
        self._shown_chains: dict[str, FloatArray] = {}
        self._touch()

    def _run(self, goal: int | None) -> None:
        self.playing, self.notice, self._goal = True, "", goal
        self._touch()

    def _touch(self) -> None:
        """Make a new message necessary."""
        self.seq += 1
        self._standings: dict[str, Standing] = {}
        self._approximations: dict[str, Approximation] = {}

    def _train(self, seconds: float) -> None:
        """Make updates of all machines, a few after another, at least one."""
        begun, n_updates = work_clock(), 1
        while self.playing:
            before = work_clock()
            if self._goal is not None:
                n_updates = min(n_updates, self._goal - self.step)
            try:
                self._states = {k: train_machine(s, n_updates) for k, s in self._states.items()}
            except DivergedError as error:
                self.playing = False
                self.notice = _("The race was stopped. {error}").format(error=error)
            if self.step == self._goal:
                self.playing = False
            now = work_clock()
            n_updates = int(n_updates * (begun + seconds - now) / max(now - before, 1e-9))
            if n_updates < 1:
                break
        self._touch()

    def _described(self) -> dict[str, Standing]:
        if not self._standings:
            self._standings = {kind: self._describe(kind) for kind in KINDS}
            values = (s.log_likelihood for s in self._standings.values())
            self._note((float(self.step), *values))
        return self._standings

    def _describe(self, kind: str) -> Standing:
        state, settings = self._states[kind], self.settings
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
        state, settings = standing.state, self.settings
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

    def _note(self, point: tuple[float, ...]) -> None:
        """Add a point to the curves; they are thinned as they grow."""
        step = point[0]
        if self._points and self._points[-1][0] == step:
            self._points[-1] = point
        elif not self._points or step - self._points[-1][0] >= self._stride:
            self._points.append(point)
        if len(self._points) > MAX_POINTS:
            self._points = self._points[::2]
            self._stride = max(2 * self._stride, int(2 * step / MAX_POINTS))
