"""Where each key of a TOML text stands: tomllib reads the values, but forgets the lines.

The text is known to be valid: tomllib has read it. Paths are as in the result of tomllib: keys of
tables, and numbers of the entries of arrays.
"""

import re
import tomllib

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN_VALUE = re.compile(r"[^,\]}#\n]*")
_TEXTS = (  # how each kind of text goes on to its end
    re.compile(r'"""(?:\\.|[^\\])*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\\n])*"'),
    re.compile(r"'[^'\n]*'"),
)


def lines_of(text: str) -> dict[Path, int]:
    r"""Map the path of every key, table and array entry to its line, from 1.

    >>> lines_of('[[b]]\nc = [2,\n3]')
    {('b',): 1, ('b', 0): 1, ('b', 0, 'c'): 2, ('b', 0, 'c', 0): 2, ('b', 0, 'c', 1): 3}
    """
    return _Scanner(text.replace("\r\n", "\n")).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._line, self._counted = 1, 0  # the line of the character at _counted
        self._found: dict[Path, int] = {}
        self._entries: dict[Path, int] = {}  # of each array of tables: the number of its last one

    def scan(self) -> dict[Path, int]:
        """Go through the whole text."""
        table: Path = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)
        return self._found

    def _header(self) -> Path:
        is_array = self._text.startswith("[[", self._at)
        line = self._here()
        self._at += 2 if is_array else 1
        parts = self._key()
        self._at = self._text.index("]", self._at) + (2 if is_array else 1)
        path = (*self._inside(parts[:-1], line), parts[-1])
        self._note(path, line)
        if is_array:
            number = self._entries[path] = self._entries.get(path, -1) + 1
            path = (*path, number)
            self._note(path, line)
        elif path in self._entries:
            path = (*path, self._entries[path])
        return path

    def _inside(self, parts: list[str], line: int) -> Path:
        """Follow the keys of a header; an array of tables is followed to its last entry."""
        path: Path = ()
        for part in parts:
            path = (*path, part)
            self._note(path, line)
            if path in self._entries:
                path = (*path, self._entries[path])
        return path

    def _pair(self, table: Path) -> None:
        line, path = self._here(), table
        for part in self._key():
            path = (*path, part)
            self._note(path, line)
        self._at = self._text.index("=", self._at) + 1
        self._value(path)

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip(_BLANK)
            if bare := _BARE.match(self._text, self._at):
                parts.append(bare[0])
                self._at = bare.end()
            else:
                begun = self._at
                self._skip_text()
                parts.append(tomllib.loads(f"x = {self._text[begun : self._at]}")["x"])
            self._skip(_BLANK)
            if self._text[self._at] != ".":
                return parts
            self._at += 1

    def _value(self, path: Path) -> None:
        self._skip(_BLANK)
        first = self._text[self._at]
        if first in "\"'":
            self._skip_text()
        elif first == "[":
            self._list(path)
        elif first == "{":
            self._inline_table(path)
        else:
            self._skip(_PLAIN_VALUE)

    def _list(self, path: Path) -> None:
        self._at += 1
        number = 0
        while True:
            self._skip(_BLANK)
            if self._text[self._at] == "]":
                break
            self._note((*path, number), self._here())
            self._value((*path, number))
            number += 1
            self._skip(_BLANK)
            if self._text[self._at] == ",":
                self._at += 1
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        self._skip(_BLANK)
        while self._text[self._at] != "}":
            self._pair(path)
            self._skip(_BLANK)
            if self._text[self._at] == ",":
                self._at += 1
                self._skip(_BLANK)
        self._at += 1

    def _skip_text(self) -> None:
        for kind in _TEXTS:
            if found := kind.match(self._text, self._at):
                self._at = found.end()
                return
        raise ValueError(f"no text at line {self._here()}")  # tomllib would have refused it

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()

    def _here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _note(self, path: Path, line: int) -> None:
        self._found.setdefault(path, line)
