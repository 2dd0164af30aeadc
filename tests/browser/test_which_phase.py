"""The page Which phase is hard? in a real Chromium: it plays, the numbers move, costs, widths."""

from collections.abc import Callable

import numpy as np
import pytest
from browser.boxes import faults
from browser.chromium import IDLE, wait_until, wait_until_drawn
from browser.conftest import OpenPage
from playwright.sync_api import Locator, Page

import rbmviz
from rbmviz.studio.machine_settings import RaceSettings, make_structure

MAPS = ".maps"


class WhichPhase:
    """The page as a person sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.maps = page.locator(MAPS)
        self.maps.locator("canvas").first.wait_for()
        wait_until_drawn(page)

    @property
    def step(self) -> int:
        return int(self.page.get_by_test_id("race-step").get_attribute("data-step"))

    def values(self) -> list[float]:
        """The numbers under the maps."""
        outputs = self.maps.locator("output").all()
        return [float(output.get_attribute("data-value")) for output in outputs]

    def likelihoods(self) -> list[float]:
        cells = self.page.locator(".rbmviz-overview td[data-label='log p(v), exact']")
        return [float(text.replace("−", "-")) for text in cells.all_inner_texts()]

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def wait(self, is_so: Callable[[], object], what: str) -> None:
        wait_until(self.page, is_so, what)


@pytest.fixture
def race(open_page: OpenPage) -> WhichPhase:
    return WhichPhase(open_page("/which-phase"))


def first_state(kind: str) -> rbmviz.MachineState:
    """The run that the page begins with."""
    start = RaceSettings()
    structure = make_structure(kind, start.data.n_visible, start.n_hidden, start.n_coupled)
    return rbmviz.start_machine(start.machine_settings(structure), start.data.v)


def test_the_maps_and_the_table_show_the_librarys_numbers(race: WhichPhase) -> None:
    state = first_state("general")
    machine, v = state.machine, state.v_data
    exact, negative = (
        rbmviz.machine_positive_phase(machine, v),
        rbmviz.machine_negative_phase(machine)[0],
    )
    near = rbmviz.machine_mean_field(machine, v, tolerance=1e-6).statistics
    # v0 is clamped: there is no gap, and a zero has no sign
    assert race.maps.locator("output").nth(2).inner_text() == "0.0000"
    canvas = race.maps.locator("canvas").first
    canvas.focus()
    for key in ["ArrowDown"] * 12 + ["ArrowRight"] * 9:  # h3 beside h0
        race.page.keyboard.press(key)
    assert race.maps.get_attribute("data-hover") == "h0,h3"
    a, b = exact.hh[0, 3], near.hh[0, 3]
    wanted = [a, b, b - a, negative.hh[0, 3]]
    np.testing.assert_allclose(race.values()[:4], wanted, atol=1e-6)
    assert race.maps.locator(".spoken").inner_text().startswith("h0 h3: Positive, exact")
    likelihood = rbmviz.machine_log_likelihood(machine, v)
    assert race.likelihoods()[3] == pytest.approx(likelihood, abs=6e-4)


def test_it_plays_by_pulls_pauses_and_starts_again(race: WhichPhase) -> None:
    before, values, spec = race.likelihoods(), race.values(), race.page.locator("canvas").count()
    race.button("Play").click()
    race.wait(lambda: race.step >= 20, "20 updates")
    race.button("Pause").click()
    race.button("Play").wait_for()
    race.page.wait_for_selector(IDLE)
    stopped = race.step
    assert race.likelihoods() != before
    assert race.values() != values
    race.page.wait_for_timeout(700)
    assert race.step == stopped
    assert race.page.locator("canvas").count() == spec  # nothing was embedded anew
    race.button("Restart").click()
    race.wait(lambda: race.step == 0 and race.likelihoods() == before, "step 0")


def test_one_hundred_updates_end_by_themselves_and_repeat_the_library(race: WhichPhase) -> None:
    race.button("+100").click()
    race.wait(lambda: race.step == 100, "100 updates")
    race.button("Play").wait_for()
    state = rbmviz.train_machine(first_state("deep"), 100)
    likelihood = rbmviz.machine_log_likelihood(state.machine, state.v_data)
    race.wait(
        lambda: race.likelihoods()[4] == pytest.approx(likelihood, abs=6e-4), "the library's number"
    )


def test_a_choice_while_it_plays_is_not_lost(race: WhichPhase) -> None:
    race.button("Play").click()
    race.wait(lambda: race.step >= 5, "5 updates")
    chosen = race.page.locator(".rbmviz-overview tr[aria-selected=true] th")
    for name, last in (("RBM", "h4"), ("Deep (DBM)", "g4"), ("Fully visible", "v8")):
        race.page.get_by_role("radio", name=name, exact=True).click()
        race.wait(lambda name=name: name in chosen.inner_text(), f"{name} in the table")
        race.wait(lambda last=last: last_unit(race) == last, f"maps of {name}")
    before = race.step
    race.wait(lambda: race.step > before, "more updates")


def last_unit(race: WhichPhase) -> str:
    """Walk down the first column of a map: the unit that it ends at."""
    race.maps.locator("canvas").first.focus()
    for _ in range(20):
        race.page.keyboard.press("ArrowDown")
    return race.maps.get_attribute("data-hover").split(",")[-1]


def test_costs_are_drawn_on_request_and_can_be_cancelled(race: WhichPhase) -> None:
    charts = race.page.locator("[data-testid=stVegaLiteChart]")
    assert charts.count() == 1
    ask = race.page.get_by_role("button", name="Measure: about")
    ask.click()
    race.button("Cancel").click()
    ask.wait_for()
    ask.click()
    race.button("Measure again").wait_for()
    race.wait(lambda: charts.count() == 3, "two more charts")


def test_in_the_dark_nothing_overlaps_or_is_cut_at_any_width(open_page: OpenPage) -> None:
    page = open_page("/which-phase", color_scheme="dark")
    maps = page.locator(MAPS)
    maps.locator("canvas").first.wait_for()
    page.wait_for_selector(f'{MAPS}[data-theme="dark"]')
    assert faults(page) == []
