"""Tables of settings: a frozen dataclass whose fields are rows, and what follows from each row.

A row says once what a setting is called, what it may be and how a person changes it. Widgets, the
limits that the server enforces, messages, links, the options of the command line and the choice of
what run B does differently are read from it, so that a new setting is a new row.
"""

import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar

from rbmviz.core.errors import InputError
from rbmviz.language import _

T = TypeVar("T")
SWITCH = {"true": True, "false": False, "1": True, "0": False}
_ROW, _SHOWN = "row", 40  # characters of a wrong value in a message
_NONE = "none"  # of some choices, in an address
_NO_LETTERS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Field:
    """A row: what is known of a setting beside its kind."""

    label: str  # as a sidebar calls it
    help: str = ""
    limits: tuple[float, float] = (0, 0)  # of a number: the lowest and the highest that is taken
    numbers: tuple[float, ...] = ()  # the only values of a number
    choices: Callable[[], Mapping[str, str]] | None = None  # of a text: its values, their labels
    other: Callable[[object], bool] | None = None  # a text beside the choices; may raise InputError
    step: float = 1  # of the buttons beside a number
    format: str | None = None  # of a number, as printf has it
    slider: bool = False  # else a field to type in
    seen: bool = False  # no widget shows it: the browser tells it to the address by itself
    more: bool = False  # stands with the settings that are seldom changed
    off: str = ""  # the label of a switch that is off
    new_start: str = ""  # what "8 → 9" follows, where another value needs a new start
    rival: tuple[Any, Any] | None = None  # for run B; the second where run A has the first
    phrase: str = ""  # of a run that differs here; else it is named by its estimator
    phrase_off: str = ""
    flag: str = ""  # of the command line
    meaning: str = ""  # of the flag
    name: str = ""  # these two are those of the dataclass field
    default: Any = None

    @property
    def kind(self) -> type:
        """The type of the setting's values: str, bool, int, float, or tuple of some choices."""
        return type(self.default)

    def clamped(self, given: object) -> tuple[Any, str]:
        """Take a value from outside, or the nearest that is allowed, or the default; and say so."""
        if self.kind is bool:
            if str(given).lower() in SWITCH:
                return SWITCH[str(given).lower()], ""
            return self.default, _("{name} {given!r} is not true or false; using off.").format(
                name=self.name, given=str(given)[:_SHOWN]
            )
        if self.numbers:
            return self._nearest(given)
        if self.kind is tuple:
            return self._some(given)
        if self.kind is not str:
            return clamp_number(self.name, given, self.default, self.limits)
        if (known := self._by_slug(given)) is not None:
            return known, ""
        try:
            if isinstance(given, str) and self._allows(given):
                return given, ""
        except InputError as error:
            return self.default, _("{error} Using {default!r}.").format(
                error=error, default=self.default
            )
        return self.default, _("{name} {given!r} is not known; using {default!r}.").format(
            name=self.name, given=str(given)[:_SHOWN], default=self.default
        )

    def written(self, value: Any) -> str:
        """Write a value for an address; clamped reads it again.

        >>> Field(label="", default="").written("Trained half-way")
        'trained-half-way'
        """
        if self.kind is tuple:
            return ",".join(map(slug, value)) or _NONE
        if self.kind is str:
            return slug(value)
        return str(value).lower() if self.kind is bool else str(value)

    def check(self, value: object) -> None:
        """Refuse a value of another kind, and a text that is no choice.

        Raises:
            InputError: with what is asked for. Numbers are left to the library's own limits.
        """
        kind = self.kind
        if type(value) is not kind and not (kind is float and type(value) is int):
            raise InputError(
                _("{name} is {value!r}; pass a {kind}.").format(
                    name=self.name, value=str(value)[:_SHOWN], kind=kind.__name__
                )
            )
        if isinstance(value, str) and not self._allows(value):
            raise InputError(
                _("{name} is {value!r}; choose one of {known}.").format(
                    name=self.name,
                    value=value[:_SHOWN],
                    known=", ".join(self.choices() if self.choices else ()),
                )
            )

    def in_words(self, value: object) -> str:
        """Name a run by this setting: rate 0.1, centered; "" when another name is its own."""
        phrase = self.phrase if value or self.kind is not bool else self.phrase_off
        return _(phrase).format(value, n=value) if phrase else ""

    def _by_slug(self, given: object) -> str | None:
        """Find the choice that an address names."""
        choices = self.choices() if self.choices and isinstance(given, str) else ()
        if given in choices:
            return str(given)
        return next((choice for choice in choices if slug(choice) == given), None)

    def _nearest(self, given: object) -> tuple[Any, str]:
        """Take the offered number that is nearest."""
        ordered = sorted(self.numbers)
        number, message = clamp_number(
            self.name, given, self.default, (ordered[0], ordered[-1]), whole=False
        )
        if message or number in self.numbers:
            return self.kind(number), message
        taken = min(self.numbers, key=lambda offered: abs(offered - number))
        return taken, _("{name} {given} is none of {numbers}; using {taken:g}.").format(
            name=self.name,
            given=repr(str(given)[:_SHOWN]),
            numbers=", ".join(f"{offered:g}" for offered in self.numbers),
            taken=taken,
        )

    def _some(self, given: object) -> tuple[tuple[str, ...], str]:
        """Take those of the choices that are named, in their order."""
        named = given.split(",") if isinstance(given, str) else given
        if not isinstance(named, list | tuple) or not all(isinstance(one, str) for one in named):
            return self.default, _("{name} {given!r} is not known; using {default!r}.").format(
                name=self.name, given=str(given)[:_SHOWN], default=self.written(self.default)
            )
        known = [self._by_slug(one) for one in named]
        strange = [
            one for one, found in zip(named, known, strict=True) if found is None and one != _NONE
        ]
        taken = tuple(one for one in (self.choices or dict)() if one in known)
        if not strange:
            return taken, ""
        return taken or self.default, _("{name} {given!r} is not known and was left out.").format(
            name=self.name, given=strange[0][:_SHOWN]
        )

    def _allows(self, given: str) -> bool:
        return bool(self.other and self.other(given)) or given in (self.choices or dict)()


def slug(text: str) -> str:
    """Write a text in small letters, digits and hyphens.

    >>> slug("784 × 500, random weights")
    '784-500-random-weights'
    """
    return _NO_LETTERS.sub("-", text.lower()).strip("-")


def row(default: T, said: Field) -> T:
    """Declare a row of a table: what stands behind the field of a dataclass."""
    return dataclasses.field(default=default, metadata={_ROW: said})


@cache
def rows(table: type[Any]) -> Mapping[str, Field]:
    """List the rows of a table by the names of its fields."""
    return {
        spec.name: replace(spec.metadata[_ROW], name=spec.name, default=spec.default)
        for spec in dataclasses.fields(table)
    }


def clamp(table: type[T], values: Mapping[str, Any]) -> tuple[T, list[str]]:
    """Fill a table with outside values; a wrong one is replaced and named in a message.

    Unknown keys are ignored, missing ones take their default.
    """
    taken, messages = {}, []
    known: Mapping[str, Field] = rows(table)
    for name, said in known.items():
        if name in values:
            taken[name], message = said.clamped(values[name])
            messages += [message] if message else []
    return table(**taken), messages


def strict(table: type[T], values: Mapping[str, Any]) -> T:
    """Fill a table with values of the right kinds; missing ones take their default.

    Raises:
        InputError: an unknown name, a value of another kind, or a text that is no choice.
    """
    known = rows(table)
    for name, value in values.items():
        if name not in known:
            raise InputError(
                _("{name!r} is no setting; known are {known}.").format(
                    name=str(name)[:_SHOWN], known=", ".join(known)
                )
            )
        known[name].check(value)
    return table(**values)


def clamp_number(
    name: str, given: Any, default: float, limits: tuple[float, float], *, whole: bool = True
) -> tuple[float, str]:
    """Bring an outside value within limits, as the default's kind of number; "" or a message.

    whole: a default that is whole asks for whole numbers.
    """
    low, high = limits
    kind = type(default) if whole else float
    try:
        number = float(given)
        if not math.isfinite(number):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        return default, _("{name} {given!r} is not a number; using {default}.").format(
            name=name, given=str(given)[:_SHOWN], default=default
        )
    clamped = kind(min(max(number, low), high) + 0.0)  # -0.0 becomes 0.0
    if clamped != number:
        allowed = _("{low:g} to {high:g}").format(low=low, high=high) + (
            _(", whole") if kind is int else ""
        )
        return clamped, _("{name} {number:g} is outside {allowed}; using {clamped:g}.").format(
            name=name, number=number, allowed=allowed, clamped=clamped
        )
    return clamped, ""
