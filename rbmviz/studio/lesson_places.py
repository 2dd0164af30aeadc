"""The pages that a lesson can lead to, and what it can set there: names, limits, no more."""

from collections.abc import Iterable
from typing import Any

from rbmviz.core.parameter import KINDS as PARAMETER_KINDS
from rbmviz.language import N_
from rbmviz.run.settings import LabSettings, clamp_settings
from rbmviz.run.table import Field, rows
from rbmviz.studio.analysis import KINDS, STEPS
from rbmviz.studio.lesson import Values
from rbmviz.studio.lesson_reader import Table
from rbmviz.studio.log_z_methods import N_BETAS, N_CHAINS
from rbmviz.studio.machine_settings import KINDS as STRUCTURES
from rbmviz.studio.machine_settings import RaceSettings
from rbmviz.studio.presets import ModelCase, hidden_valley, load_preset, preset_names
from rbmviz.studio.quantities import Quantity

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
        _settings(table, found, LabSettings)
        if table.has("train_to"):
            found["train_to"] = table.whole("train_to", 0, MAX_TRAIN_TO)
    elif page == WHICH:
        _choices(table, found, "structure", STRUCTURES, str)
        _settings(table, found, RaceSettings)
    elif page in PAGES and page in _READABLE:
        if table.has("model"):
            found["model"] = table.choice("model", [*model_names(), THE_LAB])
        if page == NEGATIVE:
            _choices(table, found, "estimator", KINDS, str)
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


def _settings(table: Table, found: dict[str, object], settings: type) -> None:
    """Read the rows of a table of settings, as far as they are there."""
    for name, row in rows(settings).items():
        if table.has(name):
            found[name] = _value(table, row)


def _value(table: Table, row: Field) -> object:
    if row.choices is not None:
        return table.choice(row.name, row.choices())
    if row.kind is bool:
        return table.flag(row.name)
    low, high = row.limits
    if row.kind is int:
        return table.whole(row.name, int(low), int(high))
    return table.number(row.name, low, high)


def _choices(
    table: Table, found: dict[str, object], key: str, allowed: Iterable[Any], kind: type
) -> None:
    if table.has(key):
        found[key] = table.choice(key, allowed, kind)
