"""The lessons in a real Chromium: one is played to its end; nothing overlaps at any width."""

import json
import re
from pathlib import Path

from browser.boxes import faults
from browser.chromium import IDLE, ROOT, Lab, wait_until, wait_until_drawn
from browser.conftest import OpenPage
from playwright.sync_api import Page, Route, expect

TRAINING = 180_000  # milliseconds in which a busy computer reaches the goal
EXAMPLE = re.search(r"```toml\n(.*?)```", (ROOT / "docs/lessons.md").read_text(), re.DOTALL)[1]


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


def wait_for_address(page: Page, *parts: str) -> None:
    wait_until(page, lambda: all(part in page.url for part in parts), f"{parts} in {page.url}")


def come_again(page: Page, path: str = "") -> None:
    """Reload the page, or open another one, as on the next day: in a new session."""
    if path:
        page.goto(page.url.partition("/")[0] + "//" + page.url.split("/")[2] + path)
    else:
        page.reload()
    wait_until_drawn(page)


def kept_by(page: Page) -> list[str]:
    """List what the browser keeps of lessons."""
    keys: list[str] = page.evaluate("Object.keys(localStorage)")
    return sorted(key for key in keys if key.startswith("rbmviz."))


def test_a_lesson_is_brought_back_with_its_answers_and_marks(open_page: OpenPage) -> None:
    page = open_page("/lessons?lesson=distant-mode&lesson_step=2")  # as a course page links to it
    expect(bar(page)).to_contain_text("step 2 of 5")
    wait_for_address(page, "/negative-phase?v=1&model=two-distant-modes", "&lesson=distant-mode&")
    bar(page).get_by_text("About half.").click()
    press(page, "Reveal")
    expect(bar(page)).to_contain_text("You said: About half. Right.")
    wait_for_address(page, "lesson_shown=1")
    link = page.url
    come_again(page)
    expect(bar(page)).to_contain_text("You said: About half. Right.")
    assert page.url == link

    press(page, "Leave")
    come_again(page, "/?lesson=distant-mode&lesson_step=2")  # from the beginning
    expect(bar(page).get_by_role("radio")).to_have_count(3)


def test_what_is_done_stays_done_in_this_browser(open_page: OpenPage) -> None:
    page = open_page("/?lesson=no-negative-phase&lesson_step=4")
    bar(page).get_by_text("target").wait_for()
    item = "rbmviz.lesson.no-negative-phase"
    wait_until(page, lambda: item in kept_by(page), "what the lesson begins with")
    kept = {"answers": {"1": 0, "2": 0}, "reached": [3]}
    page.evaluate("([item, text]) => localStorage.setItem(item, text)", [item, json.dumps(kept)])
    wait_for_address(page, "v=1", "lesson_step=4")
    come_again(page)
    expect(bar(page)).to_contain_text("Reached.")
    tab = page.context.new_page()  # of the same browser: it knows what was kept when it was opened
    tab.goto(page.url.partition("?")[0] + "?lesson=distant-mode&lesson_step=2")
    bar(tab).get_by_text("About half.").wait_for()
    press(page, "Finish")
    again = page.get_by_role("button", name="Again")
    expect(again).to_have_count(1)
    bar(tab).get_by_text("About half.").click()
    press(tab, "Reveal")
    expect(bar(tab)).to_contain_text("You said: About half. Right.")
    wait_until(
        page, lambda: "rbmviz.lesson.distant-mode" in kept_by(page), "the other tab's answer"
    )
    come_again(page)
    expect(again).to_have_count(1)
    page.get_by_role("button", name="Forget them").click()
    expect(again).to_have_count(0)
    wait_until(page, lambda: kept_by(page) == [], "nothing to be kept")
    press(tab, "Next")
    expect(bar(tab)).to_contain_text("step 3 of 5")
    tab.wait_for_selector(IDLE)
    assert "rbmviz.done.no-negative-phase" not in kept_by(page)
    tab.close()
    page.evaluate("localStorage.clear()")
    come_again(page)
    page.get_by_role("button", name="Start").first.wait_for()
    page.wait_for_selector(IDLE)
    expect(again).to_have_count(0)
    assert kept_by(page) == []


def test_the_lesson_of_a_lecturer_arrives_by_its_link(open_page: OpenPage, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(EXAMPLE)
    page = open_page("/lessons")
    page.locator("summary", has_text="Open a lesson of your own").click()
    page.get_by_test_id("stFileUploader").locator("input").set_input_files(file)
    page.get_by_text("Yours. How fast is too fast?").wait_for()
    page.locator("summary", has_text="Link to a lesson").click()
    link = page.get_by_test_id("stCode").locator("code").inner_text()
    page.get_by_role("button", name="QR code of this link").click()
    expect(page.get_by_test_id("stDialog").locator("code")).to_have_text(link)
    expect(page.get_by_test_id("stDialog")).to_contain_text("Link to a lesson")
    student = open_page("/" + link.split("/", 3)[3])  # another browser, which has no file
    expect(bar(student)).to_contain_text("How fast is too fast? · step 1 of 3")
    Lab(student).wait_for_step(500)
    wait_for_address(student, "lesson=~", "step=500")  # it is written a moment after the page
    come_again(student)
    expect(bar(student)).to_contain_text("How fast is too fast? · step 1 of 3")
    Lab(student).wait_for_step(500)


def test_a_lesson_is_fetched_from_the_same_site_alone(open_page: OpenPage) -> None:
    page = open_page("/derivation")
    asked = []

    def serve(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=EXAMPLE, content_type="text/plain")

    page.context.route("**/course/*.toml", serve)
    come_again(page, "/?lesson=/course/week-2.toml&lesson_step=2")
    expect(bar(page)).to_contain_text("How fast is too fast? · step 2 of 3")
    wait_for_address(page, "lesson=/course/week-2.toml&lesson_step=2")
    come_again(page)
    expect(bar(page)).to_contain_text("step 2 of 3")
    assert len(asked) == 2
    come_again(page, "/?lesson=/nothing/here.toml")  # Streamlit answers with a page of its own
    said = page.get_by_test_id("stAlertContainer")
    expect(said).to_contain_text("no file '/nothing/here.toml'")
