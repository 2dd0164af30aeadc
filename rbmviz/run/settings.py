"""The settings of a run in the lab, with what follows from them and what the server allows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from math import prod
from typing import Any

from rbmviz.core.datasets import Dataset, load_dataset
from rbmviz.core.negative_phase import NegativePhase
from rbmviz.core.training import TrainingSettings
from rbmviz.language import _
from rbmviz.run.estimators import ESTIMATORS, Estimator
from rbmviz.run.fields import RunFields
from rbmviz.run.own_data import is_own, own_dataset
from rbmviz.run.table import clamp, rows, strict

MAX_EXACT_TRAINING_UNITS = 14  # in the shorter layer: 2 ms an update, so that frames keep moving
MAX_ROW_STEPS = 25_000  # rows moved in one update, times steps: 25 ms at 64 x 64
ROW_STEPS_WEIGHTS = 64 * 64  # fewer of them for larger models
MAX_CHAIN_NUMBERS = 64_000  # in the chains of a run, 0.5 MB: two runs keep 40 states each


@dataclass(frozen=True)
class LabSettings(RunFields):
    """Everything that a run in the lab follows from."""

    @property
    def data(self) -> Dataset:
        """The rows that these settings name, or hold as the text of own_data.py."""
        return own_dataset(self.dataset) if is_own(self.dataset) else load_dataset(self.dataset)

    @property
    def row(self) -> Estimator:
        """What is known of the estimator."""
        return ESTIMATORS[self.estimator]

    @property
    def negative_phase(self) -> NegativePhase:
        """The estimator with its parameters."""
        return self.row.make(**{name: getattr(self, name) for name in self.row.parameters})

    @property
    def label(self) -> str:
        """The estimator's short name, as on the screen: CD-1, PCD-5, PT-1 × 10, TAP-3, exact."""
        return self.row.title.format(**asdict(self))

    @property
    def n_moved_rows(self) -> int:
        """How many rows the negative phase moves in each step; none are moved by exact sums."""
        return prod(getattr(self, name) for name in self.row.moves) if self.row.moves else 0

    @property
    def n_chain_numbers(self) -> int:
        """How many numbers of persistent chains each state of a run holds."""
        if not self.row.keeps:
            return 0
        sizes = {"v": self.data.n_visible, "h": self.n_hidden}
        return self.n_moved_rows * sum(sizes[layer] for layer in self.row.keeps)

    def uses(self, name: str) -> bool:
        """Say whether a setting matters: a parameter of another estimator does not."""
        return name not in _PARAMETERS or name in self.row.parameters

    def training_settings(self) -> TrainingSettings:
        """Translate to the library's settings.

        Raises:
            InputError: a value out of the library's limits.
        """
        values = {name: getattr(self, name) for name in _OF_TRAINING}
        return TrainingSettings(negative_phase=self.negative_phase, **values)

    def in_words(self, name: str) -> str:
        """Write a setting's value as a person reads it: own data have a name, not their pixels."""
        return self.data.name if name == "dataset" else str(getattr(self, name))

    def starts_anew_from(self, before: "LabSettings") -> list[str]:
        """Say which changed settings make a new start necessary: "hidden units 8 → 9" ..."""
        return [
            f"{_(ROWS[name].new_start)} {before.in_words(name)} → {self.in_words(name)}"
            for name in NEEDS_NEW_START
            if getattr(before, name) != getattr(self, name)
        ]


ROWS = rows(LabSettings)
NEEDS_NEW_START = tuple(name for name, said in ROWS.items() if said.new_start)
_PARAMETERS = {name for each in ESTIMATORS.values() for name in each.parameters}
_OF_TRAINING = [spec.name for spec in fields(TrainingSettings) if spec.name in ROWS]


def clamp_settings(values: Mapping[str, Any]) -> tuple[LabSettings, list[str]]:
    """Build settings from outside values; a wrong one is replaced and named in a message.

    Unknown keys are ignored, missing ones take their default.
    """
    settings, messages = clamp(LabSettings, values)
    settings, more = _affordable(settings)
    return settings, messages + more


def strict_settings(values: Mapping[str, Any]) -> LabSettings:
    """Build settings within the library's limits, which are wider than the lab's.

    Missing values take their default.

    Raises:
        InputError: an unknown name, a value of another kind, or one out of range.
    """
    settings = strict(LabSettings, values)
    settings.training_settings()  # says what is out of the library's range
    return settings


def _affordable(settings: LabSettings) -> tuple[LabSettings, list[str]]:
    """Cut down what would make one update too slow to watch, or a state too large to keep."""
    shorter = min(settings.n_hidden, settings.data.v.shape[1])
    if settings.estimator == "exact" and shorter > MAX_EXACT_TRAINING_UNITS:
        return replace(settings, estimator="cd"), [
            _(
                "Exact enumeration of {shorter} units in every update is too slow to "
                "train with; the "
                "limit is {limit} in the shorter layer. Using CD instead."
            ).format(shorter=shorter, limit=MAX_EXACT_TRAINING_UNITS)
        ]
    messages = []
    if (size := settings.n_chain_numbers) > MAX_CHAIN_NUMBERS:
        n_chains = max(MAX_CHAIN_NUMBERS * settings.n_chains // size, 1)
        messages.append(
            _(
                "n_chains {n_chains} of this model are {size:,} numbers in every state "
                "that is kept; "
                "the limit is {limit:,}. Using {n_chains_2}."
            ).format(
                n_chains=settings.n_chains, size=size, limit=MAX_CHAIN_NUMBERS, n_chains_2=n_chains
            )
        )
        settings = replace(settings, n_chains=n_chains)
    n_rows, n_weights = settings.n_moved_rows, settings.data.n_visible * settings.n_hidden
    row_steps = MAX_ROW_STEPS * min(ROW_STEPS_WEIGHTS / n_weights, 1.0)
    if n_rows * settings.n_steps > row_steps:  # ladders of chains, or large images
        n_steps = max(int(row_steps / n_rows), 1)
        messages.append(
            _(
                "n_steps {n_steps} of {n_rows:,} chains in every update is too slow to "
                "watch; using "
                "{n_steps_2}."
            ).format(n_steps=settings.n_steps, n_rows=n_rows, n_steps_2=n_steps)
        )
        settings = replace(settings, n_steps=n_steps)
    return settings, messages
