"""What a chart shows, in words made from its numbers: for those who hear it instead."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from rbmviz.language import _

MOST_NAMED = 8  # curves or points; a listener loses count beyond

Curves = Mapping[str, Sequence[tuple[float, float]]]


def by_column(
    columns: Mapping[str, Sequence[Any]], x: str, names: Mapping[str, str]
) -> dict[str, list[tuple[float, float]]]:
    """Take a curve from each column of `names`, which says what it is called.

    >>> by_column({"step": [0, 1], "z": [None, 2.0]}, "step", {"z": "log Z"})
    {'log Z': [(1.0, 2.0)]}
    """
    return {
        name: _known(zip(columns[x], columns[column], strict=True))
        for column, name in names.items()
        if column in columns
    }


def by_group(
    columns: Mapping[str, Sequence[Any]], group: str, x: str, y: str, names: Mapping[Any, str]
) -> dict[str, list[tuple[float, float]]]:
    """Take a curve from the rows of each group in `names`.

    >>> by_group({"who": ["a", "b"], "x": [0, 0], "y": [1, 2]}, "who", "x", "y", {"b": "B"})
    {'B': [(0.0, 2.0)]}
    """
    rows = list(zip(columns[group], columns[x], columns[y], strict=True))
    return {name: _known((at, y) for g, at, y in rows if g == key) for key, name in names.items()}


def _known(points: Iterable[tuple[Any, Any]]) -> list[tuple[float, float]]:
    return [
        (float(x), float(y))
        for x, y in points
        if x is not None and y is not None and np.isfinite(x) and np.isfinite(y)
    ]


def curves_in_words(title: str, x_name: str, curves: Curves, apart: Collection[str] = ()) -> str:
    """Tell each curve by its ends and its range; apart: those that are drawn in several parts.

    >>> curves_in_words("Two terms", "step", {"log Z": [(0, 1.0), (10, 3.0)], "none yet": []})
    'Two terms. log Z: 1 at step 0, 3 at step 10.'
    """
    told = [f"{title}."]
    for name, points in list(curves.items())[:MOST_NAMED]:
        if not points:
            continue
        (first, begun), (last, ended) = min(points), max(points)
        if first == last:
            told.append(
                _("{name}: {y} at {x_name} {x}.").format(
                    name=name, y=brief(ended), x_name=x_name, x=brief(last)
                )
            )
            continue
        low, high = min(y for x, y in points), max(y for x, y in points)
        inside = {low, high} <= {begun, ended}
        reach = ""
        if not inside:
            reach = _(", between {low} and {high}").format(low=brief(low), high=brief(high))
        if name in apart:
            reach += _("; points that lie far apart are not joined")
        told.append(
            _("{name}: {y} at {x_name} {x}, {y_last} at {x_name} {x_last}{reach}.").format(
                name=name,
                x_name=x_name,
                x=brief(first),
                y=brief(begun),
                x_last=brief(last),
                y_last=brief(ended),
                reach=reach,
            )
        )
    if len(told) == 1:
        told.append(_("Nothing is drawn yet."))
    return _read_out(" ".join(told))


def values_in_words(title: str, names: Sequence[str], values: Sequence[float | None]) -> str:
    """List names with their values; the rest is counted.

    >>> values_in_words("log Z", ["exact", "AIS"], [12.25, None])
    'log Z. exact: 12.25; AIS: not known.'
    """
    told = [
        f"{name}: {_('not known') if y is None or not np.isfinite(y) else brief(y)}"
        for name, y in zip(names, values, strict=True)
    ]
    more = len(told) - MOST_NAMED
    end = _("; and {n} more").format(n=more) if more > 0 else ""
    return _read_out(f"{title}. {'; '.join(told[:MOST_NAMED])}{end}.")


def brief(x: float) -> str:
    """Write a number with four significant digits, without an exponent where that is readable.

    >>> brief(123456.0), brief(0.00012), brief(-3.0)
    ('123,456', '0.00012', '-3')
    """
    return f"{x:,.0f}" if 1e4 <= abs(x) < 1e9 else f"{x:.4g}"


def _read_out(text: str) -> str:
    """Spell what a screen reader would skip."""
    return text.replace(" -", " −").replace("p̃", "p tilde")
