"""Presentations in a link: what is written comes back, and what is wrong is left out and named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbmviz.run.link import LabLink, decode_link
from rbmviz.run.presentation import (
    PANELS,
    USUAL_PANELS,
    Presentation,
    presentation_query,
    read_presentation,
)


@st.composite
def presentations(draw: st.DrawFn) -> Presentation:
    panels = draw(st.lists(st.sampled_from(list(PANELS)), min_size=1, unique=True))
    return Presentation(tuple(panels), draw(st.sampled_from(["", *panels])))


@given(presentations())
def test_every_presentation_comes_back_without_a_word(wanted: Presentation) -> None:
    assert read_presentation(presentation_query(wanted)) == (wanted, [])
    assert decode_link(presentation_query(wanted)) == (LabLink(presentation=wanted), [])


@pytest.mark.parametrize("given", ["", "true", "TRUE", "1"])
def test_present_alone_takes_the_usual_panels(given: str) -> None:
    assert read_presentation({"present": given}) == (Presentation(USUAL_PANELS), [])


def test_no_present_is_no_presentation() -> None:
    assert read_presentation({"v": "1"}) == (None, [])


@pytest.mark.parametrize(
    ("query", "panels", "shown", "said"),
    [
        ({"present": "maps,magic,maps,facts"}, ("maps", "facts"), "", ["'magic' is not a panel"]),
        ({"present": "<img src=x>"}, USUAL_PANELS, "", ["'<img src=x>' is not a panel"]),
        ({"present": "maps", "panel": "facts"}, ("maps",), "", ["'facts' is not among"]),
        ({"present": "a,b,c,d,e,maps"}, ("maps",), "", ["'a'", "'b'", "'c'", "2 more"]),
        ({"present": "x" * 10_000}, USUAL_PANELS, "", [f"'{'x' * 40}' is not a panel"]),
    ],
)
def test_what_is_wrong_is_left_out_and_named(
    query: dict[str, str], panels: tuple[str, ...], shown: str, said: list[str]
) -> None:
    found, messages = read_presentation(query)
    assert found == Presentation(panels, shown)
    assert len(messages) == len(said)
    assert all(part in message for part, message in zip(said, messages, strict=True))


def test_a_panel_without_present_says_nothing() -> None:
    found, (message,) = read_presentation({"panel": "maps"})
    assert found is None
    assert "without present" in message


@given(st.dictionaries(st.sampled_from(["present", "panel"]), st.text(max_size=60)))
def test_nothing_from_outside_breaks_it(query: dict[str, str]) -> None:
    found, _ = read_presentation(query)
    assert found is None or set(found.panels) <= set(PANELS)
    assert found is None or found.shown in ("", *found.panels)
