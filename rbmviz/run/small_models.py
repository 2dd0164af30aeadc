"""Small models at the very start of their training, whose states can all be seen."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from rbmviz.core.datasets import load_dataset
from rbmviz.core.rbm import RBM
from rbmviz.language import N_, _, language
from rbmviz.run.model_case import ModelCase

_SEED = 1


def small_model_names() -> list[str]:
    """List the models; the first shows most."""
    return list(_MODELS)


def load_small_model(name: str) -> ModelCase:
    """Draw the weights of a model: the same numbers every time."""
    return _told(name, language())


@cache
def _told(name: str, _spoken: str) -> ModelCase:
    """Describe a model in a language; the same object every time."""
    case = _drawn(name)
    scale, what_to_see = _MODELS[name].scale, _(_MODELS[name].what_to_see)
    description = _(
        "{n_visible} visible and {n_hidden} hidden units, random weights of standard "
        "deviation {scale:g}. {what_to_see}"
    ).format(
        n_visible=case.rbm.n_visible,
        n_hidden=case.rbm.n_hidden,
        scale=scale,
        what_to_see=what_to_see,
    )
    return replace(case, description=description)


@cache
def _drawn(name: str) -> ModelCase:
    told = _MODELS[name]
    data = load_dataset(told.dataset)
    rng = np.random.default_rng(_SEED)
    rbm = RBM.random(rng, data.n_visible, told.n_hidden, told.scale)
    return ModelCase(name, "", rbm, data.v, data.v, data.image_shape)


@dataclass(frozen=True)
class _Untrained:
    """A model at its start, and what is to be seen when it learns."""

    dataset: str
    n_hidden: int
    scale: float
    what_to_see: str


_MODELS = {
    N_("Bars-and-stripes 3x3, untrained"): _Untrained(
        "bars-and-stripes 3x3", 8, 0.1,
        N_("Press *Play*: the probability gathers on the 14 patterns of the data."),
    ),
    N_("Bars-and-stripes 2x2, untrained"): _Untrained(
        "bars-and-stripes 2x2", 4, 0.1,
        N_("16 states, 6 of them data: few enough to follow each one."),
    ),
    N_("Shifting bar 9, untrained"): _Untrained(
        "shifting bar 9", 8, 0.1,
        N_("One of 9 pixels is on. All off is no row of the data, but one flip from each."),
    ),
    N_("Parity 4, untrained"): _Untrained(
        "parity 4", 6, 0.5,
        N_("No two rows of the data are neighbours, and no pair of units tells anything."),
    ),
    N_("XOR, untrained"): _Untrained(
        "XOR", 4, 0.5,
        N_("8 states, half of them data: the truth table of an exclusive or."),
    ),
}  # fmt: skip
