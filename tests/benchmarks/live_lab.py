"""Print how fast the live lab is: the server and a headless Chromium on this computer.

    .venv/bin/python -m tests.benchmarks.live_lab

Bars-and-stripes 4x4 with 8 hidden units and everything on the screen. Both processes share the
cores, and Chromium paints without a graphics card, so a person's computer does better.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import HOW_TO_GET, App, Lab, find_chromium, launch, run_app

CHANGE_AND_TIME = """async ({ stage, button, label, patience }) => {
  // Click at a moment that has nothing to do with the stage's own requests.
  await new Promise((done) => setTimeout(done, 60 + 240 * Math.random()));
  const begun = performance.now();
  const meaning = stage.querySelector("[data-role=negative-meaning]");
  return new Promise((done) => {
    const observer = new MutationObserver(() => {
      if (!meaning.textContent.endsWith(label)) return;
      observer.disconnect();
      done(performance.now() - begun);
    });
    observer.observe(meaning, { childList: true, characterData: true, subtree: true });
    setTimeout(() => done(null), patience);
    button.click();
  });
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10, help="of playing for each figure")
    parser.add_argument("--changes", type=int, default=100, help="of a widget while playing")
    parser.add_argument("--sessions", type=int, nargs="*", default=[4, 8], help="at the same time")
    wanted = parser.parse_args()
    executable = find_chromium()
    if executable is None:
        raise SystemExit(HOW_TO_GET)
    print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with sync_playwright() as playwright:
        browser = launch(playwright, executable)
        print("from `streamlit run` to a stage that can be played, s    (target 5)")
        for start in ("first", "warm", "warm"):
            print(f"  {start:5} {first_paint(browser):6.2f}")
        with a_running_app() as app:
            one_session(browser, app, wanted.seconds, wanted.changes)
        for count in wanted.sessions:
            with a_running_app() as app:
                many_sessions(browser, app, count, wanted.seconds)
        browser.close()


@contextmanager
def a_running_app() -> Iterator[App]:
    with tempfile.TemporaryDirectory() as scratch, run_app(Path(scratch) / "server.log") as app:
        yield app


def open_lab(browser: Browser, app: App, problems: list[str] | None = None) -> Lab:
    """Open a session of its own."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    if problems is not None:
        note_errors(page, problems)
    page.goto(app.url)
    return Lab(page, patience=120)


def note_errors(page: Page, problems: list[str]) -> None:
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))


def first_paint(browser: Browser) -> float:
    """Start a server, open the page with empty caches, wait until Play can be pressed."""
    begun = time.monotonic()
    with a_running_app() as app:
        lab = open_lab(browser, app)
        lab.stage.locator("[data-action=play]").click(trial=True)
        seconds = time.monotonic() - begun
        lab.page.context.close()
    return seconds


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def play(labs: list[Lab], app: App, seconds: float) -> list[tuple[float, float, float]]:
    """Watch playing labs; for each frames/s, updates/s and server CPU ms a frame of them all."""
    before = [(time.monotonic(), lab.painted, lab.step) for lab in labs]
    cpu = cpu_seconds(app.pid)
    labs[0].page.wait_for_timeout(1000 * seconds)
    after = [(time.monotonic(), lab.painted, lab.step) for lab in labs]
    cpu = cpu_seconds(app.pid) - cpu
    frames = sum(b[1] - a[1] for a, b in zip(before, after, strict=True))
    return [
        ((b[1] - a[1]) / (b[0] - a[0]), (b[2] - a[2]) / (b[0] - a[0]), 1000 * cpu / max(frames, 1))
        for a, b in zip(before, after, strict=True)
    ]


def one_session(browser: Browser, app: App, seconds: float, changes: int) -> None:
    problems: list[str] = []
    lab = open_lab(browser, app, problems)
    lab.press("play")
    lab.wait_for_frames(40)
    lab.watch_elements()
    print("one session             frames/s (30)  updates/s (500)  server CPU ms a frame")
    for name, steps in (("20 updates a frame", 0), ("100 updates a frame", 2), ("full speed", 1)):
        if steps:
            lab.slide("Updates per frame", steps)
            lab.wait_for_frames(40)
        ((frames, updates, cpu),) = play([lab], app, seconds)
        print(f"  {name:20} {frames:14.1f} {updates:16.0f} {cpu:22.2f}")
    lab.slide("Updates per frame", -3)
    lab.wait_for_frames(40)
    places = lab.changed_elements()
    outside = [place for place in places if "svg.marks" not in place]
    print(f"  elements added or removed while playing: {len(outside)} (0), "
          f"inside the ledger's svg {len(places) - len(outside)}")  # fmt: skip
    for place in sorted(set(outside))[:5]:
        print(f"    {place[:200]}")
    print_latency(time_changes(lab, changes), "a change of Gibbs steps, 20 updates a frame")
    lab.slide("Updates per frame", 3)
    lab.wait_for_frames(40)
    print_latency(time_changes(lab, changes), "the same at full speed")
    burst(lab, changes)
    print(f"  still playing: {lab.playing}; console errors: {len(problems)} (0)")
    for problem in problems[:5]:
        print(f"    {problem[:200]}")
    lab.page.context.close()


def time_changes(lab: Lab, count: int) -> list[float | None]:
    """Press the stepper of "Gibbs steps k" and time until the stage's label shows the number."""
    times: list[float | None] = []
    fewer, more = steppers(lab)
    k = int(lab.page.get_by_label("Gibbs steps k").input_value())
    for n in range(count):
        up = n % 40 < 20
        k += 1 if up else -1
        change = {
            "stage": lab.stage.element_handle(),
            "button": (more if up else fewer).element_handle(),
            "label": f"CD\u2011{k}",
            "patience": 10_000,
        }
        times.append(lab.page.evaluate(CHANGE_AND_TIME, change))
    return times


def steppers(lab: Lab):
    field = lab.page.get_by_label("Gibbs steps k").locator("xpath=../..")
    return field.get_by_role("button").first, field.get_by_role("button").last


def print_latency(times: list[float | None], what: str) -> None:
    known = sorted(time for time in times if time is not None)
    if not known:
        print(f"  {what}: all {len(times)} lost")
        return
    at = lambda share: known[min(len(known) - 1, int(share * len(known)))]  # noqa: E731
    print(f"  {what}, ms: median {statistics.median(known):.0f} (100), p95 {at(0.95):.0f}, "
          f"max {known[-1]:.0f}; lost {len(times) - len(known)} of {len(times)} (0)")  # fmt: skip


def burst(lab: Lab, count: int) -> None:
    """Change without waiting for the answer: the last value must be shown."""
    fewer, more = steppers(lab)
    for n in range(count):
        (more if n % 10 < 6 else fewer).evaluate("button => button.click()")
        lab.page.wait_for_timeout(35)
    k = int(lab.page.get_by_label("Gibbs steps k").input_value())
    label = lab.role("negative-meaning")
    lab.wait(lambda: label.inner_text().endswith(f"CD\u2011{k}"), f"CD-{k} after a burst")
    print(f"  {count} changes at 28 a second: the stage shows the last one, CD-{k}")


def many_sessions(browser: Browser, app: App, count: int, seconds: float) -> None:
    """The same with several sessions at the same time, all painted by this one computer."""
    labs = [open_lab(browser, app) for _ in range(count)]
    for lab in labs:
        lab.press("play")
    labs[-1].wait_for_frames(40)
    figures = play(labs, app, seconds)
    frames = sorted(f for f, _, _ in figures)
    updates = sum(u for _, u, _ in figures)
    print(f"{count} sessions, frames/s each: {frames[0]:.1f} to {frames[-1]:.1f}; "
          f"updates/s together {updates:.0f}; server CPU ms a frame {figures[0][2]:.2f}; "
          f"all playing: {all(lab.playing for lab in labs)}")  # fmt: skip
    print_latency(time_changes(labs[0], 40), "a change in one of them")
    for lab in labs:
        lab.page.context.close()


if __name__ == "__main__":
    main()
