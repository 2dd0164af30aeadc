"""Take the README's pictures again.

Run: python tests/browser/take_screenshots.py [FOLDER]
"""

import argparse
import sys
import tempfile
from pathlib import Path

from chromium import HOW_TO_GET, IDLE, ROOT, find_chromium, launch, run_app, wait_until_drawn
from playwright.sync_api import Browser, sync_playwright

PLAY, PAUSE = "Play", "Pause"  # the accessible names of the lab's button
PAGES = {  # file name: address
    "lab": "/",
    "negative-phase": "/negative-phase",
    "partition-function": "/partition-function",
    "derivation": "/derivation",
    "every-state": "/every-state",
    "which-phase": "/which-phase",
}
CONTENT = ".stage, [data-testid=stVegaLiteChart] :is(canvas, svg)"  # what a page exists for
SIZE = (1440, 900)
SCHEMES = {"": "light", "-dark": "dark"}


def main() -> int:
    parser = argparse.ArgumentParser(description="Take the pictures of the pages again.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs")
    parser.add_argument(
        "--seconds", type=float, default=6.0, help="play so long before the picture"
    )
    wanted = parser.parse_args()
    executable = find_chromium()
    if executable is None:
        print(HOW_TO_GET, file=sys.stderr)
        return 1
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        run_app(Path(scratch) / "server.log") as app,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright, executable)
        for suffix, color_scheme in SCHEMES.items():
            for name, path in PAGES.items():
                file = wanted.folder / f"{name}{suffix}.png"
                file.write_bytes(take(browser, app.url + path, color_scheme, wanted.seconds))
                print(file)
        browser.close()
    return 0


def take(browser: Browser, url: str, color_scheme: str, seconds: float) -> bytes:
    """Open a page, play for a while where there is something to play, and return one screen."""
    width, height = SIZE
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme=color_scheme,
        device_scale_factor=2,
    )
    page.goto(url)
    wait_until_drawn(page)
    page.locator(CONTENT).first.wait_for()
    page.wait_for_selector(IDLE)
    play = page.get_by_role("button", name=PLAY, exact=True)
    if play.count():
        play.first.click()
        page.wait_for_timeout(1000 * seconds)
        page.get_by_role("button", name=PAUSE, exact=True).first.click()
    page.mouse.move(0, 0)
    page.wait_for_timeout(1500)
    picture = page.screenshot()
    page.close()
    return picture


if __name__ == "__main__":
    sys.exit(main())
