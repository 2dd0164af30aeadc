"""Quantities of a Boltzmann machine with any couplings: where the positive phase is hard."""

from functools import partial

from rbmviz.core.boltzmann import (
    BoltzmannMachine,
    machine_log_p_tilde,
    machine_mean_field,
    phase_costs,
)
from rbmviz.core.errors import InputError
from rbmviz.language import N_, _
from rbmviz.studio.quantity import Table, quantity
from rbmviz.studio.subject import Subject

MACHINE_QUANTITIES: Table = {}
_quantity = partial(quantity, MACHINE_QUANTITIES, needs="machine")


def _machine(subject: Subject) -> BoltzmannMachine:
    if subject.machine is None:
        raise InputError(_("Only the page Which phase is hard? shows such a machine."))
    return subject.machine


@_quantity(N_("terms with v clamped"), digits=0)
def _clamped_terms(subject: Subject) -> float:
    """Terms of the exact positive phase of the structure that is chosen, for one row of data."""
    return phase_costs(_machine(subject).structure)[0].n_terms


@_quantity(N_("terms with all free"), digits=0)
def _free_terms(subject: Subject) -> float:
    """Terms of the exact negative phase of the structure that is chosen."""
    return phase_costs(_machine(subject).structure)[1].n_terms


@_quantity(N_("gap of the bound"), N_("nats"), digits=4)
def _gap(subject: Subject) -> float:
    """What mean field's bound L lacks to log p~(v), mean over the rows: 0 in an RBM."""
    machine = _machine(subject)
    found = machine_mean_field(machine, subject.rows, tolerance=1e-6, max_iterations=100)
    return float((machine_log_p_tilde(machine, subject.rows) - found.bound).mean())
