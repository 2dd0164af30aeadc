"""Small models at the very start of their training, whose states can all be seen."""

from collections.abc import Callable
from functools import cache, partial

import numpy as np

from rbmviz.core.datasets import load_dataset
from rbmviz.core.rbm import RBM
from rbmviz.studio.presets import ModelCase

_SEED = 1


def small_model_names() -> list[str]:
    """List the models; the first shows most."""
    return list(_MODELS)


@cache
def load_small_model(name: str) -> ModelCase:
    """Draw the weights of a model: the same numbers every time."""
    return _MODELS[name](name)


def _at_the_start(
    name: str, dataset: str, n_hidden: int, scale: float, what_to_see: str
) -> ModelCase:
    data = load_dataset(dataset)
    rbm = RBM.random(np.random.default_rng(_SEED), data.n_visible, n_hidden, scale)
    description = (
        f"{data.n_visible} visible and {n_hidden} hidden units, random weights of standard "
        f"deviation {scale:g}. {what_to_see}"
    )
    return ModelCase(name, description, rbm, data.v, data.v, data.image_shape)


_MODELS: dict[str, Callable[[str], ModelCase]] = {
    f"{title}, untrained": partial(
        _at_the_start, dataset=dataset, n_hidden=n_hidden, scale=scale, what_to_see=what_to_see
    )
    for title, dataset, n_hidden, scale, what_to_see in (
        (
            "Bars-and-stripes 3x3", "bars-and-stripes 3x3", 8, 0.1,
            "Press Play: the probability gathers on the 14 patterns of the data.",
        ),
        (
            "Bars-and-stripes 2x2", "bars-and-stripes 2x2", 4, 0.1,
            "16 states, 6 of them data: few enough to follow each one.",
        ),
        (
            "Shifting bar 9", "shifting bar 9", 8, 0.1,
            "One of 9 pixels is on. All off is no row of the data, but one flip from each.",
        ),
        (
            "Parity 4", "parity 4", 6, 0.5,
            "No two rows of the data are neighbours, and no pair of units tells anything.",
        ),
        (
            "XOR", "XOR", 4, 0.5,
            "8 states, half of them data: the truth table of an exclusive or.",
        ),
    )
}  # fmt: skip
