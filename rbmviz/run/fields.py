"""The settings of a run in the lab: one row a setting, in the order in which they are listed.

Each is read through table.py. Its name is that of the library's TrainingSettings, or of a parameter
of an estimator (estimators.py), and the key of its widget and of its part of a link.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rbmviz.core.datasets import dataset_names
from rbmviz.language import N_
from rbmviz.run.estimators import labels
from rbmviz.run.own_data import is_own, own_dataset
from rbmviz.run.table import Field, row


def _datasets() -> Mapping[str, str]:
    return {name: name for name in dataset_names()}


def _is_own_rows(given: object) -> bool:
    """Say whether a text holds rows; raises InputError when it is meant to, and does not."""
    return is_own(given) and own_dataset(str(given)) is not None


@dataclass(frozen=True)
class RunFields:
    """Everything that a run in the lab follows from."""

    dataset: str = row(
        "bars-and-stripes 4x4",
        Field(
            label=N_("Data set"),
            choices=_datasets,
            other=_is_own_rows,
            new_start=N_("data set"),
            flag="--data",
        ),
    )
    n_hidden: int = row(
        8,
        Field(
            label=N_("Hidden units"),
            help=N_("Another size starts a new run."),
            limits=(1, 64),
            slider=True,
            new_start=N_("hidden units"),
            flag="--hidden",
            meaning="hidden units",
        ),
    )
    estimator: str = row(
        "cd",
        Field(
            label=N_("Negative phase"),
            help=N_("How the model's expectation is estimated in every update."),
            choices=labels,
            rival=("pcd", "cd"),
            flag="--estimator",
            meaning="of the negative phase",
        ),
    )
    n_steps: int = row(
        1,
        Field(
            label=N_("Gibbs steps k"),
            limits=(1, 50),
            rival=(10, 1),
            flag="--steps",
            meaning="Gibbs steps k of an update, or iterations of a mean field",
        ),
    )
    n_chains: int = row(
        100,
        Field(
            label=N_("Chains"),
            limits=(1, 500),
            step=10,
            rival=(10, 100),
            phrase=N_("{n} chains"),
            flag="--chains",
            meaning="chains, ladders of chains, or fixed points",
        ),
    )
    n_temperatures: int = row(
        10,
        Field(
            label=N_("Temperatures"),
            help=N_("Chains of each ladder, from independent units to the model itself."),
            limits=(2, 30),
            rival=(5, 10),
            flag="--temperatures",
            meaning="temperatures of a ladder",
        ),
    )
    fast_learning_rate: float = row(
        0.1,
        Field(
            label=N_("Fast learning rate"),
            help=N_("Of the fast weights, which lose a twentieth in every update. 0 is PCD."),
            limits=(0.0, 1.0),
            step=0.01,
            format="%.3f",
            rival=(0.0, 0.1),
            phrase=N_("fast rate {:g}"),
            flag="--fast-rate",
            meaning="learning rate of the fast weights",
        ),
    )
    learning_rate: float = row(
        0.1,
        Field(
            label=N_("Learning rate"),
            limits=(0.0, 10.0),
            step=0.01,
            format="%.3f",
            rival=(0.01, 0.1),
            phrase=N_("rate {:g}"),
            flag="--rate",
            meaning="learning rate",
        ),
    )
    batch_size: int = row(
        32,
        Field(
            label=N_("Batch size"),
            limits=(1, 500),
            more=True,
            rival=(4, 32),
            phrase=N_("batch {}"),
            flag="--batch",
            meaning="rows of an update",
        ),
    )
    momentum: float = row(
        0.0,
        Field(
            label=N_("Momentum"),
            limits=(0.0, 0.99),
            step=0.1,
            format="%.2f",
            more=True,
            rival=(0.5, 0.0),
            phrase=N_("momentum {:g}"),
            flag="--momentum",
            meaning="share of the last step that is kept, below 1",
        ),
    )
    weight_decay: float = row(
        0.0,
        Field(
            label=N_("Weight decay"),
            limits=(0.0, 1.0),
            step=0.001,
            format="%.4f",
            more=True,
            rival=(0.001, 0.0),
            phrase=N_("weight decay {:g}"),
            flag="--decay",
            meaning="weight decay of W",
        ),
    )
    initial_scale: float = row(
        0.01,
        Field(
            label=N_("Initial scale of W"),
            help=N_("Standard deviation of the first weights. Another value starts a new run."),
            limits=(0.0, 5.0),
            step=0.01,
            format="%.3f",
            more=True,
            new_start=N_("initial scale"),
            flag="--scale",
            meaning="standard deviation of the first W",
        ),
    )
    seed: int = row(
        1,
        Field(
            label=N_("Seed"),
            help=N_("Another seed starts a new run."),
            limits=(0, 999_999),
            more=True,
            new_start=N_("seed"),
            flag="--seed",
            meaning="the same seed gives the same run, bit for bit",
        ),
    )
    centered: bool = row(
        False,
        Field(
            label=N_("Centered gradient"),
            help=N_(
                "Takes the gradient in v - mu and h - lambda instead of v and h. The offset mu is "
                "the mean of the data, lambda a running mean of E[h | v]. Biases then no longer "
                "hide in the weights: learning does not depend on whether a pixel is coded as 0 or "
                "as 1. The panels show the plain phases; their difference is turned into the "
                "centered one before the step (Montavon & Müller 2012; Melchior, Fischer & Wiskott "
                "2016)."
            ),
            more=True,
            off=N_("Plain gradient"),
            rival=(True, False),
            phrase=N_("centered"),
            phrase_off=N_("plain gradient"),
            flag="--centered",
            meaning="take the centered gradient",
        ),
    )
