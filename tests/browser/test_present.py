"""Presenting in a real Chromium: panels turned by keys, nothing lost, and pages inside a page."""

import re

from browser.chromium import App
from browser.conftest import OpenLab, OpenPage

SIDEBAR = "stSidebar"
PLACE = ".rbmviz-presenter .place"
SMALLEST_TYPE = 24.0  # pixels on the screen, at 1440 x 900

TYPE = """() => {
  const sizes = [];
  const walk = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot && !element.matches(".rbmviz-presenter")) walk(element.shadowRoot);
      const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
      if (!own || !element.checkVisibility({ visibilityProperty: true })) continue;
      if (element.closest("style, script, .spoken, svg")) continue;
      sizes.push(parseFloat(getComputedStyle(element).fontSize) * (element.currentCSSZoom ?? 1));
    }
  };
  walk(document.querySelector(".stMainBlockContainer"));
  return Math.min(...sizes);
}"""


def test_a_clicker_turns_the_panels_and_the_run_stays(open_lab: OpenLab) -> None:
    lab = open_lab("/?v=1&n_hidden=5&step=30&present=maps,facts")
    page, place = lab.page, lab.page.locator(PLACE)
    lab.wait_for_step(30)
    driven = lab.role("driven")
    lab.wait(lambda: place.inner_text() == "All panels", "the presentation")
    assert "16 visible, 5 hidden units · CD-1 · learning rate 0.1" in driven.inner_text()
    assert driven.inner_text().endswith("seed 1 · step 30")
    assert page.get_by_test_id(SIDEBAR).is_hidden()
    assert page.evaluate(TYPE) >= SMALLEST_TYPE - 0.1
    page.keyboard.press("PageDown")
    lab.wait(lambda: place.inner_text() == "1 of 2 · Both phases", "the first panel")
    assert lab.canvas("negative").is_visible()
    assert lab.role("facts").is_hidden()
    box = lab.canvas("gradient").bounding_box()  # magnified, a pointer still meets its cell
    page.mouse.click(box["x"] + box["width"] / 12, box["y"] + 0.86 * box["height"])
    assert re.fullmatch(r"1[34],0", lab.data("selected"))
    page.keyboard.press("PageDown")
    lab.wait(lambda: place.inner_text() == "2 of 2 · Numbers", "the second panel")
    assert "panel=facts" in page.url
    assert lab.canvas("negative").is_hidden()
    page.keyboard.press(" ")
    lab.wait(lambda: lab.step > 30, "training")
    page.keyboard.press(" ")
    lab.wait(lambda: not lab.playing, "the pause")
    step = lab.step
    page.keyboard.press("PageUp")
    lab.wait(lambda: place.inner_text() == "1 of 2 · Both phases", "the first panel again")
    page.keyboard.press("b")  # black
    page.keyboard.press("PageDown")  # light again, and nothing else
    assert place.inner_text() == "1 of 2 · Both phases"
    lab.wait(lambda: f"step={step}" in page.url, "the address of the pause")
    assert "present=maps,facts&panel=maps" in page.url
    page.keyboard.press("Escape")
    page.get_by_test_id(SIDEBAR).wait_for()
    assert "present" not in page.url
    assert lab.step == step
    assert page.get_by_role("slider", name="Hidden units").get_attribute("aria-valuetext") == "5"


def test_an_embedded_page_fits_its_frame(open_page: OpenPage, app_server: App) -> None:
    page = open_page("/lessons")
    page.set_viewport_size({"width": 1000, "height": 700})
    shown = {
        "/partition-function?embed=true": "table",
        "/?v=1&embed=true&present=maps,likelihood": ".stage[data-step]",
    }
    for path, content in shown.items():
        page.set_content(
            f'<iframe src="{app_server.url}{path}" width="800" height="600" title="rbmviz" '
            'style="border: 0"></iframe>'
        )
        frame = page.frame_locator("iframe")
        frame.locator(content).first.wait_for()
        for scroller in ("html", ".stMain"):
            found = frame.locator(scroller).evaluate("e => [e.scrollWidth, e.clientWidth]")
            assert found == [800, 800]  # all the room is the page's, and nothing is cut off
    frame.locator(PLACE).get_by_text("All panels").wait_for()
    address = frame.locator("html").evaluate("() => location.search")
    assert "embed=true" in address
    assert "present=maps,likelihood" in address


def test_a_clicker_plays_a_lesson_from_page_to_page(open_page: OpenPage) -> None:
    page = open_page("/lessons?present=true")
    page.locator("html[data-present=lessons]").wait_for(state="attached")  # or no key is taken
    page.get_by_role("button", name="Start", exact=True).first.click()
    head = page.locator("[class*=st-key-lesson_head]")
    head.get_by_text("step 1 of 3").wait_for()
    page.keyboard.press("PageDown")
    page.get_by_role("button", name="Show the answer").wait_for()
    page.keyboard.press("PageDown")  # a prediction first, then its answer
    page.get_by_text("The right answer:").wait_for()
    assert head.get_by_text("step 2 of 3").is_visible()
    page.keyboard.press("PageUp")
    head.get_by_text("step 1 of 3").wait_for()
    assert page.get_by_test_id(SIDEBAR).is_hidden()
    assert "present=" in page.url  # the lab is presented, as the list was
