"""Links in a real Chromium: copied, opened again with the same numbers, and never in the way."""

import io

import numpy as np
import pytest
import segno
from browser.chromium import Lab, wait_until_drawn
from browser.conftest import OpenLab
from PIL import Image

NOTICE = "stAlertContainer"


def path_of(link: str) -> str:
    return "/" + link.partition("?")[1] + link.partition("?")[2]


def copy_link(lab: Lab) -> str:
    """Press the button, and read what it put on the clipboard."""
    lab.page.get_by_role("button", name="Copy link").click()
    lab.page.get_by_text("Copied.").wait_for()
    link: str = lab.page.evaluate("navigator.clipboard.readText()")
    return link


def test_a_copied_link_opens_the_same_state_with_the_same_numbers(open_lab: OpenLab) -> None:
    allowed = {"permissions": ["clipboard-read", "clipboard-write"]}
    lab = open_lab(**allowed)
    assert lab.page.url.endswith("/")  # a new lab has nothing to say
    lab.choose("Negative phase", "Persistent CD")
    lab.wait(lambda: "PCD" in lab.role("negative-meaning").inner_text(), "persistent CD")
    lab.press("restart")  # so that these settings hold from step 0
    for action, step in (("step100", 100), ("step100", 200), ("step10", 210)):
        lab.press(action)
        lab.wait_for_step(step)
    lab.press("images")
    lab.canvas("gradient").focus()
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        lab.page.keyboard.press(key)
    lab.page.evaluate("document.activeElement.blur()")
    lab.page.mouse.move(1, 1)
    link, before, selected = copy_link(lab), lab.reading(), lab.data("selected")
    assert "estimator=pcd" in link
    assert "step=210" in link
    assert "view=images" in link
    assert f"selected={selected}" in link
    assert selected != "0,0"
    again = open_lab(path_of(link), **allowed)
    again.wait_for_step(210)
    again.wait(lambda: again.reading()["numbers"] == before["numbers"], "the same numbers")
    assert again.data("selected") == selected
    assert again.reading()["facts"] == before["facts"]
    pressed = again.stage.locator("[data-action=images]").get_attribute("aria-pressed")
    assert pressed == "true"
    assert again.page.get_by_test_id(NOTICE).count() == 0
    assert copy_link(again) == link


def test_the_address_follows_without_history_while_playing_too(open_lab: OpenLab) -> None:
    lab = open_lab()
    page = lab.page
    entries = page.evaluate("history.length")
    lab.press("step10")
    lab.wait_for_step(10)
    lab.wait(lambda: page.url.endswith("/?v=1&step=10"), "the address of step 10")
    lab.press("play")
    lab.wait(lambda: not page.url.endswith("&step=10"), "the address of a step that was played")
    assert lab.playing
    lab.press("play")
    lab.wait(lambda: not lab.playing and f"step={lab.step}" in page.url, "the address of the pause")
    assert page.evaluate("history.length") == entries
    step = lab.step
    page.reload()  # what is in the address comes back
    again = Lab(page)
    again.wait_for_step(step)
    page.get_by_role("link", name="Negative phase").click()
    page.wait_for_url("**/negative-phase")
    page.locator(".stage.maps").wait_for()
    page.go_back()
    again = Lab(page)
    again.wait_for_step(step)
    assert f"step={step}" in page.url


def test_a_code_is_shown_for_the_link(open_lab: OpenLab) -> None:
    lab = open_lab("/?v=1&n_hidden=5")
    lab.press("step1")
    lab.wait_for_step(1)
    lab.page.get_by_role("button", name="QR code").click()
    picture = lab.page.get_by_test_id("stDialog").locator("img")
    picture.wait_for()
    link = lab.page.get_by_test_id("stDialog").locator("code").inner_text()
    assert link.endswith("/?v=1&n_hidden=5&step=1")
    content = lab.page.request.get(lab.page.url.split("?")[0].rstrip("/") + source(picture)).body()
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("L"))
    code = segno.make(link, error="m", micro=False)
    modules = np.pad(np.array([list(row) for row in code.matrix]), 4)
    scale = len(pixels) // len(modules)
    assert np.array_equal(pixels[::scale, ::scale] == 0, modules == 1)


def source(picture: object) -> str:
    path: str = picture.get_attribute("src")
    return path if path.startswith("/") else "/" + path.split("/", 3)[3]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?v=1&n_hidden=![x](http://evil.example/a.png)", "is not a number"),
        ("?v=7&seed=%3Cimg%20src=//evil.example/x%3E&step=-1", "has version '7'"),
        ("?v=1&dataset=own.2x2.1.%00%FF&[x](javascript:1)=1", "holds no rows"),
    ],
)
def test_a_hostile_link_opens_a_lab_and_asks_no_other_server(
    open_lab: OpenLab, query: str, said: str
) -> None:
    """Requests to other servers, and errors, fail the test: see conftest.watch."""
    lab = open_lab(f"/{query}")
    lab.page.get_by_test_id(NOTICE).get_by_text(said).wait_for()
    assert lab.page.get_by_test_id(NOTICE).locator("img, a").count() == 0
    lab.press("step1")
    lab.wait_for_step(1)
    lab.page.get_by_role("button", name="OK", exact=True).click()
    lab.page.get_by_test_id(NOTICE).wait_for(state="detached")


def test_a_far_step_shows_progress_and_can_be_cancelled(open_lab: OpenLab) -> None:
    lab = open_lab()
    lab.page.goto(f"{lab.page.url}?v=1&dataset=digits&n_hidden=64&n_steps=20&step=90000")
    training = lab.page.get_by_text("Training to step 90,000").first
    training.wait_for()
    lab.page.wait_for_timeout(2000)  # the address is written 0.6 s after the stage has a step
    assert "step=90000" in lab.page.url
    lab.page.reload()  # on the way, too, the address is that of the link
    training.wait_for()
    lab.page.get_by_role("button", name="Cancel").click()
    lab.page.get_by_role("button", name="Cancel").wait_for(state="detached")
    wait_until_drawn(lab.page)
    lab.wait(lambda: lab.step > 0, "the step where it was cancelled")
    step = lab.step
    assert step < 90_000
    lab.wait(lambda: f"step={step}" in lab.page.url, "the address of where it was cancelled")
    lab.press("step1")
    lab.wait_for_step(step + 1)


def test_painted_patterns_travel_in_the_link(open_lab: OpenLab) -> None:
    lab = open_lab("/?v=1&dataset=own.2x2.2.lg&step=20")
    lab.wait_for_step(20)
    lab.page.get_by_text("Your own 2 rows, 2 by 2 pixels.").wait_for()
    assert lab.page.get_by_test_id("stDialog").count() == 0
    lab.wait(lambda: "dataset=own.2x2.2.lg&step=20" in lab.page.url, "the same address")
