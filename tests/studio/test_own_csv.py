"""Names of columns and rows in a CSV file are no data, and data are no names."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbmviz.core.errors import InputError
from rbmviz.studio.own_files import read_files

NAMES = "The first line was read as the column names."
COUNTED = "it was read as column names. If it is a row of data, write a line of names above it."
INDEX = "The first column has no name: it was read as row names and left out."


def read(text: str) -> tuple[list[list[float]], tuple[str, ...]]:
    grey = read_files([("rows.csv", text.encode())])
    return grey.values.tolist(), grey.notes


TABLES = st.integers(1, 6).flatmap(
    lambda n: st.lists(st.lists(st.sampled_from([0, 1]), min_size=n, max_size=n), min_size=1)
)


@given(TABLES, st.sampled_from([",", ";", "\t"]), st.sampled_from(["{}", "{}.0", '"{}"', "{}e0"]))
def test_rows_of_0_and_1_are_data_from_the_first_line_on(
    rows: list[list[int]], delimiter: str, written: str
) -> None:
    text = "\n".join(delimiter.join(written.format(value) for value in row) for row in rows)
    assert read(text) == (rows, ())


@given(
    TABLES,
    st.sampled_from(["none", "names", "0, 1, 2", "1, 2, 3", "0.0, 1.0"]),
    st.sampled_from(["none", "counted", "shuffled", "words"]),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from([0, 1, 2]),
)
def test_what_pandas_writes_is_read_back(
    rows: list[list[int]], head: str, index: str, delimiter: str, quoting: int
) -> None:
    n = len(rows[0])
    names = {
        "none": range(n),
        "names": [f"x {j}" for j in range(n)],
        "0, 1, 2": range(n),
        "1, 2, 3": range(1, n + 1),
        "0.0, 1.0": [float(j) for j in range(n)],
    }[head]
    labels = {
        "none": range(len(rows)),
        "counted": range(len(rows)),
        "shuffled": [(7 * k + 3) % 101 for k in range(len(rows))],
        "words": [f"row {k}" for k in range(len(rows))],
    }[index]
    indexed = index != "none" and head != "none"  # pandas writes an index under a head alone
    frame = pd.DataFrame(rows, columns=list(names), index=list(labels))
    text = frame.to_csv(header=head != "none", index=indexed, sep=delimiter, quoting=quoting)
    values, notes = read(text)
    counted = head not in ("none", "names")
    if counted and n < 3 and not indexed:  # too few to tell from data: see below
        assert values[1:] == rows
        return
    assert values == rows
    said = [] if head == "none" else [NAMES]
    if counted and not indexed:
        assert notes[0].endswith(COUNTED)
        said = [notes[0]]
    assert notes == (*said, *([INDEX] if indexed else []))


@pytest.mark.parametrize(
    ("text", "rows"),
    {
        "two columns": ("0,1\n1,0\n", [[0, 1], [1, 0]]),
        "a single line": ("0,1,2\n", [[0, 1, 2]]),
        "counted from 2": ("2,3,4\n0,1,0\n", [[2, 3, 4], [0, 1, 0]]),
        "counted by 2": ("0,2,4\n0,1,0\n", [[0, 2, 4], [0, 1, 0]]),
        "counted down": ("3,2,1\n0,1,0\n", [[3, 2, 1], [0, 1, 0]]),
        "counted twice": ("0,1,2,2\n0,1,0,1\n", [[0, 1, 2, 2], [0, 1, 0, 1]]),
        "halves": ("0,0.5,1\n0,1,0\n", [[0, 0.5, 1], [0, 1, 0]]),
        "counted below": ("0,1,0\n0,1,2\n", [[0, 1, 0], [0, 1, 2]]),
        "counted below names": ("a,b,c\n0,1,2\n1,1,1\n", [[0, 1, 2], [1, 1, 1]]),
    }.values(),
)
def test_what_does_not_count_the_columns_is_data(text: str, rows: list[list[float]]) -> None:
    values, notes = read(text)
    assert values == rows
    assert notes in [(), (NAMES,)]


def test_grey_values_have_a_counted_head_too() -> None:
    values, notes = read("0,1,2\n17,255,0\n3,4,5\n")
    assert values == [[17, 255, 0], [3, 4, 5]]
    assert notes == (f"The first line counts the columns (0, 1, 2, ...): {COUNTED}",)


@pytest.mark.parametrize(
    "text", ['"a" "b" "c"\n"1" 0 1 1\n"2" 1 0 0\n', "  0  1  2\n0 0 1 1\n1 1 0 0"]
)
def test_a_head_with_one_cell_less_stands_above_an_index(text: str) -> None:
    values, notes = read(text)  # as R's write.table and pandas' to_string write it
    assert values == [[0, 1, 1], [1, 0, 0]]
    assert notes[1:] == (INDEX,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (",0,1\n0,1,x\n", r"Row 1 \(line 2\), column 3 is 'x'"),
        (",a,b\n7,1,\n", r"Row 1 \(line 2\), column 3 is empty"),
        (",a,b\n7,1,0\n8,1\n", r"Row 2 \(line 3\) has 2 columns, the rows above have 3"),
        ("0,1,2\n0,1,0,1,1\n", r"Row 2 \(line 2\) has 5 columns, the rows above have 3"),
        (",0,1,2\n", "The table is empty"),
    ],
)
def test_page_tables_are_those_of_the_file(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(text)


def test_a_table_of_0_and_1_up_to_rounding_needs_no_threshold() -> None:
    grey = read_files([("rows.csv", b"1.0000000000000002,-1e-17\n0.9999999,0\n")])
    assert grey.is_decided
    assert grey.values.tolist() == [[1, 0], [1, 0]]
    assert not read_files([("rows.csv", b"1.00001,0\n0,1\n")]).is_decided
    assert read("0.2,1e-9,1\n")[0] == [[0.2, 1e-9, 1]]  # grey values stay as they are
