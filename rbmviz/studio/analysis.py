"""The analysis of one model's negative phases: what is known so far, and how to know more."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from rbmviz.core.bias_and_noise import (
    BiasAndNoise,
    exact_bias_and_noise_up_to,
    measure_bias_and_noise,
    seconds_of_an_estimate,
)
from rbmviz.core.enumeration import (
    MAX_LISTED_UNITS,
    enumeration_seconds,
    exact_negative_phase,
    exact_probabilities,
)
from rbmviz.core.errors import FloatArray, InputError
from rbmviz.core.gibbs_operator import GibbsOperator, gibbs_operator, operator_seconds
from rbmviz.core.negative_phase import NegativePhase, NegativePhaseEstimate
from rbmviz.core.phase import PhaseStatistics
from rbmviz.core.state_blocks import Progress
from rbmviz.core.state_space import state_frequencies
from rbmviz.language import N_, _
from rbmviz.run.estimators import ESTIMATORS, OFFERED, Estimator
from rbmviz.run.model_case import ModelCase
from rbmviz.run.models import model_row
from rbmviz.run.settings import LabSettings
from rbmviz.run.table import Field, row

MAX_STEPS = 50
STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, MAX_STEPS)  # of the slider over k
MAX_STATES_UNITS = 12  # visible units whose states are all shown
SUDDEN_SECONDS = 0.4  # what takes longer shows a progress bar
MAX_REPEAT_SECONDS = 120.0  # of all repeats of one estimator, made one by one
KINDS = tuple(name for name in OFFERED if name != "exact")  # held against the exact sum
REPEATS = (50, 100, 200, 500, 1000)
WARM_UPS = (0, 10, 100, 300, 1000)
MAX_DRAW = 999_999


@dataclass(frozen=True)
class NegativePhaseSettings:
    """Everything that the page follows from."""

    model: str = row("Trained to the end", model_row())
    estimator: str = row(
        "cd",
        Field(
            label=N_("Estimator"),
            choices=lambda: {kind: ESTIMATORS[kind].label for kind in KINDS},
        ),
    )
    k: int = row(1, Field(label=N_("Gibbs steps k"), numbers=STEPS))
    repeats: int = row(
        100,
        Field(
            label=N_("Repeats"),
            help=N_("Independent estimates behind each mean, where it is not known exactly."),
            numbers=REPEATS,
        ),
    )
    warm_up: int = row(
        100,
        Field(
            label=N_("Warm-up steps"),
            help=N_(
                "Steps of persistent chains at these parameters before the estimate. In a run "
                "the parameters move meanwhile; here they rest."
            ),
            numbers=WARM_UPS,
        ),
    )
    draw: int = row(0, Field(label=N_("Redraw"), limits=(0, MAX_DRAW)))


@dataclass(frozen=True)
class Contestant:
    """An estimator as the page speaks of it."""

    kind: str
    n_steps: int = 1

    @property
    def row(self) -> Estimator:
        """What is known of the estimator.

        Raises:
            InputError: a kind that is none.
        """
        if self.kind not in ESTIMATORS:
            raise InputError(f"kind is {self.kind!r}; choose one of {', '.join(ESTIMATORS)}.")
        return ESTIMATORS[self.kind]

    @property
    def parameters(self) -> dict[str, Any]:
        """Its settings, as a run in the lab has them at first, with those of the comparison."""
        return asdict(LabSettings(estimator=self.kind, n_steps=self.n_steps)) | dict(self.row.study)

    @property
    def method(self) -> NegativePhase:
        """The estimator as the library has it."""
        values, row = self.parameters, self.row
        return row.make(**{name: values[name] for name in {*row.parameters, *row.study}})

    @property
    def label(self) -> str:
        """A short name with the number of steps."""
        return self.row.title.format(**self.parameters)

    @property
    def name(self) -> str:
        """The name in full, with the number of steps."""
        steps = f", k = {self.n_steps}" if "n_steps" in self.row.parameters else ""
        return _(self.row.label) + steps

    @property
    def chains_text(self) -> str:
        """What one estimate is an average over."""
        return _(self.row.study_chains).format(**self.parameters)


TABLE = tuple(Contestant(kind, k) for kind, each in ESTIMATORS.items() for k in each.study_steps)


@dataclass(eq=False)
class Analysis:
    """One model under study; what was computed is kept."""

    case: ModelCase
    n_repeats: int = 100
    n_warm_up: int = 100
    exact: PhaseStatistics | None = None
    operator: GibbsOperator | None = None
    stopped: bool = False  # by the person at the screen: nothing long is begun by itself
    judged: dict[Contestant, BiasAndNoise] = field(default_factory=dict)
    singly: dict[Contestant, BiasAndNoise] = field(default_factory=dict)  # as the table has them
    _timed: dict[Contestant, float] = field(default_factory=dict)
    _drawn: tuple[tuple[Contestant, int], NegativePhaseEstimate] | None = None

    # ---- what it would cost ---------------------------------------------------------------

    @property
    def sizes(self) -> tuple[int, int]:
        """Number of visible and of hidden units."""
        return self.case.rbm.n_visible, self.case.rbm.n_hidden

    @property
    def exact_seconds(self) -> float:
        """The estimated CPU seconds of the exact phase."""
        return enumeration_seconds(min(self.sizes), max(self.sizes))

    @property
    def operator_seconds(self) -> float:
        """The estimated CPU seconds of the operator, and of what follows from it."""
        return 1.5 * operator_seconds(*self.sizes)

    # ---- the steps, each with progress ----------------------------------------------------

    def find_exact(self, progress: Progress | None = None) -> None:
        """Enumerate; raises TooManyUnitsError with the cost."""
        self.exact = exact_negative_phase(self.case.rbm, progress)[0]

    def find_operator(self, progress: Progress | None = None) -> None:
        """Build the transition operator and what follows; raises TooManyUnitsError with the cost.

        What follows are its spectrum, its mixing time, and the squares behind the noise of CD-k.
        """

        def part(begin: float, end: float) -> Progress | None:
            return progress and (lambda done: progress(begin + (end - begin) * done))

        operator = gibbs_operator(self.case.rbm, part(0.0, 0.7))
        operator.prepare_deviations(part(0.7, 0.9))
        _known = operator.eigenvalues, operator.quarter_mixing_time
        self.operator = operator

    def judge(self, who: Contestant, progress: Progress | None = None) -> BiasAndNoise:
        """Find bias and noise of an estimator: exactly for CD-k when the operator is known."""
        assert self.exact is not None  # the page finds it first
        if who in self.judged:
            return self.judged[who]
        if who.kind == "cd" and self.operator is not None:
            found = exact_bias_and_noise_up_to(
                self.operator, self.case.v_batch, MAX_STEPS, self.exact
            )
            self.judged |= {Contestant("cd", k): one for k, one in enumerate(found, start=1)}
        else:
            self.judged[who] = self.repeat(who, progress)
        return self.judged[who]

    def repeat(self, who: Contestant, progress: Progress | None = None) -> BiasAndNoise:
        """Judge by repeats; fewer than asked for when they would take too long."""
        each = self.seconds(who) * (1 + self._warm_up_of(who))
        n_affordable = int(MAX_REPEAT_SECONDS / max(each, 1e-6))
        return measure_bias_and_noise(
            np.random.default_rng([who.n_steps, *who.kind.encode()]),
            self.case.rbm,
            who.method,
            self.case.v_batch,
            n_repeats=max(2, min(self.n_repeats, n_affordable)),
            n_warm_up=self._warm_up_of(who),
            exact=self.exact,
            progress=progress,
        )

    def judge_one(self, who: Contestant, progress: Progress | None = None) -> BiasAndNoise:
        """Judge for the table, which also tells of single estimates: those are always repeated."""
        if who not in self.singly:
            found = self.judge(who, progress)
            if found.angle_of_one is None:
                repeated = self.repeat(who, progress)
                found = replace(
                    found,
                    angle_of_one=repeated.angle_of_one,
                    wrong_signs_of_one=repeated.wrong_signs_of_one,
                )
            self.singly[who] = found
        return self.singly[who]

    def _warm_up_of(self, who: Contestant) -> int:
        return self.n_warm_up if who.row.keeps else 0

    def knows(self, who: Contestant) -> bool:
        """True when judging takes no repeats."""
        return who in self.judged or (who.kind == "cd" and self.operator is not None)

    def seconds(self, who: Contestant) -> float:
        """Measure the CPU seconds of one estimate."""
        known = self.judged.get(who)
        if known is not None and known.seconds is not None:
            return known.seconds
        if who not in self._timed:
            self._timed[who] = seconds_of_an_estimate(
                np.random.default_rng(0), self.case.rbm, who.method, self.case.v_batch
            )
        return self._timed[who]

    # ---- what is shown --------------------------------------------------------------------

    def one_estimate(self, who: Contestant, seed: int) -> NegativePhaseEstimate:
        """Draw a single estimate, once; persistent chains get the warm-up first."""
        kept = self._drawn
        if kept is None or kept[0] != (who, seed):
            rng = np.random.default_rng([seed, 1])
            method, rbm, batch = who.method, self.case.rbm, self.case.v_batch
            most = int(SUDDEN_SECONDS / max(self.seconds(who), 1e-6))
            chains = method.init(rng, rbm, batch)
            for _step in range(min(self._warm_up_of(who), most) if chains is not None else 0):
                chains, _estimate = method.step(rng, chains, rbm, batch)
            kept = self._drawn = ((who, seed), method.step(rng, chains, rbm, batch)[1])
        return kept[1]

    def curves(self) -> tuple[list[float], list[float]]:
        """Give the bias norm and the noise norm of CD-k for k = 1 to MAX_STEPS, exact."""
        assert self.operator is not None
        judged = [self.judge(Contestant("cd", k)) for k in range(1, MAX_STEPS + 1)]
        return [j.bias_norm for j in judged], [j.noise_norm for j in judged]

    def state_probabilities(
        self, who: Contestant
    ) -> tuple[FloatArray, FloatArray, FloatArray | None] | None:
        """Give p of every visible state under the model, the data and the chains.

        None when there are too many states; the last is None where chains have no states.
        """
        rbm = self.case.rbm
        if rbm.n_visible > min(MAX_STATES_UNITS, MAX_LISTED_UNITS):
            return None
        data = state_frequencies(self.case.v_data, rbm.n_visible)
        if who.kind == "cd" and self.operator is not None:
            chains = self.operator.visible_probabilities_after(self.case.v_batch, who.n_steps)
        else:
            chains = self.judge(who).visible_frequencies
        return exact_probabilities(rbm), data, chains


def is_resolved(found: BiasAndNoise) -> bool:
    """Say whether the repeats tell the bias from zero; then its direction means something too."""
    return found.n_repeats is None or found.bias_norm > 2 * found.bias_floor


def verdict(found: BiasAndNoise, label: str) -> str:
    """Answer "wrong, or only noisy?" in a sentence, from the numbers."""
    bias, noise = found.bias_norm, found.noise_norm
    numbers = _("noise {noise:.3g}").format(noise=noise)
    if is_resolved(found):
        numbers = _("bias {bias:.3g}, noise {noise:.3g}").format(bias=bias, noise=noise)
    if bias + noise < 1e-9:
        return _("{label} is exact: no bias, no noise.").format(label=label)
    if found.n_repeats is not None and noise < 1e-4 * bias:
        return _(
            "{label} is wrong and has no noise here (bias {bias:.3g}): averaging does not help."
        ).format(label=label, bias=bias)
    if not is_resolved(found):
        return _(
            "{label} is only noisy, as far as {n_repeats} repeats can tell ({numbers}): "
            "averaging over updates helps."
        ).format(label=label, n_repeats=found.n_repeats, numbers=numbers)
    if bias < 0.02 * noise:
        return _("{label} is only noisy here ({numbers}): averaging over updates helps.").format(
            label=label, numbers=numbers
        )
    if bias > 2 * noise:
        return _(
            "{label} is wrong rather than noisy here ({numbers}): averaging does not help."
        ).format(label=label, numbers=numbers)
    if bias > 0.5 * noise:
        return _("{label} is both wrong and noisy here ({numbers}).").format(
            label=label, numbers=numbers
        )
    return _(
        "{label} is noisy rather than wrong here ({numbers}): averaging over updates helps, "
        "until the bias is what is left."
    ).format(label=label, numbers=numbers)
