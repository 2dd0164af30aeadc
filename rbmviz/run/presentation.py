"""What a presentation shows: chosen panels of the lab, one at a time or all of them.

    ?present=maps,samples,likelihood&panel=samples

`present` alone, or with "true", takes the usual panels; without `panel` all of them are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rbmviz.language import N_, _

PANELS = {  # name in a link: title
    "maps": N_("Both phases"),
    "samples": N_("Samples"),
    "facts": N_("Numbers"),
    "terms": N_("log p̃ and log Z"),
    "likelihood": N_("Log-likelihood"),
    "gradient": N_("Gradient"),
    "positive": N_("Positive phase"),
    "negative": N_("Negative phase"),
    "exact": N_("Exact negative phase"),
    "runs": N_("Runs A and B"),
}
USUAL_PANELS = ("maps", "samples", "facts", "terms", "likelihood")
PRESENT, PANEL = "present", "panel"  # in a link
_USUAL = ("", "1", "true")
_MAX_TEXT, _MAX_NAMED, _MAX_SHOWN = 400, 3, 40


@dataclass(frozen=True)
class Presentation:
    """The chosen panels in their order, and the one that is shown; "" is an overview of all."""

    panels: tuple[str, ...] = USUAL_PANELS
    shown: str = ""


def presentation_query(presentation: Presentation) -> dict[str, str]:
    """Say it as parts of a link.

    >>> presentation_query(Presentation(("maps", "facts"), "facts"))
    {'present': 'maps,facts', 'panel': 'facts'}
    """
    told = {PRESENT: ",".join(presentation.panels), PANEL: presentation.shown}
    return {name: value for name, value in told.items() if value}


def read_presentation(query: Mapping[str, str]) -> tuple[Presentation | None, list[str]]:
    """Read the parts of a link; what is wrong in them is left out and named. Never raises.

    >>> read_presentation({"present": "maps,exact"})
    (Presentation(panels=('maps', 'exact'), shown=''), [])
    """
    given, shown = query.get(PRESENT), query.get(PANEL, "")
    if given is None:
        alone = _("panel {panel} says nothing without present.").format(panel=_short(shown))
        return None, [alone] if shown else []
    panels, messages = _panels(str(given))
    if shown and shown not in panels:
        messages.append(
            _("panel {panel} is not among the chosen panels; showing all.").format(
                panel=_short(shown)
            )
        )
        shown = ""
    return Presentation(panels, shown), messages


def _panels(given: str) -> tuple[tuple[str, ...], list[str]]:
    if given.strip().lower() in _USUAL:
        return USUAL_PANELS, []
    names = [name.strip() for name in given[:_MAX_TEXT].split(",")]
    known = tuple(dict.fromkeys(name for name in names if name in PANELS))
    strange = [name for name in dict.fromkeys(names) if name not in PANELS]
    messages = [
        (
            _("present: {panel} is not a panel and was left out; there are {panels}.")
            if n == 0
            else _("present: {panel} is not a panel and was left out.")
        ).format(panel=_short(name), panels=", ".join(PANELS))
        for n, name in enumerate(strange[:_MAX_NAMED])
    ]
    if more := len(strange[_MAX_NAMED:]):
        messages.append(_("present: {more} more are not panels.").format(more=more))
    return known or USUAL_PANELS, messages


def _short(text: str) -> str:
    return repr(str(text)[:_MAX_SHOWN])
