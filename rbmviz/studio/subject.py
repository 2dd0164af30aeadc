"""What quantities are read from: a model with its data, and how it is looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from rbmviz.core.boltzmann import BoltzmannMachine
from rbmviz.core.enumeration import enumeration_seconds, exact_negative_phase
from rbmviz.core.errors import FloatArray, InputError, TooManyUnitsError
from rbmviz.core.gibbs_operator import GibbsOperator, gibbs_operator, operator_seconds
from rbmviz.core.log_z import LogZEstimate
from rbmviz.core.phase import PhaseStatistics, gradient, positive_phase
from rbmviz.core.rbm import RBM
from rbmviz.core.training import TrainingState
from rbmviz.language import _

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
    machine: BoltzmannMachine | None = None  # any couplings; then rbm is the RBM beside it

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
            raise InputError(_("No estimate of log Z is on the screen. Choose the method *AIS*."))
        return found


def _refuse(seconds: float) -> None:
    if seconds > MAX_SECONDS:
        raise TooManyUnitsError(
            _(
                "The exact sum takes about {seconds:.2g} s; a lesson reads within {most:g} s. "
                "Choose a smaller model."
            ).format(seconds=seconds, most=MAX_SECONDS)
        )
