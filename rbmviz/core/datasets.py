"""Built-in data sets of 0/1 rows, and reading a user's own.

Toy data are generated here and are complete: their rows are the whole distribution, each row
equally likely (a row listed twice counts twice). The handwritten digits are real data, a sample.
Sources: bars and stripes, labeled shifter and shifting bar as in Schulz, Mueller & Behnke (2010),
Fischer & Igel (2014) and Melchior, Fischer & Wiskott (2016). Nothing here is random.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.errors import FloatArray, InputError, as_rows, check_count

DIGIT_THRESHOLD = 8  # of 16 grey levels: a pixel of 8 or more is on


@dataclass(frozen=True, eq=False)
class Dataset:
    """Hold rows of 0/1 units, how to draw one as an image, and the best any model can do."""

    name: str
    v: FloatArray  # (rows, n_visible), 0.0 or 1.0, read-only
    image_shape: tuple[int, int]  # (rows, columns) of one image, filled row by row
    description: str
    source: str
    best_mean_log_likelihood: float | None  # nats per row, exact; None: not computed
    is_complete: bool  # True: the rows are the whole distribution, so reaching the best is the goal

    @property
    def n_visible(self) -> int:
        """Number of visible units of a row."""
        return int(self.v.shape[1])


def dataset_names() -> list[str]:
    """List the names that `load_dataset` knows, in a stable order."""
    return list(_LOADERS)


def load_dataset(name: str) -> Dataset:
    """Load a built-in data set; repeated calls return the same read-only object.

    Raises:
        InputError: no data set has this name; the message lists close matches and all names.

    >>> load_dataset("XOR").v
    array([[0., 0., 0.],
           [1., 0., 1.],
           [0., 1., 1.],
           [1., 1., 0.]])
    """
    if not isinstance(name, str) or name not in _LOADERS:
        by_lower = {known.lower(): known for known in _LOADERS}
        close = difflib.get_close_matches(str(name).lower(), by_lower, n=3)
        hint = (
            " Did you mean " + " or ".join(repr(by_lower[c]) for c in close) + "?" if close else ""
        )
        raise InputError(f"There is no data set {name!r}.{hint} Choose one of {dataset_names()}.")
    return _load_known(name)


@cache
def _load_known(name: str) -> Dataset:
    return _LOADERS[name]()


def dataset_from_rows(
    name: str, v: ArrayLike, image_shape: tuple[int, int] | None = None
) -> Dataset:
    """Check a user's own rows and wrap a read-only copy of them.

    Args:
        v: (rows >= 1, n_visible >= 1), every value 0 or 1.
        image_shape: (rows, columns) with rows * columns = n_visible. By default a square where
            n_visible is one, otherwise one line.

    Raises:
        InputError: an empty name, values other than 0 and 1, or a shape that does not fit.

    >>> mine = dataset_from_rows("mine", [[0, 1, 1, 0], [1, 1, 1, 1]])
    >>> mine.image_shape, round(mine.best_mean_log_likelihood, 6)  # two equal halves: -log 2
    ((2, 2), -0.693147)
    """
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"name is {name!r}; pass a text that is not blank.")
    rows = as_rows("v", v, None, binary=True)
    return _dataset(
        name, rows, image_shape, "Rows given by the user.", "the user", is_complete=False
    )


def best_mean_log_likelihood(v: FloatArray) -> float:
    """Compute the largest mean log-likelihood that any model can give these rows, exact, in nats.

    It is minus the entropy of the empirical distribution, sum_k (n_k / n) log(n_k / n) over
    distinct rows that occur n_k times (Gibbs' inequality).

    >>> round(best_mean_log_likelihood(np.array([[0.0], [0.0], [1.0], [1.0]])), 6)  # -log 2
    -0.693147
    """
    _, counts = np.unique(v, axis=0, return_counts=True)
    p = counts / counts.sum()
    return float(p @ np.log(p))


def _dataset(
    name: str,
    v: FloatArray,
    image_shape: tuple[int, int] | None,
    description: str,
    source: str,
    *,
    is_complete: bool,
) -> Dataset:
    kept = np.array(v, dtype=np.float64, order="C")
    kept.setflags(write=False)
    return Dataset(
        name=name,
        v=kept,
        image_shape=_image_shape(image_shape, kept.shape[1]),
        description=description,
        source=source,
        best_mean_log_likelihood=best_mean_log_likelihood(kept),
        is_complete=is_complete,
    )


def _image_shape(image_shape: tuple[int, int] | None, n_visible: int) -> tuple[int, int]:
    if image_shape is None:
        side = round(n_visible**0.5)
        return (side, side) if side * side == n_visible else (1, n_visible)
    if not isinstance(image_shape, tuple | list) or len(image_shape) != 2:
        raise InputError(f"image_shape is {image_shape!r}; pass (rows, columns), such as (8, 8).")
    n_rows, n_columns = (check_count("image_shape", size) for size in image_shape)
    if n_rows * n_columns != n_visible:
        raise InputError(
            f"image_shape is {(n_rows, n_columns)}, {n_rows * n_columns} pixels; each row has "
            f"{n_visible} units. Choose rows * columns = {n_visible}, or leave it out."
        )
    return n_rows, n_columns


def _all_states(n_units: int) -> FloatArray:
    """List every 0/1 vector; bit k of the row number is unit k: (2**n_units, n_units)."""
    return (np.arange(2**n_units)[:, None] >> np.arange(n_units) & 1).astype(np.float64)


def _bars_and_stripes(name: str, side: int, distinct: bool) -> Dataset:
    on = _all_states(side)
    bars = np.tile(on, (1, side))  # on[i] says which columns are lit
    stripes = np.repeat(on, side, axis=1)  # on[i] says which rows are lit
    v = np.concatenate([bars, stripes])
    counting = f"{len(v)} rows: all-off and all-on count twice, as bars and as stripes"
    if distinct:
        v = np.unique(v, axis=0)
        counting = f"{len(v)} distinct rows: all-off and all-on count once"
    return _dataset(
        name,
        v,
        (side, side),
        f"Every image of lit columns (bars) or lit rows (stripes) on {side} by {side} pixels; "
        f"{counting}.",
        "generated; MacKay (2003), chapter 43; Schulz, Mueller & Behnke (2010)",
        is_complete=True,
    )


def _labeled_shifter(name: str, n_bits: int) -> Dataset:
    pattern = _all_states(n_bits)
    blocks = []
    for label, shift in enumerate((-1, 0, 1)):  # left, not at all, right
        one_hot = np.zeros((len(pattern), 3))
        one_hot[:, label] = 1.0
        blocks.append(np.hstack([pattern, np.roll(pattern, shift, axis=1), one_hot]))
    v = np.concatenate(blocks)
    return _dataset(
        name,
        v,
        None,
        f"{n_bits} random pixels, the same pixels shifted by one with wrap-around, and three "
        f"units that say left, not at all or right; all {len(v)} rows once.",
        "generated; Hinton & Sejnowski (1986); Fischer & Igel (2014)",
        is_complete=True,
    )


def _shifting_bar(name: str, n_pixels: int) -> Dataset:
    return _dataset(
        name,
        np.eye(n_pixels),
        (1, n_pixels),
        f"One lit pixel at each of {n_pixels} places on a line; {n_pixels} rows.",
        "generated; Melchior, Fischer & Wiskott (2016), N = 9, B = 1",
        is_complete=True,
    )


def _parity(name: str, n_units: int, description: str) -> Dataset:
    free = _all_states(n_units - 1)
    v = np.column_stack([free, free.sum(axis=1) % 2])
    return _dataset(name, v, (1, n_units), description, "generated", is_complete=True)


def _digits(name: str, digit: int | None) -> Dataset:
    with files("rbmviz.core").joinpath("digits.npz").open("rb") as file:
        packed = np.load(file, allow_pickle=False)
        v = np.unpackbits(packed["bits"], axis=1).astype(np.float64)
        labels = packed["labels"]
    which = "All ten handwritten digits" if digit is None else f"The handwritten digit {digit}"
    v = v if digit is None else v[labels == digit]
    return _dataset(
        name,
        v,
        (8, 8),
        f"{which}, 8 by 8 pixels, on where the grey value is at least {DIGIT_THRESHOLD} of 16; "
        f"{len(v)} rows. Only a model that memorises them reaches the best mean log-likelihood.",
        "Optical Recognition of Handwritten Digits, test set, by E. Alpaydin and C. Kaynak, UCI "
        "Machine Learning Repository (1998), doi 10.24432/C50P49, CC BY 4.0; thresholded here",
        is_complete=False,
    )


def _loaders() -> dict[str, Callable[[], Dataset]]:
    loaders: dict[str, Callable[..., Dataset]] = {}
    for side in range(2, 6):
        loaders[f"bars-and-stripes {side}x{side}"] = partial(
            _bars_and_stripes, side=side, distinct=False
        )
    for side in range(2, 6):
        loaders[f"bars-and-stripes {side}x{side} distinct"] = partial(
            _bars_and_stripes, side=side, distinct=True
        )
    for n_bits in (4, 8):
        loaders[f"labeled shifter {n_bits}"] = partial(_labeled_shifter, n_bits=n_bits)
    loaders["shifting bar 9"] = partial(_shifting_bar, n_pixels=9)
    loaders["XOR"] = partial(
        _parity, n_units=3, description="Units a, b and a XOR b; the 4 rows of the truth table."
    )
    loaders["parity 4"] = partial(
        _parity, n_units=4, description="The 8 states of 4 units with an even number of ones."
    )
    loaders["digits"] = partial(_digits, digit=None)
    for digit in range(10):
        loaders[f"digit {digit}"] = partial(_digits, digit=digit)
    return {name: partial(loader, name) for name, loader in loaders.items()}


_LOADERS = _loaders()
