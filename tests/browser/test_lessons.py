"""The lessons in a real Chromium: one is played to its end; nothing overlaps at any width."""

import re

from browser.boxes import faults
from browser.chromium import Lab
from browser.conftest import OpenPage
from playwright.sync_api import Page, expect

TRAINING = 180_000  # milliseconds in which a busy computer reaches the goal


def bar(page: Page):
    return page.locator(".st-key-lesson_bar")


def press(page: Page, name: str) -> None:
    bar(page).get_by_role("button", name=name, exact=True).click()


def gradient_norm(page: Page) -> float:
    found = re.search(r"exact gradient norm: ([\d.]+) exact", bar(page).inner_text())
    return float(found[1]) if found else float("inf")


def test_a_lesson_is_played_to_its_end_while_the_stage_plays_on(open_page: OpenPage) -> None:
    page = open_page("/lessons")
    page.get_by_role("button", name="Start").first.click()
    lab = Lab(page)
    expect(bar(page)).to_contain_text("What the two phases do · step 1 of 3")
    lab.wait(lambda: lab.data("exact") == "known", "the exact phase")
    assert lab.step == 0
    # the preset is in the sidebar, too
    expect(page.get_by_label("Learning rate", exact=True)).to_have_value("0.200")

    press(page, "Next")
    expect(bar(page)).to_contain_text("step 2 of 3")
    reveal = bar(page).get_by_role("button", name="Reveal")
    expect(reveal).to_be_disabled()
    expect(bar(page).get_by_role("button", name="Next", exact=True)).to_be_disabled()
    # By keys alone, which the stage must not take for its own: space would play, right would step.
    bar(page).get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    expect(reveal).to_be_enabled()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(bar(page).get_by_role("radio").first).to_be_checked()
    expect(reveal).to_be_enabled()
    assert (lab.step, lab.playing) == (0, False)
    reveal.focus()
    page.keyboard.press("Enter")
    expect(bar(page)).to_contain_text("Right. The difference is the gradient")
    lab.wait(lambda: lab.step > 0 and not lab.playing, "the run to be brought on")

    press(page, "Next")
    expect(bar(page)).to_contain_text("target below 0.02")
    expect(bar(page)).not_to_contain_text("Reached.")
    lab.enter("Learning rate", 0.5)
    lab.press("play")
    lab.wait_for_frames(5)
    before, frames = gradient_norm(page), lab.painted
    lab.wait(lambda: gradient_norm(page) < before, "the live value to fall")
    lab.wait(lambda: lab.painted > frames, "the stage to play on while the bar is read")
    expect(bar(page)).to_contain_text("Reached.", timeout=TRAINING)
    assert lab.playing
    press(page, "Finish")
    page.get_by_text("8 min, done").wait_for()
    expect(bar(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Again")).to_have_count(1)


def test_in_the_dark_the_list_and_a_lesson_have_room_at_any_width(open_page: OpenPage) -> None:
    page = open_page("/lessons", color_scheme="dark")
    page.get_by_role("button", name="Start").last.wait_for()
    assert faults(page) == []  # it ends as a phone
    page.get_by_role("button", name="Start").nth(1).click()
    Lab(page)
    press(page, "Next")
    expect(bar(page).get_by_role("radio")).to_have_count(3)
    assert faults(page) == []
    small = page.evaluate(
        "[...document.querySelectorAll('.st-key-lesson_bar :is(p, label)')].filter(e =>"
        " parseFloat(getComputedStyle(e).fontSize) < 14).length"
    )
    assert small == 0
    buttons = [one.bounding_box() for one in bar(page).get_by_role("button").all()[:3]]
    assert len({round(box["y"]) for box in buttons}) == 1  # Back, Next and Leave in one row
