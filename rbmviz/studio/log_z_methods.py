"""The ways to log Z that the page Partition function offers: names, settings, what they cost."""

import math
from dataclasses import dataclass, replace

from rbmviz.core.enumeration import MAX_ENUMERATED_UNITS, enumeration_seconds
from rbmviz.core.errors import InputError
from rbmviz.core.log_z import (
    AnnealedImportanceSampling,
    BridgeSampling,
    ExactLogZ,
    LogZMethod,
    MeanFieldLogZ,
    ReverseAnnealedImportanceSampling,
    Sandwich,
    ThermodynamicIntegration,
)
from rbmviz.core.log_z.path import BASES
from rbmviz.core.log_z.schedule import SCHEDULES
from rbmviz.core.rbm import RBM
from rbmviz.language import N_
from rbmviz.run.models import COUPLINGS, CRITICAL, SIDES, SPINS, Spins, model_row
from rbmviz.run.table import Field, row

KINDS = {
    "exact": N_("Exact"),
    "ais": "AIS",
    "reverse": N_("Reverse AIS"),
    "sandwich": N_("Sandwich"),
    "bridge": N_("Bridge sampling"),
    "integration": N_("Thermodynamic integration"),
    "mean field": N_("Mean-field bound"),
    "tap": "TAP",
}
ANNEALING = ("ais", "reverse", "sandwich")
TEMPERING = ("bridge", "integration")
SAMPLING = ANNEALING + TEMPERING

N_CHAINS = (10, 20, 50, 100, 200, 500, 1000)
N_BETAS = (10, 30, 100, 300, 1000, 3000, 10_000, 14_500)
MAX_CELLS = 3_000_000  # chains * units: some 150 MB in the buffers of a run
FLOAT32_WEIGHTS = 100_000  # a model with so many weights is annealed in float32
MAX_ROUNDS = 600  # of a tempering run, all of which are kept
N_STARTS = 50  # of the mean-field iterations
LARGE_UNITS = 600
_SCHEDULE_NAMES = {
    "linear": N_("Linear"),
    "sigmoid": N_("Sigmoid"),
    "salakhutdinov-murray": "Salakhutdinov & Murray",
    "adaptive": N_("Adaptive"),
}
_BASE_NAMES = {
    "data mean": N_("Data mean"),
    "visible biases": N_("Visible biases"),
    "uniform": N_("Uniform"),
}

# CPU seconds of a Gibbs step in float64, measured: of a call, a unit's draw, a weight's product.
_A_CALL, _A_UNIT, _A_WEIGHT = 25e-6, 5e-9, 9e-11


@dataclass(frozen=True)
class PartitionFunctionSettings:
    """Everything that the page follows from."""

    model: str = row("Trained to the end", model_row(without_data=True))
    side: int = row(8, Field(label=N_("Spins along a side"), numbers=SIDES))
    spins: int = row(16, Field(label=N_("Spins"), numbers=SPINS))
    coupling: float = row(
        CRITICAL,
        Field(
            label=N_("Coupling"),
            help=N_(
                "How strongly neighbours want to be equal. At 0.441 an infinite square lattice "
                "begins to align."
            ),
            numbers=COUPLINGS,
        ),
    )
    methods: tuple[str, ...] = row(tuple(KINDS), Field(label=N_("Methods"), choices=lambda: KINDS))
    # Of a large model only what is had in about a minute is chosen at first.
    methods_large: tuple[str, ...] = row(
        ("exact", "ais", "mean field"), Field(label=N_("Methods"), choices=lambda: KINDS)
    )
    schedule: str = row(
        "linear",
        Field(
            label=N_("Schedule of temperatures"),
            help=N_("Where the inverse temperatures β lie between 0 and 1."),
            choices=lambda: {name: _SCHEDULE_NAMES.get(name, name) for name in SCHEDULES},
        ),
    )
    base: str = row(
        "data mean",
        Field(
            label=N_("Base model at β = 0"),
            help=N_("Independent units, whose log Z is known. Without data their mean is ½."),
            choices=lambda: {name: _BASE_NAMES.get(name, name) for name in BASES},
        ),
    )
    chains: int = row(
        100,
        Field(label=N_("Chains"), help=N_("Independent chains, or particles."), numbers=N_CHAINS),
    )
    temperatures: int = row(
        1000,
        Field(
            label=N_("Temperatures"),
            help=N_("Steps from the base model to this one."),
            numbers=N_BETAS,
        ),
    )
    draw: int = row(0, Field(label=N_("Redraw"), limits=(0, 999_999)))
    inside: str = row(
        "ais",
        Field(label=N_("Look inside"), choices=lambda: {kind: KINDS[kind] for kind in SAMPLING}),
    )

    @property
    def of_spins(self) -> Spins:
        """The sizes of a model of spins."""
        return Spins(self.side, self.spins, self.coupling)

    def methods_name(self, rbm: RBM) -> str:
        """Name the setting that says which methods are chosen for a model of this size."""
        return "methods_large" if rbm.n_visible + rbm.n_hidden > LARGE_UNITS else "methods"

    def of_log_z(self, rbm: RBM) -> "LogZSettings":
        """What an estimate of this model follows from, within memory."""
        most = max(N_CHAINS[0], MAX_CELLS // (rbm.n_visible + rbm.n_hidden))
        n_chains = max(n for n in N_CHAINS if n <= min(self.chains, most))
        return LogZSettings(n_chains, self.temperatures, self.schedule, self.base, self.draw)


@dataclass(frozen=True)
class LogZSettings:
    """What the person at the screen chooses."""

    n_chains: int = 100
    n_betas: int = 1000
    schedule: str = "linear"
    base: str = "data mean"
    draw: int = 0  # another number draws other random numbers

    def of(self, kind: str) -> "LogZSettings":
        """Drop what a method does not look at, so that its result is found again."""
        if kind in ANNEALING:
            return self
        if kind in TEMPERING:
            return replace(self, schedule="linear")
        return LogZSettings(draw=0 if kind == "exact" else self.draw)


def precision_for(rbm: RBM) -> str:
    """Choose float32 for large models: half the time, and off by about 1e-3 nats at most."""
    return "float32" if rbm.n_visible * rbm.n_hidden >= FLOAT32_WEIGHTS else "float64"


def method_for(kind: str, settings: LogZSettings, rbm: RBM) -> LogZMethod:
    """Build a method; the tempering ones get about as many Gibbs steps as AIS.

    Raises:
        InputError: a kind that is not in KINDS.
    """
    annealing = {
        "n_chains": settings.n_chains,
        "n_betas": settings.n_betas,
        "schedule": settings.schedule,
        "base": settings.base,
        "precision": precision_for(rbm),
    }
    if kind == "ais":
        return AnnealedImportanceSampling(**annealing)
    if kind == "reverse":
        return ReverseAnnealedImportanceSampling(**annealing)
    if kind == "sandwich":
        return Sandwich(**annealing)
    if kind in TEMPERING:
        n_betas = 30
        most = MAX_CELLS // (n_betas * (rbm.n_visible + rbm.n_hidden))
        ladders = max(min(settings.n_chains // 5, 20, most), 4)
        steps = gibbs_sweeps(settings, rbm) * settings.n_chains
        rounds = min(max(round(0.75 * steps / (ladders * n_betas)), 10), MAX_ROUNDS)
        maker = BridgeSampling if kind == "bridge" else ThermodynamicIntegration
        return maker(ladders, n_betas, rounds, rounds // 3, base=settings.base)
    if kind in ("mean field", "tap"):
        return MeanFieldLogZ(1 if kind == "mean field" else 2, n_starts=N_STARTS)
    if kind == "exact":
        return ExactLogZ()
    raise InputError(f"kind is {kind!r}; choose one of {', '.join(KINDS)}.")


def gibbs_sweeps(settings: LogZSettings, rbm: RBM) -> int:
    """Count the Gibbs steps of one chain in an AIS run, on betas at equal steps."""
    plain = AnnealedImportanceSampling(settings.n_chains, settings.n_betas)
    return plain.cost(rbm, plain.betas, 0.0).gibbs_steps // settings.n_chains


def predicted_seconds(kind: str, settings: LogZSettings, rbm: RBM) -> float:
    """Predict the CPU seconds of a method roughly, infinite where it is out of reach."""
    n_visible, n_hidden = rbm.n_visible, rbm.n_hidden
    shorter, longer = sorted((n_visible, n_hidden))
    if kind == "exact":
        if shorter > MAX_ENUMERATED_UNITS:
            return math.inf
        return enumeration_seconds(shorter, longer) / 2  # the phase takes twice as long

    def step(columns: int, faster: bool) -> float:
        work = columns * (_A_UNIT * (n_visible + n_hidden) + _A_WEIGHT * n_visible * n_hidden)
        return _A_CALL + work / (2 if faster else 1)

    if kind in ANNEALING:
        one = step(settings.n_chains, precision_for(rbm) == "float32")
        sweeps = gibbs_sweeps(settings, rbm)
        return (2 if kind == "sandwich" else 1) * (sweeps + settings.n_betas / 2) * one
    if kind in TEMPERING:
        method = method_for(kind, settings, rbm)
        assert isinstance(method, BridgeSampling | ThermodynamicIntegration)
        rounds = method.n_rounds + method.n_burn_in
        return 2 * rounds * step(method.n_chains * method.n_betas, False)
    return 200 * step(N_STARTS, False)
