"""The estimators of the negative phase, one row each.

A row and a class in core/negative_phase are all that an estimator needs: the sidebar, the command
line, lessons, links, the limits on its cost, run B and the page *Negative phase* read the row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from rbmviz.core.negative_phase import (
    ContrastiveDivergence,
    ExactEnumeration,
    FastPersistentContrastiveDivergence,
    MeanField,
    NegativePhase,
    NoNegativePhase,
    ParallelTempering,
    PersistentContrastiveDivergence,
)
from rbmviz.language import N_, _


@dataclass(frozen=True, kw_only=True)
class Estimator:
    """What is known of an estimator of the negative phase."""

    label: str  # as the sidebar calls it
    title: str  # its short name with its parameters, as on the screen
    note: str  # what it is and what it costs; sources and terms as in its class
    make: Callable[..., NegativePhase]
    parameters: tuple[str, ...] = ()  # the settings it looks at, as `make` calls them
    moves: tuple[str, ...] = ()  # settings whose product is the rows it moves a step; exact: none
    keeps: tuple[str, ...] = ()  # layers of the rows that go on to the next update
    wire: str  # its kind, as the stage's messages call it
    own: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # what it calls a parameter,
    # and a run that differs in it
    offered: bool = True  # else only where a lesson sets it
    study: Mapping[str, int] = field(default_factory=dict)  # for `make`, where it is compared
    study_steps: tuple[int, ...] = (1,)  # with each of these k; () is not compared
    study_chains: str = "{n_chains}"  # what one estimate is an average over

    def names(self, parameter: str) -> tuple[str, str]:
        """Give its own label of a parameter and phrase of a run; "" where it has none."""
        label, phrase = self.own.get(parameter, ("", ""))
        return _(label) if label else "", phrase


_FIXED_POINTS = {
    "n_steps": (N_("Iterations k"), ""),
    "n_chains": (N_("Fixed points"), N_("{n} fixed points")),
}

ESTIMATORS: Mapping[str, Estimator] = {
    "cd": Estimator(
        label=N_("Contrastive divergence"),
        title="CD-{n_steps}",
        note=N_(
            "k Gibbs steps from the data (Hinton 2002). Cheap, 2 matrix products a step; biased "
            "toward the data."
        ),
        make=ContrastiveDivergence,
        parameters=("n_steps",),
        moves=("batch_size",),
        wire="contrastive_divergence",
        study_steps=(1, 10),
        study_chains=N_("1 per row"),
    ),
    "pcd": Estimator(
        label=N_("Persistent CD"),
        title="PCD-{n_steps}",
        note=N_(
            "Chains that go on from the last update (Tieleman 2008). As cheap as CD; good while "
            "they mix faster than W moves."
        ),
        make=PersistentContrastiveDivergence,
        parameters=("n_steps", "n_chains"),
        moves=("n_chains",),
        keeps=("h",),
        wire="persistent_contrastive_divergence",
    ),
    "fpcd": Estimator(
        label=N_("Fast persistent CD"),
        title="FPCD-{n_steps}",
        note=N_(
            "Fast weights drive the chains out of where they stand (Tieleman & Hinton 2009). "
            "3 matrix products a step, 3 more an update."
        ),
        make=FastPersistentContrastiveDivergence,
        parameters=("n_steps", "n_chains", "fast_learning_rate"),
        moves=("n_chains",),
        keeps=("h",),
        wire="persistent_fast_weights",
    ),
    "tempering": Estimator(
        label=N_("Parallel tempering"),
        title="PT-{n_steps} × {n_temperatures}",
        note=N_(
            "Chains from hot to cold swap states (Desjardins et al. 2010). Leaves modes that "
            "PCD is stuck in; costs PCD times the temperatures."
        ),
        make=ParallelTempering,
        parameters=("n_steps", "n_chains", "n_temperatures"),
        moves=("n_chains", "n_temperatures"),
        keeps=("h",),
        wire="persistent_tempering",
        own={"n_chains": (N_("Ladders of chains"), N_("{n} ladders of chains"))},
        study={"n_chains": 25},
        study_chains=N_("{n_chains} ladders of {n_temperatures}"),
    ),
    "tap": Estimator(
        label=N_("TAP mean field"),
        title="TAP-{n_steps}",
        note=N_(
            "Second-order fixed points instead of samples (Gabrié et al. 2015). No sampling noise, "
            "but biased; 4 matrix products a step."
        ),
        make=partial(MeanField, order=2),
        parameters=("n_steps", "n_chains"),
        moves=("n_chains",),
        keeps=("v", "h"),
        wire="mean_field",
        own=_FIXED_POINTS,
        study_steps=(3,),
    ),
    "mf": Estimator(
        label=N_("Naive mean field"),
        title="MF-{n_steps}",
        note=N_(
            "First-order fixed points: units taken as independent. No sampling noise, the most "
            "biased; 2 matrix products a step."
        ),
        make=partial(MeanField, order=1),
        parameters=("n_steps", "n_chains"),
        moves=("n_chains",),
        keeps=("v", "h"),
        wire="mean_field",
        own=_FIXED_POINTS,
        study_steps=(3,),
    ),
    "exact": Estimator(
        label=N_("Exact enumeration"),
        title="exact",
        note=N_(
            "Sums over every state of the shorter layer. No error and no noise; each extra unit "
            "doubles the cost."
        ),
        make=ExactEnumeration,
        wire="exact",
        study={"n_samples": 0},
        study_chains=N_("none"),
    ),
    "none": Estimator(
        label=N_("No negative phase"),
        title="none",
        note="",
        make=NoNegativePhase,
        wire="none",
        offered=False,
        study_steps=(),
    ),
}
OFFERED = tuple(name for name, each in ESTIMATORS.items() if each.offered)


def labels() -> dict[str, str]:
    """Name all estimators, as the sidebar calls them; not translated."""
    return {name: each.label for name, each in ESTIMATORS.items()}
