"""The settings of a race of Boltzmann machines, with the limits that the server enforces."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

from rbmviz.core.boltzmann import (
    ExactNegative,
    ExactPositive,
    GibbsPositive,
    MachineNegativePhase,
    MachinePositivePhase,
    MachineSettings,
    MeanFieldPositive,
    PersistentNegative,
    Structure,
    phase_costs,
)
from rbmviz.core.datasets import Dataset, dataset_names, load_dataset
from rbmviz.language import N_
from rbmviz.run.query import step_row
from rbmviz.run.table import Field, clamp, row, rows

KINDS = {  # of machines, as the page calls them
    "fully visible": N_("Fully visible"),
    "restricted": "RBM",
    "semi-restricted": N_("Semi-restricted"),
    "general": N_("General"),
    "deep": N_("Deep (DBM)"),
}
POSITIVES = {"mean field": N_("Mean field"), "gibbs": N_("Gibbs chains"), "exact": N_("Exact sum")}
NEGATIVES = {"chains": N_("Persistent chains"), "exact": N_("Exact sum")}
MAX_VISIBLE_UNITS = 9  # 9 + 8 units of the general machine are summed in some 20 ms
INITIAL_SCALE = 0.5
GOES_ON = ("learning_rate", "positive", "negative")  # without a new start


@cache
def race_datasets() -> list[str]:
    """List the data sets whose machines can be summed exactly while they learn."""
    return [n for n in dataset_names() if load_dataset(n).n_visible <= MAX_VISIBLE_UNITS]


@dataclass(frozen=True)
class RaceSettings:
    """Everything that the race of all structures follows from."""

    dataset: str = row(
        "bars-and-stripes 3x3",
        Field(label=N_("Data"), choices=lambda: {name: name for name in race_datasets()}),
    )
    n_hidden: int = row(  # of each hidden layer
        5,
        Field(
            label=N_("Units per hidden layer"),
            help=N_("Each extra unit doubles what is hard."),
            limits=(2, 8),
            slider=True,
        ),
    )
    n_coupled: int = row(  # hidden units of the semi-restricted machine that are coupled
        3,
        Field(
            label=N_("Coupled hidden units"),
            help=N_("The block of the semi-restricted machine."),
            limits=(1, 8),
            slider=True,
        ),
    )
    positive: str = row(
        "mean field",
        Field(
            label=N_("Positive phase of training"),
            help=N_("Where hidden units are not coupled, all three agree."),
            choices=lambda: POSITIVES,
        ),
    )
    negative: str = row(
        "chains", Field(label=N_("Negative phase of training"), choices=lambda: NEGATIVES)
    )
    learning_rate: float = row(
        0.3, Field(label=N_("Learning rate"), limits=(0.001, 2.0), step=0.05, format="%.3f")
    )
    seed: int = row(1, Field(label=N_("Seed"), limits=(0, 999_999)))

    @property
    def data(self) -> Dataset:
        """The rows that these settings name."""
        return load_dataset(self.dataset)

    @property
    def positive_phase(self) -> MachinePositivePhase:
        """How the positive phase of training is had."""
        methods = {"exact": ExactPositive(), "gibbs": GibbsPositive()}
        return methods.get(self.positive, MeanFieldPositive())

    @property
    def negative_phase(self) -> MachineNegativePhase:
        """How the negative phase of training is had."""
        return ExactNegative() if self.negative == "exact" else PersistentNegative()

    def machine_settings(self, structure: Structure) -> MachineSettings:
        """Translate to the library's settings."""
        return MachineSettings(
            structure,
            self.positive_phase,
            self.negative_phase,
            self.learning_rate,
            self.seed,
            INITIAL_SCALE,
        )

    def goes_on_from(self, before: "RaceSettings") -> bool:
        """Say whether nothing changed that needs a new start."""
        return all(
            getattr(self, f.name) == getattr(before, f.name)
            for f in fields(self)
            if f.name not in GOES_ON
        )


@dataclass(frozen=True)
class WhichPhaseSettings(RaceSettings):
    """Everything that the page follows from: the race, and the structure whose phases are shown."""

    structure: str = row(
        "general", Field(label=N_("Structure whose phases are shown"), choices=lambda: KINDS)
    )
    step: int = row(0, step_row())

    @property
    def race(self) -> RaceSettings:
        """What the race follows from."""
        return fitting(RaceSettings(**{name: getattr(self, name) for name in rows(RaceSettings)}))


def fitting(settings: RaceSettings) -> RaceSettings:
    """Let a smaller layer take the coupled block with it."""
    return replace(settings, n_coupled=min(settings.n_coupled, settings.n_hidden))


def clamp_race_settings(values: Mapping[str, Any]) -> tuple[RaceSettings, list[str]]:
    """Build settings from outside values; a wrong one is replaced and named in a message."""
    settings, messages = clamp(RaceSettings, values)
    return fitting(settings), messages


def make_structure(kind: str, n_visible: int, n_hidden: int, n_coupled: int) -> Structure:
    """Build the structure of a kind with n_hidden units in each hidden layer."""
    makers = {
        "fully visible": lambda: Structure.fully_visible(n_visible),
        "restricted": lambda: Structure.restricted(n_visible, n_hidden),
        "semi-restricted": lambda: Structure.semi_restricted(
            n_visible, n_hidden, min(n_coupled, n_hidden)
        ),
        "general": lambda: Structure.general(n_visible, n_hidden),
        "deep": lambda: Structure.deep(n_visible, n_hidden, n_hidden),
    }
    return makers[kind]()


def hidden_layers(kind: str, n_hidden: int) -> list[int]:
    """List the sizes of the hidden layers of a kind."""
    return {"fully visible": [], "deep": [n_hidden] * 2}.get(kind, [n_hidden])


def unit_names(kind: str, n_visible: int, n_hidden: int) -> list[str]:
    """Name all units, the visible ones first: v0, ..., h0, ...; two layers are h and g."""
    layers = [n_visible, *hidden_layers(kind, n_hidden)]
    return [f"{letter}{k}" for letter, n in zip("vhg", layers, strict=False) for k in range(n)]


@cache
def verdicts(kind: str, n_visible: int, n_hidden: int, n_coupled: int) -> tuple[str, str]:
    """Say how hard each phase is, from what happens to its terms when every layer doubles.

    trivial: nothing is summed over; tractable: the terms stay as few; hard: there are more.

    >>> verdicts("restricted", 4, 3, 1)
    ('tractable', 'hard')
    """
    once = phase_costs(make_structure(kind, n_visible, n_hidden, n_coupled))
    twice = phase_costs(make_structure(kind, 2 * n_visible, 2 * n_hidden, n_coupled))
    said = []
    for cost, larger in zip(once, twice, strict=True):
        grows = larger.cut > cost.cut
        said.append(N_("trivial") if not cost.n_units else N_("hard") if grows else N_("tractable"))
    return said[0], said[1]
