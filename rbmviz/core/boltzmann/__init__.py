"""The family of Boltzmann machines: one energy, one exact sum, and which phase is hard."""

from rbmviz.core.boltzmann.exact import (
    PhaseCost,
    machine_log_likelihood,
    machine_log_p_tilde,
    machine_log_z,
    machine_negative_phase,
    machine_positive_phase,
    phase_costs,
)
from rbmviz.core.boltzmann.machine import (
    BoltzmannMachine,
    MachineStatistics,
    machine_energy,
    machine_gradient,
)
from rbmviz.core.boltzmann.mean_field import MeanFieldPhase, machine_mean_field
from rbmviz.core.boltzmann.phases import (
    ExactNegative,
    ExactPositive,
    GibbsPositive,
    MachineNegativePhase,
    MachinePhase,
    MachinePositivePhase,
    MeanFieldPositive,
    PersistentNegative,
)
from rbmviz.core.boltzmann.structure import Structure
from rbmviz.core.boltzmann.training import (
    MachineSettings,
    MachineState,
    start_machine,
    train_machine,
    with_machine_settings,
)

__all__ = [
    "BoltzmannMachine",
    "ExactNegative",
    "ExactPositive",
    "GibbsPositive",
    "MachineNegativePhase",
    "MachinePhase",
    "MachinePositivePhase",
    "MachineSettings",
    "MachineState",
    "MachineStatistics",
    "MeanFieldPhase",
    "MeanFieldPositive",
    "PersistentNegative",
    "PhaseCost",
    "Structure",
    "machine_energy",
    "machine_gradient",
    "machine_log_likelihood",
    "machine_log_p_tilde",
    "machine_log_z",
    "machine_mean_field",
    "machine_negative_phase",
    "machine_positive_phase",
    "phase_costs",
    "start_machine",
    "train_machine",
    "with_machine_settings",
]
