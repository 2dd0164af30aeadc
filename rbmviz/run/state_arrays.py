"""A training state as plain arrays and numbers, and back: what a file holds to go on, bit for bit.

What comes back is checked against a state that the settings would start with, part by part.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rbmviz.core.errors import InputError, check_count
from rbmviz.core.random_streams import restored_generator
from rbmviz.core.rbm import RBM
from rbmviz.core.training import TrainingSettings, TrainingState, start

MAX_STEP = 10**12
_GENERATORS = ("chain_rng", "order_rng")
_LEFT_OUT = ("settings", "v_data", "last", *_GENERATORS)


def arrays_of(state: TrainingState) -> dict[str, NDArray[Any]]:
    """List the arrays of a state by where they stand: rbm.W, chains.h, order ...; no data rows."""
    return {name: part for name, part in _parts(state) if isinstance(part, np.ndarray)}


def numbers_of(state: TrainingState) -> dict[str, Any]:
    """List the rest as JSON can hold it: the step, the cursor, the generators ..."""
    numbers = {name: part for name, part in _parts(state) if not isinstance(part, np.ndarray)}
    return numbers | {name: dict(getattr(state, name)) for name in _GENERATORS}


def state_from(
    arrays: Mapping[str, NDArray[Any]],
    numbers: Mapping[str, Any],
    settings: TrainingSettings,
    v_data: NDArray[np.float64],
) -> TrainingState:
    """Put a state together again, to go on under these settings with these data rows.

    Raises:
        InputError: a part is missing, has another shape than the settings ask for, is not finite,
            or is no state of a generator.
    """
    first = start(settings, v_data)
    parts = {**numbers, **arrays}
    like: dict[str, Any] = {"rbm": first.rbm, "chains": first.chains}
    for name, example in (("velocity", first.rbm), ("hidden_offset", first.rbm.c)):
        known = any(key == name or key.startswith(f"{name}.") for key in parts)
        like[name] = example if known else None
    taken = {name: _like(example, name, parts) for name, example in like.items()}
    order = parts.get("order")
    whole = isinstance(order, np.ndarray) and order.dtype.kind in "iu"
    if not whole or not np.array_equal(np.sort(order.ravel()), np.arange(len(first.v_data))):
        raise InputError(f"order does not name each of the {len(first.v_data)} rows once.")
    return replace(
        first,
        **taken,
        order=order.astype(np.intp).ravel(),
        step=check_count("step", parts.get("step"), 0, MAX_STEP),  # type: ignore[arg-type]
        cursor=check_count("cursor", parts.get("cursor"), 0, 2 * MAX_STEP),  # type: ignore[arg-type]
        **{name: _generator(name, numbers.get(name)) for name in _GENERATORS},
    )


def _parts(thing: Any, prefix: str = "") -> list[tuple[str, Any]]:
    parts: list[tuple[str, Any]] = []
    for spec in fields(thing):
        name, value = prefix + spec.name, getattr(thing, spec.name)
        if name in _LEFT_OUT or value is None:
            continue
        parts += _parts(value, f"{name}.") if is_dataclass(value) else [(name, value)]
    return parts


def _like(example: Any, name: str, parts: Mapping[str, Any]) -> Any:
    """Take the part of this name, which must be built like the example."""
    if example is None:
        return None
    if is_dataclass(example):
        inner = {
            spec.name: _like(getattr(example, spec.name), f"{name}.{spec.name}", parts)
            for spec in fields(example)
        }
        return RBM(**inner) if isinstance(example, RBM) else replace(example, **inner)  # type: ignore[type-var]
    part = parts.get(name)
    if not isinstance(example, np.ndarray):
        if type(part) is not type(example) or (not isinstance(part, bool) and part != example):
            raise InputError(f"{name} is {str(part)[:40]}; the settings ask for {example}.")
        return part
    if not isinstance(part, np.ndarray) or part.shape != example.shape or part.dtype.kind != "f":
        found = f"has shape {part.shape}" if isinstance(part, np.ndarray) else "is missing"
        raise InputError(f"{name} {found}; the settings ask for numbers of shape {example.shape}.")
    array = part.astype(np.float64)
    if not np.isfinite(array).all():
        raise InputError(f"{name} holds values that are not finite.")
    array.setflags(write=False)
    return array


def _generator(name: str, state: Any) -> dict[str, Any]:
    try:
        return dict(restored_generator(state).bit_generator.state)
    except (TypeError, ValueError, KeyError, OverflowError, AttributeError):
        raise InputError(f"{name} is no state of a random generator (PCG64).") from None
