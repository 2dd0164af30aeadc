"""Proof that a lesson still shows what it says: every claim is run, every check is reached.

A Board does what the pages do, without a screen: a preset starts a run, a change goes on with it.
Everything is deterministic: runs follow from their settings and seed.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rbmviz.core.boltzmann import BoltzmannMachine
from rbmviz.core.errors import FloatArray, InputError
from rbmviz.core.log_z import LogZEstimate
from rbmviz.core.rbm import RBM
from rbmviz.core.state_blocks import Progress
from rbmviz.core.training import TrainingState, start, train, with_settings
from rbmviz.run.model_case import ModelCase
from rbmviz.run.models import LAB_MODEL, load_model
from rbmviz.run.moment import Moment
from rbmviz.run.settings import LabSettings
from rbmviz.studio.lesson import Claim, Lesson, Values
from rbmviz.studio.lesson_places import LAB, WHICH, lab_settings
from rbmviz.studio.log_z_methods import LogZSettings
from rbmviz.studio.log_z_study import LogZStudy
from rbmviz.studio.machine_race import Race
from rbmviz.studio.machine_settings import WhichPhaseSettings, clamp_race_settings
from rbmviz.studio.quantities import QUANTITIES, Quantity, Subject

PIECES = 40  # looks at the likelihood on the way to a step, for its best so far


def subject_of_run(state: TrainingState, settings: LabSettings, best: float | None) -> Subject:
    """Look at a run: CD has the k of the settings, or 1 where another estimator is chosen."""

    def estimate() -> LogZEstimate | None:
        return Moment.at(state).with_estimate().snapshot.log_z_estimate

    n_steps = settings.n_steps if settings.estimator == "cd" else 1
    return Subject(state.rbm, state.v_data, n_steps, state, best, estimate)


def subject_of_model(
    case: ModelCase, k: int = 1, study: LogZStudy | None = None, log_z: LogZSettings | None = None
) -> Subject:
    """Look at a model; of log Z only what the study has found already."""

    def estimate() -> LogZEstimate | None:
        return study.get("ais", log_z or LogZSettings()) if study else None

    return Subject(case.rbm, case.v_data, k, estimate=estimate)


def subject_of_machine(machine: BoltzmannMachine, rbm: BoltzmannMachine, v: FloatArray) -> Subject:
    """Look at a machine of the race; rbm: the restricted one beside it."""
    return Subject(RBM(rbm.W, rbm.b, rbm.c), v, machine=machine)


class Board:
    """The pages as a lesson leaves them."""

    def __init__(self) -> None:
        self.settings = LabSettings()
        self.state = self._fresh()
        self.best: float | None = None
        self.values: dict[str, dict[str, Any]] = {}

    def set(self, page: str, values: Values) -> None:
        """Open a step: the lab starts a new run; another page forgets what it was set to."""
        if page == LAB:
            self._begin(lab_settings(values)[0])
            self._train_to(values.get("train_to", 0))
        else:
            self.values[page] = dict(values)

    def change(self, page: str, values: Values) -> None:
        """Do what a person does at the widgets: the rest stays."""
        if page != LAB:
            self.values[page] = {**self.values.get(page, {}), **values}
            return
        settings, _ = lab_settings(values, self.settings)
        if settings.starts_anew_from(self.settings):
            self._begin(settings)
        else:
            self.state = with_settings(self.state, settings.training_settings())
            self.settings = settings
        self._train_to(values.get("train_to", 0))

    def read(self, page: str, quantity: Quantity, weight: tuple[int, int] = (0, 0)) -> float:
        """Read a quantity where a page stands."""
        return quantity.read(replace(self._subject(page), weight=weight))

    def _subject(self, page: str) -> Subject:
        values = self.values.get(page, {})
        if page == LAB:
            return subject_of_run(self.state, self.settings, self.best)
        if page == WHICH:
            race = Race(clamp_race_settings(values)[0])
            return subject_of_machine(
                race.machine(values.get("structure", WhichPhaseSettings().structure)),
                race.machine("restricted"),
                race.settings.data.v,
            )
        if values.get("model", LAB_MODEL) == LAB_MODEL:
            shape = self.settings.data.image_shape
            rows = self.state.v_data
            case = ModelCase("", "", self.state.rbm, rows, rows, shape)
        else:
            case = load_model(values["model"])
        study, plain = LogZStudy(case), LogZSettings()
        chosen = LogZSettings(
            values.get("chains", plain.n_chains), values.get("temperatures", plain.n_betas)
        )
        subject = subject_of_model(case, values.get("k", 1), study, chosen)
        return replace(subject, estimate=lambda: study.run("ais", chosen))

    def _fresh(self) -> TrainingState:
        return start(self.settings.training_settings(), self.settings.data.v)

    def _begin(self, settings: LabSettings) -> None:
        self.settings, self.best = settings, None
        self.state = self._fresh()

    def _train_to(self, step: int) -> None:
        first = self.state.step
        for k in range(1, PIECES + 1):
            goal = first + (step - first) * k // PIECES
            if goal > self.state.step:
                self.state = train(self.state, goal - self.state.step)
                self._note_best()

    def _note_best(self) -> None:
        """Keep the highest likelihood, where it can be summed at all."""
        try:
            subject = subject_of_run(self.state, self.settings, None)
            now = QUANTITIES["mean log-likelihood"].read(subject)
        except ValueError:
            return
        self.best = now if self.best is None else max(self.best, now)


def value_of(claim: Claim, boards: Mapping[str, Board] | None = None) -> float:
    """Run what a claim speaks of and give its number; boards that are passed are used again."""
    total = 0.0
    for sign, sight in ((1.0, claim.of), (-1.0, claim.minus)):
        if sight is not None:
            key = f"{sight.page} {sorted(sight.values.items())}"
            board = (boards or {}).get(key)
            if board is None:
                board = Board()
                board.set(sight.page, sight.values)
                if isinstance(boards, dict):
                    boards[key] = board
            total += sign * board.read(sight.page, claim.quantity, claim.weight)
    return total


def prove(lesson: Lesson, progress: Progress = lambda share: None) -> list[str]:
    """Run a lesson's claims and walk through its steps; list what does not hold, with the numbers.

    An empty list: every claim is true, every check fails before and holds after the way that the
    file tells. Takes as long as its runs; progress hears of the share that is done.
    """
    failed, boards = [], {}
    n_parts = len(lesson.claims) + len(lesson.steps)
    for done, claim in enumerate(lesson.claims):
        progress(done / n_parts)
        value = value_of(claim, boards)
        if not claim.bound.holds(value):
            failed.append(
                f"Claim {claim.name!r}: {claim.quantity.name} is {value:.6g}, not "
                f"{claim.bound.told(claim.quantity)}."
            )
    board = Board()
    for number, step in enumerate(lesson.steps, start=1):
        progress((len(lesson.claims) + number - 1) / n_parts)
        if step.preset is not None:
            board.set(step.page, step.preset)
        if step.prediction and step.prediction.reveal:
            board.change(step.page, step.prediction.reveal)
        if check := step.check:
            # Nothing is read before a weight is named.
            named = check.quantity.needs == "weight"
            before = _read_or_nan(board, step.page, check.quantity, check.weight)
            if check.bound.holds(before) and not named:
                failed.append(f"Step {number}: the check holds at once ({before:.6g}).")
            board.change(step.page, check.reached)
            after = _read_or_nan(board, step.page, check.quantity, check.weight)
            if not check.bound.holds(after):
                failed.append(
                    f"Step {number}: {check.quantity.name} comes to {after:.6g}, not "
                    f"{check.bound.told(check.quantity)}."
                )
    return failed


def _read_or_nan(board: Board, page: str, quantity: Quantity, weight: tuple[int, int]) -> float:
    try:
        return board.read(page, quantity, weight)
    except InputError:
        return float("nan")
