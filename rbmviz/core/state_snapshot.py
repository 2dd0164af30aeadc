"""One moment of training as all of its visible states see it: probabilities, pushes, modes."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rbmviz.core.enumeration import exact_log_z
from rbmviz.core.errors import FloatArray, InputError
from rbmviz.core.state_space import (
    SpuriousModes,
    change_by_step,
    log_p_tilde_of_states,
    push_of_both_phases,
    spurious_modes,
    state_frequencies,
)
from rbmviz.core.training import TrainingState

BELIEVED = 1.5  # a model believes in a state that is so many times as probable as by chance


@dataclass(frozen=True, eq=False)
class StatesSnapshot:
    """Every visible state at the parameters of one step; arrays (2**n_visible,), nats.

    All numbers are exact but `frequency`: the estimate of p_model that the update from this step
    on works with.
    """

    step: int
    log_p_tilde: FloatArray
    log_z: float
    p_data: FloatArray  # the share of the data rows
    frequency: FloatArray | None  # the share of the negative phase's rows; None: no such rows
    n_samples: int  # rows behind frequency
    change: FloatArray  # of log p~ by the next update: a real step, with shared parameters
    change_of_log_z: float  # by the same update

    @cached_property
    def log_p(self) -> FloatArray:
        """Log p(v) = log p~(v) - log Z (eq. 18.1)."""
        return self.log_p_tilde - self.log_z

    @cached_property
    def p_model(self) -> FloatArray:
        """The model's probabilities."""
        return np.asarray(np.exp(self.log_p))

    @property
    def push(self) -> FloatArray:
        """Both phases together: p_data - p_model."""
        return push_of_both_phases(self.p_data, self.p_model)

    @property
    def mean_log_likelihood(self) -> float:
        """The mean of log p(v) over the data."""
        return float(self.p_data @ self.log_p)

    @cached_property
    def spurious(self) -> SpuriousModes:
        """The modes that the data never showed, from BELIEVED times the chance of 1 in 2**n on."""
        return spurious_modes(self.log_p, self.p_data, least=BELIEVED / self.log_p.size)


def take_states_snapshot(
    state: TrainingState, following: TrainingState, p_data: FloatArray | None = None
) -> StatesSnapshot:
    """Describe every visible state at `state`; `following` is one step on.

    Args:
        following: train_step(state).
        p_data: state_frequencies(state.v_data), when it is known already.

    Raises:
        TooManyUnitsError: the states cannot be listed.
        InputError: the data are no states (not 0/1), or following is not the next step.
    """
    if following.last is None or following.step != state.step + 1:
        raise InputError(
            f"following is at step {following.step}, state at {state.step}; pass train_step(state)."
        )
    n_visible = state.rbm.n_visible
    change, change_of_log_z = change_by_step(state.rbm, following.rbm)
    samples = following.last.negative.samples
    has_states = len(samples) > 0 and bool(((samples == 0) | (samples == 1)).all())
    return StatesSnapshot(
        step=state.step,
        log_p_tilde=log_p_tilde_of_states(state.rbm),
        log_z=exact_log_z(state.rbm),
        p_data=state_frequencies(state.v_data, n_visible) if p_data is None else p_data,
        frequency=state_frequencies(samples, n_visible) if has_states else None,
        n_samples=len(samples) if has_states else 0,
        change=change,
        change_of_log_z=change_of_log_z,
    )
