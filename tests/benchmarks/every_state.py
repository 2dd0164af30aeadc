"""Print how fast the page Every state answers: server and a headless Chromium on this computer.

    .venv/bin/python -m tests.benchmarks.every_state

From a press on the stepper of the learning rate, or on +1, to the moment when the answer is painted
(for +1: when the picture begins to move to it), with 9 to 12 visible units. The server's CPU time
is what its part takes on a computer that does nothing else.
"""

import argparse
import os
import statistics

from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks.live_lab import a_running_app, cpu_seconds
from tests.browser.chromium import HOW_TO_GET, App, Lab, find_chromium, launch, wait_until_drawn

# The answer is there when the observed text or attribute changes; it is painted in the same task,
# and the second animation frame after it begins when that task's pixels are on the screen.
PRESS_AND_TIME = """async ({ stage, button, role }) => {
  await new Promise((done) => setTimeout(done, 400 + 200 * Math.random()));
  const target = role ? stage.querySelector(`[data-role=${role}]`) : stage;
  return new Promise((done) => {
    const begun = performance.now();
    const observer = new MutationObserver(() => {
      observer.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begun)));
    });
    const what = role ? { childList: true, characterData: true, subtree: true }
                      : { attributeFilter: ["data-step"] };
    observer.observe(target, what);
    setTimeout(() => done(null), 10000);
    button.click();
  });
}"""
DATA_SETS = {  # of the lab, with 8 hidden units: visible units
    "bars-and-stripes 3x3": 9,
    "labeled shifter 4": 11,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presses", type=int, default=30, help="for each figure")
    wanted = parser.parse_args()
    executable = find_chromium()
    if executable is None:
        raise SystemExit(HOW_TO_GET)
    print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with sync_playwright() as playwright, a_running_app() as app:
        browser = launch(playwright, executable)
        for dataset, n_visible in DATA_SETS.items():
            page = open_page(browser, app, f"/?dataset={dataset}&n_hidden=8")
            choose_in_lab(page, dataset)
            page.get_by_role("link", name="Every state").first.click()
            choose(page, "Model", "The lab's current model")
            name = f"{n_visible} visible, 8 hidden"
            measure(app, Lab(page), name, 2**n_visible, wanted.presses)
        page = open_page(browser, app, "/every-state")
        choose(page, "Model", "Two distant modes")
        measure(app, Lab(page), "12 visible, 4 hidden", 2**12, wanted.presses)
        browser.close()
    print(f"load average after: {os.getloadavg()[0]:.1f}")


def open_page(browser: Browser, app: App, path: str) -> Page:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(app.url + path)
    wait_until_drawn(page)
    return page


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def choose_in_lab(page: Page, dataset: str) -> None:
    Lab(page)
    choose(page, "Data set", dataset)
    page.wait_for_timeout(1500)


def measure(app: App, stage: Lab, name: str, n_states: int, presses: int) -> None:
    title = stage.role("tiles-title")
    stage.wait(lambda: f"{n_states:,}" in title.inner_text(), f"{n_states} states")
    stage.page.wait_for_timeout(1500)
    field = stage.page.get_by_label("Learning rate").locator("xpath=../..")
    steppers = [field.get_by_role("button").last, field.get_by_role("button").first]
    one = stage.stage.locator("[data-action=step1]")
    for what, buttons, role in (("a widget", steppers, "rate-name"), ("+1", [one], "")):
        before = cpu_seconds(app.pid)
        times = [press(stage, buttons[n % len(buttons)], role) for n in range(presses)]
        server = 1000 * (cpu_seconds(app.pid) - before) / presses
        known = sorted(time for time in times if time is not None)
        print(f"{name}: {what} to paint, ms: median {statistics.median(known):.0f} (200), "
              f"p95 {known[int(0.95 * (len(known) - 1))]:.0f}, lost {len(times) - len(known)}; "
              f"server CPU {server:.0f}")  # fmt: skip
    stage.press("play")
    stage.wait_for_frames(20)
    before = stage.painted
    stage.page.wait_for_timeout(5000)
    print(f"{name}: frames painted a second while playing {(stage.painted - before) / 5:.1f}")
    stage.press("play")
    stage.page.close()


def press(stage: Lab, button, role: str) -> float | None:
    handles = {
        "stage": stage.stage.element_handle(),
        "button": button.element_handle(),
        "role": role,
    }
    found: float | None = stage.page.evaluate(PRESS_AND_TIME, handles)
    return found


if __name__ == "__main__":
    main()
