"""Estimators of log Z for models whose states nobody can list; each returns a LogZEstimate."""

from rbmviz.core.log_z.annealed_importance_sampling import AnnealedImportanceSampling
from rbmviz.core.log_z.estimate import LogZEstimate, LogZMethod, estimate_log_z

__all__ = ["AnnealedImportanceSampling", "LogZEstimate", "LogZMethod", "estimate_log_z"]
