"""Negative phases: interchangeable estimators of E_{p(v, h)}[v h^T], E[v], E[h] (eq. 18.12)."""

from rbmviz.core.negative_phase.contrastive_divergence import ContrastiveDivergence
from rbmviz.core.negative_phase.estimator import Chains, NegativePhase, NegativePhaseEstimate
from rbmviz.core.negative_phase.exact import ExactEnumeration
from rbmviz.core.negative_phase.persistent import PersistentContrastiveDivergence

__all__ = [
    "Chains",
    "ContrastiveDivergence",
    "ExactEnumeration",
    "NegativePhase",
    "NegativePhaseEstimate",
    "PersistentContrastiveDivergence",
]
