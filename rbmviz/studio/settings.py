"""The settings of the lab: one frozen record, with the limits that the server enforces."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from rbmviz.core.datasets import Dataset, dataset_names, load_dataset
from rbmviz.core.negative_phase import (
    ContrastiveDivergence,
    ExactEnumeration,
    NegativePhase,
    PersistentContrastiveDivergence,
)
from rbmviz.core.training import TrainingSettings

ESTIMATORS = {  # as the sidebar calls them
    "cd": "Contrastive divergence",
    "pcd": "Persistent CD",
    "exact": "Exact enumeration",
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
}
MAX_EXACT_TRAINING_UNITS = 14  # in the shorter layer: 2 ms an update, so that frames keep moving
NEEDS_NEW_START = ("dataset", "n_hidden", "initial_scale", "seed")


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

    @property
    def data(self) -> Dataset:
        """The rows that these settings name."""
        return load_dataset(self.dataset)

    @property
    def negative_phase(self) -> NegativePhase:
        """The estimator with its parameters."""
        if self.estimator == "exact":
            return ExactEnumeration()
        if self.estimator == "pcd":
            return PersistentContrastiveDivergence(n_chains=self.n_chains, n_steps=self.n_steps)
        return ContrastiveDivergence(n_steps=self.n_steps)

    @property
    def label(self) -> str:
        """The estimator's short name, as on the screen: CD-1, PCD-5, exact."""
        names = {"cd": f"CD-{self.n_steps}", "pcd": f"PCD-{self.n_steps}", "exact": "exact"}
        return names[self.estimator]

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
        )

    def starts_anew_from(self, before: "LabSettings") -> list[str]:
        """Name the changed settings that make a new start necessary."""
        return [n for n in NEEDS_NEW_START if getattr(self, n) != getattr(before, n)]


def clamp_settings(values: Mapping[str, Any]) -> tuple[LabSettings, list[str]]:
    """Build settings from outside values; a wrong one is replaced and named in a message.

    Unknown keys are ignored, missing ones take their default.
    """
    settings, messages = LabSettings(), []
    for spec in fields(LabSettings):
        if spec.name not in values:
            continue
        given, default = values[spec.name], getattr(settings, spec.name)
        if isinstance(default, str):
            allowed = dataset_names() if spec.name == "dataset" else list(ESTIMATORS)
            if given in allowed:
                settings = replace(settings, **{spec.name: given})
            else:
                messages.append(f"{spec.name} {str(given)[:40]!r} is not known; using {default!r}.")
            continue
        number, message = _clamp_number(spec.name, given, default)
        settings = replace(settings, **{spec.name: number})
        messages += [message] if message else []
    settings, message = _affordable(settings)
    return settings, messages + ([message] if message else [])


def _clamp_number(name: str, given: Any, default: float) -> tuple[float, str]:
    low, high = LIMITS[name]
    kind = type(default)
    try:
        number = float(given)
        if not math.isfinite(number):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        return default, f"{name} {str(given)[:40]!r} is not a number; using {default}."
    clamped = kind(min(max(number, low), high))
    if clamped != number:
        limits = f"{low:g} to {high:g}" + (", whole" if kind is int else "")
        return clamped, f"{name} {number:g} is outside {limits}; using {clamped:g}."
    return clamped, ""


def _affordable(settings: LabSettings) -> tuple[LabSettings, str]:
    """Fall back to CD when an exact update would be too slow to watch."""
    shorter = min(settings.n_hidden, settings.data.v.shape[1])
    if settings.estimator == "exact" and shorter > MAX_EXACT_TRAINING_UNITS:
        return replace(settings, estimator="cd"), (
            f"Exact enumeration of {shorter} units in every update is too slow to train with; the "
            f"limit is {MAX_EXACT_TRAINING_UNITS} in the shorter layer. Using CD instead."
        )
    return settings, ""
