"""Errors and input checks: every message names the value, the limit and the remedy."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


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
    """Check rows of units: (n >= 1, n_units), values in [0, 1], or only 0 and 1 when `binary`."""
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
    bad = (rows != 0) & (rows != 1) if binary else (rows < 0) | (rows > 1)
    if bad.any():
        i, j = (int(k) for k in np.argwhere(bad)[0])
        allowed, remedy = (
            ("0 or 1", "threshold") if binary else ("in [0, 1]", "rescale or threshold")
        )
        raise InputError(
            f"{name}[{i}, {j}] is {rows[i, j]:g}; units must be {allowed}: {remedy} it first."
        )
    return rows


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
