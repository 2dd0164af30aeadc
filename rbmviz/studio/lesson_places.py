"""The pages that a lesson can lead to, and what it can set there: names, limits, no more."""

from dataclasses import asdict

from rbmviz.language import N_
from rbmviz.run.models import UPLOADED
from rbmviz.run.settings import LabSettings, clamp_settings
from rbmviz.run.table import Field, rows
from rbmviz.studio.lesson import Values
from rbmviz.studio.lesson_reader import Table
from rbmviz.studio.machine_settings import RaceSettings
from rbmviz.studio.page_tables import DERIVATION, LAB, NEGATIVE, PAGE_TABLES, PARTITION, WHICH
from rbmviz.studio.quantities import Quantity

PAGES = {  # url_path: title; a page that is not on offer yet is passed over with a sentence
    LAB: N_("Lab"),
    NEGATIVE: N_("Negative phase"),
    PARTITION: N_("Partition function"),
    DERIVATION: N_("Derivation"),
    WHICH: N_("Which phase is hard?"),
}
MAX_TRAIN_TO = 50_000
MAX_UNIT = int(rows(PAGE_TABLES[DERIVATION].table)["i"].limits[1])
_SETTABLE = {  # by a lesson
    NEGATIVE: ("model", "estimator", "k"),
    PARTITION: ("model", "chains", "temperatures"),
    DERIVATION: ("model", "parameter", "i", "j"),
    WHICH: ("structure", *rows(RaceSettings)),
}
_READABLE = {  # what kind of quantity a page can tell
    LAB: ("model", "run", "estimate", "weight"),
    NEGATIVE: ("model", "weight"),
    PARTITION: ("model", "estimate"),
    DERIVATION: ("model", "weight"),
    WHICH: ("machine",),
}


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
    elif page in _SETTABLE:
        for name in _SETTABLE[page]:
            if table.has(name):
                found[name] = _value(table, rows(PAGE_TABLES[page].table)[name])
    return {key: value for key, value in found.items() if value is not None}


def lab_settings(
    values: Values, before: LabSettings | None = None
) -> tuple[LabSettings, list[str]]:
    """Make settings of what a lesson sets, by the clamps of the sidebar; what was cut is told.

    before: the settings that it changes; None: the lab's defaults.
    """
    set_now = {key: value for key, value in values.items() if key != "train_to"}
    return clamp_settings((asdict(before) if before else {}) | set_now)


def _settings(table: Table, found: dict[str, object], settings: type) -> None:
    """Read the rows of a table of settings, as far as they are there."""
    for name, row in rows(settings).items():
        if table.has(name):
            found[name] = _value(table, row)


def _value(table: Table, row: Field) -> object:
    if row.choices is not None:
        return table.choice(row.name, [each for each in row.choices() if each != UPLOADED])
    if row.numbers:
        return table.choice(row.name, row.numbers, row.kind)
    if row.kind is bool:
        return table.flag(row.name)
    low, high = row.limits
    if row.kind is int:
        return table.whole(row.name, int(low), int(high))
    return table.number(row.name, low, high)
