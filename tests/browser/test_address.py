"""The address of every page in a real Chromium: it follows, is copied, and brings the page back."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from browser.chromium import IDLE, Lab, wait_until, wait_until_drawn
from browser.conftest import OpenPage
from playwright.sync_api import Page, expect

import rbmviz

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
NOTICE = "stAlertContainer"
# A page, what is changed there by keys (label, presses), what its address says then, where its
# numbers stand
PAGES = {
    "/negative-phase?v=1&model=two-distant-modes&repeats=50&warm_up=10": (
        ("Gibbs steps k", 2), "k=3", "[data-testid=facts]",
    ),
    "/partition-function?v=1&model=random-small-weights&methods=exact,ais": (
        ("Temperatures", 1), "temperatures=3000", "[data-testid=log-z] td:nth-child(2)",
    ),
    "/derivation?v=1&model=parity-4-untrained&parameter=b&i=2": (
        ("Wiggle b[2] by ε", 3), "epsilon=0.3", ".stMain table",
    ),
}  # fmt: skip


def query_of(page: Page) -> str:
    return page.url.partition("?")[2]


def wait_for_address(page: Page, part: str) -> None:
    wait_until(page, lambda: part in query_of(page), f"{part} in the address {page.url}")


def texts(page: Page, place: str) -> list[str]:
    return page.locator(place).all_inner_texts()


def press(page: Page, label: str, presses: int) -> None:
    """Move a slider to the right by keys, one answer of the page after the other."""
    handle = page.get_by_role("slider", name=label)
    for _ in range(presses):
        before = handle.get_attribute("aria-valuetext")
        handle.press("ArrowRight")
        wait_until(page, lambda b=before: handle.get_attribute("aria-valuetext") != b, label)
    page.wait_for_selector(IDLE)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_brought_back_by_its_address(open_page: OpenPage, address: str) -> None:
    (label, presses), said, place = PAGES[address]
    page = open_page(address, **CLIPBOARD)
    entries = page.evaluate("history.length")
    press(page, label, presses)
    wait_for_address(page, said)
    page.wait_for_selector(IDLE)  # the address is told before the numbers are found
    assert page.evaluate("history.length") == entries
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Copied.").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    before = texts(page, place)
    page.reload()
    wait_until_drawn(page)
    wait_until(page, lambda: texts(page, place) == before, f"the numbers {before}")
    assert page.url == link
    assert page.get_by_test_id(NOTICE).count() == 0
    page.get_by_role("button", name="QR code").click()
    expect(page.get_by_test_id("stDialog").locator("code")).to_have_text(link)


def played_states(page: Page) -> tuple[Callable[[], object], str]:
    stage = Lab(page)
    stage.press("step100")
    stage.wait_for_step(100)
    stage.enter("Learning rate", 0.05)
    wait_for_address(page, "changes=100,learning_rate,0.05")
    stage.press("step10")
    stage.press("energy")
    stage.wait_for_step(110)

    def seen() -> object:
        again = page.locator(".stage[data-step]")
        shown = [again.get_attribute(f"data-{name}") for name in ("step", "layout")]
        return shown, texts(page, "[data-role=verdict]")

    return seen, "step=110&layout=energy"


def raced(page: Page) -> tuple[Callable[[], object], str]:
    page.get_by_role("button", name="+100", exact=True).click()
    step = page.get_by_test_id("race-step")
    wait_until(page, lambda: step.get_attribute("data-step") == "100", "step 100")

    def seen() -> object:
        return step.get_attribute("data-step"), texts(page, "td[data-label='log p(v), exact']")

    return seen, "step=100"


@pytest.mark.parametrize(
    ("address", "play"),
    [
        ("/every-state?v=1&model=two-distant-modes&estimator=pcd", played_states),
        ("/which-phase?v=1&n_hidden=4&structure=deep", raced),
    ],
)
def test_a_page_that_plays_is_brought_back_to_its_step(
    open_page: OpenPage, address: str, play: Callable[[Page], tuple[Callable[[], object], str]]
) -> None:
    page = open_page(address)
    seen, said = play(page)
    wait_for_address(page, said)
    before, link = seen(), page.url
    page.reload()
    wait_until_drawn(page)
    wait_until(page, lambda: seen() == before, f"{before}, which were there before")
    assert page.url == link


def test_an_address_stays_with_its_page(open_page: OpenPage) -> None:
    """Pages are left while their address is about to be written; each keeps its own."""
    page = open_page("/?v=1&dataset=bars-and-stripes+3x3&n_hidden=5&step=30")
    lab = "lab.dataset=bars-and-stripes+3x3&lab.n_hidden=5&lab.step=30"
    wanted = {
        "Derivation": ("/derivation", f"v=1&model=lab&{lab}"),
        "Every state": ("/every-state", f"v=1&model=lab&{lab}"),
        "Which phase is hard?": ("/which-phase", ""),
        "Lab": ("/", "v=1&dataset=bars-and-stripes+3x3&n_hidden=5&step=30"),
        "Lessons": ("/lessons", ""),
    }

    def is_at(path: str, query: str) -> bool:
        where, _, told = page.url.partition("?")
        return where.endswith(path) and told == query

    def wait_for_page(name: str) -> None:
        """Wait for the address, and for the page: one that is left at once has none of its own."""
        path, query = wanted[name]
        here = page.get_by_role("link", name=name)
        wait_until(page, lambda: is_at(path, query), f"{path}?{query}")
        wait_until(page, lambda: here.get_attribute("aria-current") == "page", f"the page {name}")
        page.wait_for_selector(IDLE)

    for name in wanted:
        page.get_by_role("link", name=name).click()
        wait_for_page(name)
    for name in reversed([*wanted][:-1]):
        page.go_back()
        wait_for_page(name)
    page.reload()  # of a page that shows the lab's run: the lab comes along
    wait_until_drawn(page)
    page.get_by_role("link", name="Lab").click()
    Lab(page).wait_for_step(30)


def test_an_uploaded_model_is_on_every_page_and_asked_for_after_a_reload(
    open_page: OpenPage, tmp_path: Path
) -> None:
    file = tmp_path / "mine.npz"
    rbm = rbmviz.RBM.random(np.random.default_rng(0), 9, 4, scale=0.5)
    np.savez(file, W=rbm.W, b=rbm.b, c=rbm.c)
    page = open_page("/derivation")
    page.locator("summary", has_text="Import a model").click()
    page.get_by_test_id("stFileUploader").locator("input").set_input_files(file)
    page.get_by_text("mine.npz: 9 visible, 4 hidden units.").wait_for()
    page.get_by_role("link", name="Every state").click()
    page.get_by_text("mine.npz: 9 visible, 4 hidden units.").wait_for()
    wait_for_address(page, "model=uploaded&file=mine.npz")
    page.reload()
    said = page.get_by_test_id(NOTICE)
    expect(said).to_contain_text("a model from the file 'mine.npz'. Import it again")


@pytest.mark.parametrize("address", ["/?v=1&n_hidden=4", "/every-state"])
def test_a_restart_on_the_stage_is_told_to_the_address(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    stage = Lab(page)
    stage.press("step10")
    stage.wait_for_step(10)
    stage.enter("Learning rate", 0.5)
    wait_for_address(page, "changes=10,learning_rate,0.5&step=10")
    stage.press("restart")
    stage.wait_for_step(0)
    stage.press("step10")
    stage.wait_for_step(10)
    wait_for_address(page, "learning_rate=0.5&step=10")
    assert "changes" not in query_of(page)
