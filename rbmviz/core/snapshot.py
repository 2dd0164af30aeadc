"""One moment of training as a viewer needs it: parameters, both phases, samples, log Z."""

from dataclasses import dataclass

import numpy as np

from rbmviz.core.diagnostics import PhaseComparison, compare_phases
from rbmviz.core.enumeration import exact_negative_phase, exact_probabilities
from rbmviz.core.errors import FloatArray, InputError, check_count
from rbmviz.core.log_z import LogZEstimate
from rbmviz.core.negative_phase import NegativePhaseEstimate
from rbmviz.core.phase import PhaseStatistics
from rbmviz.core.rbm import RBM, log_p_tilde_unchecked
from rbmviz.core.state_blocks import Progress, bits_of
from rbmviz.core.training import TrainingState


@dataclass(frozen=True, eq=False)
class ProbableStates:
    """The visible states with the largest probability, in falling order."""

    v: FloatArray  # (k, n_visible) of 0/1
    p: FloatArray  # (k,) exact probabilities
    complete: bool  # True: among all 2**n_visible states; False: only among the states seen


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything at the parameters of one step: the phases are those of the update from step on.

    theta_(step + 1) = theta_step + learning_rate * (positive - negative), but for momentum
    and weight decay.
    """

    step: int
    rbm: RBM
    v_batch: FloatArray  # (batch_size, n_visible), the rows of the positive phase
    positive: PhaseStatistics  # exact for v_batch
    negative: NegativePhaseEstimate  # .statistics and .samples (n, n_visible)
    mean_log_p_tilde: float  # over all data rows, nats
    exact_negative: PhaseStatistics | None = None
    log_z: float | None = None  # exact, nats
    log_z_estimate: LogZEstimate | None = None  # estimated, nats
    probable_states: ProbableStates | None = None

    @property
    def comparison(self) -> PhaseComparison | None:
        """Estimated against exact negative phase; None when the exact one is not known."""
        if self.exact_negative is None:
            return None
        return compare_phases(self.positive, self.negative.statistics, self.exact_negative)

    @property
    def mean_log_likelihood(self) -> float | None:
        """Mean log p(v) over all data rows, nats, exact; None when log Z is not known."""
        return None if self.log_z is None else self.mean_log_p_tilde - self.log_z


def take_snapshot(
    state: TrainingState,
    following: TrainingState,
    *,
    exact: bool,
    progress: Progress | None = None,
) -> Snapshot:
    """Describe `state`; its phases come from the update that led to `following`, one step on.

    Args:
        following: train_step(state).
        exact: also enumerate, for log Z and the exact negative phase.

    Raises:
        TooManyUnitsError: exact is asked of a model that cannot be enumerated.
    """
    update = following.last
    if update is None or following.step != state.step + 1:
        raise InputError(
            f"following is at step {following.step}, state at {state.step}; pass train_step(state)."
        )
    exact_negative, log_z = exact_negative_phase(state.rbm, progress) if exact else (None, None)
    return Snapshot(
        step=state.step,
        rbm=state.rbm,
        v_batch=update.v_batch,
        positive=update.positive,
        negative=update.negative,
        mean_log_p_tilde=float(log_p_tilde_unchecked(state.rbm, state.v_data).mean()),
        exact_negative=exact_negative,
        log_z=log_z,
    )


def most_probable_states(rbm: RBM, k: int) -> ProbableStates:
    """List the k most probable of all visible states with p(v), exact.

    Raises:
        TooManyUnitsError: too many visible units to list their states.
    """
    k = check_count("k", k)
    p = exact_probabilities(rbm)
    k = min(k, p.size)
    top = np.argpartition(p, -k)[-k:]
    top = top[np.argsort(-p[top], kind="stable")]
    return ProbableStates(v=bits_of(top, rbm.n_visible), p=p[top], complete=True)


def most_probable_of(rbm: RBM, candidates: FloatArray, k: int, log_z: float) -> ProbableStates:
    """List the k most probable of some distinct 0/1 rows with p(v), exact when log_z is."""
    log_p = log_p_tilde_unchecked(rbm, candidates) - log_z
    top = np.argsort(-log_p, kind="stable")[:k]
    return ProbableStates(v=candidates[top], p=np.exp(log_p[top]), complete=False)
