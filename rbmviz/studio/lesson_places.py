"""The pages that a lesson can lead to, and what it can set there: names, limits, no more."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from rbmviz.core.datasets import dataset_names
from rbmviz.core.parameter import KINDS as PARAMETER_KINDS
from rbmviz.language import N_
from rbmviz.studio.analysis import KINDS, STEPS
from rbmviz.studio.lesson import Values
from rbmviz.studio.lesson_reader import Table
from rbmviz.studio.log_z_methods import N_BETAS, N_CHAINS
from rbmviz.studio.machine_settings import KINDS as STRUCTURES
from rbmviz.studio.machine_settings import LIMITS as RACE_LIMITS
from rbmviz.studio.machine_settings import NEGATIVES, POSITIVES, race_datasets
from rbmviz.studio.presets import ModelCase, hidden_valley, load_preset, preset_names
from rbmviz.studio.quantities import Quantity
from rbmviz.studio.settings import (
    ESTIMATORS,
    LESSON_ESTIMATORS,
    LIMITS,
    LabSettings,
    clamp_settings,
)

LAB, NEGATIVE, PARTITION, DERIVATION = "lab", "negative-phase", "partition-function", "derivation"
WHICH = "which-phase"
PAGES = {  # url_path: title; a page that is not on offer yet is passed over with a sentence
    LAB: N_("Lab"),
    NEGATIVE: N_("Negative phase"),
    PARTITION: N_("Partition function"),
    DERIVATION: N_("Derivation"),
    WHICH: N_("Which phase is hard?"),
}
FIRST_STRUCTURE = "general"  # that the page of the race shows before one is chosen
THE_LAB = "lab"  # as a model of another page: the run that the lab holds
MAX_TRAIN_TO = 50_000
MAX_UNITS = 783  # highest number of a unit
_READABLE = {  # what kind of quantity a page can tell
    LAB: ("model", "run", "estimate", "weight"),
    NEGATIVE: ("model", "weight"),
    PARTITION: ("model", "estimate"),
    DERIVATION: ("model", "weight"),
    WHICH: ("machine",),
}


def model_names() -> list[str]:
    """List the models that a lesson can put on a page beside the lab."""
    return [*preset_names(), hidden_valley().name]


def load_model(name: str) -> ModelCase:
    """Build or train a model of that list."""
    return hidden_valley() if name == hidden_valley().name else load_preset(name)


def can_tell(page: str, quantity: Quantity) -> bool:
    """Say whether a quantity can be read on a page."""
    return quantity.needs in _READABLE.get(page, ())


def read_values(table: Table, page: str) -> Values:
    """Read what a page is set to; every key may be left out."""
    found: dict[str, object] = {}
    if page == LAB:
        for spec in fields(LabSettings):
            if table.has(spec.name):
                found[spec.name] = _lab_value(table, spec.name)
        if table.has("train_to"):
            found["train_to"] = table.whole("train_to", 0, MAX_TRAIN_TO)
    elif page == WHICH:
        _race_values(table, found)
    elif page in PAGES and page in _READABLE:
        if table.has("model"):
            found["model"] = table.choice("model", [*model_names(), THE_LAB])
        if page == NEGATIVE:
            _choices(table, found, "estimator", [kind for kind in KINDS if kind != "exact"], str)
            _choices(table, found, "k", STEPS, int)
        elif page == PARTITION:
            _choices(table, found, "chains", N_CHAINS, int)
            _choices(table, found, "temperatures", N_BETAS, int)
        else:
            _choices(table, found, "parameter", PARAMETER_KINDS, str)
            for key in ("i", "j"):
                if table.has(key):
                    found[key] = table.whole(key, 0, MAX_UNITS)
    return {key: value for key, value in found.items() if value is not None}


def lab_settings(values: Values) -> tuple[LabSettings, list[str]]:
    """Make settings of what a lesson sets, by the clamps of the sidebar; what was cut is told."""
    return clamp_settings({key: value for key, value in values.items() if key != "train_to"})


def _lab_value(table: Table, name: str) -> object:
    default = getattr(LabSettings(), name)
    if name == "dataset":
        return table.choice(name, dataset_names())
    if name == "estimator":
        return table.choice(name, [*ESTIMATORS, *LESSON_ESTIMATORS])
    if isinstance(default, bool):
        return table.flag(name)
    low, high = LIMITS[name]
    if isinstance(default, int):
        return table.whole(name, int(low), int(high))
    return table.number(name, low, high)


def _race_values(table: Table, found: dict[str, object]) -> None:
    _choices(table, found, "structure", STRUCTURES, str)
    _choices(table, found, "dataset", race_datasets(), str)
    _choices(table, found, "positive", POSITIVES, str)
    _choices(table, found, "negative", NEGATIVES, str)
    for key in ("n_hidden", "n_coupled", "seed"):
        if table.has(key):
            found[key] = table.whole(key, *map(int, RACE_LIMITS[key]))
    if table.has("learning_rate"):
        found["learning_rate"] = table.number("learning_rate", *RACE_LIMITS["learning_rate"])


def _choices(
    table: Table, found: dict[str, object], key: str, allowed: Iterable[Any], kind: type
) -> None:
    if table.has(key):
        found[key] = table.choice(key, allowed, kind)
