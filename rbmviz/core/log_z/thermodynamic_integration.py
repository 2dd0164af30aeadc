"""Thermodynamic integration: log Z as the area under the mean slope along beta.

Source: Kirkwood (1935); Gelman & Meng (1998), "Simulating normalizing constants: from importance
sampling to bridge sampling to path sampling".
    log Z - log Z_0 = integral from 0 to 1 of E[d log p*_beta(v) / d beta] d beta
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from rbmviz.core.errors import FloatArray
from rbmviz.core.log_z.bridge import Tempering
from rbmviz.core.log_z.tempered_run import TemperedSamples


@dataclass(frozen=True)
class ThermodynamicIntegration(Tempering):
    """Estimate log Z by integrating the mean slope over the betas of a tempering run.

    Two errors: that of the means, which the jackknife finds, and that of the integral from finitely
    many betas, which the interval includes as the change when every other beta is left out. The
    interpolation is monotone between betas (PCHIP), so that it makes no waves of its own.
    """

    @property
    def _name(self) -> str:
        return "thermodynamic integration"

    def _log_z_of(self, samples: TemperedSamples, ladders: NDArray[np.intp]) -> FloatArray:
        return _area(samples.betas, samples.slope[:, :, ladders].mean(axis=(0, 2)))

    def _discretisation(self, samples: TemperedSamples) -> float:
        slope = samples.slope.mean(axis=(0, 2))
        kept = np.unique([*range(0, len(slope), 2), len(slope) - 1])
        coarse = _area(samples.betas[kept], slope[kept])[-1]
        return abs(float(_area(samples.betas, slope)[-1] - coarse))


def _area(betas: FloatArray, slope: FloatArray) -> FloatArray:
    """Integrate from 0 to every beta: (n_betas,)."""
    integral = PchipInterpolator(betas, slope).antiderivative()
    return np.asarray(integral(betas) - integral(betas[0]))
