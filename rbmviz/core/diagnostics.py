"""How far an estimated negative phase is from the exact one, and what that does to the gradient.

Nothing here is random. All quantities are exact functions of the statistics that are passed.
"""

from dataclasses import dataclass

import numpy as np

from rbmviz.core.errors import FloatArray
from rbmviz.core.phase import PhaseStatistics, gradient


@dataclass(frozen=True)
class PhaseComparison:
    """An estimated negative phase beside the exact one; norms are Euclidean over W, b and c."""

    error_norm: float  # ||estimated - exact negative phase||
    gradient_norm: float  # ||positive - estimated||
    exact_gradient_norm: float  # ||positive - exact||
    angle: float  # degrees between the two gradients; nan when one of them is zero

    @property
    def norm_ratio(self) -> float:
        """Length of the estimated gradient in units of the exact one; nan when that is zero."""
        return self.gradient_norm / self.exact_gradient_norm if self.exact_gradient_norm else np.nan


def compare_phases(
    positive: PhaseStatistics, estimated: PhaseStatistics, exact: PhaseStatistics
) -> PhaseComparison:
    """Compare the gradients that two negative phases give with the same positive phase.

    >>> zero, one, two = (
    ...     PhaseStatistics(vh=np.array([[x]]), v=np.array([0.0]), h=np.array([0.0]))
    ...     for x in (0.0, 1.0, 2.0)
    ... )
    >>> compare_phases(zero, estimated=one, exact=two)
    PhaseComparison(error_norm=1.0, gradient_norm=1.0, exact_gradient_norm=2.0, angle=0.0)
    """
    ours = gradient(positive, estimated).flat()
    truth = gradient(positive, exact).flat()
    norm, truth_norm = float(np.linalg.norm(ours)), float(np.linalg.norm(truth))
    angle = float(angles_between(ours, truth))
    return PhaseComparison(float(np.linalg.norm(ours - truth)), norm, truth_norm, angle)


def angles_between(a: FloatArray, b: FloatArray) -> FloatArray:
    """Compute the angles in degrees along the last axis; nan where a vector is zero.

    >>> angles_between(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([0.0, 1.0]))
    array([90.,  0.])
    """
    norm_a, norm_b = (np.linalg.norm(x, axis=-1, keepdims=True) for x in (a, b))
    with np.errstate(invalid="ignore", divide="ignore"):
        u, w = a / norm_a, b / norm_b
    # atan2 of |u - w| and |u + w| for unit vectors: accurate at small angles, unlike arccos
    half = np.arctan2(np.linalg.norm(u - w, axis=-1), np.linalg.norm(u + w, axis=-1))
    return np.asarray(np.degrees(2 * half))
