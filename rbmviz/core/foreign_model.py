"""Models that other programs trained: their arrays, whatever these are called there, as an RBM.

Read are .npz (numpy) and .mat (MATLAB up to version 7.2) files, mappings of arrays such as a
safetensors file holds, and scikit-learn's BernoulliRBM. Nothing is unpickled, nothing executed, and
sizes are checked before anything is unpacked.
"""

import math
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat, whosmat
from scipy.io.matlab import MatReadError

from rbmviz.core.errors import InputError
from rbmviz.core.mat_file import arrays_of_mat
from rbmviz.core.npz import read_npz
from rbmviz.core.rbm import RBM

MAX_FILE_BYTES = 64 * 2**20  # packed, and unpacked: a 2000 x 2000 model in float64 has 32 MB

_BROKEN_MAT = (
    MatReadError,
    zlib.error,
    ValueError,
    TypeError,
    OSError,
    EOFError,
    KeyError,
    IndexError,
)

# Lower case. The first name found in a file is taken.
_WEIGHTS = [
    "w",
    "weights",
    "weight",
    "weight_matrix",
    "vishid",
    "components_",
    "rbm.w",
    "w_vh",
]
_VISIBLE = [
    "visbiases",
    "vbias",
    "v_bias",
    "bv",
    "b_v",
    "visible_bias",
    "visible_biases",
    "vis_bias",
    "visbias",
    "rbm.v_bias",
    "intercept_visible_",
]
_HIDDEN = [
    "hidbiases",
    "hbias",
    "h_bias",
    "bh",
    "b_h",
    "hidden_bias",
    "hidden_biases",
    "hid_bias",
    "hidbias",
    "rbm.h_bias",
    "intercept_hidden_",
]
# Letters mean different things to different authors: (visible, hidden), tried in this order.
_LETTERS = (("b", "c"), ("a", "b"))


def rbm_from_arrays(arrays: Mapping[str, Any]) -> RBM:
    """Build an RBM from arrays under common names, W as (n_visible, n_hidden) or transposed.

    Known are W, weights, vishid, components_ ...; b and c (or, without a c, a and b) and vbias,
    visbiases, intercept_visible_, hbias, hidbiases, intercept_hidden_ ... Capitals do not matter.
    Units are taken to be 0/1. A square W is taken as (n_visible, n_hidden), but for components_,
    which scikit-learn holds as (n_hidden, n_visible).

    Raises:
        InputError: an array is missing, or the shapes do not fit; it lists what was found.

    >>> rbm_from_arrays({"vishid": [[1.0, 2.0]], "visbiases": [0.0], "hidbiases": [3.0, 4.0]}).c
    array([3., 4.])
    """
    named = {str(name).lower(): np.squeeze(np.asarray(array)) for name, array in arrays.items()}
    found = ", ".join(f"{name} {np.shape(array)}" for name, array in sorted(arrays.items()))
    weights = next((name for name in _WEIGHTS if name in named), None)
    if weights is None:
        raise InputError(
            f"There is no weight matrix among the arrays ({found or 'none'}). Call it W."
        )
    b, c = _biases(named, found)
    W = np.asarray(arrays[next(name for name in arrays if str(name).lower() == weights)])
    if W.ndim != 2:
        raise InputError(f"{weights} has shape {W.shape}; W needs 2 axes (n_visible, n_hidden).")
    fits, fits_transposed = W.shape == (b.size, c.size), W.shape == (c.size, b.size)
    if fits_transposed and (not fits or weights == "components_"):
        W = W.T
    elif not fits:
        raise InputError(
            f"W has shape {W.shape}, the biases {b.size} visible and {c.size} hidden units; they "
            f"must fit. Found: {found}."
        )
    return RBM(W, b, c)


def _biases(named: Mapping[str, NDArray[Any]], found: str) -> tuple[NDArray[Any], NDArray[Any]]:
    visible = next((name for name in _VISIBLE if name in named), None)
    hidden = next((name for name in _HIDDEN if name in named), None)
    if visible is None and hidden is None:
        for letters in _LETTERS:
            if all(letter in named for letter in letters):
                visible, hidden = letters
                break
    if visible is None or hidden is None:
        missing = " and ".join(
            word for word, name in (("visible", visible), ("hidden", hidden)) if name is None
        )
        raise InputError(
            f"There are no {missing} biases among the arrays ({found or 'none'}). Call the "
            "visible ones b and the hidden ones c."
        )
    return np.atleast_1d(named[visible]), np.atleast_1d(named[hidden])


def rbm_from_scikit_learn(model: Any) -> RBM:
    """Build an RBM from a fitted sklearn.neural_network.BernoulliRBM, or whatever has its arrays.

    Raises:
        InputError: the model is not fitted, or is another kind of object.
    """
    names = ("components_", "intercept_visible_", "intercept_hidden_")
    if not all(hasattr(model, name) for name in names):
        raise InputError(
            f"{type(model).__name__} has no {', '.join(names)}; pass a fitted BernoulliRBM."
        )
    return rbm_from_arrays({name: getattr(model, name) for name in names})


def rbm_from_npz(content: bytes) -> RBM:
    """Read a numpy .npz file; arrays of objects are refused, never unpickled."""
    return rbm_from_arrays(read_npz(content, MAX_FILE_BYTES))


def rbm_to_npz(rbm: RBM) -> bytes:
    """Write W, b and c as a numpy .npz file, in float64; the same model gives the same bytes.

    >>> model = RBM(W=[[1.0, 2.0]], b=[0.0], c=[3.0, 4.0])
    >>> rbm_from_npz(rbm_to_npz(model)).c
    array([3., 4.])
    """
    file = BytesIO()
    np.savez(file, W=rbm.W, b=rbm.b, c=rbm.c)
    return file.getvalue()


def rbm_from_mat(content: bytes) -> RBM:
    """Read a MATLAB .mat file up to version 7.2, with vishid, visbiases and hidbiases or so."""
    _check_size(len(content), "The file")
    try:
        file = _version_4(content) if 0 in content[:4] else arrays_of_mat(content, MAX_FILE_BYTES)
    except NotImplementedError:
        raise InputError(
            "This .mat file has version 7.3 (HDF5). Save it in MATLAB with save(..., '-v7')."
        ) from None
    except _BROKEN_MAT as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"This is no .mat file ({str(error)[:120]}).") from None
    return rbm_from_arrays({n: a for n, a in file.items() if isinstance(a, np.ndarray)})


def _version_4(content: bytes) -> dict[str, Any]:
    """Read what MATLAB 4 wrote, without elements inside of others."""
    shapes = whosmat(BytesIO(content))
    sizes = [math.prod(int(n) for n in shape) for _, shape, _ in shapes]
    _check_size(8 * sum(map(abs, sizes)), "Unpacked, the file")
    numeric = [name for name, _, kind in shapes if kind in ("double", "single")]
    found: dict[str, Any] = loadmat(BytesIO(content), variable_names=numeric, squeeze_me=False)
    return found


def _check_size(n_bytes: int, what: str) -> None:
    if n_bytes > MAX_FILE_BYTES:
        raise InputError(
            f"{what} has {n_bytes / 2**20:.0f} MB; the limit is {MAX_FILE_BYTES // 2**20} MB. "
            "Save W, b and c alone."
        )
