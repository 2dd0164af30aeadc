"""A line on the terminal that says how far the work is."""

import sys
from time import monotonic
from types import TracebackType
from typing import Self, TextIO

_WIDTH = 30  # characters of the bar
_EVERY_SECONDS = 0.1


class ProgressLine:
    """Draw a bar on a terminal, over and over on one line; into a file or a pipe it is silent."""

    def __init__(self, text: str, stream: TextIO | None = None, quiet: bool = False) -> None:
        self._text, self._stream = text, stream or sys.stderr
        self._draws = not quiet and self._stream.isatty()
        self._begun = self._drawn = monotonic()
        self._length = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._draws and self._length:
            self._write("")

    def show(self, share: float, note: str, *, at_once: bool = False) -> None:
        """Show a share of the whole, 0 to 1, and a note; at most ten times a second.

        at_once: the next call may be long in coming.
        """
        now = monotonic()
        if not self._draws or (now - self._drawn < _EVERY_SECONDS and not at_once):
            return
        self._drawn = now
        full = round(_WIDTH * share)
        bar = "#" * full + "-" * (_WIDTH - full)
        left = (now - self._begun) * (1 - share) / share if share > 0 else None
        left_text = "" if left is None else f", {left:.0f} s left"
        self._write(f"{self._text} [{bar}] {share:4.0%} {note}{left_text}")

    def _write(self, line: str) -> None:
        self._stream.write(f"\r{line.ljust(self._length)}" + ("" if line else "\r"))
        self._stream.flush()
        self._length = len(line)
