"""Print how long the analysing pages take to answer a slider: server and browser together.

    .venv/bin/python -m tests.benchmarks.pages

The model is the lab's, bars-and-stripes 4x4 (or 3x3 where states are listed) with 8 hidden units.
A time runs from the key press to the first change of the numbers that depend on it.
"""

import os
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import HOW_TO_GET, App, Lab, find_chromium, launch, run_app

PRESSES = 25
TARGET_MS = 200

# Resolves with the milliseconds from the key press to the first change below `watched`.
PREPARE = """([watched, patience]) => {
  const target = document.querySelector(watched);
  const text = target.textContent;
  let begun = null;
  document.addEventListener("keydown", () => { begun = performance.now(); },
    { once: true, capture: true });
  window.answered = new Promise((done) => {
    const end = setTimeout(() => done(null), patience);
    const look = () => {
      const now = document.querySelector(watched);
      if (begun !== null && now && now.textContent !== text) {
        clearTimeout(end);
        requestAnimationFrame(() => done(performance.now() - begun));
      } else setTimeout(look, 2);
    };
    look();
  });
}"""


@dataclass(frozen=True)
class Question:
    """A widget, by role and the beginning of its name; the key pressed; what answers."""

    page: str
    role: str
    name: str
    key: str
    watched: str


QUESTIONS = [
    Question("Derivation", "slider", "Wiggle", "ArrowRight", "[data-testid=slopes]"),
    Question("Derivation", "spinbutton", "visible i", "ArrowUp", "[data-testid=lines]"),
]


def main() -> None:
    executable = find_chromium()
    if executable is None:
        raise SystemExit(HOW_TO_GET)
    print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with (
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as scratch,
        run_app(Path(scratch) / "server.log") as app,
    ):
        browser = launch(playwright, executable)
        for question in QUESTIONS:
            times = ask(browser, app, question)
            median = statistics.median(times)
            print(
                f"{question.page}, {question.name}: median {median:.0f} ms of {len(times)}, "
                f"slowest {max(times):.0f} ms (target {TARGET_MS})"
            )
        browser.close()


def ask(browser: Browser, app: App, question: Question) -> list[float]:
    """Open the page from the lab, press the key again and again, and time each answer."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(app.url)
    Lab(page, patience=120)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=question.page).click()
    page.locator(question.watched).wait_for(timeout=60_000)
    page.wait_for_timeout(2000)
    times = [press(page, question) for _ in range(PRESSES)]
    context.close()
    return [t for t in times if t is not None]


def press(page: Page, question: Question) -> float | None:
    """Press once; None when nothing changed, as at the end of a slider."""
    page.get_by_role(question.role, name=question.name).first.focus()
    page.evaluate(PREPARE, [question.watched, 5000])
    page.keyboard.press(question.key)
    if question.role == "spinbutton":
        page.keyboard.press("Enter")
    found: float | None = page.evaluate("window.answered")
    page.wait_for_timeout(150)
    return found


if __name__ == "__main__":
    main()
