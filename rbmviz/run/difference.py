"""The one setting in which run B differs from run A: what it may be, and how it is called."""

from dataclasses import asdict, dataclass
from typing import Any

from rbmviz.language import _
from rbmviz.run.estimators import ESTIMATORS
from rbmviz.run.settings import ROWS, LabSettings, clamp_settings

MAX_FORK_STEP = 10**9
DIFFERENCES = tuple(name for name, said in ROWS.items() if said.rival)  # what may differ


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
    own = ESTIMATORS[estimator].names(name)[0] if estimator in ESTIMATORS else ""
    return own or _(ROWS[name].label)


def differences(settings: LabSettings) -> dict[str, str]:
    """List what may differ from these settings: what their estimator does not use may not."""
    return {n: setting_name(n, settings.estimator) for n in DIFFERENCES if settings.uses(n)}


def suggested_value(settings: LabSettings, name: str) -> Any:
    """Propose a value for B that is worth comparing."""
    first, second = ROWS[name].rival or (None, None)
    return first if getattr(settings, name) != first else second


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
    value, own = getattr(settings, name), settings.row.names(name)[1]
    return _(own).format(n=value) if own else ROWS[name].in_words(value) or settings.label
