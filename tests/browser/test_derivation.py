"""The page Derivation in a real Chromium: a parameter is picked and wiggled, the values agree."""

import re
from collections.abc import Callable

import pytest
from browser.boxes import faults
from browser.chromium import wait_until, wait_until_drawn
from browser.conftest import OpenPage
from playwright.sync_api import Page

import rbmviz
from rbmviz.core.parameter import Parameter
from rbmviz.run.presets import load_preset

LINES = ["18.5", "18.6", "18.7", "18.8", "18.9", "18.10", "18.11", "18.12"]
CASE = "Trained to the end"


class Derivation:
    """The page as a person sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.maps = page.locator(".maps")
        self.maps.locator("canvas").first.wait_for()
        wait_until_drawn(page)

    def number(self, line: str) -> float:
        cell = self.page.locator(f'[data-testid=lines] tr[data-line="{line}"] .number')
        return float(cell.inner_text().replace("−", "-"))

    def lines(self) -> list[float]:
        return [self.number(line) for line in LINES]

    def slopes(self) -> list[float]:
        told = self.page.get_by_test_id("slopes").locator("dd > span").all_inner_texts()
        return [float(text.replace("−", "-")) for text in told]

    def wait(self, is_so: Callable[[], object], what: str) -> None:
        wait_until(self.page, is_so, what)


@pytest.fixture
def derivation(open_page: OpenPage) -> Derivation:
    return Derivation(open_page("/derivation"))


def test_a_parameter_is_picked_in_the_maps_and_every_line_agrees(derivation: Derivation) -> None:
    exact = rbmviz.exact_negative_phase(load_preset(CASE).rbm)[0]
    derivation.wait(lambda: derivation.lines() == [round(exact.vh[0, 0], 10)] * 8, "W[0, 0]")
    canvas = derivation.maps.locator("canvas").nth(1)
    canvas.click(position={"x": 60, "y": 40})
    chosen = derivation.maps.get_attribute("data-selected")
    i, j = map(int, chosen.split(","))
    assert (i, j) != (0, 0)
    derivation.wait(lambda: derivation.lines() == [round(exact.vh[i, j], 10)] * 8, chosen)
    assert derivation.page.get_by_label("visible i").input_value() == str(i)
    assert derivation.page.get_by_label("hidden j").input_value() == str(j)
    derivation.page.get_by_role("radio", name="c", exact=True).click()
    derivation.wait(lambda: derivation.lines() == [round(exact.h[j], 10)] * 8, "c")
    derivation.wait(lambda: derivation.maps.get_attribute("data-selected") == f"c{j}", "its cell")


def test_wiggling_moves_the_slopes_to_those_of_the_moved_model(derivation: Derivation) -> None:
    case = load_preset(CASE)
    slider = derivation.page.get_by_role("slider", name=re.compile("Wiggle"))
    slider.focus()
    for n in range(1, 4):
        slider.press("ArrowRight")
        derivation.wait(
            lambda n=n: slider.get_attribute("aria-valuetext") == f"+{n / 10:.1f}", "the slider"
        )
    moved = Parameter("W", 0, 0).moved(case.rbm, 0.3)
    negative = rbmviz.exact_negative_phase(moved)[0].vh[0, 0]
    positive = rbmviz.positive_phase(moved, case.v_data).vh[0, 0]
    derivation.wait(
        lambda: (
            derivation.slopes()
            == pytest.approx([positive, negative, positive - negative], abs=2e-6)
        ),
        "the slopes of the moved model",
    )
    unmoved = rbmviz.exact_negative_phase(case.rbm)[0].vh[0, 0]
    assert derivation.lines() == [round(unmoved, 10)] * 8  # the table stays where it was


def test_a_line_outlines_its_panel_and_tells_what_it_is(derivation: Derivation) -> None:
    page = derivation.page
    panel = page.locator(".st-key-derivation_terms")

    def outline() -> str:
        return panel.evaluate("element => getComputedStyle(element).outlineStyle")

    assert outline() == "none"
    row = page.locator('tr[data-line="18.8"]')
    row.hover()
    derivation.wait(lambda: outline() == "solid", "the outline")
    told = page.locator("#rbmviz-told-18-8")
    assert not told.is_visible()
    row.get_by_role("button").press("Enter")
    told.wait_for()
    assert "Central differences" in told.inner_text()
    page.keyboard.press("Escape")
    told.wait_for(state="hidden")


def test_in_the_dark_nothing_overlaps_or_is_cut_at_any_width(open_page: OpenPage) -> None:
    page = open_page("/derivation", color_scheme="dark")
    maps = page.locator(".maps")
    maps.locator("canvas").first.wait_for()
    page.wait_for_selector('.maps[data-theme="dark"]')
    assert faults(page) == []
