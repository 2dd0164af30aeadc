"""A second implementation in decimal arithmetic of 220 digits: for identities to many digits.

Plain loops over joint states from E(v, h) alone, sharing no code with rbmviz; for models of at
most some eight units. Derivatives are taken by differences so small that only so many digits
carry them.
"""

from decimal import Decimal, localcontext
from typing import Any

DIGITS = 220
H = Decimal(10) ** -18  # second-order differences: the error is of order 1e-36


def number(x: Any) -> Decimal:
    """A float as the exact decimal that it is."""
    return Decimal(float(x))


def states(n: int) -> list[list[int]]:
    """List every 0/1 vector of length n."""
    return [[(i >> k) & 1 for k in range(n)] for i in range(2**n)]


def p_tilde(W: Any, b: Any, c: Any, v: list[int]) -> Decimal:
    """The sum of exp(-E(v, h)) over h."""
    total = Decimal(0)
    for h in states(len(c)):
        minus_e = Decimal(0)
        for i, x in enumerate(v):
            minus_e += x * b[i]
            for j, y in enumerate(h):
                minus_e += x * y * W[i][j]
        for j, y in enumerate(h):
            minus_e += y * c[j]
        total += minus_e.exp()
    return total


def _parts(rbm: Any, kind: str, i: int, j: int, move: Decimal) -> tuple[Any, Any, Any]:
    W = [[number(x) for x in row] for row in rbm.W]
    b, c = [number(x) for x in rbm.b], [number(x) for x in rbm.c]
    if kind == "W":
        W[i][j] += move
    elif kind == "b":
        b[i] += move
    else:
        c[j] += move
    return W, b, c


def slopes(rbm: Any, kind: str, i: int, j: int, rows: Any) -> tuple[float, float]:
    """Differentiate log Z, and the mean of log p~ over rows, by one parameter."""
    with localcontext() as context:
        context.prec = DIGITS
        logs = []
        for move in (H, -H):
            at = _parts(rbm, kind, i, j, move)
            log_z = sum(p_tilde(*at, v) for v in states(len(rbm.b))).ln()
            log_p = sum(p_tilde(*at, [int(x) for x in v]).ln() for v in rows) / len(rows)
            logs.append((log_z, log_p))
        (z_up, p_up), (z_down, p_down) = logs
        return float((z_up - z_down) / (2 * H)), float((p_up - p_down) / (2 * H))
