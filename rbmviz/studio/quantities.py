"""Quantities with a name: what a lesson can check, each with its unit, exact or estimated.

A quantity is read from a Subject: a model with its data, and how it is looked at. Each raises a
ValueError where it cannot be known: the model is too large, or comes without data.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rbmviz.core.bias_and_noise import exact_bias_and_noise
from rbmviz.core.datasets import best_mean_log_likelihood
from rbmviz.core.diagnostics import angles_between, compare_phases
from rbmviz.core.enumeration import (
    enumeration_seconds,
    exact_negative_phase,
    exact_probabilities,
    mean_log_likelihood,
)
from rbmviz.core.errors import FloatArray, InputError, TooManyUnitsError
from rbmviz.core.gibbs_operator import GibbsOperator, gibbs_operator, operator_seconds
from rbmviz.core.log_z import LogZEstimate, total_probability
from rbmviz.core.phase import PhaseStatistics, gradient, positive_phase
from rbmviz.core.rbm import RBM, log_p_tilde
from rbmviz.core.reconstruction import reconstruction_error
from rbmviz.core.training import TrainingState, train_step
from rbmviz.language import N_, _

MINUS = "\u2212"
MAX_SECONDS = 0.5  # of a sum behind a quantity: it is read once a second


@dataclass(frozen=True, eq=False)
class Subject:
    """What quantities are read from; every part that is computed is kept."""

    rbm: RBM
    v_data: FloatArray  # (rows, n_visible) of 0/1; no rows where no data come with the model
    n_steps: int = 1  # the k of CD-k
    state: TrainingState | None = None  # the run, where there is one
    best: float | None = None  # highest exact mean log-likelihood of the run so far, nats
    estimate: Callable[[], LogZEstimate | None] | None = None  # of log Z, when one was made
    weight: tuple[int, int] = (0, 0)  # visible i, hidden j: the weight that was named

    @property
    def rows(self) -> FloatArray:
        """The data; raises InputError where there are none."""
        if not len(self.v_data):
            raise InputError(_("This model comes without data. Choose one that has some."))
        return self.v_data

    @cached_property
    def exact(self) -> tuple[PhaseStatistics, float]:
        """The exact negative phase, and log Z in nats."""
        shorter, longer = sorted((self.rbm.n_visible, self.rbm.n_hidden))
        _refuse(enumeration_seconds(shorter, longer))
        return exact_negative_phase(self.rbm)

    @cached_property
    def positive(self) -> PhaseStatistics:
        """The positive phase of all rows, exact."""
        return positive_phase(self.rbm, self.rows)

    @cached_property
    def uphill(self) -> PhaseStatistics:
        """The exact gradient of the mean log-likelihood of all rows (eq. 18.4)."""
        return gradient(self.positive, self.exact[0])

    @cached_property
    def operator(self) -> GibbsOperator:
        """The exact transition operator of Gibbs sampling."""
        _refuse(operator_seconds(self.rbm.n_visible, self.rbm.n_hidden))
        return gibbs_operator(self.rbm)

    @cached_property
    def expected_uphill(self) -> PhaseStatistics:
        """The gradient that CD-k from all rows follows on average, exact."""
        found = self.operator.expected_contrastive_divergence(self.rows, self.n_steps)
        return gradient(self.positive, found[-1])

    @property
    def annealed(self) -> LogZEstimate:
        """The estimate of log Z on the screen."""
        found = self.estimate() if self.estimate else None
        if found is None:
            raise InputError(_("No estimate of log Z is on the screen. Choose the method AIS."))
        return found


def _refuse(seconds: float) -> None:
    if seconds > MAX_SECONDS:
        raise TooManyUnitsError(
            _(
                "The exact sum takes about {seconds:.2g} s; a lesson reads within "
                "{most:g} s. Choose "
                "a smaller model."
            ).format(seconds=seconds, most=MAX_SECONDS)
        )


@dataclass(frozen=True)
class Quantity:
    """A number with a name, read from a Subject."""

    name: str
    unit: str  # "" for a pure number, "%" for a share that is spoken in percent
    exact: bool
    meaning: str  # one or two sentences
    read: Callable[[Subject], float]
    needs: str = "model"  # "model", "run", "estimate" of log Z, or "weight" that is named
    digits: int = 3

    def told(self, value: float) -> str:
        """Write a value with its unit."""
        if self.unit == "%":
            said = f"{100 * value:.{max(self.digits - 2, 0)}f}"
        else:
            said = f"{value:,.{self.digits}f}"
        return f"{said} {_(self.unit)}".strip().replace("-", MINUS)


QUANTITIES: dict[str, Quantity] = {}


def _quantity(
    name: str, unit: str = "", *, exact: bool = True, needs: str = "model", digits: int = 3
) -> Callable[[Callable[[Subject], float]], Callable[[Subject], float]]:
    """Enter a function into the table; its docstring is what is said of it."""

    def enter(read: Callable[[Subject], float]) -> Callable[[Subject], float]:
        meaning = " ".join((read.__doc__ or "").split())
        QUANTITIES[name] = Quantity(name, unit, exact, meaning, read, needs, digits)
        return read

    return enter


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
