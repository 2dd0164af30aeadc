"""Looking back, forks, kept runs and recordings in a real Chromium.

Numbers on the screen are compared with the library's own, computed here from the same settings.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from browser.boxes import faults_now
from browser.chromium import Lab
from browser.conftest import OpenLab
from browser.test_lab import DEFAULT, PANELS, assert_agrees, expected_numbers, hover, library_at
from playwright.sync_api import Browser, Page

from rbmviz.charts.runs import HUE_A, HUE_B
from rbmviz.core.frame import SCALARS
from rbmviz.export.recordings import recording_page
from rbmviz.run import lab as run_lab
from rbmviz.run.recording import Checkpoint, Recording


def rested(lab: Lab, *, steps: int = 5, least: int = 2) -> None:
    """Train by hundreds, and wait until the stage has the recording up to here."""
    begun = lab.step
    for k in range(steps):
        lab.press("step100")
        lab.wait_for_step(begun + 100 * (k + 1))
    lab.wait(lambda: int(lab.data("recorded")) >= max(least, steps + 1), "the recording")


def messages(page: Page) -> list[str]:
    """Note every message between the page and its server from now on."""
    seen: list[str] = []

    def note(kind: str, event: dict) -> None:
        # The address follows the step, and Chromium looks for the icon of each new address.
        if event.get("type") != "Other":
            seen.append(kind)

    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    for kind in ("webSocketFrameSent", "webSocketFrameReceived", "requestWillBeSent"):
        session.on(f"Network.{kind}", lambda event, kind=kind: note(kind, event))
    return seen


def drag_to(lab: Lab, share: float) -> None:
    """Take the line under the buttons at a share of its width."""
    box = lab.role("line").bounding_box()
    lab.page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)


def test_looking_back_asks_no_server_and_reads_what_was_trained(new_lab: Lab) -> None:
    lab = new_lab
    rested(lab)
    now = lab.reading()
    seen = messages(lab.page)
    lab.page.keyboard.press("ArrowLeft")
    assert (lab.step, lab.data("past")) == (400, "4")
    assert "Looking back at step 400 of 500" in lab.status
    assert_agrees(lab, library_at(400), "0,0")
    line = lab.role("seek")
    line.focus()
    lab.page.keyboard.press("Home")
    assert lab.step == 0
    for step in (100, 200):
        lab.page.keyboard.press("ArrowRight")
        assert lab.step == step
        snapshot = library_at(step)
        for panel in PANELS:
            assert_agrees(lab, snapshot, hover(lab, panel))
        assert lab.exact_fact("log_z") == pytest.approx(snapshot.log_z, abs=6e-4)
    drag_to(lab, 0.6)
    assert lab.step == 300
    assert line.get_attribute("aria-valuetext") == "step 300"
    lab.page.mouse.move(1, 1)
    lab.page.evaluate("document.activeElement.blur()")
    lab.page.keyboard.press("ArrowRight")
    assert lab.step == 400
    lab.page.keyboard.press("ArrowRight")  # back to where the run stands
    assert (lab.step, lab.data("past")) == (500, "")
    then = lab.reading()
    assert (then["numbers"], then["facts"]) == (now["numbers"], now["facts"])
    lab.page.evaluate("new Promise((done) => setTimeout(done, 400))")
    assert seen == []
    lab.page.keyboard.press("ArrowRight")  # and on
    lab.wait_for_step(501)
    assert "webSocketFrameSent" in seen


def test_the_ledger_marks_the_step_that_one_looks_back_at(new_lab: Lab) -> None:
    lab = new_lab
    rested(lab)
    charts = lab.page.locator(".stVerticalBlock:has(> [class*=st-key-table_of_]) > * .vega-embed")
    lines = charts.locator("[data-marker]")
    lab.wait(lambda: charts.locator("path.background").count() > 1, "both charts")
    assert lines.count() == 0
    for key, step in (("ArrowLeft", 400), ("ArrowLeft", 300)):
        lab.page.keyboard.press(key)
        assert (
            lines.evaluate_all("all => all.map((line) => line.dataset.marker)") == [str(step)] * 2
        )
    for k in range(2):  # the axis ends where the run is
        plot = charts.nth(k).locator("path.background").first.bounding_box()
        line = lines.nth(k).bounding_box()
        at = line["x"] + line["width"] / 2 - plot["x"]
        assert at == pytest.approx(300 / 500 * plot["width"], abs=2)
        assert line["height"] == pytest.approx(plot["height"], abs=2)
    lab.press("step1")
    lab.wait_for_step(501)
    assert not any(line.is_visible() for line in lines.all())


def test_play_goes_on_from_the_end_wherever_one_looks(new_lab: Lab) -> None:
    lab = new_lab
    lab.press("play")
    lab.wait_for_frames(60)
    drag_to(lab, 0.1)  # it pauses first
    lab.wait(lambda: not lab.playing and int(lab.data("recorded")) > 20, "the recording")
    end = int(lab.role("seek").get_attribute("max"))
    for _ in range(3):
        lab.page.keyboard.press("ArrowLeft")
    lab.wait(lambda: lab.data("past") != "", "the past")
    assert int(lab.data("past")) < end
    assert_agrees(lab, library_at(lab.step), "0,0")
    last = int(re.search(r"Play goes on from step ([\d,]+)", lab.status)[1].replace(",", ""))
    lab.press("step1")
    lab.wait_for_step(last + 1)
    assert lab.data("past") == ""
    assert_agrees(lab, library_at(last + 1), "0,0")
    lab.press("restart")
    lab.wait_for_step(0)
    lab.wait(lambda: int(lab.data("recorded")) <= 1, "a new recording")
    assert lab.role("seek").is_disabled()


def test_a_fork_trains_on_with_both_curves(new_lab: Lab) -> None:
    lab = new_lab
    rested(lab)
    lab.page.keyboard.press("ArrowLeft")
    lab.page.keyboard.press("ArrowLeft")
    lab.press("fork")
    lab.wait(lambda: "Run B leaves run A at step 300" in lab.status, "the fork")
    assert "kept at step 300" in lab.status
    field = lab.page.get_by_label("Run B leaves run A at step", exact=True)
    field.wait_for()  # the sidebar's part is open
    assert field.input_value() == "300"
    lab.page.set_viewport_size({"width": 1280, "height": 720})
    pair = [lab.page.get_by_label(re.compile(f"^Gradient of W, {run}")) for run in "AB"]
    lab.wait(lambda: len({one.bounding_box()["width"] for one in pair}) == 1, "charts of one size")
    head = lab.page.get_by_role("columnheader", name="B: rate 0.01 from step 300")
    head.wait_for()
    cells = lab.page.locator("table tr", has_text="log-likelihood, exact").locator("td")
    state = library_at(300).rbm
    other = replace(DEFAULT, learning_rate=0.01)
    assert cells.nth(2).inner_text() != cells.nth(1).inner_text()
    expected = forked_likelihood(300, other, 500)
    assert cells.nth(2).inner_text() == f"{expected:.3f}".replace("-", "\u2212")
    lab.wait(lambda: max((d.count("L") for d in drawn(lab, HUE_B)), default=0) >= 4, "B's line")
    for hue in (HUE_A, HUE_B):  # up to the fork B's points are those of A
        begins = [float(d[1:].split(",")[0]) for d in drawn(lab, hue)]
        assert min(begins, default=None) == 0.0
    assert state.n_hidden == 8
    lab.press("step10")
    lab.page.locator("table tr", has_text="step").get_by_text("510").nth(1).wait_for()
    lab.wait(lambda: "rival_from=300&step=510" in lab.page.url, "the fork in the address")


def drawn(lab: Lab, hue: str) -> list[str]:
    """The lines and single points of a curve, as SVG paths."""
    curves = lab.page.locator(f'svg.marks .mark-line path[stroke="{hue}"]')
    return curves.evaluate_all("paths => paths.map((path) => path.getAttribute('d'))")


def forked_likelihood(fork: int, other: object, step: int) -> float:
    """The fork by the library alone."""
    import rbmviz
    from rbmviz.core.training import with_settings

    state = rbmviz.train(rbmviz.start(DEFAULT.training_settings(), DEFAULT.data.v), fork)
    state = rbmviz.train(with_settings(state, other.training_settings()), step - fork)
    return rbmviz.mean_log_likelihood(state.rbm, DEFAULT.data.v)


def test_runs_are_kept_renamed_opened_and_deleted(new_lab: Lab) -> None:
    lab, page = new_lab, new_lab.page
    rested(lab, steps=2)
    lab.open("Runs and recordings")
    page.get_by_role("button", name="Keep this run").click()
    name = page.get_by_label("Name of Run 1", exact=True)
    name.wait_for()
    page.set_viewport_size({"width": 1280, "height": 720})
    page.mouse.move(1, 1)  # a chart under the pointer shows its buttons
    assert faults_now(page) == []
    name.fill("two hundred")
    name.press("Enter")
    renamed = page.get_by_label("Name of two hundred", exact=True)
    renamed.wait_for()
    lab.slide("Hidden units", 1)
    lab.wait_for_step(0)
    lab.press("step10")
    lab.wait_for_step(10)
    main = page.get_by_test_id("stMainBlockContainer")
    main.get_by_role("button", name="Open", exact=True).click()
    lab.wait(lambda: "two hundred, at step 200" in lab.status, "the old run")
    assert_agrees(lab, library_at(200), "0,0")
    lab.wait(lambda: int(lab.data("recorded")) >= 3, "its recording")
    page.evaluate("document.activeElement.blur()")
    lab.page.keyboard.press("ArrowLeft")
    assert lab.step == 100
    assert_agrees(lab, library_at(100), "0,0")
    slider = page.get_by_role("slider", name="Hidden units")
    assert slider.get_attribute("aria-valuetext") == "8"
    page.get_by_label("Name of Run 2", exact=True).wait_for()  # the run of 9 made way
    page.get_by_role("button", name="Delete", exact=True).first.click()
    renamed.wait_for(state="detached")
    lab.press("step10")
    lab.wait_for_step(210)
    assert_agrees(lab, library_at(210), "0,0")


# ---- recordings -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(browser: Browser, app_server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the recording of a run of 400 updates, as a file and as a page."""
    folder = tmp_path_factory.mktemp("saved")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(app_server.url)
    lab = Lab(page)
    rested(lab, steps=4)
    lab.open("Runs and recordings")
    for button, file in (("Save the recording", "r.npz"), ("Save as a page", "r.html")):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        download.value.save_as(folder / file)
    context.close()
    return folder


@pytest.fixture
def replay(browser: Browser, saved: Path) -> Iterator[Lab]:
    """The page from disk, with the network cut; it must ask for nothing and log no error."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    page, problems = context.new_page(), []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((saved / "r.html").as_uri())
    yield Lab(page)
    context.close()
    assert problems == []
    assert [url for url in asked if not url.startswith("file:")] == []


def assert_recorded(lab: Lab, key: str) -> None:
    """What the page says at its step, within half a level of what was recorded."""
    shown = {panel: lab.number(panel) for panel in PANELS}
    assert shown == pytest.approx(expected_numbers(library_at(lab.step), key), abs=2e-4)


def test_the_saved_page_plays_scrubs_and_reads_without_a_network(replay: Lab) -> None:
    lab = replay
    assert (lab.step, lab.data("recorded")) == (0, "5")
    assert lab.page.title() == "bars-and-stripes 4x4, 16 × 8 units"
    assert_recorded(lab, "0,0")
    lab.page.keyboard.press("Space")
    lab.wait_for_step(400)
    lab.wait(lambda: not lab.playing, "the end")
    lab.page.keyboard.press("ArrowLeft")
    assert lab.step == 300
    for panel in PANELS:
        for across, down in ((0.3, 0.5), (0.97, 0.4), (0.5, 0.98)):
            assert_recorded(lab, hover(lab, panel, across, down))
    snapshot = library_at(300)
    assert lab.exact_fact("log_z") == pytest.approx(snapshot.log_z, abs=6e-4)
    assert lab.exact_fact("likelihood") == pytest.approx(snapshot.mean_log_likelihood, abs=6e-4)
    drag_to(lab, 0.25)
    assert lab.step == 100
    assert_recorded(lab, hover(lab, "gradient"))
    lab.press("restart")
    assert lab.step == 0
    lab.page.keyboard.press("ArrowRight")
    assert lab.step == 100
    lab.press("images")
    assert lab.stage.locator("[data-action=images]").get_attribute("aria-pressed") == "true"
    for gone in ("step10", "new_seed", "slow", "fork"):
        assert not lab.stage.locator(f"[data-action={gone}]").is_visible()


def without(checkpoint: Checkpoint, parts: set[str], numbers: set[str]) -> Checkpoint:
    """A checkpoint as older files hold it, or as a heavier model would leave it."""
    frame = {name: block for name, block in checkpoint.frame.items() if name not in parts}
    scalars = frame["scalars"].copy()
    scalars[[SCALARS.index(name) for name in numbers]] = np.nan
    return replace(checkpoint, noted={**frame, "scalars": scalars})


def test_what_is_of_another_step_is_faded_and_names_it(browser: Browser, tmp_path: Path) -> None:
    driven = run_lab.Lab(DEFAULT)
    driven.answer()
    for _ in range(3):
        driven.act("step", 100)
        driven.answer()
    run = driven.copy_of_run()
    start, first, second, third = run.recording.checkpoints
    states = {"states", "states_p"}
    exact = {"log_z", "mean_log_likelihood", "error_norm", "angle", "norm_ratio"}
    old = Recording()
    for checkpoint in (
        without(start, states, set()),
        without(first, set(), {"log_z_estimate", "log_z_low", "log_z_high"}),
        without(second, {*states, "exact"}, exact),
        third,
    ):
        old.put(checkpoint, newest=True)
    run.recording = old
    (tmp_path / "old.html").write_bytes(recording_page(run))
    page = browser.new_page()
    page.goto((tmp_path / "old.html").as_uri())
    lab = Lab(page)

    def look() -> tuple[str, str, bool]:
        tiles = lab.canvas("states")
        faded = tiles.evaluate("canvas => getComputedStyle(canvas).opacity") != "1"
        return lab.role("states-note").inner_text(), tiles.get_attribute("aria-label"), faded

    # The steps are a third of the way apart: the line shows points and nothing between them.
    between = """canvas => {
      const { width, height } = canvas;
      const context = canvas.getContext("2d");
      const pixel = width / canvas.clientWidth;
      const above = height - Math.ceil(2 * pixel); // of the ground line
      const isPainted = (x) => context.getImageData(x, 0, 1, above).data.some(Boolean);
      const x = (k) => Math.round(5 * pixel + (k / 3) * (width - 10 * pixel));
      return [isPainted(x(1)), isPainted(x(0.5))];
    }"""
    assert lab.role("line").evaluate(between) == [True, False]
    # All states were summed here, so nobody is told to wait for that.
    assert lab.role("states-missing").inner_text() == "Not recorded at this step."
    page.keyboard.press("ArrowRight")
    assert look() == ("exact p(v)", "Most probable states, exact p(v)", False)
    assert lab.data("exact") == "known"
    assert "estimated" not in lab.fact("log_z")  # the one of step 0 would seem to be wrong here
    page.keyboard.press("ArrowRight")
    said = "exact, of step 100"
    assert look() == (said, f"Most probable states, {said}", True)
    assert lab.data("exact") == "stale"
    assert lab.role("exact-note").inner_text() == "exact at step 100"
    assert "Exact negative phase at step 100," in lab.canvas("exact").get_attribute("aria-label")
    for name in ("log_z", "likelihood", "comparison"):
        late = lab.stage.locator(f"[data-fact={name}] [data-late]")
        assert late.all_inner_texts()[0].strip(" \u00b7").endswith("(step 100)")
    lab.canvas("negative").focus()
    page.keyboard.press("ArrowDown")
    assert lab.role("spoken").text_content().endswith("at step 100")
    page.keyboard.press("ArrowRight")  # on the canvas it goes from cell to cell
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    assert lab.step == 300
    assert look()[0::2] == ("exact p(v)", False)
    assert lab.stage.locator("[data-late]").count() == 0
    page.close()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1920, 1080)])
def test_the_saved_page_fits_and_follows_the_system_s_colours(
    replay: Lab, width: int, height: int
) -> None:
    lab = replay
    lab.page.set_viewport_size({"width": width, "height": height})
    light = lab.reading()["pictures"]
    lab.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    lab.wait(lambda: lab.data("theme") == "dark", "the dark theme")
    assert all(a != b for a, b in zip(light, lab.reading()["pictures"], strict=True))
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert lab.page.evaluate(wide)
    lab.press("play")
    lab.wait(lambda: lab.step > 0, "the next step, without haste")
    lab.press("play")
    assert not lab.playing


def test_a_saved_file_takes_the_stage_again(open_lab: OpenLab, saved: Path) -> None:
    lab = open_lab()
    lab.slide("Hidden units", 2)
    lab.open("Open a recording")
    lab.page.locator("input[type=file]").set_input_files(saved / "r.npz")
    lab.wait(lambda: "at step 400" in lab.status, "the recording")
    assert "bit for bit" in lab.status
    assert_agrees(lab, library_at(400), "0,0")
    lab.wait(lambda: lab.data("recorded") == "5", "all that it holds")
    lab.page.evaluate("document.activeElement.blur()")
    lab.page.keyboard.press("ArrowLeft")
    assert lab.step == 300
    assert_agrees(lab, library_at(300), hover(lab, "positive"))
    lab.press("fork")
    lab.wait(lambda: "trained again from step 0" in lab.status, "what the fork goes on from")
    lab.press("step10")
    lab.wait_for_step(410)
    assert_agrees(lab, library_at(410), "0,0")
