"""One moment of a run with all that is known about it, completed as far as time allows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from rbmviz.core.centering import centered_gradient
from rbmviz.core.enumeration import exact_negative_phase
from rbmviz.core.errors import FloatArray
from rbmviz.core.log_z import AnnealedImportanceSampling, estimate_log_z
from rbmviz.core.phase import PhaseStatistics, gradient
from rbmviz.core.snapshot import Snapshot, most_probable_of, most_probable_states, take_snapshot
from rbmviz.core.training import TrainingState, train, train_step
from rbmviz.run.exact_cost import EVERY_ANSWER_UNITS, ExactCost

# 15 to 30 ms: an interval of some tenths of a nat, which is what fits beside a moving picture
ESTIMATOR = AnnealedImportanceSampling(n_chains=100, n_betas=200, n_sweeps=1)
N_STATES = 12  # most probable states that are listed
_BURST_SECONDS = 0.02  # of training without a look at the clock


@dataclass(frozen=True, eq=False)
class Moment:
    """A state, and the snapshot that describes it; each completion returns a new moment."""

    state: TrainingState
    following: TrainingState  # train_step(state), whose update the snapshot shows
    snapshot: Snapshot

    @classmethod
    def at(cls, state: TrainingState) -> "Moment":
        """Describe a state; what an update was made of is kept in the snapshot alone.

        Raises:
            DivergedError: the update that starts here goes beyond all bounds.
        """
        following = train_step(state)
        snapshot = take_snapshot(state, following, exact=False)
        return cls(replace(state, last=None), replace(following, last=None), snapshot)

    @property
    def ascent(self) -> PhaseStatistics:
        """The gradient that the update takes: centered where the settings say so, else plain."""
        plain = gradient(self.snapshot.positive, self.snapshot.negative.statistics)
        offset = self.following.hidden_offset  # the update moves it first, and then uses it
        if not self.state.settings.centered or offset is None:
            return plain
        return centered_gradient(plain, self.state.v_data.mean(axis=0), offset)

    def with_exact(self) -> "Moment":
        """Add the exact negative phase and log Z."""
        if self.snapshot.log_z is not None:
            return self
        return self.known_exactly(*exact_negative_phase(self.state.rbm))

    def known_exactly(self, negative: PhaseStatistics, log_z: float) -> "Moment":
        """Take an exact negative phase and log Z that were computed elsewhere."""
        return self._with(exact_negative=negative, log_z=log_z)

    def with_estimate(self) -> "Moment":
        """Add an estimate of log Z; the same moment always gets the same."""
        if self.snapshot.log_z_estimate is not None:
            return self
        rng = np.random.default_rng([self.state.settings.seed, self.state.step])
        found = estimate_log_z(rng, self.state.rbm, ESTIMATOR, self.state.v_data)
        return self._with(log_z_estimate=found)

    def with_states(self, distinct_rows: FloatArray) -> "Moment":
        """Add the most probable states: of all, or of these rows and the samples."""
        snapshot, rbm = self.snapshot, self.state.rbm
        if snapshot.probable_states is not None:
            return self
        if rbm.n_visible <= EVERY_ANSWER_UNITS:
            return self._with(probable_states=most_probable_states(rbm, N_STATES))
        if snapshot.log_z is None:
            return self
        seen = snapshot.negative.samples
        seen = seen[((seen == 0) | (seen == 1)).all(axis=1)]  # means of units are no states
        # The best of the rows first: to find equal ones among all of them would take longer
        rows = most_probable_of(rbm, distinct_rows, N_STATES, snapshot.log_z).v
        candidates = np.unique(np.concatenate([rows, seen]), axis=0)
        found = most_probable_of(rbm, candidates, N_STATES, snapshot.log_z)
        return self._with(probable_states=found)

    def for_recording(self, distinct_rows: FloatArray) -> "Moment":
        """Add the most probable states where that takes no time: see Checkpoint."""
        rbm = self.state.rbm
        is_quick = ExactCost(rbm.n_visible, rbm.n_hidden).states_seconds == 0.0
        return self.with_states(distinct_rows) if is_quick else self

    def _with(self, **known: object) -> "Moment":
        return replace(self, snapshot=replace(self.snapshot, **known))


def bursts(
    state: TrainingState,
    n_updates: int,
    seconds: float,
    clock: Callable[[], float] = perf_counter,
) -> Iterator[TrainingState]:
    """Make n_updates, or as many as the time allows, and give the state after each short burst.

    clock: wall time for a person who waits; `pace.work_clock` where a share of work is meant.

    Raises:
        DivergedError: the state that was given last is the last good one.
    """
    deadline, goal, size = clock() + seconds, state.step + n_updates, 1
    while state.step < goal and (begun := clock()) < deadline:
        state = train(state, min(size, goal - state.step))
        size = 2 * size if clock() - begun < _BURST_SECONDS else max(size // 2, 1)
        yield state


def trained(
    state: TrainingState,
    n_updates: int,
    seconds: float,
    clock: Callable[[], float] = perf_counter,
) -> TrainingState:
    """Make n_updates, or as many as the time allows.

    Raises:
        DivergedError: on the way.
    """
    if seconds == float("inf"):
        return train(state, n_updates)
    for state in bursts(state, n_updates, seconds, clock):  # noqa: B007, B020
        pass
    return state
