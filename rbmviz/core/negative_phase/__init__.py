"""Negative phases: interchangeable estimators of E_{p(v, h)}[v h^T], E[v], E[h] (eq. 18.12)."""

from rbmviz.core.negative_phase.absent import NoNegativePhase
from rbmviz.core.negative_phase.contrastive_divergence import ContrastiveDivergence
from rbmviz.core.negative_phase.estimator import Chains, NegativePhase, NegativePhaseEstimate
from rbmviz.core.negative_phase.exact import ExactEnumeration
from rbmviz.core.negative_phase.fast_persistent import (
    FastChains,
    FastPersistentContrastiveDivergence,
)
from rbmviz.core.negative_phase.mean_field import MeanField, MeanFieldChains
from rbmviz.core.negative_phase.persistent import PersistentContrastiveDivergence
from rbmviz.core.negative_phase.tempering import ParallelTempering, TemperedChains

__all__ = [
    "Chains",
    "ContrastiveDivergence",
    "ExactEnumeration",
    "FastChains",
    "FastPersistentContrastiveDivergence",
    "MeanField",
    "MeanFieldChains",
    "NegativePhase",
    "NegativePhaseEstimate",
    "NoNegativePhase",
    "ParallelTempering",
    "PersistentContrastiveDivergence",
    "TemperedChains",
]
