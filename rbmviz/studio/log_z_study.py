"""The study of one model's log Z: the truth where it is known, the estimates so far, a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from rbmviz.core.errors import FloatArray
from rbmviz.core.log_z import LogZEstimate
from rbmviz.core.log_z.path import Watch
from rbmviz.language import N_, _
from rbmviz.run.log_z_bound_check import excess_warning
from rbmviz.run.model_case import ModelCase
from rbmviz.studio.log_z_methods import (
    KINDS,
    SAMPLING,
    LogZSettings,
    method_for,
    precision_for,
    predicted_seconds,
)

AUTO_SECONDS = 3.0  # longer work waits for a button
MEAN_FIELD = ("mean field", "tap")
FEW_BETAS, MANY_BETAS = 10, 10_000
MOST_KEPT = 200  # estimates, a few kB each

Key = tuple[str, LogZSettings]


@dataclass(frozen=True)
class Truth:
    """log Z without an error, in nats, and how it is known."""

    log_z: float
    how: str


@dataclass(eq=False)
class LogZStudy:
    """One model under study; what was computed is kept."""

    case: ModelCase
    stopped: bool = False  # by the person at the screen: nothing is begun by itself
    asked: object = None  # what the person has asked for though it takes long
    found: dict[Key, LogZEstimate] = field(default_factory=dict)

    @property
    def truth(self) -> Truth | None:
        """The exact log Z, where it is known by now."""
        if self.case.log_z is not None:
            return Truth(self.case.log_z, N_("exact, closed form"))
        exact = self.get("exact", LogZSettings())
        return exact and Truth(exact.log_z, N_("exact, sum over all states"))

    @property
    def v_data(self) -> FloatArray | None:
        """The rows that help a method to begin; None where no data come with the model."""
        return self.case.v_data if len(self.case.v_data) else None

    def get(self, kind: str, settings: LogZSettings) -> LogZEstimate | None:
        """Look an estimate up."""
        return self.found.get((kind, settings.of(kind)))

    def shown(self, kind: str, settings: LogZSettings) -> LogZEstimate | None:
        """Look an estimate up, or what the closed form says in place of the sum over states."""
        log_z = self.case.log_z
        if kind != "exact" or log_z is None:
            return self.get(kind, settings)
        nothing = np.empty(0)
        return LogZEstimate(log_z, log_z, log_z, 1.0, np.inf, "closed form", nothing)

    def missing(self, kinds: Sequence[str], settings: LogZSettings) -> list[str]:
        """List what is still to be computed and can be."""
        return [
            kind
            for kind in kinds
            if self.get(kind, settings) is None
            and not (kind == "exact" and self.case.log_z is not None)
            and np.isfinite(self.seconds(kind, settings))
        ]

    def excess(self, kind: str, settings: LogZSettings) -> str | None:
        """Say when an interval cannot be right, though nobody knows the exact value.

        Distinct data rows would be more probable than one together even at its upper end.
        """
        found = self.get(kind, settings)
        if found is None or kind not in SAMPLING:
            return None
        what = _("the upper end of {method}").format(method=_(KINDS[kind]))
        return excess_warning(self.case.rbm, self._distinct_rows, found.high, what)

    def refutation(self, kind: str, settings: LogZSettings) -> str | None:
        """Say that a method contradicts what is certain of log Z, or that its iteration failed."""
        found = self.get(kind, settings)
        if found is None:
            return None
        if found.refuted:
            return _(
                "{method}, {estimate}, contradicts what is certain of log Z: {certain}."
            ).format(method=_(KINDS[kind]), estimate=told(found), certain=_certain(found))
        return (
            f"{_(KINDS[kind])}: {found.warning}" if found.warning and kind in MEAN_FIELD else None
        )

    @cached_property
    def _distinct_rows(self) -> FloatArray:
        return np.unique(self.case.v_data, axis=0)

    def seconds(self, kind: str, settings: LogZSettings) -> float:
        """Predict the CPU seconds of an estimate roughly."""
        return predicted_seconds(kind, settings, self.case.rbm)

    def run(self, kind: str, settings: LogZSettings, watch: Watch | None = None) -> LogZEstimate:
        """Compute an estimate and keep it; watch may raise to cancel, and nothing is kept then."""
        known = self.get(kind, settings)
        if known is not None:
            return known
        rng = np.random.default_rng([settings.draw, *kind.encode()])
        method = method_for(kind, settings, self.case.rbm)
        estimate = method.estimate(rng, self.case.rbm, self.v_data, watch)
        while len(self.found) >= MOST_KEPT:
            self.found.pop(next(iter(self.found)))
        self.found[kind, settings.of(kind)] = estimate
        return estimate

    def may_begin(self, seconds: float, what: object) -> bool:
        """Decide whether work begins by itself: when it is quick, or was asked for."""
        return not self.stopped and (seconds <= AUTO_SECONDS or self.asked == what)

    @property
    def precision(self) -> str:
        """The precision of annealing on this model."""
        return precision_for(self.case.rbm)


def decimals(half_width: float) -> int:
    """Choose how many decimals of log Z are worth showing."""
    if not np.isfinite(half_width):
        return 3
    return int(np.clip(1 - np.floor(np.log10(max(half_width, 1e-12))), 1, 4))


def told(estimate: LogZEstimate) -> str:
    """Write an estimate with its interval: "exact", "estimated ±", a bound or an approximation."""
    if estimate.confidence == 1.0 and estimate.low == estimate.high:
        return _("{value:.4f} exact").format(value=estimate.log_z)
    if np.isfinite(estimate.low) and np.isfinite(estimate.high):
        up, down = estimate.high - estimate.log_z, estimate.log_z - estimate.low
        n = decimals(max(up, down))
        if max(up, down) < 1.5 * min(up, down):
            return f"{estimate.log_z:.{n}f} ± {max(up, down):.{n}f}"
        return _("{value}, {low} to {high}").format(
            value=f"{estimate.log_z:.{n}f}",
            low=f"{estimate.low:.{n}f}",
            high=f"{estimate.high:.{n}f}",
        )
    if np.isfinite(estimate.low):
        return f"≥ {estimate.low:.3f}"
    return f"≈ {estimate.log_z:.3f}"


def _certain(estimate: LogZEstimate) -> str:
    """Write the bound that an interval contradicts."""
    too_small = estimate.high < estimate.at_least
    end, bound = (
        (estimate.high, estimate.at_least) if too_small else (estimate.low, estimate.at_most)
    )
    value = f"{bound:.{decimals(abs(end - bound))}f}"
    return (_("at least {value}") if too_small else _("at most {value}")).format(value=value)


def verdict(kind: str, estimate: LogZEstimate, truth: Truth | None) -> str:
    """Say in a sentence or two what an estimate is worth, from its numbers."""
    name = _(KINDS[kind])
    says = _("{name}: log Z = {estimate} nats, estimated.").format(
        name=name, estimate=told(estimate)
    )
    if truth is None:
        if estimate.refuted:
            return _("{says} That contradicts what is certain of log Z: {certain}.").format(
                says=says, certain=_certain(estimate)
            )
        if estimate.warning:
            return _("{says} Its weights warn: do not trust it.").format(says=says)
        return _("{says} The exact value is not known here.").format(says=says)
    off = abs(estimate.log_z - truth.log_z)
    n = decimals(max(estimate.high - estimate.low, off) / 2)
    exact = _("Exact: {value}").format(value=f"{truth.log_z:.{n}f}")
    if estimate.low <= truth.log_z <= estimate.high:
        if estimate.warning:
            return _("{says} {exact}, inside the interval; but the weights warn.").format(
                says=says, exact=exact
            )
        return _("{says} {exact}, inside the interval.").format(says=says, exact=exact)
    missed_by_far = off > 2 * max(estimate.high - estimate.log_z, estimate.log_z - estimate.low)
    if estimate.warning and not estimate.refuted:
        return _("{says} {exact}: off by {off} nats, and the weights warn.").format(
            says=says, exact=exact, off=f"{off:.{n}f}"
        )
    if estimate.refuted and missed_by_far:
        return _(
            "{says} {exact}. It is off by {off} nats; the warning comes from the states summed "
            "beside it. The weights alone cannot tell of a mode that no chain has met."
        ).format(says=says, exact=exact, off=f"{off:.{n}f}")
    if missed_by_far:
        return _(
            "{says} {exact}. It is off by {off} nats and does not know it: even weights, "
            "a narrow interval. It fails silently."
        ).format(says=says, exact=exact, off=f"{off:.{n}f}")
    return _(
        "{says} {exact}, just outside the interval: that happens to about {confidence:.0%} "
        "of the draws."
    ).format(says=says, exact=exact, confidence=1 - estimate.confidence)
