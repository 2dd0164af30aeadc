"""Blocks of float32 frames made small: whole numbers, their differences, two planes of bytes.

A value becomes the nearest of N_LEVELS levels between the block's least and greatest value: at most
(high - low) / (2 * (N_LEVELS - 1)) off, 6e-5 for a probability. From frame to frame the level
changes little, so the differences (modulo 2^16), high bytes first and low bytes after, pack well.
A frame that is not known is listed in `unknown` and repeats the one before.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

N_LEVELS = 8192


@dataclass(frozen=True, eq=False)
class Coded:
    """A block of shape (n_frames, ...) as bytes: value = low + level * scale."""

    planes: NDArray[np.uint8]
    shape: tuple[int, ...]
    low: float
    scale: float
    unknown: tuple[int, ...]

    @property
    def description(self) -> dict[str, Any]:
        """What decode.js has to know."""
        return {"low": self.low, "scale": self.scale, "unknown": list(self.unknown)}


def coded(block: NDArray[Any]) -> Coded:
    """Code a block; a frame with a value that is not a number counts as not known.

    >>> two = coded(np.array([[0.0, 1.0], [1.0, 1.0]]))
    >>> two.planes, two.scale * 8191
    (array([ 0, 31, 31,  0,  0, 255, 255,  0], dtype=uint8), 1.0)
    """
    frames = block.reshape(len(block), -1).astype(np.float64)
    known = np.isfinite(frames).all(axis=1)
    low, high = (
        (float(frames[known].min()), float(frames[known].max())) if known.any() else (0.0, 0.0)
    )
    scale = (high - low) / (N_LEVELS - 1) or 1.0
    levels = np.zeros(frames.shape, dtype=np.int64)
    levels[known] = np.rint((frames[known] - low) / scale)
    before = np.maximum.accumulate(np.where(known, np.arange(len(known)), 0))
    levels = levels[before]  # a frame that is not known repeats the one before
    steps = np.diff(levels, axis=0, prepend=0).astype(np.uint16)
    planes = np.concatenate([(steps >> 8).ravel(), (steps & 255).ravel()]).astype(np.uint8)
    unknown = tuple(int(k) for k in np.flatnonzero(~known))
    return Coded(planes, block.shape, low, scale, unknown)
