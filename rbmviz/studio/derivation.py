"""The derivation of one model's negative phase, parameter by parameter; what was found is kept."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from rbmviz.core.derivation import (
    Gradient,
    Line,
    StateTable,
    Wiggle,
    gradient_of_rows,
    lines_of_log_z,
    monte_carlo,
    wiggle,
)
from rbmviz.core.enumeration import exact_negative_phase
from rbmviz.core.errors import FloatArray
from rbmviz.core.parameter import KINDS, Parameter, Response
from rbmviz.core.phase import PhaseStatistics, positive_phase
from rbmviz.language import N_, _
from rbmviz.run.model_case import ModelCase
from rbmviz.run.models import model_row
from rbmviz.run.table import Field, row

REACH = 3.0  # a parameter is moved by at most this much, up or down
EPSILONS = np.linspace(-REACH, REACH, 49)
SAMPLES = (10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)
MAX_UNIT, MAX_ROW = 4095, 4096  # that an address can name
_MOST_KEPT = 128  # numbers and curves of a few kB

T = TypeVar("T")


@dataclass(frozen=True)
class DerivationSettings:
    """Everything that the page follows from; what another model does not have is brought inside."""

    model: str = row("Trained to the end", model_row())
    parameter: str = row(
        "W", Field(label=N_("Parameter θ"), choices=lambda: {kind: kind for kind in KINDS})
    )
    i: int = row(0, Field(label=N_("visible i"), limits=(0, MAX_UNIT)))
    j: int = row(0, Field(label=N_("hidden j"), limits=(0, MAX_UNIT)))
    samples: int = row(
        1000,
        Field(
            label=N_("Samples n"),
            help=N_("Independent exact samples behind the last line of the table."),
            numbers=SAMPLES,
        ),
    )
    draw: int = row(0, Field(label=N_("Draw again"), limits=(0, 999_999)))
    epsilon: float = row(
        0.0,
        Field(
            label=N_("Wiggle {name} by ε"),
            limits=(-REACH, REACH),
            step=0.1,
            format="%+.1f",
            slider=True,
            seen=True,
        ),
    )
    theta: float = row(0.5, Field(label="θ", limits=(0.0, 2.0), step=0.1, slider=True, seen=True))
    continuous: float = row(
        1.0,
        Field(label=N_("θ of both examples"), limits=(0.5, 3.0), step=0.1, slider=True, seen=True),
    )
    row: int = row(  # last, as the name hides the function
        0, Field(label=N_("Row of x"), limits=(0, MAX_ROW))
    )


@dataclass(frozen=True)
class Slopes:
    """Both phases of one parameter at a place on its way, exact, and the changes up to there."""

    positive: float
    negative: float
    log_p_tilde: float  # change of the rows' mean log p~, nats
    log_z: float  # change of log Z, nats

    @property
    def gradient(self) -> float:
        """The slope of the mean log-likelihood (eq. 18.4)."""
        return self.positive - self.negative


@dataclass(eq=False)
class Derivation:
    """One model with all its visible states.

    Raises:
        TooManyUnitsError: too many visible units to list every state.
    """

    case: ModelCase
    table: StateTable = field(init=False)
    _kept: dict[Hashable, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.table = StateTable(self.case.rbm)

    def _keep(self, key: Hashable, compute: Callable[[], T]) -> T:
        if key not in self._kept:
            while len(self._kept) >= _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = compute()
        found: T = self._kept[key]
        return found

    def rows(self, row: int) -> FloatArray:
        """Give the rows that x stands for: row 1, 2, ... of the data, or all of them at 0."""
        v = self.case.v_data
        return v if row == 0 else v[row - 1 : row]

    def lines(self, parameter: Parameter) -> list[Line]:
        """Compute lines 18.5 to 18.12."""
        return self._keep(parameter, lambda: lines_of_log_z(self.table, parameter))

    def gradient(self, parameter: Parameter, row: int) -> Gradient:
        """Compute both sides of eq. 18.4."""
        return self._keep(
            (parameter, row), lambda: gradient_of_rows(self.table, parameter, self.rows(row))
        )

    def response(self, parameter: Parameter) -> Response:
        """Give d log p~(x) of every state."""
        rbm, v = self.case.rbm, self.table.v
        return self._keep(("response", parameter), lambda: Response.of(rbm, parameter, v))

    def wiggle(self, parameter: Parameter, row: int) -> Wiggle:
        """Compute log Z and mean log p~ along the parameter."""
        return self._keep(
            ("wiggle", parameter, row),
            lambda: wiggle(self.table, parameter, self.rows(row), EPSILONS),
        )

    def slopes(self, parameter: Parameter, row: int, epsilon: float) -> Slopes:
        """Compute both phases where the parameter was moved by epsilon, from the moved model."""
        moved, v = parameter.moved(self.case.rbm, epsilon), self.rows(row)
        negative, log_z = exact_negative_phase(moved)
        before = exact_negative_phase(self.case.rbm)[1]
        at_rows = Response.of(self.case.rbm, parameter, v)
        return Slopes(
            positive=parameter.of(positive_phase(moved, v)),
            negative=parameter.of(negative),
            log_p_tilde=float(at_rows.difference(epsilon).mean()),
            log_z=log_z - before,
        )

    def estimate(self, parameter: Parameter, n_samples: int, draw: int) -> Line:
        """Average d log p~ over independent exact samples; another draw, another estimate."""
        rng = np.random.default_rng([draw, n_samples])
        return monte_carlo(rng, self.table, parameter, n_samples)

    def phases(self, row: int) -> tuple[PhaseStatistics, PhaseStatistics]:
        """Compute the positive phase of the rows and the exact negative phase, all parameters."""
        rbm = self.case.rbm
        negative = self._keep("negative", lambda: exact_negative_phase(rbm)[0])
        return positive_phase(rbm, self.rows(row)), negative


def chosen_parameter(kind: object, i: object, j: object, case: ModelCase) -> Parameter:
    """Build a parameter of the model from outside values; what does not fit is brought inside."""
    name = kind if isinstance(kind, str) and kind in KINDS else "W"
    return Parameter(name, _inside(i, case.rbm.n_visible), _inside(j, case.rbm.n_hidden))


def _inside(index: object, n: int) -> int:
    whole = isinstance(index, int) and not isinstance(index, bool)
    return min(max(index, 0), n - 1) if whole else 0  # type: ignore[type-var]


def told_size(error: float) -> str:
    """Write how far two routes are apart: 0, or a power such as 3e-16."""
    return "0" if error == 0 else f"{abs(error):.0e}".replace("e-0", "e-")


def verdict(line: Line, estimate: Line) -> str:
    """Say what a Monte Carlo average is worth, from its numbers."""
    off, error = estimate.value - line.value, estimate.standard_error
    if error == 0.0:
        return _("Every sample gave the same value: the standard error says nothing yet.")
    return _("{off:.1f} standard errors from the exact value.").format(off=abs(off) / error)
