"""Errors and input checks: every message names the value, the limit and the remedy."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

# Rescaled tables leave [0, 1] by rounding: by some 1e-16 in float64, by some 1e-7 in float32.
ROUNDING = 1e-6


class InputError(ValueError):
    """An argument has the wrong shape or a value outside its range."""


class TooManyUnitsError(ValueError):
    """The enumerated layer has too many units to list all its states."""


class DivergedError(ValueError):
    """Training made a parameter too large or not a number."""


def as_array(name: str, value: ArrayLike, ndim: int) -> FloatArray:
    """Convert to a finite float64 array with `ndim` axes, or say what is wrong."""
    try:
        raw = np.asarray(value)
        if raw.dtype.kind not in "biufO" or np.ma.isMaskedArray(value):
            raise TypeError(
                f"it holds {'masked' if raw.dtype.kind in 'biuf' else raw.dtype} values"
            )
        with np.errstate(over="ignore"):
            array = raw.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{name} is not numeric ({error}); pass an array of numbers.") from None
    if array.ndim != ndim:
        hint = " One row alone is written row[None, :]." if array.ndim == 1 and ndim == 2 else ""
        raise InputError(f"{name} has shape {array.shape}; it needs {ndim} axes.{hint}")
    if not np.isfinite(array).all():
        where = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise InputError(
            f"{name}{list(where)} is {array[where]}; every value must be finite. "
            "Remove or replace it before passing the array."
        )
    return array


def as_rows(
    name: str, value: ArrayLike, n_units: int | None, *, binary: bool = False
) -> FloatArray:
    """Check rows of units: (n >= 1, n_units), values in [0, 1], or only 0 and 1 when `binary`.

    What misses these by no more than ROUNDING is taken for them.
    """
    rows = as_array(name, value, 2)
    if n_units is not None and rows.shape[1] != n_units:
        raise InputError(
            f"{name} has {rows.shape[1]} columns; the model has {n_units} such units. "
            "Reshape the rows or build a model of that size."
        )
    if rows.shape[0] == 0 or rows.shape[1] == 0:
        raise InputError(
            f"{name} is empty, shape {rows.shape}; pass at least one row and one column."
        )
    if not ((rows != 0) & (rows != 1) if binary else (rows < 0) | (rows > 1)).any():
        return rows
    units, far = nearest_units(rows, binary=binary)
    if far.any():
        i, j = (int(k) for k in np.argwhere(far)[0])
        allowed, remedy = (
            ("0 or 1", "threshold") if binary else ("in [0, 1]", "rescale or threshold")
        )
        raise InputError(
            f"{name}[{i}, {j}] is {in_digits(rows[i, j])}; units must be {allowed}: "
            f"{remedy} it first."
        )
    return units


def nearest_units(rows: FloatArray, *, binary: bool) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Give the nearest values in [0, 1], or 0 and 1 when `binary`, and where rounding is no excuse.

    >>> nearest_units(np.array([[1.0000001, -0.5, 0.3]]), binary=False)
    (array([[1. , 0. , 0.3]]), array([[False,  True, False]]))
    """
    units = np.clip(np.rint(rows) if binary else rows, 0.0, 1.0) + 0.0  # -0.0 becomes 0.0
    return units, np.abs(rows - units) > ROUNDING


def in_digits(value: float) -> str:
    """Write a number in few digits where they are all of it, or else in full.

    >>> in_digits(2.0), in_digits(0.25), in_digits(1.00001), in_digits(1 + 2**-52)
    ('2', '0.25', '1.00001', '1.0000000000000002')
    """
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def check_count(name: str, value: int, low: int = 1, high: int | None = None) -> int:
    """Check a whole number in [low, high]."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise InputError(f"{name} is {value!r:.60}; pass a whole number, at least {low}.")
    if value < low or (high is not None and value > high):
        limit = f"at least {low}" if high is None else f"from {low} to {high}"
        raise InputError(f"{name} is {value!s:.60}; it must be {limit}.")
    return int(value)


def check_number(
    name: str, value: float, low: float, high: float = math.inf, *, below_high: bool = False
) -> float:
    """Check a finite number in [low, high], or in [low, high) when `below_high`."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise InputError(f"{name} is {value!r:.60}; pass a number.")
    try:
        number = float(value)
    except OverflowError:
        raise InputError(f"{name} is too large for a float; choose a finite value.") from None
    if not low <= number <= high or not math.isfinite(number) or (below_high and number == high):
        end = ")" if below_high or high == math.inf else "]"
        raise InputError(f"{name} is {value}; choose a finite value in [{low:g}, {high:g}{end}.")
    return number


def check_rng(rng: object) -> np.random.Generator:
    """Check that randomness is an explicit generator: neither a seed nor the global one."""
    if not isinstance(rng, np.random.Generator):
        raise InputError(f"rng is {rng!r:.60}; pass np.random.default_rng(seed).")
    return rng
