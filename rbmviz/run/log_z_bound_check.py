"""A check that needs no exact value: distinct rows cannot be more probable than one together."""

import math

from rbmviz.core.errors import FloatArray
from rbmviz.core.log_z import total_probability
from rbmviz.core.rbm import RBM
from rbmviz.language import _


def excess_warning(rbm: RBM, rows: FloatArray, log_z: float, what: str) -> str | None:
    """Say how far log_z is too small at least, when p(v) of the rows sums to more than one.

    Args:
        rows: (n, n_visible) distinct data rows; nothing is said of rows that are not 0/1.
        log_z: nats; what: how the sentence calls it.
    """
    if not len(rows) or not bool(((rows == 0) | (rows == 1)).all()):
        return None
    total = total_probability(rbm, rows, log_z)
    if total <= 1.0 + 1e-9:
        return None
    return _(
        "With {what} the probabilities of {n_rows:,} distinct data rows add up to "
        "{total:.5g}: it is too small by at least {nats:.2g} nats."
    ).format(what=what, n_rows=len(rows), total=total, nats=math.log(total))
