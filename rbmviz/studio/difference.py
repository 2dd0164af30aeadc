"""The one setting in which run B differs from run A: what it may be, and how it is called."""

from dataclasses import asdict, dataclass
from typing import Any

from rbmviz.language import N_, _
from rbmviz.studio.settings import LabSettings, clamp_settings

MAX_FORK_STEP = 10**9
DIFFERENCES = {  # what may differ, as the sidebar calls it
    "estimator": N_("Negative phase"),
    "n_steps": N_("Gibbs steps k"),
    "n_chains": N_("Chains"),
    "n_temperatures": N_("Temperatures"),
    "fast_learning_rate": N_("Fast learning rate"),
    "learning_rate": N_("Learning rate"),
    "batch_size": N_("Batch size"),
    "momentum": N_("Momentum"),
    "weight_decay": N_("Weight decay"),
    "centered": N_("Centered gradient"),
}
_OWN_NAMES = {  # where an estimator's parameter is something else
    ("tempering", "n_chains"): N_("Ladders of chains"),
    ("tap", "n_steps"): N_("Iterations"),
    ("tap", "n_chains"): N_("Fixed points"),
    ("mf", "n_steps"): N_("Iterations"),
    ("mf", "n_chains"): N_("Fixed points"),
}
_PHRASES = {
    "fast_learning_rate": N_("fast rate {:g}"),
    "learning_rate": N_("rate {:g}"),
    "batch_size": N_("batch {}"),
    "momentum": N_("momentum {:g}"),
    "weight_decay": N_("decay {:g}"),
}
_ANY_CHAINS = N_("{n} chains")
_CHAINS = {
    "tempering": N_("{n} ladders of chains"),
    "tap": N_("{n} fixed points"),
    "mf": N_("{n} fixed points"),
}
_SUGGESTED = {  # for B, where A has another value; else the second
    "estimator": ("pcd", "cd"),
    "n_steps": (10, 1),
    "n_chains": (10, 100),
    "n_temperatures": (5, 10),
    "fast_learning_rate": (0.0, 0.1),
    "learning_rate": (0.01, 0.1),
    "batch_size": (4, 32),
    "momentum": (0.5, 0.0),
    "weight_decay": (0.001, 0.0),
}


@dataclass(frozen=True)
class Difference:
    """The one setting in which B differs from A, and from which step on."""

    name: str
    value: Any
    from_step: int = 0  # a fork of run A at this step

    def applied_to(self, settings: LabSettings) -> LabSettings:
        """Give B's settings, within the limits."""
        return clamp_settings({**asdict(settings), self.name: self.value})[0]


def setting_name(name: str, estimator: str) -> str:
    """Call a setting what it is for this estimator."""
    return _(_OWN_NAMES.get((estimator, name), DIFFERENCES[name]))


def differences(settings: LabSettings) -> dict[str, str]:
    """List what may differ from these settings: what their estimator does not use may not."""
    return {n: setting_name(n, settings.estimator) for n in DIFFERENCES if settings.uses(n)}


def suggested_value(settings: LabSettings, name: str) -> Any:
    """Propose a value for B that is worth comparing."""
    current = getattr(settings, name)
    if isinstance(current, bool):
        return not current
    first, second = _SUGGESTED[name]
    return first if current != first else second


def read_difference(
    settings: LabSettings, name: object, value: object, from_step: object = 0
) -> tuple[Difference | None, list[str]]:
    """Check from outside what shall differ; None and a message when there is nothing to compare."""
    if not isinstance(name, str) or name not in differences(settings):
        return None, []
    rival, messages = clamp_settings({**asdict(settings), name: value})
    used = getattr(rival, name)
    messages = [_("Run B: {message}").format(message=message) for message in messages]
    others = [n for n in asdict(rival) if n != name and getattr(rival, n) != getattr(settings, n)]
    if others:
        return None, [
            *messages,
            _("Run B would differ in {settings} as well: choose another value.").format(
                settings=_(" and ").join(others)
            ),
        ]
    if used == getattr(settings, name):
        return None, [*messages, _("Run B would be the same as run A: choose another value.")]
    return Difference(name, used, _checked_step(from_step)), messages


def _checked_step(step: object) -> int:
    if isinstance(step, bool) or not isinstance(step, int | float) or step != step:
        return 0
    return int(min(max(step, 0), MAX_FORK_STEP))


def run_label(settings: LabSettings, name: str) -> str:
    """Name a run by the setting that differs: CD-10, rate 0.01, centered."""
    if name == "centered":
        return _("centered") if settings.centered else _("plain gradient")
    if name == "n_chains":
        return _(_CHAINS.get(settings.estimator, _ANY_CHAINS)).format(n=settings.n_chains)
    if name in _PHRASES:
        return _(_PHRASES[name]).format(getattr(settings, name))
    return settings.label
