"""CSV files that visitors upload: rows of numbers, without the names of columns and rows.

Names above the columns are told from data by the first line alone: no cell of it is a number, or
it counts the columns, 0, 1, 2 ... or 1, 2, 3 ..., as pandas and R write arrays without names. Two
columns do not count (0, 1 is a row of data), and neither does a line that stands alone. A first
column without a name names the rows.
"""

import csv
import math
from itertools import islice

import numpy as np

from rbmviz.core.errors import FloatArray, InputError
from rbmviz.language import _
from rbmviz.run.own_data import MAX_ROWS

Line = tuple[int, list[str]]  # its number in the file, and its cells


def read_csv(content: bytes) -> tuple[FloatArray, list[str]]:
    """Read numbers between commas, semicolons, tabs or blanks, and say what was left out.

    At most one row more than MAX_ROWS is read.

    Raises:
        InputError: no text, no numbers, or rows of different lengths, with the place.
    """
    lines = _lines_of(content)
    notes, index = [], 0
    if lines and _is_head(lines):
        _line, head = lines.pop(0)
        notes.append(_in_words(head))
        if lines and _has_index(head, lines[0][1]):
            index = 1
            notes.append(_("The first column has no name: it was read as row names and left out."))
    if not lines:
        raise InputError(_("The table is empty; it needs a line of numbers for each row."))
    rows: list[list[float]] = []
    n_cells = len(lines[0][1])
    for line, cells in lines[: MAX_ROWS + 1]:
        if len(cells) != n_cells:
            raise InputError(
                _(
                    "Row {row} (line {line}) has {n_cells} columns, the rows above have "
                    "{n_above}. Each "
                    "row needs the same."
                ).format(row=len(rows) + 1, line=line, n_cells=len(cells), n_above=n_cells)
            )
        rows.append(_row(cells, line, len(rows) + 1, index))
    return np.array(rows), notes


def _lines_of(content: bytes) -> list[Line]:
    """Part the lines that are not blank into cells: those of names, all rows and one more."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(_("The file is no text in UTF-8; save it as CSV (UTF-8).")) from None
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    delimiter = next((mark for mark in (";", "\t", ",") if mark in first), " ")
    parsed = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    stripped = ([cell.strip() for cell in cells] for cells in parsed)
    if delimiter == " ":
        stripped = ([cell for cell in cells if cell] for cells in stripped)
    filled = ((parsed.line_num, cells) for cells in stripped if any(cells))
    try:
        return list(islice(filled, MAX_ROWS + 2))
    except csv.Error as error:
        raise InputError(
            _("Line {line_num} cannot be read: {error}.").format(
                line_num=parsed.line_num, error=error
            )
        ) from None


def _is_head(lines: list[Line]) -> bool:
    cells = lines[0][1]
    if all(_number(cell) is None for cell in cells):
        return True
    if not cells[0]:  # as pandas writes it above an index
        return _counts_up(cells[1:])
    below = len(lines[1][1]) if len(lines) > 1 else 0
    return len(cells) >= 3 and _counts_up(cells) and below in (len(cells), len(cells) + 1)


def _counts_up(cells: list[str]) -> bool:
    n, numbers = len(cells), [_number(cell) for cell in cells]
    return numbers == list(range(n)) or numbers == list(range(1, n + 1))


def _has_index(head: list[str], first_row: list[str]) -> bool:
    """Say whether the first column names the rows: nothing stands above it."""
    unnamed = len(head) > 1 and not head[0] and all(head[1:])
    return unnamed or len(first_row) == len(head) + 1


def _in_words(head: list[str]) -> str:
    if _number(head[0]) is not None:
        return _(
            "The first line counts the columns ({first}, ...): it was read as column names. If "
            "it is a row of data, write a line of names above it."
        ).format(first=", ".join(head[:3]))
    return _("The first line was read as the column names.")


def _row(cells: list[str], line: int, row: int, index: int) -> list[float]:
    """Read a row behind its index: 1 when the first column names the rows, or else 0."""
    values = []
    for column, cell in enumerate(cells[index:], index + 1):
        value = _number(cell)
        if value is None or not math.isfinite(value):
            said = f"{cell[:20]!r}" if cell else "empty"
            raise InputError(
                _(
                    "Row {row} (line {line}), column {column} is {said}; it must be a number."
                ).format(row=row, line=line, column=column, said=said)
            )
        values.append(value)
    return values


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
