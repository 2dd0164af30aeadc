"""Every page against axe-core: no serious or critical finding, light and dark.

What axe cannot know (whether a text alternative tells what the picture shows) is tested beside each
page. Findings inside Streamlit's own widgets that a page cannot change are listed in NOT_OURS.
"""

from pathlib import Path

import axe_playwright_python
import pytest
from browser.chromium import IDLE
from browser.conftest import OpenPage

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
PAGES = [
    "/",
    "/lessons",
    "/negative-phase",
    "/partition-function",
    "/derivation",
    "/every-state",
    "/which-phase",
]
STYLED = """getComputedStyle(document.querySelector(".stApp"))
  .getPropertyValue("--rbmviz-sticky-top")"""
SETTLED = "*, ::before, ::after { transition: none !important; animation: none !important; }"
NOT_OURS: set[str] = set()  # rule names

SCAN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations
    .filter((v) => v.impact === "serious" || v.impact === "critical")
    .flatMap((v) => v.nodes.map((n) => [v.id, n.target.flat(9).join(" "), n.failureSummary]));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_no_serious_finding(open_page: OpenPage, path: str, scheme: str) -> None:
    page = open_page(path, color_scheme=scheme)
    page.locator(".stMainBlockContainer :is(h2, h3, .stage)").first.wait_for()
    page.wait_for_selector(IDLE)
    page.wait_for_function(STYLED)  # our style may come after the text: the browser loads it late
    page.add_style_tag(content=SETTLED)  # what is on its way from pale to plain is plain at once
    page.evaluate(AXE.read_text("utf-8"))
    findings = [f for f in page.evaluate(SCAN) if f[0] not in NOT_OURS]
    assert findings == [], "\n".join(f"{rule}: {where}\n  {why}" for rule, where, why in findings)


def test_a_bad_page_is_found_out(open_page: OpenPage) -> None:
    page = open_page("/lessons")
    page.locator("h3").first.wait_for()
    page.evaluate(
        "document.querySelector('.stMainBlockContainer').insertAdjacentHTML('afterbegin', "
        '\'<p style="color:#ccc;background:#fff">faint</p><img src="data:,">\')'
    )
    page.evaluate(AXE.read_text("utf-8"))
    rules = {rule for rule, _, _ in page.evaluate(SCAN)}
    assert {"color-contrast", "image-alt"} <= rules
