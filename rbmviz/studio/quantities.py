"""Quantities with a name: what a lesson can check, each with its unit, exact or estimated.

A quantity is read from a Subject: a model with its data, and how it is looked at. Each raises a
ValueError where it cannot be known: the model is too large, or comes without data.
"""

from functools import partial

import numpy as np

from rbmviz.core.bias_and_noise import exact_bias_and_noise
from rbmviz.core.datasets import best_mean_log_likelihood
from rbmviz.core.diagnostics import angles_between, compare_phases
from rbmviz.core.enumeration import enumeration_seconds, exact_probabilities, mean_log_likelihood
from rbmviz.core.errors import InputError
from rbmviz.core.log_z import total_probability
from rbmviz.core.rbm import log_p_tilde
from rbmviz.core.reconstruction import reconstruction_error
from rbmviz.core.training import train_step
from rbmviz.language import N_, _
from rbmviz.studio.machine_quantities import MACHINE_QUANTITIES
from rbmviz.studio.quantity import MINUS, Quantity, Table, quantity
from rbmviz.studio.subject import Subject

__all__ = ["MINUS", "QUANTITIES", "Quantity", "Subject"]

QUANTITIES: Table = {}
_quantity = partial(quantity, QUANTITIES)


# ---- the model and its data -------------------------------------------------------------------


@_quantity(N_("exact gradient norm"))
def _gradient_norm(subject: Subject) -> float:
    """Length of the exact gradient of the mean log-likelihood over W, b and c: 0 at rest."""
    return float(np.linalg.norm(subject.uphill.flat()))


@_quantity(N_("mean log-likelihood"), N_("nats"))
def _mean_log_likelihood(subject: Subject) -> float:
    """Mean of log p(v) over all rows of the data: higher is better."""
    return mean_log_likelihood(subject.rbm, subject.rows, subject.exact[1])


@_quantity(N_("gap to the best"), N_("nats"))
def _gap_to_the_best(subject: Subject) -> float:
    """What the mean log-likelihood lacks to the best that any model can reach on these rows."""
    return best_mean_log_likelihood(subject.rows) - _mean_log_likelihood(subject)


@_quantity(N_("mean log p~"), N_("nats"))
def _mean_log_p_tilde(subject: Subject) -> float:
    """Mean of log p~(v) over all rows: what the positive phase raises."""
    return float(log_p_tilde(subject.rbm, subject.rows).mean())


@_quantity(N_("log Z"), N_("nats"))
def _log_z(subject: Subject) -> float:
    """Logarithm of the partition function: what the negative phase holds down."""
    return subject.exact[1]


@_quantity(N_("reconstruction error"), "%", digits=4)
def _reconstruction_error(subject: Subject) -> float:
    """Mean probability that a pixel comes back wrong, data to hidden means and back."""
    return reconstruction_error(subject.rbm, subject.rows)


@_quantity(N_("probability of the data"), "%")
def _data_mass(subject: Subject) -> float:
    """Total probability that the model gives to the distinct rows of the data."""
    return total_probability(subject.rbm, subject.rows, subject.exact[1])


@_quantity(N_("largest weight"), digits=2)
def _largest_weight(subject: Subject) -> float:
    """Largest absolute value in W."""
    return float(np.abs(subject.rbm.W).max())


# ---- the chains -------------------------------------------------------------------------------


@_quantity(N_("CD angle"), N_("degrees"), digits=1)
def _cd_angle(subject: Subject) -> float:
    """Angle between the gradient that CD-k follows on average and the exact one.

    Beyond 90 degrees an average update lowers the likelihood.
    """
    return float(angles_between(subject.expected_uphill.flat(), subject.uphill.flat()))


@_quantity(N_("wrong signs"), "%", digits=2)
def _wrong_signs(subject: Subject) -> float:
    """Share of the weights that CD-k moves the wrong way on average."""
    found = exact_bias_and_noise(
        subject.operator, subject.rows, subject.n_steps, exact=subject.exact[0]
    )
    return found.wrong_signs_of_mean


@_quantity(N_("number of wrong signs"), digits=0)
def _number_of_wrong_signs(subject: Subject) -> float:
    """How many weights CD-k moves the wrong way on average."""
    return round(_wrong_signs(subject) * subject.rbm.W.size)


@_quantity(N_("agreement at a weight"), needs="weight", digits=4)
def _agreement(subject: Subject) -> float:
    """At the weight named, the gradient of CD-k on average, times the sign of the exact gradient.

    Below 0, CD-k moves this weight the wrong way.
    """
    i, j = subject.weight
    if not (0 <= i < subject.rbm.n_visible and 0 <= j < subject.rbm.n_hidden):
        raise InputError(
            _("W[{i}, {j}] is not in this model; i goes to {last_i} and j to {last_j}.").format(
                i=i, j=j, last_i=subject.rbm.n_visible - 1, last_j=subject.rbm.n_hidden - 1
            )
        )
    return float(subject.expected_uphill.vh[i, j] * np.sign(subject.uphill.vh[i, j]))


@_quantity(N_("missed probability"), "%", digits=3)
def _missed(subject: Subject) -> float:
    """Probability that the model has and the ends of CD-k chains have not: total variation.

    The sum over all visible states of max(p(v) - q(v), 0).
    """
    q = subject.operator.visible_probabilities_after(subject.rows, subject.n_steps)
    return float(np.maximum(exact_probabilities(subject.rbm) - q, 0.0).sum())


@_quantity(N_("probability of a missed mode"), "%", digits=3)
def _missed_mode(subject: Subject) -> float:
    """Probability of the side of the slowest mode that holds fewer rows of the data.

    A row belongs to the side whose mean is nearer. Chains seldom move between both sides: those
    that start at the data hardly see this one.
    """
    sides = subject.operator.slowest_sides()
    distances = [np.abs(subject.rows - side.mean_v).sum(axis=1) for side in sides]
    near_the_first = float((distances[0] <= distances[1]).mean())
    return sides[0 if near_the_first < 0.5 else 1].probability


@_quantity(N_("mixing time"), N_("steps"), digits=0)
def _mixing_time(subject: Subject) -> float:
    """Gibbs steps until a chain has forgotten its start, to a quarter in total variation."""
    found = subject.operator.quarter_mixing_time
    return float("inf") if found is None else float(found)


# ---- a run ------------------------------------------------------------------------------------


@_quantity(N_("fall since its best"), N_("nats"), needs="run")
def _fall(subject: Subject) -> float:
    """How far the mean log-likelihood lies below the highest that the run has had."""
    now = _mean_log_likelihood(subject)
    return max((now if subject.best is None else subject.best) - now, 0.0)


@_quantity(N_("error of the negative phase"), exact=False, needs="run")
def _negative_error(subject: Subject) -> float:
    """Length of estimated minus exact negative phase, of the next update: one draw, with noise."""
    if subject.state is None:
        raise InputError(_("Only a run in the lab has a next update."))
    update = train_step(subject.state).last
    assert update is not None  # train_step has made one
    found = compare_phases(update.positive, update.negative.statistics, subject.exact[0])
    return found.error_norm


@_quantity(N_("updates"), needs="run", digits=0)
def _updates(subject: Subject) -> float:
    """How many updates the run has made."""
    if subject.state is None:
        raise InputError(_("Only a run in the lab counts its updates."))
    return float(subject.state.step)


# ---- the cost, and log Z ----------------------------------------------------------------------


@_quantity(N_("enumeration cost"), N_("CPU seconds"), exact=False)
def _enumeration_cost(subject: Subject) -> float:
    """Seconds of one exact negative phase, by the law n 2^n and a factor that was measured once."""
    shorter, longer = sorted((subject.rbm.n_visible, subject.rbm.n_hidden))
    return enumeration_seconds(shorter, longer)


@_quantity(N_("states of the shorter layer"), digits=0)
def _states(subject: Subject) -> float:
    """How many states an exact negative phase sums over: 2 to the units of the shorter layer."""
    return 2.0 ** min(subject.rbm.n_visible, subject.rbm.n_hidden)


@_quantity(N_("terms of the positive phase"), digits=0)
def _positive_terms(subject: Subject) -> float:
    """Terms of an RBM's positive phase for one row: one a hidden unit, as they are independent."""
    return float(subject.rbm.n_hidden)


@_quantity(N_("terms if hidden units were coupled"), digits=0)
def _coupled_terms(subject: Subject) -> float:
    """Terms of the positive phase for one row with couplings among all hidden units: 2^n_hidden."""
    return 2.0**subject.rbm.n_hidden


@_quantity(N_("AIS error"), N_("nats"), needs="estimate")
def _ais_error(subject: Subject) -> float:
    """Distance of the annealed estimate of log Z on the screen from the exact value."""
    return abs(subject.annealed.log_z - subject.exact[1])


@_quantity(N_("AIS interval width"), N_("nats"), exact=False, needs="estimate")
def _ais_width(subject: Subject) -> float:
    """Width of the 95 % interval of the annealed estimate on the screen: what it claims to know."""
    return subject.annealed.high - subject.annealed.low


@_quantity(N_("AIS error in half-widths"), needs="estimate", digits=2)
def _ais_misses(subject: Subject) -> float:
    """Distance of the exact log Z from the middle of the AIS interval, in half-widths.

    Above 1 the truth lies outside.
    """
    found = subject.annealed
    half = 0.5 * (found.high - found.low)
    return abs(subject.exact[1] - 0.5 * (found.high + found.low)) / max(half, 1e-12)


QUANTITIES.update(MACHINE_QUANTITIES)
