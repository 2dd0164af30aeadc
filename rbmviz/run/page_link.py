"""The address of a page: what it shows as the query of a link, and back.

    /negative-phase?v=1&model=trained-half-way&estimator=pcd&k=5
    /derivation?v=1&model=lab&lab.n_hidden=16&lab.step=500&parameter=b&i=3

What differs from the page's defaults is written, in the names of its table of settings; the run of
the lab with a "lab." before each name of its own link; an uploaded model as the name of its file.
Whatever comes from outside is checked.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import PurePath
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl

from rbmviz.language import ENGLISH, _
from rbmviz.run.link import LabLink, decode_link, encode_link
from rbmviz.run.link_changes import Values, read_changes, write_changes
from rbmviz.run.models import LAB_MODEL, UPLOADED
from rbmviz.run.presentation import PANEL, PRESENT
from rbmviz.run.query import read_query, write_query
from rbmviz.run.table import clamp, rows

T = TypeVar("T")
MAX_FILE_NAME = 60
OF_LAB, _FILE, _CHANGES = "lab.", "file", "changes"


@dataclass(frozen=True)
class PageLink(Generic[T]):
    """Everything that the address of a page says."""

    settings: T  # where the page stands, not where its run began
    course: tuple[tuple[int, Values], ...] = ()  # of a run whose settings changed on its way
    lab: LabLink | None = None  # the run of the lab, where the page shows it
    file: str = ""  # the name of an uploaded model


def encode_page_link(
    link: PageLink[T],
    changing: tuple[str, ...] = (),
    language: str = ENGLISH,
    *,
    names_model: bool = False,
) -> str:
    """Write the query of a page's link, without what the browser adds by itself.

    names_model: also a model that is the page's default, as there is a lab that could be meant.
    """
    table = rows(type(link.settings))
    values = {name: getattr(link.settings, name) for name in table}
    values |= link.course[0][1] if link.course else {}
    told = {
        name: row.written(values[name])
        for name, row in table.items()
        if (values[name] != row.default or (names_model and name == "model")) and not row.seen
    }
    if values.get("model") == UPLOADED:
        told[_FILE] = link.file[-MAX_FILE_NAME:]
    if values.get("model") == LAB_MODEL and link.lab is not None:
        of_lab = parse_qsl(encode_link(link.lab), keep_blank_values=True)
        told |= {f"{OF_LAB}{name}": value for name, value in of_lab if name != "v"}
    if len(link.course) > 1:
        told[_CHANGES] = write_changes(link.course, changing) or ""
    return write_query(told, language)


def decode_page_link(
    query: Mapping[str, str], table: type[T], changing: tuple[str, ...] = ()
) -> tuple[PageLink[T], list[str]]:
    """Read the address of a page; what is wrong in it is replaced or left out, and named.

    Never raises.
    """
    presented = {f"{OF_LAB}{PRESENT}", f"{OF_LAB}{PANEL}"}  # a page is presented, not its model
    names = {name for name in query if name.startswith(OF_LAB)} - presented
    of_lab = {name.removeprefix(OF_LAB): query[name] for name in query if name in names}
    of_page = {name: value for name, value in query.items() if name not in names}
    known = {*rows(table), "v", PRESENT, PANEL}
    known |= ({_FILE} if "model" in known else set()) | ({_CHANGES} if changing else set())
    given, messages = read_query(of_page, known)
    settings, said = clamp(table, given)
    messages += said
    link = PageLink(settings)
    model = getattr(settings, "model", "")
    if model == LAB_MODEL:
        lab, said = decode_link(of_lab)
        messages += said
        link = replace(link, lab=lab)
    elif of_lab:
        messages.append(_("The address tells of a run of the lab, but shows another model."))
    if model == UPLOADED:
        link = replace(link, file=PurePath(given.get(_FILE, "")).name[-MAX_FILE_NAME:])
    if _CHANGES in given:
        course, said = _read_course(given[_CHANGES], settings, changing)
        messages += said
        if len(course) > 1:
            now: T = clamp(table, {**given, **course[-1][1]})[0]
            link = replace(link, settings=now, course=course)
    return link, messages


def _read_course(
    text: str, first: Any, changing: tuple[str, ...]
) -> tuple[tuple[tuple[int, Values], ...], list[str]]:
    def taken(settings: Any, changed: dict[str, str]) -> tuple[Any, list[str]]:
        return clamp(type(settings), {**asdict(settings), **changed})

    later, messages = read_changes(text, first, first.step, changing, taken)
    entries = ((0, first), *later)
    values = [(step, {n: getattr(settings, n) for n in changing}) for step, settings in entries]
    return tuple(values), messages
