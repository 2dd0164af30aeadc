"""The state of the lab as the query of a link, and back: whatever comes from outside is checked.

    ?v=1&dataset=digits&n_hidden=16&step=500&view=images&selected=3,5
    &rival=n_steps&rival_value=10&rival_from=300

Only what differs from the defaults of the link's version is written, so that links are short; the
defaults of a version never change, whatever becomes of those of the lab.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rbmviz.language import ENGLISH, _
from rbmviz.run.difference import DIFFERENCES, MAX_FORK_STEP, Difference, read_difference
from rbmviz.run.link_changes import Changes, read_lab_changes, write_lab_changes
from rbmviz.run.own_data import is_own
from rbmviz.run.player import SPEEDS
from rbmviz.run.presentation import (
    PANEL,
    PRESENT,
    Presentation,
    presentation_query,
    read_presentation,
)
from rbmviz.run.query import MAX_STEP, read_query, short, whole_number, write_query
from rbmviz.run.settings import ROWS, LabSettings, clamp_settings

MAX_OWN_TEXT = 1500  # characters of own data in a link; an address of 2,000 goes everywhere
OWN_LEFT_OUT = "own"  # in place of own data that are too large
VIEWS = ("matrix", "images")
SEEN = {"step": "0", "view": "matrix", "selected": "0,0"}  # what the browser knows better

_DEFAULTS_1: dict[str, object] = {  # of version 1: fixed for good
    "dataset": "bars-and-stripes 4x4",
    "n_hidden": 8,
    "estimator": "cd",
    "n_steps": 1,
    "n_chains": 100,
    "learning_rate": 0.1,
    "batch_size": 32,
    "momentum": 0.0,
    "weight_decay": 0.0,
    "initial_scale": 0.01,
    "seed": 1,
    "n_temperatures": 10,
    "fast_learning_rate": 0.1,
    "centered": False,
    "speed": 20,
    "step": 0,
    "view": "matrix",
    "selected": "0,0",
}
_DEFAULTS_1 = {name: row.default for name, row in ROWS.items()} | _DEFAULTS_1  # those added since
_RIVAL, _RIVAL_VALUE, _RIVAL_FROM = "rival", "rival_value", "rival_from"
_CHANGES = "changes"
KNOWN = {
    "v", _CHANGES, _RIVAL, _RIVAL_VALUE, _RIVAL_FROM, PRESENT, PANEL, *_DEFAULTS_1,
}  # fmt: skip


@dataclass(frozen=True)
class LabLink:
    """Everything that a link says."""

    settings: LabSettings = field(default_factory=LabSettings)  # at step 0
    step: int = 0
    speed: int = 20
    view: str = "matrix"
    selected: str = "0,0"  # W[0, 0]; b3 is b[3], c5 is c[5]
    difference: Difference | None = None
    presentation: Presentation | None = None
    changes: Changes = ()  # of settings, at later steps
    language: str = ENGLISH  # of the reader who makes the link; read_language reads it

    @property
    def last_settings(self) -> LabSettings:
        """The settings at the step of the link."""
        return self.changes[-1][1] if self.changes else self.settings


def encode_link(link: LabLink) -> str:
    """Write the query of a link, without "?"; empty when all is as a new lab has it."""
    values: dict[str, object] = {name: getattr(link.settings, name) for name in ROWS}
    values |= {name: getattr(link, name) for name in ("step", "speed", "view", "selected")}
    if is_left_out(link.settings):
        values["dataset"] = OWN_LEFT_OUT
    told = {name: _text(v) for name, v in values.items() if v != _DEFAULTS_1[name]}
    if link.changes:
        told[_CHANGES] = write_lab_changes(link.settings, link.changes) or ""
    if link.difference is not None:
        told |= {_RIVAL: link.difference.name, _RIVAL_VALUE: _text(link.difference.value)}
        if link.difference.from_step:
            told[_RIVAL_FROM] = str(link.difference.from_step)
    if link.presentation is not None:
        told |= presentation_query(link.presentation)
    return write_query(told, link.language)


def is_left_out(settings: LabSettings) -> bool:
    """Say whether the own data of these settings are too large to be part of a link."""
    return is_own(settings.dataset) and len(settings.dataset) > MAX_OWN_TEXT


def decode_link(query: Mapping[str, str]) -> tuple[LabLink, list[str]]:
    """Read a query; what is wrong in it is replaced or left out, and named in a message.

    Never raises: an old link, or one that somebody tampered with, still opens the lab.
    """
    given, messages = read_query(query, KNOWN)
    values: dict[str, object] = {name: given.get(name, _DEFAULTS_1[name]) for name in ROWS}
    if values["dataset"] == OWN_LEFT_OUT:
        values["dataset"] = _DEFAULTS_1["dataset"]
        messages.append(
            _(
                "The link was made with own data that are too large for it; {name!r} "
                "stands in for them. Upload the data again."
            ).format(name=values["dataset"])
        )
    elif len(str(values["dataset"])) > MAX_OWN_TEXT:
        values["dataset"] = _DEFAULTS_1["dataset"]
        messages.append(_("dataset is too long; using {name!r}.").format(name=values["dataset"]))
    settings, said = clamp_settings(values)
    messages += said
    step, said = whole_number("step", given.get("step", "0"), MAX_STEP, 0)
    messages += said
    speed, said = whole_number("speed", given.get("speed", "20"), max(SPEEDS), 20)
    messages += said
    if speed not in SPEEDS:
        messages.append(
            _("speed {speed} is none of {speeds}; using 20.").format(
                speed=speed, speeds=", ".join(map(str, SPEEDS))
            )
        )
        speed = 20
    view = given.get("view", VIEWS[0])
    if view not in VIEWS:
        messages.append(
            _("view {view} is not {views}; using {used}.").format(
                view=short(view), views=_(" or ").join(VIEWS), used=VIEWS[0]
            )
        )
        view = VIEWS[0]
    changes, said = (), []
    if _CHANGES in given:
        changes, said = read_lab_changes(given[_CHANGES], settings, step)
        messages += said
    selected = given.get("selected", "0,0")
    if not _is_parameter(selected, settings):
        messages.append(
            _("selected {selected} is not in this model; using W[0, 0].").format(
                selected=short(selected)
            )
        )
        selected = "0,0"
    difference, said = _rival(given, changes[-1][1] if changes else settings)
    messages += said
    presentation, said = read_presentation(given)
    link = LabLink(settings, step, speed, view, selected, difference, presentation, changes=changes)
    return link, messages + said


# ---- the parts ----------------------------------------------------------------------------


def _is_parameter(selected: str, settings: LabSettings) -> bool:
    """Say whether "3,5", "b3" or "c5" names a parameter of the model."""
    n_visible, n_hidden = settings.data.n_visible, settings.n_hidden
    parts, limits = selected.split(","), (n_visible, n_hidden)
    if len(parts) == 1 and selected[:1] in ("b", "c"):
        parts, limits = [selected[1:]], (n_visible if selected[0] == "b" else n_hidden,)
    elif len(parts) != 2:
        return False
    return all(
        part.isascii() and part.isdigit() and len(part) < 5 and int(part) < limit
        for part, limit in zip(parts, limits, strict=True)
    )


def _rival(given: Mapping[str, str], settings: LabSettings) -> tuple[Difference | None, list[str]]:
    name = given.get(_RIVAL)
    if name is None:
        return None, [
            _("{name} describes run B, but the link has no run B; it was left out.").format(
                name=key
            )
            for key in (_RIVAL_VALUE, _RIVAL_FROM)
            if key in given
        ]
    if name not in DIFFERENCES or not settings.uses(name):
        return None, [
            _("Run B cannot differ in {name}; there is no run B.").format(name=short(name))
        ]
    # A step beyond that of the link is no mistake: run B leaves when run A comes there
    fork, messages = whole_number(_RIVAL_FROM, given.get(_RIVAL_FROM, "0"), MAX_FORK_STEP, 0)
    difference, said = read_difference(settings, name, given.get(_RIVAL_VALUE, ""), fork)
    return difference, messages + said


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
