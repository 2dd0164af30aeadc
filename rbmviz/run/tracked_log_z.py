"""log Z of a run as it trains: the particles that follow it, and what is said of them.

Between two frames the parameters move on a nearly straight line: the particles follow in short
pieces of it. The randomness of each move comes from the run's seed and the step alone, so that
going back and playing again tells the same numbers.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from rbmviz.core.errors import FloatArray
from rbmviz.core.log_z import TrackedLogZ, anchored, start_tracking, track
from rbmviz.core.rbm import RBM
from rbmviz.core.training import TrainingState
from rbmviz.language import N_, _
from rbmviz.run.log_z_bound_check import excess_warning

N_PARTICLES, N_BETAS = 200, 60
ANCHOR_EVERY = 500  # updates between two exact values that the particles are put on
_UPDATES_A_PIECE, _MOST_PIECES = 10, 10
_WEIGHTS_OF_ALL_PIECES = 20_000  # fewer pieces for larger models: they must not slow a frame
_LOST_DEVIATION = 0.5  # nats since the anchor: it is not worth following on
_LOST_EFFECTIVE = 0.02  # of the particles, after one move: they do not stand for the model any more


@dataclass(frozen=True, eq=False)
class Follower:
    """The particles at one step. Immutable: each move returns a new one."""

    tracked: TrackedLogZ
    step: int
    anchor_step: int = 0  # where they were last put on an exact value, or placed anew
    exact_anchor: bool = False  # or by annealing
    measured: tuple[int, float] | None = None  # updates between the last two anchors; drift, nats

    @classmethod
    def at(cls, state: TrainingState) -> "Follower":
        """Place the particles by annealed importance sampling."""
        rng = _rng(state)
        tracked = start_tracking(rng, state.rbm, state.v_data, N_PARTICLES, N_BETAS)
        return cls(tracked, state.step, state.step)

    def moved_to(self, state: TrainingState) -> "Follower":
        """Follow to another state of the same run; place the particles anew when they are lost."""
        if state.step == self.step and state.rbm is self.tracked.rbm:
            return self
        start, end = self.tracked.rbm, state.rbm
        rng, tracked = _rng(state), self.tracked
        n_pieces = min(
            _MOST_PIECES,
            1 + abs(state.step - self.step) // _UPDATES_A_PIECE,
            1 + _WEIGHTS_OF_ALL_PIECES // end.W.size,
        )
        for k in range(1, n_pieces + 1):
            piece = end if k == n_pieces else _between(start, end, k / n_pieces)
            tracked = track(rng, tracked, piece)
        well = math.isfinite(tracked.log_z) and tracked.deviation < _LOST_DEVIATION
        if not well or tracked.effective_sample_size < _LOST_EFFECTIVE * N_PARTICLES:
            return Follower.at(state)
        return replace(self, tracked=tracked, step=state.step)

    def put_on(self, log_z: float) -> "Follower":
        """Anchor on the exact value at this step, when the last anchor lies far enough behind."""
        gone = self.step - self.anchor_step
        if self.exact_anchor and gone < ANCHOR_EVERY:
            return self
        tracked = anchored(self.tracked, log_z)
        measured = (gone, tracked.drift) if gone and tracked.drift is not None else self.measured
        return Follower(tracked, self.step, self.step, True, measured)


@dataclass(frozen=True)
class LogZReport:
    """What the ledger says of the tracked log Z."""

    step: int
    log_z: float  # nats, estimated
    deviation: float  # standard deviation since the anchor, nats
    effective_sample_size: float
    n_particles: int
    updates: int  # since the anchor
    exact_anchor: bool
    off: float | None  # log_z less the exact value now, where that is known
    measured: tuple[int, float] | None  # updates between the last two anchors, and the drift then
    warning: str | None  # when probabilities of distinct rows add up to more than one


def report(
    follower: Follower, rows: FloatArray, log_z: float | None, estimate: float | None
) -> LogZReport:
    """Describe the tracked value beside what else is known of log Z at the same parameters.

    rows: (n, n_visible) distinct data rows. log_z: exact, or None. estimate: of the annealing.
    """
    tracked, rbm = follower.tracked, follower.tracked.rbm
    warnings = [
        excess_warning(rbm, rows, value, _(name))
        for name, value in (
            (N_("the tracked log Z"), tracked.log_z),
            (N_("the annealed log Z"), estimate),
        )
        if value is not None
    ]
    return LogZReport(
        step=follower.step,
        log_z=tracked.log_z,
        deviation=tracked.deviation,
        effective_sample_size=tracked.effective_sample_size,
        n_particles=len(tracked.v),
        updates=follower.step - follower.anchor_step,
        exact_anchor=follower.exact_anchor,
        off=None if log_z is None else tracked.log_z - log_z,
        measured=follower.measured,
        warning=" ".join(text for text in warnings if text) or None,
    )


def _between(start: RBM, end: RBM, share: float) -> RBM:
    W, b, c = (a + share * (z - a) for a, z in zip(_arrays(start), _arrays(end), strict=True))
    return RBM(W, b, c)


def _arrays(rbm: RBM) -> tuple[FloatArray, FloatArray, FloatArray]:
    return rbm.W, rbm.b, rbm.c


def _rng(state: TrainingState) -> np.random.Generator:
    return np.random.default_rng([state.settings.seed, state.step, 1])
