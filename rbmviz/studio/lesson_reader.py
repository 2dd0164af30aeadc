"""Reading checked values out of TOML, with the line in every complaint. Nothing is evaluated."""

import html
import math
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from rbmviz.language import _
from rbmviz.studio.lesson_lines import Path, lines_of

MAX_BYTES = 32_768
MAX_LINE = 300  # characters: keys with thousands of parts would take tomllib minutes
_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
# Links and images would ask another server, and bare addresses become links; a formula can be as
# large as the page; raw HTML is never drawn, and must not look as if.
_NOT_IN_TEXTS = re.compile(r"!\[|\]\(|\]\s*:|<[a-z/!]|://|www\.|\S@\S|\$[^$]*\$", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([^\w\s])")


@dataclass(frozen=True)
class Problem:
    """What is wrong in a lesson file, where, and what to do about it."""

    line: int
    text: str

    def __str__(self) -> str:
        """Write it as a compiler would."""
        return f"line {self.line}: {self.text}"


class Document:
    """A TOML text with its lines, and the problems that were found in it so far."""

    def __init__(self, content: bytes | str) -> None:
        self.problems: list[Problem] = []
        self.lines: dict[Path, int] = {}
        self.values: dict[str, Any] = {}
        text = self._text(content)
        if text is not None:
            self._parse(text)

    def complain(self, path: Path, text: str) -> None:
        """Note a problem at the line of a path, or of the nearest part of it that stands there."""
        while path and path not in self.lines:
            path = path[:-1]
        self.problems.append(Problem(self.lines.get(path, 1), text))

    def _text(self, content: bytes | str) -> str | None:
        raw = content.encode("utf-8", "replace") if isinstance(content, str) else content
        if len(raw) > MAX_BYTES:
            self.problems.append(
                Problem(
                    1,
                    _("The file has {n:,} bytes; the limit is {most:,}. Cut it.").format(
                        n=len(raw), most=MAX_BYTES
                    ),
                )
            )
            return None
        try:
            text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            self.problems.append(
                Problem(line, _("This is no text in UTF-8. Save it as plain text, encoding UTF-8."))
            )
            return None
        for number, line_text in enumerate(text.split("\n"), start=1):
            if len(line_text) > MAX_LINE:
                said = _("The line has {n:,} characters; the limit is {most}. ").format(
                    n=len(line_text), most=MAX_LINE
                )
                self.problems.append(
                    Problem(number, said + _('Break the text, between """ and """.'))
                )
        return None if self.problems else text

    def _parse(self, text: str) -> None:
        try:
            self.values = tomllib.loads(text)
            self.lines = lines_of(text)
        except tomllib.TOMLDecodeError as error:
            said, at = str(error), _AT.search(str(error))
            line = int(at[1]) if at and at[1] else text.count("\n") + 1
            self.problems.append(
                Problem(
                    line,
                    _(
                        "This is not valid TOML: {error}. Write key = value, and every "
                        "text between quotes."
                    ).format(error=_AT.sub("", said)[:120]),
                )
            )
        except (RecursionError, ValueError, OverflowError) as error:
            deep = isinstance(error, RecursionError)
            said = (
                _("Brackets are nested too deeply")
                if deep
                else _("A value cannot be read ({error})").format(error=error)
            )
            self.problems.append(Problem(1, _("{error}. Remove it.").format(error=said[:160])))


def _unescaped(text: str) -> str:
    """Write what markdown reads behind backslashes and entities as it is shown."""
    return _ESCAPED.sub(r"\1", html.unescape(text))


class Table:
    """A table of the document; each read checks one key, and `close` names the unknown ones."""

    def __init__(self, document: Document, values: dict[str, Any], path: Path = ()) -> None:
        self.document, self.values, self.path = document, values, path
        self._known: set[str] = set()

    def has(self, key: str) -> bool:
        """Say whether a key stands there."""
        self._known.add(key)
        return key in self.values

    def complain(self, key: str, text: str) -> None:
        """Note a problem with a key of this table."""
        self.document.complain((*self.path, key) if key else self.path, text)

    def text(self, key: str, most: int, *, required: bool = True) -> str:
        """Read a text of at most so many characters, without links, images and HTML."""
        value = self._get(key, str, _("a text between quotes"), required)
        if value is None:
            return ""
        value = value.strip()
        if not value and required:
            self.complain(
                key, _("{key} is empty. Write a text between the quotes.").format(key=key)
            )
        if len(value) > most:
            self.complain(
                key,
                _("{key} has {n} characters; the limit is {most}. Cut it.").format(
                    key=key, n=len(value), most=most
                ),
            )
        if found := _NOT_IN_TEXTS.search(value) or _NOT_IN_TEXTS.search(_unescaped(value)):
            self.complain(
                key,
                _(
                    "{key} has {found!r}: links, images, HTML and formulas are not shown. Leave it "
                    "out."
                ).format(key=key, found=found[0][:20]),
            )
        return value

    def flag(self, key: str) -> bool:
        """Read true or false; false where it is left out."""
        return bool(self._get(key, bool, _("true or false"), False))

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """Read a whole number in [low, high]."""
        value = self._get(key, int, f"a whole number from {low} to {high}", default is None)
        if value is None:
            return low if default is None else default
        return int(self._within(key, value, low, high))

    def number(self, key: str, low: float, high: float) -> float:
        """Read a number in [low, high]."""
        value = self._get(key, float, f"a number from {low:g} to {high:g}", True)
        return low if value is None else float(self._within(key, value, low, high))

    def choice(self, key: str, allowed: Iterable[Any], kind: type = str) -> Any:
        """Read one of some values; None after a complaint."""
        options = list(allowed)
        what = _("a text between quotes") if kind is str else _("a whole number")
        value = self._get(key, kind, what, True)
        if value is not None and value not in options:
            self.complain(key, f"{key} {_short(value)} is not known.{suggestion(value, options)}")
            return None
        return value

    def names(self, key: str, allowed: Iterable[str], most: int) -> list[str]:
        """Read a list of some known texts; it may be left out."""
        value = self._get(key, list, _("a list of texts in brackets"), False) or []
        options = list(allowed)
        if len(value) > most:
            self.complain(
                key,
                _("{key} has {n} entries; the limit is {most}.").format(
                    key=key, n=len(value), most=most
                ),
            )
        for n, one in enumerate(value[:most]):
            if one not in options:
                said = f"{_short(one)} is not known.{suggestion(one, options)}"
                self.document.complain((*self.path, key, n), said)
        return [one for one in value[:most] if one in options]

    def table(self, key: str) -> "Table | None":
        """Read a table below this one, if it stands there."""
        value = self._get(key, dict, _("a table, [{key}]").format(key=self._dotted(key)), False)
        return None if value is None else Table(self.document, value, (*self.path, key))

    def tables(self, key: str, most: int) -> list["Table"]:
        """Read an array of tables, at least one."""
        header = f"[[{self._dotted(key)}]]"
        value = self._get(key, list, f"one or more tables {header}", True)
        if value is None:
            return []
        if not value or len(value) > most or not all(isinstance(one, dict) for one in value):
            self.complain(
                key,
                _("{key} must be 1 to {most} tables; write {header} above each.").format(
                    key=key, most=most, header=header
                ),
            )
            return []
        return [Table(self.document, one, (*self.path, key, n)) for n, one in enumerate(value)]

    def close(self) -> None:
        """Complain of every key that nobody has read."""
        for key in self.values:
            if key not in self._known:
                self.complain(key, f"Unknown key {_short(key)}.{suggestion(key, self._known)}")

    def _dotted(self, key: str) -> str:
        return ".".join([part for part in self.path if isinstance(part, str)] + [key])

    def _get(self, key: str, kind: type, what: str, required: bool) -> Any:
        self._known.add(key)
        if key not in self.values:
            if required:
                self.complain("", _("{key} is missing. Add it: {what}.").format(key=key, what=what))
            return None
        value = self.values[key]
        fits = isinstance(value, kind) or (kind is float and isinstance(value, int))
        if not fits or (isinstance(value, bool) and kind is not bool):
            self.complain(
                key,
                _("{key} is {value}; it must be {what}.").format(
                    key=key, value=_short(value), what=what
                ),
            )
            return None
        return value

    def _within(self, key: str, value: float, low: float, high: float) -> float:
        if not low <= value <= high:  # also true for nan
            said = f"{value:g}" if isinstance(value, float) and not math.isfinite(value) else value
            self.complain(
                key,
                _("{key} is {said}; it must be from {low:g} to {high:g}.").format(
                    key=key, said=_short(said), low=low, high=high
                ),
            )
            return low
        return value


def suggestion(value: object, allowed: Iterable[object]) -> str:
    """Name the nearest allowed value, or all of them."""
    options = sorted({str(one) for one in allowed})
    if near := get_close_matches(str(value)[:60], options, n=1, cutoff=0.7):
        return _(" Did you mean {near!r}?").format(near=near[0])
    return _(" Use one of: {options}.").format(options=", ".join(options)) if options else ""


def _short(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**30:
        return _("a huge number")
    said = repr(value)
    return said if len(said) <= 60 else f"{said[:57]}..."
