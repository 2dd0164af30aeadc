"""Make rbmviz/core/digits.npz from scikit-learn's copy of the UCI handwritten digits.

Run from the project's folder:  python -m tests.make_digits
The result is committed; scikit-learn is needed here and in one test, never at run time.
Source and licence: rbmviz/core/digits.txt.
"""

from pathlib import Path

import numpy as np

from rbmviz.core.datasets import DIGIT_THRESHOLD

TARGET = Path(__file__).parents[1] / "rbmviz" / "core" / "digits.npz"


def packed_digits() -> dict[str, np.ndarray]:
    """Threshold and pack the 1797 images: bits (1797, 8), one byte a line of pixels, and labels."""
    from sklearn.datasets import load_digits  # here, so that the module imports without it

    digits = load_digits()
    on = digits.data >= DIGIT_THRESHOLD  # (1797, 64), pixels row by row
    return {"bits": np.packbits(on, axis=1), "labels": digits.target.astype(np.uint8)}


if __name__ == "__main__":
    np.savez_compressed(TARGET, **packed_digits())
    print(f"{TARGET}: {TARGET.stat().st_size} bytes")
