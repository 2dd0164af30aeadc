"""Estimators of log Z for models whose states nobody can list; each returns a LogZEstimate."""

from rbmviz.core.log_z.annealed_importance_sampling import AnnealedImportanceSampling
from rbmviz.core.log_z.bridge import BridgeSampling
from rbmviz.core.log_z.estimate import Cost, LogZEstimate, LogZMethod, estimate_log_z
from rbmviz.core.log_z.exact import ExactLogZ
from rbmviz.core.log_z.mean_field import MeanFieldLogZ
from rbmviz.core.log_z.mode_search import Modes, search_modes
from rbmviz.core.log_z.path import LogZAlongBeta
from rbmviz.core.log_z.reverse import ReverseAnnealedImportanceSampling
from rbmviz.core.log_z.sandwich import Sandwich
from rbmviz.core.log_z.thermodynamic_integration import ThermodynamicIntegration
from rbmviz.core.log_z.tracking import (
    TrackedLogZ,
    anchored,
    start_tracking,
    total_probability,
    track,
)

__all__ = [
    "AnnealedImportanceSampling",
    "BridgeSampling",
    "Cost",
    "ExactLogZ",
    "LogZAlongBeta",
    "LogZEstimate",
    "LogZMethod",
    "MeanFieldLogZ",
    "Modes",
    "ReverseAnnealedImportanceSampling",
    "Sandwich",
    "ThermodynamicIntegration",
    "TrackedLogZ",
    "anchored",
    "estimate_log_z",
    "search_modes",
    "start_tracking",
    "total_probability",
    "track",
]
