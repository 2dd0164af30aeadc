"""A number with a name, its unit, and whether it is exact; and the tables of them."""

from collections.abc import Callable
from dataclasses import dataclass

from rbmviz.language import _
from rbmviz.studio.subject import Subject

MINUS = "\u2212"

Read = Callable[[Subject], float]


@dataclass(frozen=True)
class Quantity:
    """A number with a name, read from a Subject."""

    name: str
    unit: str  # "" for a pure number, "%" for a share that is spoken in percent
    exact: bool
    meaning: str  # one or two sentences
    read: Read
    needs: str = (
        "model"  # "model", "run", "estimate" of log Z, "weight" that is named, or "machine"
    )
    digits: int = 3

    def told(self, value: float) -> str:
        """Write a value with its unit."""
        if self.unit == "%":
            said = f"{100 * value:.{max(self.digits - 2, 0)}f}"
        else:
            said = f"{value:,.{self.digits}f}"
        return f"{said} {_(self.unit)}".strip().replace("-", MINUS)


Table = dict[str, Quantity]


def quantity(
    table: Table,
    name: str,
    unit: str = "",
    *,
    exact: bool = True,
    needs: str = "model",
    digits: int = 3,
) -> Callable[[Read], Read]:
    """Enter a function into a table; its docstring is what is said of it."""

    def enter(read: Read) -> Read:
        meaning = " ".join((read.__doc__ or "").split())
        table[name] = Quantity(name, unit, exact, meaning, read, needs, digits)
        return read

    return enter
