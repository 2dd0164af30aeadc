"""Files that visitors upload as data: tables and pictures in, grey values out, nothing trusted.

CSV, NPY, NPZ and PNG are read. Sizes are checked before anything is unpacked or decoded, nothing is
unpickled, and what is wrong is said with its row and column, counted from 1.
"""

import io
import math
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from tokenize import TokenError  # numpy reads the head of an array by its tokens
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from rbmviz.core.errors import FloatArray, InputError, nearest_units
from rbmviz.language import _
from rbmviz.run.own_data import MAX_PIXELS, MAX_ROWS
from rbmviz.studio.own_csv import read_csv
from rbmviz.studio.own_pictures import fitted_shape, grey_of_png, shrunk

TABLES, PICTURES = ("csv", "npy", "npz"), ("png",)
MAX_FILE_BYTES = 8 * 2**20  # of a file, and of all pictures together
MAX_UNPACKED_BYTES = 64 * 2**20  # of an array, and of all entries of an .npz
MAX_PICTURES = 200
_BROKEN = (ValueError, TypeError, EOFError, OSError, OverflowError, SyntaxError, TokenError)
_NAMES = ("v", "x", "data", "images", "x_train")  # looked for in an .npz, in this order


@dataclass(frozen=True, eq=False)
class GreyRows:
    """What a file holds, before it is decided which pixels are on."""

    values: FloatArray  # (rows, pixels), finite
    image_shape: tuple[int, int]
    dark_is_ink: bool  # pictures are dark on light paper, tables are large where something is
    notes: tuple[str, ...] = ()  # what was left out or made smaller

    @property
    def is_decided(self) -> bool:
        """True for a table of 0 and 1; pictures, even black and white, can be on paper or slate."""
        binary = (self.values == 0) | (self.values == 1)
        return not self.dark_is_ink and bool(binary.all())

    @property
    def limits(self) -> tuple[float, float]:
        """The smallest and the largest value."""
        return float(self.values.min()), float(self.values.max())

    def on(self, threshold: float, *, dark: bool) -> FloatArray:
        """Decide: a pixel is on where its value is at least the threshold, or, dark, below it."""
        return ((self.values < threshold) if dark else (self.values >= threshold)).astype(float)


def read_files(files: Sequence[tuple[str, bytes]], longer_side: int = 16) -> GreyRows:
    """Read one table, or some pictures of one shape, each of which becomes a row.

    Args:
        files: (name, content) each.
        longer_side: pixels that images which are too large are brought to, by averaging.

    Raises:
        InputError: another kind, too large, broken, or values that are no numbers.
    """
    kinds = {PurePath(name).suffix.lower().lstrip(".") for name, _ in files}
    if not files or not kinds <= {*TABLES, *PICTURES}:
        known = ", ".join((*TABLES, *PICTURES))
        raise InputError(
            _("{name} is not read; {known} are.").format(
                name=_short(files[0][0]) if files else _("Nothing"), known=known
            )
        )
    n_bytes = sum(len(content) for _, content in files)
    if n_bytes > MAX_FILE_BYTES:
        raise InputError(
            _("The upload has {size:.1f} MB; the limit is {limit} MB.").format(
                size=n_bytes / 2**20, limit=MAX_FILE_BYTES // 2**20
            )
        )
    if kinds <= set(PICTURES):
        return _pictures(files, longer_side)
    if len(files) > 1:
        raise InputError(
            _("There are {n_files} files; upload one table, or only pictures.").format(
                n_files=len(files)
            )
        )
    (name, content), (kind,) = files[0], kinds
    if kind == "csv":
        rows, notes = read_csv(content)
        return _as_rows(rows, longer_side, notes)
    array = _read_npy(content, _short(name)) if kind == "npy" else _read_npz(content)
    return _as_rows(array, longer_side)


# ---- pictures -----------------------------------------------------------------------------


def _pictures(files: Sequence[tuple[str, bytes]], longer_side: int) -> GreyRows:
    if len(files) > MAX_PICTURES:
        raise InputError(
            _("There are {n_files} pictures; the limit is {limit}.").format(
                n_files=len(files), limit=MAX_PICTURES
            )
        )
    rows, first, note = [], None, []
    for n, (name, content) in enumerate(files, 1):
        grey = grey_of_png(content, _("Picture {n}, {name},").format(n=n, name=_short(name)))
        shape = fitted_shape(*grey.shape, longer_side)
        first = first or shape
        if shape != first:
            raise InputError(
                _(
                    "Picture {n}, {name}, is {height} x {width} pixels: it has not the "
                    "proportions of "
                    "the first. Upload pictures of one shape."
                ).format(n=n, name=_short(name), height=grey.shape[0], width=grey.shape[1])
            )
        if shape != grey.shape and not note:
            note = [
                _(
                    "Pictures were brought to {new_height} x {new_width} pixels by averaging."
                ).format(new_height=shape[0], new_width=shape[1])
            ]
        rows.append(shrunk(grey, shape).ravel())
    assert first is not None
    return GreyRows(np.array(rows), first, True, tuple(note))


# ---- tables -------------------------------------------------------------------------------


def _as_rows(array: NDArray[Any], longer_side: int, notes: Sequence[str] = ()) -> GreyRows:
    """Make rows of a table (rows, pixels) or of images (rows, height, width)."""
    notes = list(notes)
    if array.ndim == 3 and array.size:
        n, height, width = array.shape
    elif array.ndim == 2 and array.size:
        n, width = array.shape
        side = math.isqrt(width)
        height, width = (side, side) if side * side == width else (1, width)
    else:
        raise InputError(
            _(
                "The array has shape {shape}; it needs (rows, pixels) or (rows, height, "
                "width), and "
                "at least one of each."
            ).format(shape=array.shape)
        )
    if n > MAX_ROWS:
        notes.append(_("Only the first {limit:,} rows are used.").format(limit=MAX_ROWS))
    values = array[:MAX_ROWS].reshape(-1, height * width).astype(np.float64)
    wrong = ~np.isfinite(values)
    if wrong.any():
        i, j = (int(k) for k in np.argwhere(wrong)[0])
        raise InputError(
            _("Row {row}, column {column} is {value}; it must be a number.").format(
                row=i + 1, column=j + 1, value=values[i, j]
            )
        )
    if height * width > MAX_PIXELS:
        if height == 1:
            raise InputError(
                _(
                    "The table has {width} columns; the limit is {limit}. Leave some "
                    "out, or upload "
                    "images as (rows, height, width): these are made smaller."
                ).format(width=width, limit=MAX_PIXELS)
            )
        shape = fitted_shape(height, width, longer_side)
        images = values.reshape(-1, height, width)
        values = np.array([shrunk(image, shape).ravel() for image in images])
        notes.append(
            _(
                "Images of {height} x {width} pixels were brought to {new_height} x {new_width} by "
                "averaging."
            ).format(height=height, width=width, new_height=shape[0], new_width=shape[1])
        )
        height, width = shape
    binary, far = nearest_units(values, binary=True)
    return GreyRows(values if far.any() else binary, (height, width), False, tuple(notes))


def _read_npz(content: bytes) -> NDArray[Any]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = {
                entry.filename.removesuffix(".npy"): entry
                for entry in packed.infolist()
                if entry.filename.endswith(".npy")
            }
            lower = {name.lower(): name for name in entries}
            name = next((lower[name] for name in _NAMES if name in lower), None)
            if name is None and len(entries) == 1:
                (name,) = entries
            if name is None:
                found = ", ".join(sorted(entries))[:120] or "none"
                raise InputError(
                    _("Which array holds the rows? Call it v. Found: {found}.").format(found=found)
                )
            if entries[name].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise InputError(
                    _("The .npz is packed in an unusual way; write it with numpy.savez.")
                )
            if entries[name].file_size > MAX_UNPACKED_BYTES:
                raise InputError(_too_large(_short(name), entries[name].file_size))
            return _read_npy(packed.read(entries[name]), _short(name))
    except InputError:
        raise
    except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, EOFError, OSError) as error:
        raise InputError(
            _("This is no .npz file ({error}).").format(error=str(error)[:80])
        ) from None


def _read_npy(content: bytes, name: str) -> NDArray[Any]:
    """Read an array of plain numbers, whose size its header has told before."""
    file = io.BytesIO(content)
    try:
        version = npy.read_magic(file)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _fortran, dtype = read_header(file)
        n_bytes = math.prod(shape) * max(dtype.itemsize, 1)
        if n_bytes > MAX_UNPACKED_BYTES or math.prod(shape) > MAX_UNPACKED_BYTES:
            raise InputError(_too_large(name, n_bytes))
        if dtype.kind not in "biuf":
            raise InputError(
                _("{name} holds {dtype} values; save plain numbers.").format(name=name, dtype=dtype)
            )
        return np.load(io.BytesIO(content), allow_pickle=False)
    except _BROKEN as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            _("{name} is no array of plain numbers ({error}). Save it with numpy.save.").format(
                name=name, error=str(error)[:80]
            )
        ) from None


def _too_large(name: str, n_bytes: int) -> str:
    return _(
        "Unpacked, {name} has {size:,.0f} MB; the limit is {limit} MB. Save fewer rows, or "
        "as uint8."
    ).format(name=name, size=n_bytes / 2**20, limit=MAX_UNPACKED_BYTES // 2**20)


def _short(name: str) -> str:
    return repr(PurePath(name).name[-40:])
