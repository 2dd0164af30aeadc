"""Read the numeric arrays of a MATLAB 5 to 7.2 file from a stranger.

scipy's reader believes what a file says of itself: one changed byte makes it ask for gigabytes, or
ends the whole process. Here every element is held against the bytes that are there. The layout is
that of MathWorks, *MAT-File Format*: a head of 128 bytes, then elements, each with a tag of its
type and size; an element may be compressed, and a matrix is made of elements.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rbmviz.core.errors import InputError

_HEAD, _TAG = 128, 8
_MATRIX, _COMPRESSED = 14, 15
_DOUBLE, _SINGLE, _COMPLEX = 6, 7, 0x0800
_NUMBERS = {  # types of elements
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
}  # fmt: skip
_ORDERS = {b"IM": "<", b"MI": ">"}


def arrays_of_mat(content: bytes, max_bytes: int) -> dict[str, NDArray[Any]]:
    """Read the real matrices of doubles and singles; whatever else stands there is passed over.

    Raises:
        InputError: more than max_bytes when it is unpacked.
        NotImplementedError: version 7.3, which is another format.
        ValueError: no such file, or cut short, or an element that promises more than is there.
    """
    order = _ORDERS.get(content[126:128])
    if order is None:
        raise ValueError("it does not say the order of its bytes")
    if struct.unpack_from(f"{order}H", content, 124)[0] >> 8 != 1:
        raise NotImplementedError
    found: dict[str, NDArray[Any]] = {}
    room = max_bytes
    for kind, body in _elements(content[_HEAD:], order):
        if kind == _COMPRESSED:
            unpacked = _unpacked(body, room)
            room -= len(unpacked)
            kind, body = next(_elements(unpacked, order))
        if kind == _MATRIX:
            found |= _matrix(body, order, max_bytes)
    return found


def _elements(content: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Give type and body of one element after another."""
    at = 0
    while at < len(content):
        if at + _TAG > len(content):
            raise ValueError("a part is cut short")
        kind, size = struct.unpack_from(f"{order}II", content, at)
        begin, end = at + _TAG, at + _TAG + size
        if kind >> 16:  # at most four bytes stand in the tag itself
            kind, size = kind & 0xFFFF, kind >> 16
            begin, end = at + 4, at + 4 + size
            if size > 4:
                raise ValueError("a part is broken")
            at += _TAG
        else:
            at = end + (-size % 8 if kind != _COMPRESSED else 0)
        if end > len(content):
            raise ValueError(f"a part promises {size:,} bytes; {len(content) - begin:,} are there")
        yield kind, content[begin:end]


def _unpacked(packed: bytes, room: int) -> bytes:
    stream = zlib.decompressobj()
    body = stream.decompress(packed, room + 1)
    if len(body) > room:
        raise InputError(
            f"Unpacked, the file has more than {room / 2**20:.0f} MB. Save W, b and c alone."
        )
    if not stream.eof or not body:
        raise ValueError("a part is cut short")
    return body


def _matrix(body: bytes, order: str, max_bytes: int) -> dict[str, NDArray[Any]]:
    """Read a matrix: its flags, its shape, its name, its numbers."""
    parts = list(zip(range(4), _elements(body, order), strict=False))
    if not parts:  # an empty matrix, as scipy and MATLAB write it
        return {}
    flags = int(np.frombuffer(parts[0][1][1][:4], f"{order}u4")[0])
    if flags & 0xFF not in (_DOUBLE, _SINGLE):
        return {}
    if flags & _COMPLEX or len(parts) < 4:
        raise ValueError("a matrix is complex or cut short")
    (shape_kind, shape_bytes), (_, name), (kind, numbers) = (part for _, part in parts[1:])
    if kind not in _NUMBERS or shape_kind != 5:
        raise ValueError("a matrix is broken")
    shape = np.frombuffer(shape_bytes, f"{order}i4").tolist()
    dtype = np.dtype(order + _NUMBERS[kind])
    if 8 * len(numbers) // dtype.itemsize > max_bytes:
        raise InputError(
            f"A matrix has {len(numbers) // dtype.itemsize:,} numbers: {max_bytes // 2**20} MB in "
            "float64 are read."
        )
    if min(shape, default=-1) < 0 or math.prod(shape) * dtype.itemsize != len(numbers):
        raise ValueError(f"a matrix of shape {str(shape)[:40]} has {len(numbers)} bytes")
    values = np.frombuffer(numbers, dtype).astype(np.float64).reshape(shape, order="F")
    return {name.decode("latin-1"): values}
