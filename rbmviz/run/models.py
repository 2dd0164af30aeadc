"""The models that the pages about one model offer: one list for all of them.

The lab's run and an uploaded file are named here too; only a session knows what they are.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from rbmviz.core.datasets import dataset_names, load_dataset
from rbmviz.core.enumeration import exact_samples
from rbmviz.core.errors import FloatArray
from rbmviz.core.ising import CRITICAL_COUPLING
from rbmviz.language import N_, _
from rbmviz.run.model_case import ModelCase
from rbmviz.run.presets import (
    LARGE,
    RING,
    TORUS,
    VALLEY,
    hidden_valley,
    ising_ring_case,
    ising_torus_case,
    large_random,
    load_preset,
    preset_names,
)
from rbmviz.run.small_models import load_small_model, small_model_names
from rbmviz.run.table import Field

LAB_MODEL, UPLOADED = "lab", "uploaded"  # as a choice among the models
SIDES = (3, 4, 6, 8, 10, 12, 16)  # spins of a torus
SPINS = (8, 16, 32, 64, 128, 256)  # of a ring
CRITICAL = round(CRITICAL_COUPLING, 3)
COUPLINGS = tuple(sorted({*(round(0.05 * n, 2) for n in range(31)), CRITICAL}))
MAX_SAMPLED_UNITS = 18  # in the shorter layer: exact samples take no noticeable time
N_SAMPLED_ROWS = 100


@dataclass(frozen=True)
class Spins:
    """The sizes of the models of spins."""

    side: int = 8
    spins: int = 16
    coupling: float = CRITICAL


def model_row(*, without_data: bool = False) -> Field:
    """The choice among the models as a row of a page's settings."""
    return Field(label=N_("Model"), choices=lambda: model_labels(without_data=without_data))


def model_labels(*, without_data: bool = False) -> dict[str, str]:
    """Name the models as the list calls them; without_data: also those that need none.

    >>> list(model_labels())[:3]
    ['lab', 'uploaded', 'Trained to the end']
    """
    labels = {LAB_MODEL: N_("The lab's current model"), UPLOADED: N_("Imported")}
    names = [*preset_names(), *small_model_names(), *(_DATALESS if without_data else ())]
    return labels | {name: name for name in names}


def load_model(name: str, spins: Spins | None = None) -> ModelCase:
    """Build or train a model of the list: the same numbers every time.

    Raises:
        KeyError: another name, or one of those that only a session knows.
    """
    if name in _DATALESS:
        return _DATALESS[name](spins or Spins())
    return load_small_model(name) if name in small_model_names() else load_preset(name)


def with_rows(case: ModelCase) -> ModelCase:
    """Give rows to a model without data: those of a data set, or exact samples of the model.

    A model too large to be sampled exactly stays as it is.
    """
    n_visible, shorter = case.rbm.n_visible, min(case.rbm.n_visible, case.rbm.n_hidden)
    if len(case.v_data):
        return case
    for name in dataset_names():
        data = load_dataset(name)
        if data.n_visible == n_visible:
            said = _("The rows of {name} stand in for its data.").format(name=name)
            shape = data.image_shape
            return _with_data(replace(case, image_shape=shape), data.v, said)
    if shorter > MAX_SAMPLED_UNITS:
        return case
    v = exact_samples(np.random.default_rng(1), case.rbm, N_SAMPLED_ROWS)
    said = _("{n} exact samples of the model itself stand in for its data.").format(n=len(v))
    return _with_data(case, v, said)


def _with_data(case: ModelCase, v: FloatArray, said: str) -> ModelCase:
    return replace(case, description=f"{case.description} {said}", v_data=v, v_batch=v)


def _coupling(spins: Spins) -> float:
    return CRITICAL_COUPLING if spins.coupling == CRITICAL else spins.coupling


_DATALESS: dict[str, Callable[[Spins], ModelCase]] = {
    VALLEY: lambda spins: hidden_valley(),
    RING: lambda spins: ising_ring_case(spins.spins, _coupling(spins)),
    TORUS: lambda spins: ising_torus_case(spins.side, _coupling(spins)),
    LARGE: lambda spins: large_random(),
}
