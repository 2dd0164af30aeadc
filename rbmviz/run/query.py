"""What all links have in common: their version, whole numbers, names that nobody knows."""

from collections.abc import Collection, Mapping
from urllib.parse import urlencode

from rbmviz.language import ENGLISH, LANGUAGES, N_, _
from rbmviz.run.table import Field

VERSION = 1
MAX_STEP = 100_000
LANGUAGE = "lang"  # of the reader who makes a link
# The lesson that is being played, its step, and whether the answer of that was shown
LESSON, LESSON_STEP, LESSON_SHOWN = "lesson", "lesson_step", "lesson_shown"
_OF_ALL_PAGES = (LANGUAGE, LESSON, LESSON_STEP, LESSON_SHOWN)
_MAX_KEYS, _MAX_NAMED, _MAX_SHOWN = 64, 3, 40
_NOT_OURS = ("embed", "utm_", "fbclid", "gclid")  # what others put into an address


def step_row() -> Field:
    """The step of a run that a page plays, as a row of the page's settings."""
    return Field(label=N_("step"), limits=(0, MAX_STEP), seen=True)


def write_query(told: Mapping[str, str], language: str = ENGLISH) -> str:
    """Write the query of a link, without "?"; empty when there is nothing to tell."""
    told = dict(told) | ({LANGUAGE: language} if language != ENGLISH else {})
    return write_pairs({"v": str(VERSION), **told}) if told else ""


def add_to_query(query: str, told: Mapping[str, str]) -> str:
    """Add what all pages tell to what write_query wrote."""
    return "&".join([query or f"v={VERSION}", write_pairs(told)]) if told else query


def write_pairs(told: Mapping[str, str]) -> str:
    """Write names and values as part of a query."""
    return urlencode(told, safe=",/")


def read_query(
    query: Mapping[str, str], known: Collection[str]
) -> tuple[dict[str, str], list[str]]:
    """Take what is known of a query; the version and the names of the rest are told."""
    items = {str(k): str(value) for k, value in list(query.items())[:_MAX_KEYS]}
    given = {name: value for name, value in items.items() if name in known}
    if not given:
        return {}, []
    messages = _about_version(given.get("v")) + _about_strangers(items, known)
    if len(query) > _MAX_KEYS:
        messages.append(_("Only the first {n} names of the address were read.").format(n=_MAX_KEYS))
    return given, messages


def read_language(given: str | None) -> tuple[str | None, list[str]]:
    """Read what an address says of the language, ?lang=de; None when it says nothing that is known.

    It belongs to all pages, so it stands beside what decode_link reads for the lab.
    """
    if given is None or given in LANGUAGES:
        return given, []
    known = ", ".join(LANGUAGES)
    return None, [
        _("lang {given} is none of {known}; using the browser's language.").format(
            given=short(given), known=known
        )
    ]


def _about_version(version: str | None) -> list[str]:
    if version in (None, str(VERSION)):
        return []
    return [
        _(
            "The link has version {version}, this rbmviz reads version {known}: what it does not "
            "know is left out."
        ).format(version=short(version), known=VERSION)
    ]


def _about_strangers(items: Mapping[str, str], known: Collection[str]) -> list[str]:
    strange = [
        name
        for name in items
        if name not in known and name not in _OF_ALL_PAGES and not name.startswith(_NOT_OURS)
    ]
    named = [
        _("{name} is not known and was left out.").format(name=short(name))
        for name in strange[:_MAX_NAMED]
    ]
    more = len(strange) - _MAX_NAMED
    return [*named, _("{more} more are not known.").format(more=more)] if more > 0 else named


def whole_number(name: str, given: str, high: int, default: int) -> tuple[int, list[str]]:
    """Read a whole number from 0 to a limit."""
    digits = given.strip()
    if not (digits.isascii() and digits.isdigit()):
        return default, [
            _("{name} {given} is no whole number; using {default}.").format(
                name=name, given=short(given), default=default
            )
        ]
    number = int(digits) if len(digits) < 20 else 10**20
    if number > high:
        return high, [
            _("{name} {given} is beyond the limit; using {high:,}.").format(
                name=name, given=short(given), high=high
            )
        ]
    return number, []


def short(text: object) -> str:
    """Quote the beginning of a text from outside."""
    return repr(str(text)[:_MAX_SHOWN])
