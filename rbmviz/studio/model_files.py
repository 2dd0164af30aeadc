"""Model files: those that somebody uploads, whose content is never trusted, and our own."""

from pathlib import PurePath

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from rbmviz.core.errors import InputError
from rbmviz.core.foreign_model import (
    MAX_FILE_BYTES,
    rbm_from_arrays,
    rbm_from_mat,
    rbm_from_npz,
    rbm_to_npz,
)
from rbmviz.core.rbm import RBM
from rbmviz.studio.presets import ModelCase

KINDS = ("npz", "mat", "safetensors")
MAX_UNITS = 4096  # in a layer


def read_model(name: str, content: bytes) -> RBM:
    """Read a model from a file's name and content.

    Raises:
        InputError: another kind of file, too large, broken, or without the arrays of an RBM.
    """
    kind = PurePath(name).suffix.lower().lstrip(".")
    if kind not in KINDS:
        raise InputError(
            f"{name[-60:]!r} is not one of the kinds that are read: {', '.join(KINDS)}. Pickled "
            "models are never opened; save W, b and c with numpy.savez."
        )
    if kind == "npz":
        rbm = rbm_from_npz(content)
    elif kind == "mat":
        rbm = rbm_from_mat(content)
    else:
        rbm = _from_safetensors(content)
    if max(rbm.n_visible, rbm.n_hidden) > MAX_UNITS:
        raise InputError(
            f"The model has {rbm.n_visible} x {rbm.n_hidden} units; the limit is {MAX_UNITS} in a "
            "layer."
        )
    return rbm


def write_model(rbm: RBM, kind: str) -> bytes:
    """Write W, b and c in float64, as "npz" or "safetensors": read_model reads both again.

    Raises:
        InputError: another kind.
    """
    if kind == "npz":
        return rbm_to_npz(rbm)
    if kind == "safetensors":
        arrays = {"W": rbm.W, "b": rbm.b, "c": rbm.c}
        return save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    raise InputError(f"kind is {kind!r}; models are written as npz or safetensors.")


def imported_case(name: str, content: bytes) -> ModelCase:
    """Make a case of a file: no data come with it, so that chains start from nothing known."""
    rbm = read_model(name, content)
    none = np.empty((0, rbm.n_visible))
    description = (
        f"{PurePath(name).name[-60:]}: {rbm.n_visible} visible, {rbm.n_hidden} hidden units."
    )
    return ModelCase("Imported", description, rbm, none, none, image_shape_of(rbm.n_visible))


def image_shape_of(n_visible: int) -> tuple[int, int]:
    """Guess the shape of an image: a square, or else one row."""
    side = round(n_visible**0.5)
    return (side, side) if side * side == n_visible else (1, n_visible)


def _from_safetensors(content: bytes) -> RBM:
    if len(content) > MAX_FILE_BYTES:
        raise InputError(
            f"The file has {len(content) / 2**20:.0f} MB; the limit is "
            f"{MAX_FILE_BYTES // 2**20} MB."
        )
    try:
        arrays = load(content)
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"This is no safetensors file ({str(error)[:120]}).") from None
    return rbm_from_arrays(arrays)
