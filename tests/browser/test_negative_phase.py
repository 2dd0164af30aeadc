"""The page Negative phase in a real Chromium: linked maps, the slider, the table, Cancel."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from browser.boxes import faults
from browser.chromium import wait_until, wait_until_drawn
from browser.conftest import OpenPage
from playwright.sync_api import Page, expect

import rbmviz
from rbmviz.run.presets import load_preset

MAPS = ".maps"


class NegativePhase:
    """The page as a person sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.maps = page.locator(MAPS)
        self.maps.locator("canvas").first.wait_for()
        wait_until_drawn(page)

    def values(self) -> list[float]:
        """The numbers under the maps."""
        return [
            float(output.get_attribute("data-value"))
            for output in self.maps.locator("output").all()
        ]

    def facts(self) -> str:
        return self.page.get_by_test_id("facts").inner_text()

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def wait(self, is_so: Callable[[], object], what: str) -> None:
        wait_until(self.page, is_so, what)


@pytest.fixture
def negative(open_page: OpenPage) -> NegativePhase:
    return NegativePhase(open_page("/negative-phase"))


def test_the_maps_show_the_librarys_numbers_and_are_linked(negative: NegativePhase) -> None:
    case = load_preset("Trained to the end")
    exact, _ = rbmviz.exact_negative_phase(case.rbm)
    found = rbmviz.exact_bias_and_noise(rbmviz.gibbs_operator(case.rbm), case.v_batch, 1)
    negative.choose("Model", "Trained to the end")
    expected = [exact.vh[0, 0], found.mean.vh[0, 0], found.bias.vh[0, 0], found.deviation.vh[0, 0]]

    def shown() -> list[float]:
        values = negative.values()
        return [values[n] for n in (0, 1, 3, 4)]

    negative.wait(lambda: np.allclose(shown(), expected, atol=1e-6), "the numbers of W[0, 0]")
    assert f"{found.bias_norm:.3g}" in negative.facts()

    canvas = negative.maps.locator("canvas").nth(3)
    canvas.hover(position={"x": 25, "y": 30})
    negative.wait(lambda: negative.maps.get_attribute("data-hover"), "a hovered cell")
    i, j = map(int, negative.maps.get_attribute("data-hover").split(","))
    assert (i, j) != (0, 0)
    assert negative.maps.locator(".mark.hovered:visible").count() == 5
    assert negative.values()[0] == pytest.approx(exact.vh[i, j], abs=1e-6)
    canvas.click(position={"x": 25, "y": 30})
    negative.page.mouse.move(2, 2)
    negative.wait(lambda: not negative.maps.get_attribute("data-hover"), "no hovered cell")
    assert negative.maps.get_attribute("data-selected") == f"{i},{j}"
    assert negative.values()[3] == pytest.approx(found.bias.vh[i, j], abs=1e-6)


def test_the_keyboard_reads_a_cell(negative: NegativePhase) -> None:
    negative.maps.locator("canvas").first.focus()
    negative.page.keyboard.press("ArrowDown")
    negative.page.keyboard.press("ArrowRight")
    assert negative.maps.get_attribute("data-hover") == "1,1"
    assert negative.maps.locator(".spoken").inner_text().startswith("W[1, 1]: ")


def test_the_slider_over_k_lowers_the_bias(negative: NegativePhase) -> None:
    case = load_preset("Trained half-way")
    operator = rbmviz.gibbs_operator(case.rbm)
    one, ten = (rbmviz.exact_bias_and_noise(operator, case.v_batch, k).bias_norm for k in (1, 10))
    assert ten < one / 5
    negative.choose("Model", "Trained half-way")
    negative.wait(lambda: shows_bias(negative, one), "the bias of CD-1")
    slider = negative.page.get_by_role("slider", name="Gibbs steps k")
    slider.focus()
    for k in (2, 3, 4, 5, 6, 8, 10):
        slider.press("ArrowRight")
        negative.wait(lambda k=k: slider.get_attribute("aria-valuetext") == str(k), f"k = {k}")
    negative.wait(lambda: shows_bias(negative, ten), "the bias of CD-10")
    negative.wait(lambda: "CD-10" in negative.maps.inner_text(), "the maps of CD-10")


def shows_bias(negative: NegativePhase, bias: float) -> bool:
    return re.search(rf"bias\s+{re.escape(f'{bias:.4f}')}\s", negative.facts()) is not None


def test_another_estimator_and_another_draw(negative: NegativePhase) -> None:
    negative.choose("Estimator", "Parallel tempering")
    negative.wait(lambda: "Mean of PT-1" in negative.maps.inner_text(), "parallel tempering")
    before = negative.values()
    negative.page.get_by_role("button", name="Redraw").click()
    negative.wait(lambda: negative.values()[2] != before[2], "another estimate")
    assert negative.values()[0] == before[0]


def test_the_table_is_measured_and_can_be_cancelled(negative: NegativePhase) -> None:
    negative.page.get_by_test_id("stDataFrame").wait_for()
    negative.page.get_by_role("slider", name="Warm-up steps").focus()
    negative.page.keyboard.press("End")  # 1000 steps: long enough to be cancelled
    cancel = negative.page.get_by_role("button", name="Cancel")
    cancel.first.click()
    go_on = negative.page.get_by_role("button", name="Measure the rest")
    go_on.wait_for()
    expect(cancel).to_have_count(0)  # what is no more goes when the run of the page ends


def test_the_model_of_the_lab_is_offered_first(open_page: OpenPage) -> None:
    page = open_page()
    page.locator(".stage[data-step]").wait_for()
    page.get_by_role("link", name="Negative phase").first.click()
    negative = NegativePhase(page)
    page.get_by_text("bars-and-stripes 4x4, 8 hidden units, after 0 updates of CD-1").wait_for()
    assert negative.maps.locator("section").count() == 5


def test_in_the_dark_nothing_overlaps_or_is_cut_at_any_width(open_page: OpenPage) -> None:
    page = open_page("/negative-phase", color_scheme="dark")
    maps = page.locator(MAPS)
    maps.locator("canvas").first.wait_for()
    page.wait_for_selector(f'{MAPS}[data-theme="dark"]')
    assert faults(page) == []  # it ends as a phone
    page.get_by_text("Swipe the table to the left").wait_for()  # the table alone is wider
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_text("Swipe the table to the left").wait_for(state="hidden")
