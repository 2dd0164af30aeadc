"""A server that is killed and started again under an open page."""

import os
import signal
from pathlib import Path

from browser.chromium import Lab, run_app, wait_until_drawn
from playwright.sync_api import Browser


def test_no_frame_of_the_old_server_s_run_stands_in_the_new_run(
    browser: Browser, tmp_path: Path
) -> None:
    """The page stays open: what it holds of the old recording must not pass for the new one's."""
    page = browser.new_page()
    with run_app(tmp_path / "first.log") as app:
        page.goto(f"{app.url}/?v=1&n_hidden=12&learning_rate=0.2&seed=7")
        wait_until_drawn(page)
        lab = Lab(page)
        for k in range(6):
            lab.press("step10")
            lab.wait_for_step(10 * (k + 1))
        lab.wait(lambda: int(lab.data("recorded")) == 7, "the recording")
        os.kill(app.pid, signal.SIGKILL)
    with run_app(tmp_path / "second.log", port=app.port):
        lab.wait(lambda: lab.step == 0 and lab.data("recorded") in ("0", "1"), "the new run")
        for k in range(4):
            lab.press("step1")
            lab.wait_for_step(k + 1)
        lab.wait(lambda: int(lab.data("recorded")) == 5, "the new recording")
        page.mouse.click(5, 5)
        for step in (3, 2, 1, 0):
            page.keyboard.press("ArrowLeft")
            lab.wait_for_step(step)
    page.close()
