"""Model files: those that somebody uploads, whose content is never trusted, and our own."""

from pathlib import PurePath

import numpy as np

from rbmviz.core.errors import InputError
from rbmviz.core.foreign_model import (
    MAX_FILE_BYTES,
    rbm_from_arrays,
    rbm_from_mat,
    rbm_from_npz,
    rbm_to_npz,
)
from rbmviz.core.rbm import RBM
from rbmviz.language import _
from rbmviz.run.model_case import ModelCase

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
            _(
                "{name!r} is not one of the kinds that are read: {kinds}. Pickled models are never "
                "opened; save W, b and c with numpy.savez."
            ).format(name=name[-60:], kinds=", ".join(KINDS))
        )
    if kind == "npz":
        rbm = rbm_from_npz(content)
    elif kind == "mat":
        rbm = rbm_from_mat(content)
    else:
        rbm = _from_safetensors(content)
    if max(rbm.n_visible, rbm.n_hidden) > MAX_UNITS:
        raise InputError(
            _(
                "The model has {n_visible} x {n_hidden} units; the limit is {limit} in a layer."
            ).format(n_visible=rbm.n_visible, n_hidden=rbm.n_hidden, limit=MAX_UNITS)
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
        from safetensors.numpy import save  # here, as .npz is written without it

        arrays = {"W": rbm.W, "b": rbm.b, "c": rbm.c}
        return save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    raise InputError(
        _("kind is {kind!r}; models are written as npz or safetensors.").format(kind=kind)
    )


def imported_case(name: str, content: bytes) -> ModelCase:
    """Make a case of a file: no data come with it, so that chains start from nothing known."""
    rbm = read_model(name, content)
    none = np.empty((0, rbm.n_visible))
    image_shape = image_shape_of(rbm.n_visible)
    return ModelCase(
        "Imported", describe_file(PurePath(name).name, rbm), rbm, none, none, image_shape
    )


def describe_file(name: str, rbm: RBM) -> str:
    """Say which file a model is from, and its size; the name as it shall be shown."""
    return _("{name}: {n_visible} visible, {n_hidden} hidden units.").format(
        name=name, n_visible=rbm.n_visible, n_hidden=rbm.n_hidden
    )


def image_shape_of(n_visible: int) -> tuple[int, int]:
    """Guess the shape of an image: a square, or else one row."""
    side = round(n_visible**0.5)
    return (side, side) if side * side == n_visible else (1, n_visible)


def _from_safetensors(content: bytes) -> RBM:
    if len(content) > MAX_FILE_BYTES:
        raise InputError(
            _("The file has {size:.0f} MB; the limit is {limit} MB.").format(
                size=len(content) / 2**20, limit=MAX_FILE_BYTES // 2**20
            )
        )
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(content)
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            _("This is no safetensors file ({error}).").format(error=str(error)[:120])
        ) from None
    return rbm_from_arrays(arrays)
