"""PNG pictures as grey values: sizes are read from the header before anything is decoded."""

import io
import struct

import numpy as np

from rbmviz.core.errors import FloatArray, InputError
from rbmviz.language import _
from rbmviz.run.own_data import MAX_PIXELS

MAX_DECODED_PIXELS = 4 * 2**20  # of one picture
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def grey_of_png(content: bytes, name: str) -> FloatArray:
    """Decode a picture: (height, width), 0 black to 1 white, on white paper where transparent.

    name: as the subject of a message.

    Raises:
        InputError: no PNG, broken, or too many pixels.
    """
    from PIL import Image  # here, as tables are read without it

    if len(content) < 33 or content[:8] != _SIGNATURE or content[12:16] != b"IHDR":
        raise InputError(_("{name} is no PNG file. Save it as PNG.").format(name=name))
    width, height = struct.unpack(">II", content[16:24])
    if not 0 < width * height <= MAX_DECODED_PIXELS:
        raise InputError(
            _(
                "{name} has {width:,} x {height:,} pixels; the limit is {limit:,} in all. Make it "
                "smaller first."
            ).format(name=name, width=width, height=height, limit=MAX_DECODED_PIXELS)
        )
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
            if picture.size != (width, height):
                raise InputError(_("{name} is broken: it has two sizes.").format(name=name))
            if picture.mode.startswith("I"):  # 16 bits of grey
                return np.asarray(picture, dtype=np.float64) / 65535.0
            layers = np.asarray(picture.convert("RGBA").convert("LA"))
    except InputError:
        raise
    except Exception as error:  # whatever a decoder may raise on bytes from outside
        raise InputError(
            _("{name} cannot be decoded ({error}).").format(name=name, error=str(error)[:80])
        ) from None
    grey, opaque = layers[..., 0] / 255.0, layers[..., 1] / 255.0
    return np.asarray(grey * opaque + (1.0 - opaque))


def fitted_shape(height: int, width: int, longer_side: int) -> tuple[int, int]:
    """Give the shape with these proportions that fits into the limits; small ones stay.

    >>> fitted_shape(28, 28, 16), fitted_shape(600, 300, 8), fitted_shape(5, 4, 16)
    ((16, 16), (8, 4), (5, 4))
    """
    if max(height, width) <= longer_side and height * width <= MAX_PIXELS:
        return height, width
    scale = min(longer_side / max(height, width), (MAX_PIXELS / (height * width)) ** 0.5)
    return max(int(height * scale + 1e-9), 1), max(int(width * scale + 1e-9), 1)


def shrunk(image: FloatArray, shape: tuple[int, int]) -> FloatArray:
    """Average an image over the areas of larger pixels.

    >>> shrunk(np.array([[1.0, 0.0, 1.0], [1.0, 0.0, 1.0]]), (1, 2)).round(3)
    array([[0.667, 0.667]])
    """
    if image.shape == shape:
        return image
    rows, columns = (_shares(n, m) for n, m in zip(image.shape, shape, strict=True))
    return np.asarray(rows @ image @ columns.T)


def _shares(n: int, m: int) -> FloatArray:
    """Say which share of large pixel k (of m) each small pixel (of n) covers: (m, n)."""
    edges = np.linspace(0, n, m + 1)
    begin, end = edges[:-1, None], edges[1:, None]
    small = np.arange(n)[None, :]
    covered = np.clip(np.minimum(end, small + 1) - np.maximum(begin, small), 0, None)
    return np.asarray(covered / covered.sum(axis=1, keepdims=True))


def contact_sheet(v: FloatArray, image_shape: tuple[int, int], n_columns: int = 12) -> FloatArray:
    """Lay rows of 0/1 out as images, black where on, on grey: (height, width), 0 to 1."""
    height, width = image_shape
    n_columns = min(n_columns, len(v))
    n_lines = -(-len(v) // n_columns)
    sheet = np.full((n_lines * (height + 1) + 1, n_columns * (width + 1) + 1), 0.75)
    for k, row in enumerate(v):
        top, left = (k // n_columns) * (height + 1) + 1, (k % n_columns) * (width + 1) + 1
        sheet[top : top + height, left : left + width] = 1.0 - row.reshape(image_shape)
    scale = max(1, 600 // max(sheet.shape))  # each pixel a square of so many
    return np.kron(sheet, np.ones((scale, scale)))
