"""Play 10,000 frames and print whether the memory of the server and of the page stays flat.

    .venv/bin/python -m tests.benchmarks.soak

At 40 frames/s this takes a little over four minutes. Linux only: it reads /proc.
"""

import argparse
import tempfile
import time
from pathlib import Path

from playwright.sync_api import CDPSession, sync_playwright

from tests.browser.chromium import HOW_TO_GET, Lab, find_chromium, launch, run_app

MAY_GROW = {"server MB": 6.0, "page MB": 2.0, "nodes": 60.0, "listeners": 20.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--every", type=int, default=1_000, help="frames between two readings")
    wanted = parser.parse_args()
    executable = find_chromium()
    if executable is None:
        raise SystemExit(HOW_TO_GET)
    with (
        tempfile.TemporaryDirectory() as scratch,
        run_app(Path(scratch) / "server.log") as app,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright, executable)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        problems: list[str] = []
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.goto(app.url)
        lab = Lab(page, patience=600)
        devtools = page.context.new_cdp_session(page)
        devtools.send("Performance.enable")
        lab.press("play")
        begun = time.monotonic()
        print(f"{'frames':>8} {'step':>9} {'s':>6}  " + "  ".join(MAY_GROW))
        readings: list[dict[str, float]] = []
        while lab.painted < wanted.frames:
            goal = (len(readings) + 1) * wanted.every
            lab.wait(lambda: lab.painted >= goal or not lab.playing, f"frame {goal}")  # noqa: B023
            if not lab.playing:
                raise SystemExit(f"stopped at step {lab.step}: {lab.status}")
            page.mouse.move(700 + len(readings) % 2, 5)  # somebody is there
            # At rest: while playing, copies of the ledger's last data are still under way.
            lab.press("play")
            lab.wait(lambda: not lab.playing, "the pause")
            page.wait_for_timeout(2000)
            readings.append(read(devtools, app.pid))
            lab.press("play")
            numbers = "  ".join(f"{v:{len(k)}.1f}" for k, v in readings[-1].items())
            seconds = time.monotonic() - begun
            print(f"{lab.painted:8d} {lab.step:9d} {seconds:6.0f}  {numbers}", flush=True)
        browser.close()
    flat = True
    # The ledger's record fills and is thinned again and again, and the page's heap with it: what
    # counts is that the second half does not rise above the first.
    half = len(readings) // 2
    for name, limit in MAY_GROW.items():
        first, second = (max(r[name] for r in part) for part in (readings[:half], readings[half:]))
        flat &= second - first <= limit
        print(f"{name}: largest {first:.1f}, then {second:.1f} (may grow by {limit:g})")
    print(f"console errors: {len(problems)}")
    print("flat" if flat and not problems else "NOT flat")
    raise SystemExit(0 if flat and not problems else 1)


def read(devtools: CDPSession, pid: int) -> dict[str, float]:
    """Memory of both sides, the page's after a garbage collection."""
    status = Path(f"/proc/{pid}/status").read_text()
    rss = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    for _ in range(3):  # finalizers free more in the next round
        devtools.send("HeapProfiler.collectGarbage")
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    page = {metric["name"]: metric["value"] for metric in metrics}
    return {
        "server MB": rss / 1024,
        "page MB": page["JSHeapUsedSize"] / 2**20,
        "nodes": page["Nodes"],
        "listeners": page["JSEventListeners"],
    }


if __name__ == "__main__":
    main()
