"""The page Partition function in a real Chromium: numbers, sliders, Cancel, widths."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from browser.boxes import faults
from browser.chromium import wait_until, wait_until_drawn
from browser.conftest import OpenPage
from playwright.sync_api import Page

import rbmviz
from rbmviz.run.presets import hidden_valley, load_preset
from rbmviz.studio.log_z_methods import LogZSettings, method_for
from rbmviz.studio.log_z_study import told

PATH = "/partition-function"
LARGE = "784 × 500, random weights"


class PartitionFunction:
    """The page as a person sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.table = page.get_by_test_id("log-z")
        self.table.wait_for()

    def row(self, method: str) -> str:
        rows = self.table.locator("tr").filter(has=self.page.get_by_text(method, exact=True))
        return " ".join(rows.first.inner_text().split())

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).first.click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def wait(self, is_so: Callable[[], object], what: str) -> None:
        wait_until(self.page, is_so, what)


def ais(case, n_betas: int):
    """What the page must show for AIS: the library's own number with the page's first draw."""
    method = method_for("ais", LogZSettings(n_betas=n_betas), case.rbm)
    rng = np.random.default_rng([0, *b"ais"])
    return method.estimate(rng, case.rbm, case.v_data if len(case.v_data) else None)


@pytest.fixture
def partition(open_page: OpenPage) -> PartitionFunction:
    return PartitionFunction(open_page(PATH))


def test_the_page_shows_the_librarys_numbers_and_the_slider_moves_them(
    partition: PartitionFunction,
) -> None:
    case = load_preset("Trained to the end")
    exact = f"{rbmviz.exact_log_z(case.rbm):.4f} exact"
    partition.wait(lambda: exact in partition.row("Exact"), "the exact value")
    partition.wait(lambda: told(ais(case, 1000)) in partition.row("AIS"), "the estimate of AIS")
    slider = partition.page.get_by_role("slider", name="Temperatures")
    slider.focus()
    slider.press("ArrowLeft")
    partition.wait(lambda: told(ais(case, 300)) in partition.row("AIS"), "AIS at 300 temperatures")
    wait_until_drawn(partition.page)
    assert partition.page.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)").count() == 4


def test_a_silent_failure_is_told_and_another_method_can_be_looked_into(
    partition: PartitionFunction,
) -> None:
    partition.choose("Model", "A valley nobody finds")
    exact = f"{rbmviz.exact_log_z(hidden_valley().rbm):.4f} exact"
    partition.wait(lambda: exact in partition.row("Exact"), "the exact value of the valley")
    partition.page.get_by_text("The weights alone cannot tell of a mode").wait_for()
    partition.page.get_by_role("radio", name="Sandwich").click()
    partition.page.get_by_text(re.compile("Sandwich: log Z = ")).wait_for()
    partition.page.get_by_text("The two sides do not meet").wait_for()


def test_a_large_model_runs_when_asked_shows_where_it_is_and_can_be_cancelled(
    partition: PartitionFunction,
) -> None:
    wait_until_drawn(partition.page)
    partition.choose("Model", LARGE)
    partition.wait(lambda: "out of reach" in partition.row("Exact"), "the large model")
    slider = partition.page.get_by_role("slider", name="Temperatures")
    slider.focus()
    slider.press("End")  # 14,500: half a minute, long enough to be cancelled
    ask = partition.page.get_by_role("button", name=re.compile("Estimate log Z: about"))
    ask.wait_for()
    wait_until_drawn(partition.page)
    ask.click()
    live = partition.page.get_by_text(re.compile(r"At β = 0\.\d+: log Z of β = \d+\.\d+"))
    live.wait_for()
    assert ask.count() == 0  # the question is answered
    before = live.inner_text()
    partition.wait(lambda: live.inner_text() != before, "the estimate on its way")
    partition.page.get_by_role("button", name="Cancel").click()
    ask.wait_for()
    wait_until_drawn(partition.page)
    assert partition.page.get_by_role("button", name="Cancel").count() == 0
    assert "…" in partition.row("AIS")


def test_the_tabs_below_measure(partition: PartitionFunction) -> None:
    wait_until_drawn(partition.page)
    partition.page.get_by_text("This model:").wait_for()
    partition.page.get_by_role("tab", name="10 against 10,000 temperatures").click()
    many = told(ais(load_preset("Trained to the end"), 10_000))
    partition.page.get_by_text(f"log Z = {many} nats").wait_for()


def test_in_the_dark_nothing_overlaps_or_is_cut_at_any_width(open_page: OpenPage) -> None:
    page = open_page(PATH, color_scheme="dark")
    partition = PartitionFunction(page)
    partition.wait(lambda: "…" not in partition.table.inner_text(), "every estimate")
    wait_until_drawn(page)
    assert faults(page) == []  # it ends as a phone
    small = page.evaluate(
        "[...document.querySelector('.stMainBlockContainer').querySelectorAll('*')]"
        ".filter(e => e.children.length === 0 && e.innerText && e.checkVisibility()"
        " && parseFloat(getComputedStyle(e).fontSize) < 14 && !e.closest('sup, sub'))"
        ".map(e => e.tagName + ': ' + e.innerText).slice(0, 5)"
    )
    assert small == []
