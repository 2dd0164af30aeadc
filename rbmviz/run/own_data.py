"""Own data of a visitor: rows of 0/1 as a compact text, and back, within hard limits.

The text is all that a run has to know of its data, so that settings stay small values that can be
compared, kept, put into a link and written into a file:

    own.HEIGHTxWIDTH.ROWS.BITS    BITS: the pixels row by row, 8 a byte, in base64url without "="
"""

import base64
import binascii
import re
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.datasets import Dataset, dataset_from_rows
from rbmviz.core.errors import FloatArray, InputError, as_rows
from rbmviz.language import N_, _

OWN_NAME = N_("Own data")  # as the list of data sets calls it
MAX_ROWS, MAX_PIXELS = 2000, 256
_TEXT = re.compile(r"own\.([1-9]\d{0,2})x([1-9]\d{0,2})\.([1-9]\d{0,3})\.([A-Za-z0-9_-]+)")
_SHOWN = 60  # characters of a wrong text in a message


def is_own(name: object) -> bool:
    """Say whether the name of a data set is meant to be a text of own rows."""
    return isinstance(name, str) and name.startswith("own.")


def encode_rows(v: ArrayLike, image_shape: tuple[int, int]) -> str:
    """Write rows as text.

    Args:
        v: (rows, pixels) of 0 and 1.
        image_shape: (height, width), height * width = pixels.

    Raises:
        InputError: too many rows or pixels, or a value other than 0 and 1, by row and column.

    >>> encode_rows([[1, 0, 0, 1]], (2, 2))
    'own.2x2.1.kA'
    """
    rows = np.asarray(v)
    if rows.ndim != 2:
        raise InputError(
            _("The rows have shape {shape}; they need 2 axes (rows, pixels).").format(
                shape=rows.shape
            )
        )
    height, width = image_shape
    _check_sizes(len(rows), height, width)
    if rows.shape[1] != height * width:
        raise InputError(
            _("Each row has {n_pixels} pixels, not {height} x {width}.").format(
                n_pixels=rows.shape[1], height=height, width=width
            )
        )
    wrong = (rows != 0) & (rows != 1)
    if wrong.any():
        i, j = (int(k) for k in np.argwhere(wrong)[0])
        value = rows[i, j]
        said = _("empty") if value is None or value != value else str(value)[:20]
        raise InputError(
            _("Row {row}, column {column} is {said}; it must be 0 or 1.").format(
                row=i + 1, column=j + 1, said=said
            )
        )
    bits = np.packbits(as_rows("rows", rows, None, binary=True).astype(bool)).tobytes()
    packed = base64.urlsafe_b64encode(bits).decode().rstrip("=")
    return f"own.{height}x{width}.{len(rows)}.{packed}"


def decode_rows(text: str) -> tuple[FloatArray, tuple[int, int]]:
    """Read what encode_rows wrote: rows (n, pixels) of 0.0 and 1.0, and the shape of an image.

    Raises:
        InputError: no such text, too many rows or pixels, or bits that do not fit the numbers.

    >>> decode_rows("own.2x2.1.kA")
    (array([[1., 0., 0., 1.]]), (2, 2))
    """
    found = _TEXT.fullmatch(text)
    if found is None:
        raise InputError(
            _("{text!r} holds no rows: it was cut off, or changed on its way.").format(
                text=text[:_SHOWN]
            )
        )
    height, width, n_rows = (int(number) for number in found.groups()[:3])
    _check_sizes(n_rows, height, width)
    try:
        raw = base64.b64decode(found[4] + "=" * (-len(found[4]) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raw = b""
    n_bits = n_rows * height * width
    if len(raw) == -(-n_bits // 8):
        bits = np.unpackbits(np.frombuffer(raw, dtype=np.uint8))
        v = bits[:n_bits].reshape(n_rows, height * width).astype(np.float64)
        if encode_rows(v, (height, width)) == text:  # one text alone for the same rows
            return v, (height, width)
    raise InputError(
        _(
            "{text!r} does not hold {n_rows} rows of {height} x {width} pixels: it was cut off, "
            "or changed on its way."
        ).format(text=text[:_SHOWN], n_rows=n_rows, height=height, width=width)
    )


@lru_cache(maxsize=64)
def own_dataset(text: str) -> Dataset:
    """Give the data set of a text.

    Raises:
        InputError: as decode_rows.
    """
    v, image_shape = decode_rows(text)
    height, width = image_shape
    some = f"{len(v):,} row{'s' * (len(v) != 1)}"  # a name, in files too: it is not translated
    data = dataset_from_rows(f"{OWN_NAME} ({some} of {height} x {width})", v, image_shape)
    return replace(
        data,
        description=_("Your own {some}, {height} by {width} pixels.").format(
            some=some, height=height, width=width
        ),
    )


def rows_in_words(text: str) -> str:
    """Say how many rows a text holds, and of which size."""
    v, (height, width) = decode_rows(text)
    return _("{n_rows:,} rows of {height} x {width} pixels").format(
        n_rows=len(v), height=height, width=width
    )


def _check_sizes(n_rows: int, height: int, width: int) -> None:
    if not 1 <= n_rows <= MAX_ROWS:
        raise InputError(
            _("There are {n_rows:,} rows; choose 1 to {limit:,}.").format(
                n_rows=n_rows, limit=MAX_ROWS
            )
        )
    if height < 1 or width < 1 or height * width > MAX_PIXELS:
        raise InputError(
            _(
                "An image has {height} x {width} pixels; the limit is {limit}, such as 16 x 16."
            ).format(height=height, width=width, limit=MAX_PIXELS)
        )


def _picture(*lines: str) -> list[int]:
    return [int(pixel == "#") for line in lines for pixel in line]


# What the list offers before anything was painted: a heart and a smile.
DEFAULT_ROWS = encode_rows(
    [
        _picture(".#.#.", "#####", "#####", ".###.", "..#.."),
        _picture(".#.#.", ".#.#.", ".....", "#...#", ".###."),
    ],
    (5, 5),
)
