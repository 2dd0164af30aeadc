"""rbmviz: restricted Boltzmann machines with both phases of the gradient in the open.

The library needs numpy and scipy alone; the app (streamlit run app.py) is built on top of it.
"""

from rbmviz.core.datasets import Dataset, dataset_from_rows, dataset_names, load_dataset
from rbmviz.core.diagnostics import PhaseComparison, compare_phases
from rbmviz.core.enumeration import (
    MAX_ENUMERATED_UNITS,
    exact_log_z,
    exact_negative_phase,
    exact_probabilities,
    exact_samples,
    mean_log_likelihood,
)
from rbmviz.core.errors import DivergedError, InputError, TooManyUnitsError
from rbmviz.core.log_z import AnnealedImportanceSampling, LogZEstimate, estimate_log_z
from rbmviz.core.negative_phase import (
    Chains,
    ContrastiveDivergence,
    ExactEnumeration,
    NegativePhase,
    NegativePhaseEstimate,
    PersistentContrastiveDivergence,
)
from rbmviz.core.phase import PhaseStatistics, gradient, positive_phase
from rbmviz.core.rbm import (
    RBM,
    energy,
    free_energy,
    log_p_tilde,
    mean_h_given_v,
    mean_v_given_h,
    sample_h_given_v,
    sample_v_given_h,
)
from rbmviz.core.snapshot import (
    ProbableStates,
    Snapshot,
    most_probable_states,
    take_snapshot,
)
from rbmviz.core.training import (
    TrainingSettings,
    TrainingState,
    Update,
    start,
    train,
    train_step,
    with_settings,
)

__version__ = "0.1.0"

__all__ = [
    "MAX_ENUMERATED_UNITS",
    "RBM",
    "AnnealedImportanceSampling",
    "Chains",
    "ContrastiveDivergence",
    "Dataset",
    "DivergedError",
    "ExactEnumeration",
    "InputError",
    "LogZEstimate",
    "NegativePhase",
    "NegativePhaseEstimate",
    "PersistentContrastiveDivergence",
    "PhaseComparison",
    "PhaseStatistics",
    "ProbableStates",
    "Snapshot",
    "TooManyUnitsError",
    "TrainingSettings",
    "TrainingState",
    "Update",
    "compare_phases",
    "dataset_from_rows",
    "dataset_names",
    "energy",
    "estimate_log_z",
    "exact_log_z",
    "exact_negative_phase",
    "exact_probabilities",
    "exact_samples",
    "free_energy",
    "gradient",
    "load_dataset",
    "log_p_tilde",
    "mean_h_given_v",
    "mean_log_likelihood",
    "mean_v_given_h",
    "most_probable_states",
    "positive_phase",
    "sample_h_given_v",
    "sample_v_given_h",
    "start",
    "take_snapshot",
    "train",
    "train_step",
    "with_settings",
]
