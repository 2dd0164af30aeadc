"""A model as the pages look at it: parameters, and the rows that its chains start from."""

from dataclasses import dataclass

import numpy as np

from rbmviz.core.errors import FloatArray
from rbmviz.core.rbm import RBM


@dataclass(frozen=True, eq=False)
class ModelCase:
    """A model with the rows that its chains start from."""

    name: str
    description: str
    rbm: RBM
    v_data: FloatArray  # (rows, n_visible) of 0/1: the data
    v_batch: FloatArray  # (n, n_visible): the batch of the positive phase, where CD starts
    image_shape: tuple[int, int]
    log_z: float | None = None  # nats, where it is known in closed form


def without_data(name: str, description: str, rbm: RBM, image_shape: tuple[int, int]) -> ModelCase:
    """Make a case of a model that no data come with."""
    none = np.empty((0, rbm.n_visible))
    return ModelCase(name, description, rbm, none, none, image_shape)
