"""Charts in words: the numbers are those that are drawn, and every chart of a page has some."""

import doctest
import re
from pathlib import Path

import pytest

from rbmviz.charts import alternative
from rbmviz.charts.alternative import by_column, by_group, curves_in_words, values_in_words

PAGES = Path(__file__).parents[2] / "rbmviz/pages"


def test_the_examples_in_the_docstrings_hold() -> None:
    found = doctest.testmod(alternative)
    assert found.attempted >= 5
    assert found.failed == 0


def test_a_curve_is_told_by_its_ends_and_its_range() -> None:
    curves = {"log Z": [(0, 1.0), (5, 9.0), (10, 3.0)], "nothing": [], "one": [(2, -0.5)]}
    told = curves_in_words("Two terms", "step", curves)
    assert told == (
        "Two terms. log Z: 1 at step 0, 3 at step 10, between 1 and 9. one: −0.5 at step 2."
    )
    assert curves_in_words("Empty", "x", {}) == "Empty. Nothing is drawn yet."


def test_what_is_not_a_number_is_left_out() -> None:
    columns = {"x": [0, 1, None, 3], "y": [1.0, float("nan"), 2.0, None], "g": ["a", "a", "b", "a"]}
    assert by_column(columns, "x", {"y": "Y"}) == {"Y": [(0.0, 1.0)]}
    assert by_group(columns, "g", "x", "y", {"a": "A", "b": "B"}) == {"A": [(0.0, 1.0)], "B": []}


def test_long_lists_are_counted() -> None:
    told = values_in_words("Terms", [f"s{n}" for n in range(20)], [0.5] * 20)
    assert told.endswith("s7: 0.5; and 12 more.")


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.py")), ids=lambda p: p.stem)
def test_no_page_draws_a_chart_without_words(page: Path) -> None:
    calls = re.findall(r"vega_lite_chart\([^)]*\)", page.read_text("utf-8"))
    assert [call for call in calls if "alt=" not in call] == []
