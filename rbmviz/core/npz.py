"""Read numpy's .npz from a stranger: sizes are checked before anything is unpacked.

An .npz is a zip of .npy files. Each says its shape twice, in the zip and in its own head; both have
to agree with the bytes that are there, so that neither a zip bomb nor a head that lies takes room.
"""

import ast
import math
import zipfile
import zlib
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rbmviz.core.errors import InputError

MAX_ARRAYS = 100
_MAX_HEAD = 10_000  # bytes, as numpy itself allows
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what numpy writes
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    TypeError,
    KeyError,
    SyntaxError,
    OSError,
    EOFError,
    RuntimeError,  # encrypted, or nested too deeply
    NotImplementedError,  # another compression
    MemoryError,
)


def read_npz(content: bytes, max_bytes: int) -> dict[str, NDArray[Any]]:
    """Read the arrays of an .npz of at most max_bytes, packed and unpacked; never unpickle.

    Raises:
        InputError: too large, too many arrays, arrays of objects, broken, or cut short.
    """
    check_size("The file", len(content), max_bytes)
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            entries = packed.infolist()
            check_size("Unpacked, the file", sum(entry.file_size for entry in entries), max_bytes)
            if len(entries) > MAX_ARRAYS:
                raise InputError(
                    f"The file has {len(entries):,} arrays; the limit is {MAX_ARRAYS}."
                )
            if any(entry.compress_type not in _METHODS for entry in entries):
                raise NotImplementedError("it is compressed in an unusual way")
            return {
                entry.filename.removesuffix(".npy"): _array(packed.read(entry)) for entry in entries
            }
    except InputError:
        raise
    except _BROKEN as error:
        raise InputError(
            f"This is no .npz file of plain arrays ({str(error)[:120]}). Write it with "
            "numpy.savez(file, ...)."
        ) from None


def check_size(what: str, n_bytes: int, max_bytes: int) -> None:
    """Refuse what is too large."""
    if n_bytes > max_bytes:
        raise InputError(
            f"{what} has {n_bytes / 2**20:,.0f} MB; the limit is {max_bytes / 2**20:g} MB."
        )


def _array(raw: bytes) -> NDArray[Any]:
    """Read one .npy file."""
    version = raw[6:8]
    if raw[:6] != b"\x93NUMPY" or version not in (b"\x01\x00", b"\x02\x00"):
        raise ValueError("a part is not in numpy's format 1.0 or 2.0")
    width = 2 * version[0]
    begin = 8 + width
    end = begin + int.from_bytes(raw[8:begin], "little")
    if end - begin > _MAX_HEAD:
        raise ValueError(f"the head of a part has {end - begin} bytes")
    head = ast.literal_eval(raw[begin:end].decode("latin-1"))
    dtype, shape = np.dtype(head["descr"]), head["shape"]
    if dtype.hasobject or dtype.kind not in "biufcSU":
        raise ValueError("an array of objects")
    if not all(isinstance(size, int) and size >= 0 for size in shape) or len(shape) > 8:
        raise ValueError(f"a part of shape {str(shape)[:40]}")
    if math.prod(shape) * dtype.itemsize != len(raw) - end:
        raise ValueError(f"a part of shape {str(shape)[:40]} has {len(raw) - end} bytes")
    order = "F" if head["fortran_order"] else "C"
    return np.frombuffer(raw, dtype, offset=end).reshape(shape, order=order)  # type: ignore[call-overload, no-any-return]
