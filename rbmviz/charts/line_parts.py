"""Which points of a curve a line may join: those of neighbouring steps that lie close together.

A straight line says that nothing happened on the way from one value to the next. Where two values
lie far apart in the run nobody knows that, be they exact or estimated: there they are points, an
estimate with its interval. The rule, for every picture on paper and on the screen: a line joins two
neighbours that are one update apart, or at most a LEAST_GAPS-th of the way of the whole run. It
looks at the run rather than at the other gaps: two points alone would be close to one another.

stage/js/timeline.js holds the same rule.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

LEAST_GAPS = 15  # of the whole run, when a line joins evenly spaced values
FEW = 6  # a part of fewer points is not a line yet: they are marked, with their intervals

Columns = Mapping[str, Sequence[float | None]]
Values = Sequence[float | None]


def parts_of(steps: Values, values: Values) -> list[float | None]:
    """Number the parts of a curve that a line may join, from 0; None where no value is known.

    steps: of the whole run, rising where values are known.

    >>> parts_of([0, 100, 105, 110, 111, 200], [1.0, 2.0, None, 4.0, 5.0, 6.0])
    [0, 1, None, 1, 1, 2]
    """
    known = [k for k, y in enumerate(values) if _is_known(y) and _is_known(steps[k])]
    parts: list[float | None] = [None] * len(values)
    ends = [step for step in steps if step is not None]
    span = max(ends) - min(ends) if ends else 0
    part, before = 0, None
    for k in known:
        gap = 0 if before is None else (steps[k] or 0) - before
        part += gap > 1 and LEAST_GAPS * gap > span
        parts[k], before = part, steps[k]
    return parts


def with_parts(columns: Columns, curves: Sequence[str]) -> Columns:
    """Add to columns over "step" the parts of these curves, each as "..._part"."""
    more = {f"{name}_part": parts_of(columns["step"], columns[name]) for name in curves}
    return {**columns, **more}


def is_apart(steps: Values, values: Values) -> bool:
    """Say whether a curve has several parts: not all of its points are joined."""
    return any(part for part in parts_of(steps, values))


def few(parts: Values) -> list[bool]:
    """Say which points belong to a part of few: they are marked."""
    sizes = Counter(parts)
    return [part is not None and sizes[part] < FEW for part in parts]


def _is_known(value: float | None) -> bool:
    return value is not None and bool(np.isfinite(value))
