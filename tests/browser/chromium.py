"""A real Chromium, a running app and the lab in it: for browser tests, benchmarks, screenshots.

Run as a script it prints where the browser is, or fails with a line on how to get one.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Playwright

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
HOW_TO_GET = (
    "No Chromium, Chrome or Edge found: install one (Debian: apt-get install chromium) "
    "or set RBMVIZ_CHROMIUM to its path."
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
READY = '[data-testid="stApp"][data-test-connection-state="CONNECTED"]'
CONTENT = "[data-testid=stMain] [data-testid=stElementContainer]"
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def find_chromium() -> str | None:
    """Find a browser: RBMVIZ_CHROMIUM, then the PATH, then the usual places."""
    if chosen := os.environ.get("RBMVIZ_CHROMIUM"):
        return shutil.which(chosen)
    on_path = (shutil.which(name) for name in NAMES)
    return next((path for path in (*on_path, *PLACES) if path and os.path.exists(path)), None)


def launch(playwright: "Playwright", executable: str) -> "Browser":
    """Start a headless browser with a new, empty profile."""
    return playwright.chromium.launch(executable_path=executable, args=list(FLAGS))


PATIENCE = 90.0  # seconds: a busy computer is slow, not wrong


def wait_until(page: "Page", is_so: Callable[[], object], what: str) -> None:
    """Wait until a condition holds; fail with its name when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"waited for {what}"
        page.wait_for_timeout(30)


def wait_until_drawn(page: "Page", timeout: float = 1000 * PATIENCE) -> None:
    """Wait until the app is connected and its first script run is over.

    Before the run it is idle, too: what comes after is seen by its first element.
    """
    page.wait_for_selector(READY, timeout=timeout)
    page.wait_for_selector(CONTENT, timeout=timeout, state="attached")
    page.wait_for_selector(IDLE, timeout=timeout)


@dataclass(frozen=True)
class App:
    """A running app: its address and the file that holds what it printed."""

    url: str
    log: Path
    pid: int

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rsplit(":", 1)[1])


@contextmanager
def run_app(log: Path, script: str = "app.py", port: int = 0) -> Iterator[App]:
    """Serve the app on this computer, on a free port or the one that is named, until the end.

    What ends this process meanwhile, such as timeout or a CI that is cancelled, ends the server
    too: SIGTERM is taken as Ctrl-C is.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        app = App(f"http://127.0.0.1:{port}", log, server.pid)
        wait_until_healthy(app, server)
        yield app
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        signal.signal(signal.SIGTERM, before)


def free_port() -> int:
    """Ask the operating system for a port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until_healthy(app: App, server: "subprocess.Popen[bytes]", timeout: float = 60) -> None:
    """Wait for the health page, or raise with the end of the log."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{app.url}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"The app did not start:\n{app.log.read_text(errors='replace')[-4000:]}")


class Lab:
    """The lab page as a person sees it: numbers are read from the screen, buttons are pressed.

    Everything that takes time is waited for, on a slow machine too; nothing here sleeps and hopes.
    """

    def __init__(self, page: "Page", patience: float = PATIENCE) -> None:
        self.page = page
        self.patience = patience  # seconds
        self.stage = page.locator(".stage")
        self.stage.and_(page.locator("[data-step]")).wait_for(timeout=1000 * patience)

    # ---- what is on the screen ----------------------------------------------------------

    def data(self, name: str) -> str:
        """A data attribute of the stage, "" when it has none."""
        return self.stage.get_attribute(f"data-{name}") or ""

    @property
    def step(self) -> int:
        """The step on the screen."""
        return int(self.data("step"))

    @property
    def playing(self) -> bool:
        """True while the stage plays."""
        return self.data("playing") == "true"

    @property
    def painted(self) -> int:
        """How many frames were painted since the page was opened."""
        return int(self.data("frames-painted"))

    @property
    def status(self) -> str:
        """The sentence under the buttons."""
        return self.role("status").inner_text()

    def role(self, name: str) -> "Locator":
        """The element that carries data-role=name."""
        return self.stage.locator(f"[data-role={name}]")

    def canvas(self, name: str) -> "Locator":
        """One of the stage's pictures."""
        return self.stage.locator(f"canvas[data-canvas={name}]")

    def number(self, panel: str) -> float:
        """The number under a panel, unrounded."""
        return float(self.stage.locator(f"output[data-role={panel}]").get_attribute("data-value"))

    def fact(self, key: str) -> str:
        """The text of one fact; "" while it is not known."""
        return self.stage.locator(f"[data-fact={key}] dd").inner_text()

    def exact_fact(self, key: str) -> float | None:
        """The number behind the word "exact" of a fact, None when there is none."""
        found = re.search(r"exact ([\u2212\d.]+)", self.fact(key))
        return float(found[1].replace("\u2212", "-")) if found else None

    def reading(self) -> dict[str, object]:
        """Everything that belongs to the step on the screen, in one look."""
        reading: dict[str, object] = self.stage.evaluate(READING)
        return reading

    def watch_elements(self) -> int:
        """Note from now on where elements are added or removed; return how many trees there are."""
        return int(self.page.evaluate(WATCH_ELEMENTS))

    def changed_elements(self) -> list[str]:
        """The places of all elements that were added or removed since watch_elements.

        Two things of Streamlit's own do not count, which come and go late on a slow computer: the
        sign in the page's header that the server is busy, and what lies over the page, outside of
        the app's own element: a list that was chosen from, a hint.
        """
        places: list[str] = self.page.evaluate("window.changedElements")
        return [place for place in places if "stApp " in place and "stAppHeader" not in place]

    # ---- what a person does -------------------------------------------------------------

    def press(self, action: str) -> None:
        """Click one of the stage's buttons."""
        self.stage.locator(f"[data-action={action}]").click()

    def press_at_once(self, action: str) -> int:
        """Press a button, and return the step that was on the screen in that very moment."""
        return int(
            self.stage.evaluate(
                "(stage, action) => { const shown = stage.dataset.step;"
                " stage.querySelector(`[data-action=${action}]`).click(); return shown; }",
                action,
            )
        )

    def choose(self, label: str, option: str) -> None:
        """Choose from a list of the sidebar."""
        self.page.get_by_label(label, exact=True).click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def enter(self, label: str, value: float) -> None:
        """Type into a number field of the sidebar."""
        field = self.page.get_by_label(label, exact=True)
        field.fill(f"{value:g}")
        field.press("Enter")

    def slide(self, label: str, steps: int) -> None:
        """Move a slider of the sidebar by keys."""
        handle = self.page.get_by_role("slider", name=label)
        handle.focus()
        for _ in range(abs(steps)):
            before = handle.get_attribute("aria-valuetext")
            handle.press("ArrowRight" if steps > 0 else "ArrowLeft")
            # A press while the page answers the one before could be lost.
            self.wait(
                lambda before=before: handle.get_attribute("aria-valuetext") != before,
                f"{label} to leave {before}",
            )

    def begin_again(self) -> None:
        """Pause at step 0 of the same run, with the matrix view, W[0, 0] selected and no focus."""
        if self.playing:
            self.press("play")
        self.press("matrix")
        self.press("restart")
        self.wait(lambda: self.step == 0 and not self.playing, "step 0")
        self.canvas("gradient").click(position={"x": 4, "y": 4})
        self.page.mouse.move(1, 1)
        self.page.evaluate("document.activeElement.blur()")
        self.wait(lambda: self.data("selected") == "0,0" and not self.data("hover"), "W[0, 0]")

    def open(self, label: str) -> None:
        """Unfold a part of the page."""
        self.page.locator("summary", has_text=label).click()

    # ---- waiting ------------------------------------------------------------------------

    def wait(self, is_so: Callable[[], object], what: str) -> None:
        """Wait until a condition holds; raise with the stage's state when it never does."""
        deadline = time.monotonic() + self.patience
        while not is_so():
            if time.monotonic() > deadline:
                state = self.stage.evaluate("stage => JSON.stringify({...stage.dataset})")
                raise AssertionError(f"waited {self.patience:g} s for {what}; stage: {state}")
            self.page.wait_for_timeout(20)

    def wait_for_step(self, step: int) -> None:
        """Wait until this very step is on the screen."""
        self.wait(lambda: self.step == step, f"step {step}")

    def wait_for_frames(self, count: int) -> None:
        """Wait until so many more frames were painted."""
        goal = self.painted + count
        self.wait(lambda: self.painted >= goal, f"{count} more frames")


READING = """stage => {
  const text = (key) => stage.querySelector(`[data-fact=${key}] dd`).textContent;
  const value = (panel) => stage.querySelector(`output[data-role=${panel}]`).dataset.value;
  return {
    step: stage.dataset.step,
    numbers: ["gradient", "positive", "negative", "exact"].map(value),
    facts: ["log_z", "log_p_tilde", "likelihood", "comparison"].map(text),
    pictures: [...stage.querySelectorAll("canvas[data-canvas]")].map((c) => c.toDataURL()),
  };
}"""

WATCH_ELEMENTS = """() => {
  const roots = [document];
  for (const root of roots)
    for (const element of root.querySelectorAll("*"))
      if (element.shadowRoot) roots.push(element.shadowRoot);
  window.changedElements = [];
  const path = (node) => {
    const names = [];
    for (let at = node; at; at = at.parentNode ?? at.host)
      names.push(`${at.nodeName}.${at.getAttribute?.("class") ?? ""}`);
    return names.join(" < ");
  };
  const note = ({ target, addedNodes, removedNodes }) => {
    for (const node of [...addedNodes, ...removedNodes])
      if (node.nodeType === Node.ELEMENT_NODE)
        window.changedElements.push(`${node.nodeName} in ${path(target)}`);
  };
  const observer = new MutationObserver((records) => records.forEach(note));
  for (const root of roots) observer.observe(root, { childList: true, subtree: true });
  return roots.length;
}"""


if __name__ == "__main__":
    sys.exit(print(path) if (path := find_chromium()) else HOW_TO_GET)
