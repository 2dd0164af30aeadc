"""A real Chromium and a running app, for the browser tests and the screenshots.

Run as a script it prints where the browser is, or fails with a line on how to get one.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

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


def wait_until_drawn(page: "Page", timeout: float = 30_000) -> None:
    """Wait until the app is connected and its first script run is over."""
    page.wait_for_selector(READY, timeout=timeout)
    page.wait_for_selector(IDLE, timeout=timeout)


@dataclass(frozen=True)
class App:
    """A running app: its address and the file that holds what it printed."""

    url: str
    log: Path
    pid: int


@contextmanager
def run_app(log: Path, script: str = "app.py") -> Iterator[App]:
    """Serve the app on a free port of this computer until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
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


if __name__ == "__main__":
    sys.exit(print(path) if (path := find_chromium()) else HOW_TO_GET)
