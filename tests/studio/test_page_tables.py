"""The address of every page: each row of its table comes back, and nothing else does."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbmviz.run.difference import Difference
from rbmviz.run.link import LabLink
from rbmviz.run.models import LAB_MODEL, UPLOADED
from rbmviz.run.page_link import MAX_FILE_NAME, PageLink, decode_page_link, encode_page_link
from rbmviz.run.query import MAX_STEP
from rbmviz.run.settings import LabSettings
from rbmviz.run.table import Field, clamp, rows, slug
from rbmviz.studio.page_tables import PAGE_TABLES, STATES, WHICH

EVERY_ROW = [(path, name) for path, place in PAGE_TABLES.items() for name in rows(place.table)]
every_row = pytest.mark.parametrize(("path", "name"), EVERY_ROW)
every_page = pytest.mark.parametrize("path", PAGE_TABLES)
# Links of version 1 leave these out: who changes one writes a second version of the links.
DEFAULTS_1 = {
    "negative-phase": {
        "model": "Trained to the end", "estimator": "cd", "k": 1, "repeats": 100, "warm_up": 100,
        "draw": 0,
    },
    "partition-function": {
        "model": "Trained to the end", "side": 8, "spins": 16, "coupling": 0.441,
        "methods": (
            "exact", "ais", "reverse", "sandwich", "bridge", "integration", "mean field", "tap",
        ),
        "methods_large": ("exact", "ais", "mean field"), "schedule": "linear", "base": "data mean",
        "chains": 100, "temperatures": 1000, "draw": 0, "inside": "ais",
    },
    "derivation": {
        "model": "Trained to the end", "parameter": "W", "i": 0, "j": 0, "row": 0, "samples": 1000,
        "draw": 0, "epsilon": 0.0, "theta": 0.5, "continuous": 1.0,
    },
    "every-state": {
        "model": "Bars-and-stripes 3x3, untrained", "estimator": "cd", "n_steps": 1,
        "n_chains": 100, "learning_rate": 0.2, "batch": "all", "speed": 10, "step": 0,
        "layout": "hypercube", "quantity": "log", "arrows": "push", "spurious": "off",
        "selected": -1,
    },
    "which-phase": {
        "dataset": "bars-and-stripes 3x3", "n_hidden": 5, "n_coupled": 3, "positive": "mean field",
        "negative": "chains", "learning_rate": 0.3, "seed": 1, "structure": "general", "step": 0,
    },
}  # fmt: skip
HOSTILE = [
    "", "nan", "inf", "-1", "1e999", "9" * 400, "true", "../../etc/passwd",
    "[x](http://evil.example)",
    "<script>alert(1)</script>", "\x00", "lab", "own.2x2.1.!", "a,b,c", "none", "0x10", "1_000",
    "٣",
]  # fmt: skip


def others(row: Field) -> Iterator[Any]:
    """Values within the limits that are not the default."""
    if row.choices is not None:
        every = [value for value in row.choices() if value not in (LAB_MODEL, UPLOADED)]
        several = [tuple(every[1:3]), (every[-1],), ()]
        yield from (v for v in (several if row.kind is tuple else every) if v != row.default)
    elif row.numbers:
        yield from (n for n in row.numbers if n != row.default)
    else:
        low, high = row.limits
        yield from (
            row.kind(n) for n in {low, high, (low + high) / 2} if row.kind(n) != row.default
        )


def there_and_back(link: PageLink[Any], path: str, **seen: str) -> tuple[PageLink[Any], list[str]]:
    """Open what a page writes, with what the browser adds to it."""
    changing = PAGE_TABLES[path].changing
    query = dict(parse_qsl(encode_page_link(link, changing), keep_blank_values=True))
    return decode_page_link(query | seen, PAGE_TABLES[path].table, changing)


def test_the_defaults_of_version_1_stay() -> None:
    assert {path: asdict(place.table()) for path, place in PAGE_TABLES.items()} == DEFAULTS_1


@every_page
def test_a_page_as_it_is_at_first_has_no_query(path: str) -> None:
    assert encode_page_link(PageLink(PAGE_TABLES[path].table())) == ""
    assert decode_page_link({}, PAGE_TABLES[path].table) == (
        PageLink(PAGE_TABLES[path].table()),
        [],
    )


@every_row
def test_every_value_of_every_row_comes_back(path: str, name: str) -> None:
    table = PAGE_TABLES[path].table
    row = rows(table)[name]
    for value in others(row):
        link = PageLink(replace(table(), **{name: value}))
        seen = {name: row.written(value)} if row.seen else {}  # the browser writes it
        assert (f"{name}=" in encode_page_link(link)) != row.seen
        assert there_and_back(link, path, **seen) == (link, [])


@every_row
def test_a_hostile_value_gives_a_page_that_is_allowed_and_a_sentence(path: str, name: str) -> None:
    table = PAGE_TABLES[path].table
    row = rows(table)[name]
    for value in HOSTILE:
        link, messages = decode_page_link(
            {"v": "1", name: value}, table, PAGE_TABLES[path].changing
        )
        assert clamp(table, asdict(link.settings)) == (link.settings, [])
        taken = getattr(link.settings, name)
        if not messages:
            assert row.kind is not str or slug(value) == slug(taken)
            assert row.kind not in (int, float) or float(value) == taken
        assert all(len(message) < 300 for message in messages)


@every_page
@given(query=st.dictionaries(st.text(max_size=12), st.text(max_size=40), max_size=80))
@settings(max_examples=60)
def test_no_query_raises(path: str, query: dict[str, str]) -> None:
    place = PAGE_TABLES[path]
    names = [*rows(place.table), "changes", "file", "lab.step", "lab.dataset", "lab.changes", "v"]
    known = dict(zip(names, query.values(), strict=False))
    link, messages = decode_page_link(query | known, place.table, place.changing)
    assert clamp(place.table, asdict(link.settings)) == (link.settings, [])
    assert len(messages) < 60


@every_page
def test_a_name_that_is_not_known_is_named(path: str) -> None:
    place = PAGE_TABLES[path]
    given = {"v": "1", next(iter(rows(place.table))): "x", "no_such": "1"}
    _link, messages = decode_page_link(given, place.table, place.changing)
    assert any("no_such" in message for message in messages)
    _link, messages = decode_page_link({**given, "v": "9"}, place.table, place.changing)
    assert "version '9'" in messages[0]


@pytest.mark.parametrize(
    "path", [path for path, p in PAGE_TABLES.items() if "model" in rows(p.table)]
)
def test_the_run_of_the_lab_comes_with_its_own_link(path: str) -> None:
    first = LabSettings(dataset="digits", n_hidden=5, seed=3)
    run = LabLink(
        first,
        step=900,
        difference=Difference("momentum", 0.5, from_step=400),
        changes=((300, replace(first, learning_rate=0.01)),),
    )
    link = PageLink(replace(PAGE_TABLES[path].table(), model=LAB_MODEL), lab=run)
    assert there_and_back(link, path) == (link, [])
    # The names of the page and those of the lab do not meet
    query = dict(parse_qsl(encode_page_link(link)))
    assert query["lab.n_hidden"] == "5"
    assert query["model"] == LAB_MODEL


def test_a_wrong_value_of_the_lab_is_named_and_another_model_wants_no_lab() -> None:
    place = PAGE_TABLES[STATES]
    link, messages = decode_page_link(
        {"model": LAB_MODEL, "lab.n_hidden": "999", "lab.evil": "1"}, place.table
    )
    assert link.lab is not None
    assert link.lab.settings.n_hidden == 64
    assert any("n_hidden 999" in message for message in messages)
    assert any("evil" in message for message in messages)
    link, messages = decode_page_link({"model": "parity-4-untrained", "lab.step": "9"}, place.table)
    assert link.lab is None
    assert "shows another model" in messages[0]


def test_an_uploaded_model_is_the_name_of_its_file() -> None:
    link = PageLink(replace(PAGE_TABLES[STATES].table(), model=UPLOADED), file="mine.npz")
    assert there_and_back(link, STATES) == (link, [])
    given = {"model": UPLOADED, "file": "../../" + 200 * "x" + ".npz"}
    read, _messages = decode_page_link(given, PAGE_TABLES[STATES].table)
    assert len(read.file) == MAX_FILE_NAME
    assert "/" not in read.file


@pytest.mark.parametrize(
    ("path", "course"),
    [
        (STATES, [{}, {"learning_rate": 0.05}, {"estimator": "pcd", "batch": "model"}]),
        (WHICH, [{}, {"learning_rate": 0.1}, {"positive": "exact", "negative": "exact"}]),
    ],
)
def test_settings_that_changed_on_the_way_come_back(
    path: str, course: list[dict[str, Any]]
) -> None:
    place, entries, values = PAGE_TABLES[path], [], {}
    first = {name: getattr(place.table(), name) for name in place.changing}
    for n, changed in enumerate(course):
        values = {**(values or first), **changed}
        entries.append((100 * n, values))
    link = PageLink(replace(place.table(), step=500, **values), tuple(entries))
    assert there_and_back(link, path, step="500") == (link, [])
    # A link to an earlier step knows nothing of what came after
    earlier, _messages = there_and_back(link, path, step="150")
    assert earlier.course == tuple(entries[:2])
    assert earlier.settings.learning_rate == entries[1][1]["learning_rate"]


@pytest.mark.parametrize(
    "text", ["", "~", "x", "5", "5,seed,2", "-5,learning_rate,1", "5,learning_rate", "9" * 2000]
)
def test_changes_that_cannot_be_read_are_named(text: str) -> None:
    place = PAGE_TABLES[STATES]
    given = {"step": "50", "changes": text}
    link, messages = decode_page_link(given, place.table, place.changing)
    assert link.course == ()
    assert any("changes" in message for message in messages)
    # A page whose run has no course knows no changes
    _link, messages = decode_page_link(
        {"k": "2", "changes": text}, PAGE_TABLES["negative-phase"].table
    )
    assert any("changes" in message for message in messages)


def test_a_step_has_a_limit() -> None:
    for path in (STATES, WHICH):
        link, messages = decode_page_link({"step": "10000000"}, PAGE_TABLES[path].table)
        assert link.settings.step == MAX_STEP
        assert messages


def test_texts_are_written_so_that_they_can_be_typed() -> None:
    link = PageLink(
        replace(PAGE_TABLES["partition-function"].table(), model="784 × 500, random weights")
    )
    assert encode_page_link(link) == "v=1&model=784-500-random-weights"
    as_name = urlencode({"model": link.settings.model})  # also by its name
    read = decode_page_link(dict(parse_qsl(as_name)), PAGE_TABLES["partition-function"].table)
    assert read == (link, [])


@every_row
def test_no_two_choices_are_written_alike(path: str, name: str) -> None:
    row = rows(PAGE_TABLES[path].table)[name]
    choices = list(row.choices()) if row.choices else []
    assert len({slug(choice) for choice in choices} - {""}) == len(choices)
