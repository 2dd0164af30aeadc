"""The settings of the lab: one frozen record, with the limits that the server enforces."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from rbmviz.core.datasets import Dataset, dataset_names, load_dataset
from rbmviz.core.errors import InputError
from rbmviz.core.negative_phase import (
    ContrastiveDivergence,
    ExactEnumeration,
    FastPersistentContrastiveDivergence,
    MeanField,
    NegativePhase,
    NoNegativePhase,
    ParallelTempering,
    PersistentContrastiveDivergence,
)
from rbmviz.core.training import TrainingSettings
from rbmviz.language import N_, _
from rbmviz.studio.own_data import is_own, own_dataset

ESTIMATORS = {  # as the sidebar calls them
    "cd": N_("Contrastive divergence"),
    "pcd": N_("Persistent CD"),
    "fpcd": N_("Fast persistent CD"),
    "tempering": N_("Parallel tempering"),
    "tap": N_("TAP mean field"),
    "mf": N_("Naive mean field"),
    "exact": N_("Exact enumeration"),
}
LESSON_ESTIMATORS = {"none": N_("No negative phase")}  # offered only where a lesson has set it
ALL_ESTIMATORS = ESTIMATORS | LESSON_ESTIMATORS
ESTIMATOR_NOTES = {  # what each is, and what it costs; sources and terms as in its class
    "cd": N_(
        "k Gibbs steps from the data (Hinton 2002). Cheap, 2 matrix products a step; biased "
        "toward the data."
    ),
    "pcd": N_(
        "Chains that go on from the last update (Tieleman 2008). As cheap as CD; good while "
        "they mix faster than W moves."
    ),
    "fpcd": N_(
        "Fast weights drive the chains out of where they stand (Tieleman & Hinton 2009). "
        "3 matrix products a step, 3 more an update."
    ),
    "tempering": N_(
        "Chains from hot to cold swap states (Desjardins et al. 2010). Leaves modes that "
        "PCD is stuck in; costs PCD times the temperatures."
    ),
    "tap": N_(
        "Second-order fixed points instead of samples (Gabrié et al. 2015). No sampling noise, "
        "but biased; 4 matrix products a step."
    ),
    "mf": N_(
        "First-order fixed points: units taken as independent. No sampling noise, the most "
        "biased; 2 matrix products a step."
    ),
    "exact": N_(
        "Sums over every state of the shorter layer. No error and no noise; each extra unit "
        "doubles the cost."
    ),
}
ESTIMATOR_PARAMETERS = {  # which settings an estimator looks at
    "cd": ("n_steps",),
    "pcd": ("n_steps", "n_chains"),
    "fpcd": ("n_steps", "n_chains", "fast_learning_rate"),
    "tempering": ("n_steps", "n_chains", "n_temperatures"),
    "tap": ("n_steps", "n_chains"),
    "mf": ("n_steps", "n_chains"),
    "exact": (),
}

# Lowest and highest value that the app accepts; the library itself allows more.
LIMITS: dict[str, tuple[float, float]] = {
    "n_hidden": (1, 64),
    "n_steps": (1, 50),
    "n_chains": (1, 500),
    "learning_rate": (0.0, 10.0),
    "batch_size": (1, 500),
    "momentum": (0.0, 0.99),
    "weight_decay": (0.0, 1.0),
    "initial_scale": (0.0, 5.0),
    "seed": (0, 999_999),
    "n_temperatures": (2, 30),
    "fast_learning_rate": (0.0, 1.0),
}
MAX_EXACT_TRAINING_UNITS = 14  # in the shorter layer: 2 ms an update, so that frames keep moving
MAX_ROW_STEPS = 25_000  # rows moved in one update, times steps: 25 ms at 64 x 64
ROW_STEPS_WEIGHTS = 64 * 64  # fewer of them for larger models
MAX_CHAIN_NUMBERS = 64_000  # in the chains of a run, 0.5 MB: two runs keep 40 states each
_SWITCH = {"true": True, "false": False, "1": True, "0": False}
_SPOKEN = {
    "dataset": N_("data set"),
    "n_hidden": N_("hidden units"),
    "initial_scale": N_("initial scale"),
    "seed": N_("seed"),
}
NEEDS_NEW_START = tuple(_SPOKEN)


@dataclass(frozen=True)
class LabSettings:
    """Everything that a run in the lab follows from."""

    dataset: str = "bars-and-stripes 4x4"
    n_hidden: int = 8
    estimator: str = "cd"
    n_steps: int = 1
    n_chains: int = 100
    learning_rate: float = 0.1
    batch_size: int = 32
    momentum: float = 0.0
    weight_decay: float = 0.0
    initial_scale: float = 0.01
    seed: int = 1
    n_temperatures: int = 10
    fast_learning_rate: float = 0.1
    centered: bool = False

    @property
    def data(self) -> Dataset:
        """The rows that these settings name, or hold as the text of own_data.py."""
        return own_dataset(self.dataset) if is_own(self.dataset) else load_dataset(self.dataset)

    @property
    def negative_phase(self) -> NegativePhase:
        """The estimator with its parameters."""
        n_chains, n_steps = self.n_chains, self.n_steps
        match self.estimator:
            case "exact":
                return ExactEnumeration()
            case "none":
                return NoNegativePhase()
            case "pcd":
                return PersistentContrastiveDivergence(n_chains=n_chains, n_steps=n_steps)
            case "fpcd":
                return FastPersistentContrastiveDivergence(
                    n_chains=n_chains, n_steps=n_steps, fast_learning_rate=self.fast_learning_rate
                )
            case "tempering":
                return ParallelTempering(
                    n_chains=n_chains, n_temperatures=self.n_temperatures, n_steps=n_steps
                )
            case "tap" | "mf":
                order = 2 if self.estimator == "tap" else 1
                return MeanField(order=order, n_chains=n_chains, n_steps=n_steps)
        return ContrastiveDivergence(n_steps=n_steps)

    @property
    def label(self) -> str:
        """The estimator's short name, as on the screen: CD-1, PCD-5, PT-1 × 10, TAP-3, exact."""
        if self.estimator in ("exact", "none"):
            return self.estimator
        short = "PT" if self.estimator == "tempering" else self.estimator.upper()
        ladder = f" × {self.n_temperatures}" if self.estimator == "tempering" else ""
        return f"{short}-{self.n_steps}{ladder}"

    @property
    def n_moved_rows(self) -> int:
        """How many rows the negative phase moves in each step; none are moved by exact sums."""
        rows = {
            "cd": self.batch_size,
            "exact": 0,
            "none": 0,
            "tempering": self.n_chains * self.n_temperatures,
        }
        return rows.get(self.estimator, self.n_chains)

    @property
    def n_chain_numbers(self) -> int:
        """How many numbers of persistent chains each state of a run holds."""
        if self.estimator in ("cd", "exact", "none"):
            return 0
        both_layers = self.estimator in ("tap", "mf")
        return self.n_moved_rows * (self.n_hidden + both_layers * self.data.n_visible)

    def uses(self, name: str) -> bool:
        """Say whether a setting matters: a parameter of another estimator does not."""
        of_estimators = {n for names in ESTIMATOR_PARAMETERS.values() for n in names}
        return name not in of_estimators or name in ESTIMATOR_PARAMETERS.get(self.estimator, ())

    def training_settings(self) -> TrainingSettings:
        """Translate to the library's settings."""
        return TrainingSettings(
            n_hidden=self.n_hidden,
            negative_phase=self.negative_phase,
            learning_rate=self.learning_rate,
            batch_size=self.batch_size,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
            seed=self.seed,
            initial_scale=self.initial_scale,
            centered=self.centered,
        )

    def in_words(self, name: str) -> str:
        """Write a setting's value as a person reads it: own data have a name, not their pixels."""
        return self.data.name if name == "dataset" else str(getattr(self, name))

    def starts_anew_from(self, before: "LabSettings") -> list[str]:
        """Say which changed settings make a new start necessary: "hidden units 8 → 9" ..."""
        return [
            f"{_(_SPOKEN[name])} {before.in_words(name)} → {self.in_words(name)}"
            for name in NEEDS_NEW_START
            if getattr(before, name) != getattr(self, name)
        ]


def clamp_settings(values: Mapping[str, Any]) -> tuple[LabSettings, list[str]]:
    """Build settings from outside values; a wrong one is replaced and named in a message.

    Unknown keys are ignored, missing ones take their default.
    """
    settings, messages = LabSettings(), []
    for spec in fields(LabSettings):
        if spec.name not in values:
            continue
        given, default = values[spec.name], getattr(settings, spec.name)
        if spec.name == "dataset" and is_own(given):
            try:
                own_dataset(given)
                settings = replace(settings, dataset=given)
            except InputError as error:
                messages.append(
                    _("{error} Using {default!r}.").format(error=error, default=default)
                )
            continue
        if isinstance(default, str):
            allowed = dataset_names() if spec.name == "dataset" else list(ALL_ESTIMATORS)
            if given in allowed:
                settings = replace(settings, **{spec.name: given})
            else:
                messages.append(
                    _("{name} {given!r} is not known; using {default!r}.").format(
                        name=spec.name, given=str(given)[:40], default=default
                    )
                )
            continue
        if isinstance(default, bool):
            if str(given).lower() in _SWITCH:
                switched = _SWITCH[str(given).lower()]
                settings = replace(settings, **{spec.name: switched})
            else:
                messages.append(
                    _("{name} {given!r} is not true or false; using off.").format(
                        name=spec.name, given=str(given)[:40]
                    )
                )
            continue
        number, message = clamp_number(spec.name, given, default, LIMITS[spec.name])
        settings = replace(settings, **{spec.name: number})
        messages += [message] if message else []
    settings, more = _affordable(settings)
    return settings, messages + more


def strict_settings(values: Mapping[str, Any]) -> LabSettings:
    """Build settings within the library's limits, which are wider than the lab's.

    Missing values take their default.

    Raises:
        InputError: an unknown name, a value of another kind, or one out of range.
    """
    defaults = {spec.name: spec.default for spec in fields(LabSettings)}
    for name, value in values.items():
        if name not in defaults:
            raise InputError(
                _("{name!r} is no setting; known are {known}.").format(
                    name=str(name)[:40], known=", ".join(defaults)
                )
            )
        kind = type(defaults[name])
        if type(value) is not kind and not (kind is float and type(value) is int):
            raise InputError(
                _("{name} is {value!r}; pass a {kind}.").format(
                    name=name, value=str(value)[:40], kind=kind.__name__
                )
            )
    settings = LabSettings(**values)
    if settings.estimator not in ALL_ESTIMATORS:
        raise InputError(
            _("estimator is {estimator!r}; choose one of {known}.").format(
                estimator=settings.estimator[:40], known=", ".join(ESTIMATORS)
            )
        )
    _checked = settings.data, settings.training_settings()  # they say what is out of range
    return settings


def clamp_number(
    name: str, given: Any, default: float, limits: tuple[float, float]
) -> tuple[float, str]:
    """Bring an outside value within limits, as the default's kind of number; "" or a message."""
    low, high = limits
    kind = type(default)
    try:
        number = float(given)
        if not math.isfinite(number):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        return default, _("{name} {given!r} is not a number; using {default}.").format(
            name=name, given=str(given)[:40], default=default
        )
    clamped = kind(min(max(number, low), high) + 0.0)  # -0.0 becomes 0.0
    if clamped != number:
        allowed = _("{low:g} to {high:g}").format(low=low, high=high) + (
            _(", whole") if kind is int else ""
        )
        return clamped, _("{name} {number:g} is outside {allowed}; using {clamped:g}.").format(
            name=name, number=number, allowed=allowed, clamped=clamped
        )
    return clamped, ""


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
