"""The lab in a real Chromium: what a person does, and what the screen says then.

Numbers on the screen are compared with the library's own, computed here from the same settings.
"""

import base64
from dataclasses import replace

import pytest
from browser.chromium import Lab
from browser.conftest import OpenLab

import rbmviz
from rbmviz.charts.runs import HUE_A, HUE_B
from rbmviz.core.snapshot import Snapshot, take_snapshot
from rbmviz.run import lab as run_lab
from rbmviz.run.settings import LabSettings
from rbmviz.stage.message import encode
from rbmviz.studio.stage_header import live_header

PANELS = ("gradient", "positive", "negative", "exact")
DEFAULT = LabSettings()


def library_at(step: int, settings: LabSettings = DEFAULT) -> Snapshot:
    """The same moment of the same run, by the library alone."""
    state = rbmviz.start(settings.training_settings(), settings.data.v)
    state = rbmviz.train(state, step)
    return take_snapshot(state, rbmviz.train_step(state), exact=True)


def expected_numbers(snapshot: Snapshot, key: str) -> dict[str, float]:
    """What the panels should say about W[3, 5] ("3,5"), b[3] ("b3") or c[5] ("c5")."""
    phases = (snapshot.positive, snapshot.negative.statistics, snapshot.exact_negative)
    if key.startswith(("b", "c")):
        place = int(key[1:])
        positive, negative, exact = ((p.v if key[0] == "b" else p.h)[place] for p in phases)
    else:
        i, j = map(int, key.split(","))
        positive, negative, exact = (p.vh[i, j] for p in phases)
    return {
        "gradient": positive - negative,
        "positive": positive,
        "negative": negative,
        "exact": exact,
    }


def assert_agrees(lab: Lab, snapshot: Snapshot, key: str) -> None:
    """The four numbers on the screen are the library's, sent as float32."""
    shown = {panel: lab.number(panel) for panel in PANELS}
    assert shown == pytest.approx(expected_numbers(snapshot, key), abs=1e-6)
    assert shown["positive"] - shown["negative"] == pytest.approx(shown["gradient"], abs=1e-12)


def hover(lab: Lab, panel: str, across: float = 0.4, down: float = 0.4) -> str:
    """Point at a place of a picture, given as shares of its size; return the parameter there."""
    box = lab.canvas(panel).bounding_box()
    lab.page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
    return lab.data("hover")


# ---- opening, playing, stepping -----------------------------------------------------------


def test_it_opens_with_every_number_known_and_a_clean_console(new_lab: Lab) -> None:
    """Console errors and requests to other servers fail every test here: see conftest.watch."""
    lab = new_lab
    assert lab.step == 0
    assert not lab.playing
    assert lab.data("exact") == "known"
    assert "Space plays" in lab.status
    assert lab.canvas("gradient").get_attribute("aria-label").startswith("Gradient")
    for canvas in ("gradient", "positive", "negative", "exact", "weights", "data", "states"):
        assert lab.canvas(canvas).bounding_box()["width"] > 100
    assert_agrees(lab, library_at(0), "0,0")
    for title in ("The two terms", "Their difference"):
        lab.page.get_by_text(title).first.wait_for()


def test_play_moves_pause_stops_at_the_step_on_the_screen(lab: Lab) -> None:
    lab.press("play")
    lab.wait_for_frames(30)
    assert lab.playing
    shown = lab.press_at_once("play")
    assert shown > 0
    assert not lab.playing
    lab.press("step1")  # when its answer is here, the answer to Pause has come as well
    lab.wait(lambda: lab.step != shown, "the next step")
    assert lab.step == shown + 1
    assert not lab.playing
    assert_agrees(lab, library_at(shown + 1), "0,0")


def test_steps_advance_by_exactly_one_ten_and_a_hundred(lab: Lab) -> None:
    for action, goal in (("step1", 1), ("step1", 2), ("step10", 12), ("step100", 112)):
        lab.press(action)
        lab.wait(lambda: lab.step > 0 and lab.step >= goal, f"step {goal}")  # noqa: B023
        assert lab.step == goal
    lab.page.keyboard.press("ArrowRight")
    lab.wait_for_step(113)
    lab.press("play")
    lab.wait_for_frames(5)
    shown = lab.press_at_once("step1")  # from playing: it pauses there and makes one update
    lab.wait(lambda: lab.step != shown, "one more step")
    assert (lab.step, lab.playing) == (shown + 1, False)


def test_every_one_of_many_quick_clicks_counts(lab: Lab) -> None:
    for _ in range(20):
        lab.press_at_once("step1")
    lab.wait(lambda: lab.step >= 20, "20 steps")
    lab.press("step10")
    lab.wait(lambda: lab.step > 20, "10 more")
    assert lab.step == 30


def test_space_plays_and_pauses_but_not_while_typing(lab: Lab) -> None:
    lab.page.keyboard.press("Space")
    lab.wait_for_frames(3)
    assert lab.playing
    lab.page.keyboard.press("Space")
    lab.wait(lambda: not lab.playing, "the pause")
    field = lab.page.get_by_label("Learning rate", exact=True)
    field.focus()
    for key in ("Space", "s", "ArrowRight"):
        field.press(key)
    assert not lab.playing
    assert lab.data("narrate") == ""


def test_restart_replays_the_library_s_run_and_new_seed_does_not(new_lab: Lab) -> None:
    lab = new_lab

    def go_to_30() -> dict[str, object]:
        for _ in range(3):
            lab.press("step10")
        lab.wait_for_step(30)
        return lab.reading()

    first = go_to_30()
    lab.press("restart")
    lab.wait_for_step(0)
    assert go_to_30() == first  # every number and every pixel
    snapshot = library_at(30)
    assert_agrees(lab, snapshot, "0,0")
    log_z = rbmviz.exact_log_z(snapshot.rbm)
    likelihood = rbmviz.mean_log_likelihood(snapshot.rbm, DEFAULT.data.v)
    assert lab.exact_fact("log_z") == pytest.approx(log_z, abs=6e-4)
    assert lab.exact_fact("likelihood") == pytest.approx(likelihood, abs=6e-4)

    lab.open("More settings")
    field = lab.page.get_by_label("Seed", exact=True)
    assert field.input_value() == "1"
    lab.press("new_seed")
    lab.wait_for_step(0)
    lab.wait(lambda: field.input_value() != "1", "the sidebar's new seed")
    go_to_30()
    seed = int(field.input_value())
    assert_agrees(lab, library_at(30, replace(DEFAULT, seed=seed)), "0,0")


# ---- pointing, selecting, views -----------------------------------------------------------


def test_hover_reads_all_four_panels_and_a_click_keeps_the_parameter(lab: Lab) -> None:
    lab.press("step100")
    lab.wait_for_step(100)
    snapshot = library_at(100)
    seen = set()
    for panel in PANELS:
        for across, down in ((0.3, 0.5), (0.97, 0.4), (0.5, 0.98)):  # W, its margin b, its margin c
            key = hover(lab, panel, across, down)
            seen.add(key)
            assert_agrees(lab, snapshot, key)
            for other in PANELS:  # linked: the outline is in all four
                assert lab.role(f"{other}-hovered").is_visible()
    assert {key[0] for key in seen} >= {"b", "c"}
    key = hover(lab, "negative", 0.3, 0.7)
    lab.page.mouse.down()
    lab.page.mouse.up()
    assert lab.data("selected") == key != "0,0"
    lab.page.mouse.move(5, 5)
    assert lab.data("hover") == ""
    assert_agrees(lab, snapshot, key)
    i, j = key.split(",")
    assert lab.role("gradient-note").inner_text() == f"W[{i}, {j}]"


def test_the_pictures_are_read_by_keyboard(lab: Lab) -> None:
    lab.canvas("gradient").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        lab.page.keyboard.press(key)
    assert lab.data("hover") == "2,1"
    assert "W[2, 1]: gradient" in lab.role("spoken").inner_text()
    lab.page.keyboard.press("Enter")
    assert lab.data("selected") == "2,1"
    assert_agrees(lab, library_at(0), "2,1")
    lab.press("step1")  # the arrow keys made no update
    lab.wait(lambda: lab.step > 0, "one step")
    assert lab.step == 1


def test_the_images_view_shows_one_image_for_each_hidden_unit(lab: Lab) -> None:
    lab.press("step100")
    lab.wait_for_step(100)
    matrix = lab.reading()
    lab.press("images")
    assert lab.stage.locator("[data-action=images]").get_attribute("aria-pressed") == "true"
    images = lab.reading()
    assert images["numbers"] == matrix["numbers"]
    assert images["pictures"][0] != matrix["pictures"][0]
    snapshot = library_at(100)
    seen = set()
    for share in (0.1, 0.3, 0.6, 0.9):
        if key := hover(lab, "positive", share, 0.2):
            seen.add(key)
            assert_agrees(lab, snapshot, key)
    assert len(seen) >= 2
    lab.press("play")
    lab.wait_for_frames(5)
    lab.press("matrix")
    lab.wait_for_frames(5)
    assert lab.stage.locator("[data-action=matrix]").get_attribute("aria-pressed") == "true"


# ---- the sidebar --------------------------------------------------------------------------


def test_learning_settings_are_taken_while_playing_and_keep_the_run(new_lab: Lab) -> None:
    lab = new_lab
    lab.press("play")
    lab.wait_for_frames(20)
    before = lab.step
    lab.enter("Learning rate", 0)

    def stands_still() -> bool:
        """With learning rate 0 the step counter goes on and the model does not change."""
        then = lab.reading()
        lab.wait_for_frames(5)
        now = lab.reading()
        return then["facts"][1] == now["facts"][1] and int(then["step"]) < int(now["step"])

    lab.wait(stands_still, "a model that does not move")
    assert lab.playing
    assert lab.step > before
    assert "Started again" not in lab.status

    meaning = lab.role("negative-meaning")
    more = lab.page.get_by_label("Gibbs steps k").locator("xpath=../..").get_by_role("button").last
    for _ in range(5):
        more.click()
    lab.wait(lambda: "CD\u20116" in meaning.inner_text(), "CD-6")
    for name, label, kind in (
        ("Persistent CD", "PCD\u20116", "estimated"),
        ("Exact enumeration", "exact", "exact"),
    ):
        lab.choose("Negative phase", name)
        lab.wait(lambda: label in meaning.inner_text(), label)  # noqa: B023
        assert lab.data("negative") == kind
    lab.wait_for_frames(10)
    assert lab.playing
    assert lab.number("negative") == pytest.approx(lab.number("exact"), abs=1e-6)


def test_another_size_starts_again_and_says_so_while_playing(new_lab: Lab) -> None:
    lab = new_lab
    lab.press("play")
    lab.wait_for_frames(60)
    before = lab.step
    lab.slide("Hidden units", 1)
    lab.wait(lambda: "Started again at step 0" in lab.status, "the notice")
    assert "8 \u2192 9" in lab.status
    assert lab.step < before
    lab.wait_for_frames(10)
    assert lab.playing
    shown = lab.press_at_once("play")
    lab.press("step1")
    lab.wait_for_step(shown + 1)
    assert_agrees(lab, library_at(shown + 1, replace(DEFAULT, n_hidden=9)), "0,0")


def test_real_digits_train(new_lab: Lab) -> None:
    lab = new_lab
    lab.choose("Data set", "digits")
    lab.wait(lambda: "Started again" in lab.status, "the new data")
    assert lab.fact("likelihood") == "" or "exact" in lab.fact("likelihood")
    start = lab.reading()
    lab.press("play")
    lab.wait_for_frames(40)
    lab.press("play")
    lab.wait(lambda: lab.exact_fact("log_z") is not None, "log Z")
    now = lab.reading()
    assert int(now["step"]) > 100
    assert all(a != b for a, b in zip(start["pictures"], now["pictures"], strict=True))
    settings = replace(DEFAULT, dataset="digits")
    first = library_at(0, settings).mean_log_likelihood
    assert lab.exact_fact("likelihood") > first + 1  # nats a row


# ---- exact on request ---------------------------------------------------------------------


def test_exact_on_request_at_once_or_with_a_progress_bar(new_lab: Lab) -> None:
    lab = new_lab
    lab.choose("Data set", "bars-and-stripes 5x5")
    lab.slide("Hidden units", 9)
    lab.wait(lambda: "17" in lab.status and lab.data("exact") == "missing", "17 hidden units")
    assert "2^17 states" in lab.role("exact-missing").inner_text()
    lab.press("exact")
    lab.wait(lambda: lab.data("exact") == "known", "the exact phase")
    settings = replace(DEFAULT, dataset="bars-and-stripes 5x5", n_hidden=17)
    snapshot = library_at(0, settings)
    assert_agrees(lab, snapshot, "0,0")
    assert lab.exact_fact("log_z") == pytest.approx(snapshot.log_z, abs=6e-4)
    lab.press("step1")
    lab.wait(lambda: lab.data("exact") == "stale", "a stale exact phase")
    assert "exact at step 0" in lab.role("exact-note").inner_text()

    lab.slide("Hidden units", 7)
    lab.wait(lambda: "24" in lab.status and lab.data("exact") == "missing", "24 hidden units")
    lab.press("exact")
    lab.page.get_by_text("Summing all states").wait_for()
    lab.wait(lambda: lab.data("exact") == "known", "the end of the sum")
    lab.page.get_by_role("button", name="Cancel", exact=True).wait_for(state="detached")
    assert_agrees(lab, library_at(0, replace(settings, n_hidden=24)), "0,0")


def test_a_sum_of_many_seconds_can_be_cancelled(new_lab: Lab) -> None:
    lab = new_lab
    lab.choose("Data set", "digits")
    lab.slide("Hidden units", 18)
    lab.wait(lambda: "26" in lab.status and lab.data("exact") == "missing", "26 hidden units")
    lab.press("exact")
    lab.page.get_by_role("button", name="Cancel", exact=True).click()
    lab.page.get_by_text("Summing all states").wait_for(state="detached")
    assert lab.data("exact") == "missing"
    lab.press("step10")
    lab.wait_for_step(10)
    assert lab.data("exact") == "missing"


# ---- a second run, many seeds -------------------------------------------------------------


def choose_rival(lab: Lab, setting: str) -> None:
    """Let run B differ in one setting of the sidebar."""
    lab.open("Compare two runs")
    field = lab.page.get_by_label("What run B does differently", exact=True)
    field.scroll_into_view_if_needed()
    for _ in range(3):  # the list closes when the sidebar scrolls: let it come to rest
        field.hover()
        lab.page.evaluate("new Promise((done) => setTimeout(done, 100))")
    lab.choose("What run B does differently", setting)


def rows(lab: Lab) -> dict[str, list[str]]:
    """The table of both runs by its first column; empty without a second run."""
    found = lab.page.locator("table tr").all_inner_texts()
    cells = [[cell.strip() for cell in row.split("\t")] for row in found]
    return {row[0]: row[1:] for row in cells}


CANCEL_AT_ONCE = """() => new Promise((done) => {
  const look = () => {
    const buttons = [...document.querySelectorAll("button")];
    const cancel = buttons.find((each) => each.innerText.trim() === "Cancel" && !each.disabled);
    if (!cancel) return requestAnimationFrame(look);
    cancel.click();
    done();
  };
  look();
})"""


def changed_outside_of_charts(lab: Lab) -> list[str]:
    """Where elements came or went, but for the marks of charts.

    A part of a curve that a chart has let go hangs in no chart any more when it is noted.
    """
    marks = ("svg.marks", " role-mark ")
    return [place for place in lab.changed_elements() if not any(m in place for m in marks)]


def number(text: str) -> float:
    return float(text.replace("\u2212", "-").replace(",", ""))


def test_a_second_run_plays_beside_the_first_and_pauses_at_the_same_step(new_lab: Lab) -> None:
    lab = new_lab
    lab.press("step100")
    lab.wait_for_step(100)
    choose_rival(lab, "Gibbs steps k")
    lab.wait(lambda: rows(lab).get("step") == ["100", "100"], "both runs at step 100")
    assert "Run B starts from the same step 0" in lab.status
    lab.press("play")
    lab.wait(lambda: number(rows(lab)["step"][1]) > 200, "run B to go on")
    lab.watch_elements()
    lab.wait_for_frames(60)
    assert changed_outside_of_charts(lab) == []
    for hue in (HUE_A, HUE_B):
        parts = lab.page.locator(f'svg.marks .mark-line path[stroke="{hue}"]')
        drawn = parts.evaluate_all("paths => paths.map((path) => path.getAttribute('d'))")
        assert max(path.count("L") for path in drawn) > 3
    shown = f"{lab.press_at_once('play'):,}"
    lab.wait(lambda: rows(lab)["step"] == [shown, shown], "both runs at the step on the screen")
    assert lab.page.get_by_label("Gibbs steps k of run B").is_visible()  # the part stays open
    numbers = rows(lab)
    assert numbers[""] == ["A: CD-1", "B: CD-10"]
    step = int(shown.replace(",", ""))
    for k, settings in enumerate((DEFAULT, replace(DEFAULT, n_steps=10))):
        snapshot = library_at(step, settings)
        likelihood = number(numbers["log-likelihood, exact"][k])
        assert likelihood == pytest.approx(snapshot.mean_log_likelihood, abs=6e-4)
        assert number(numbers["log Z, exact"][k]) == pytest.approx(snapshot.log_z, abs=6e-4)
        assert number(numbers["gradient norm"][k]) == pytest.approx(
            snapshot.comparison.gradient_norm, abs=6e-4
        )
    lab.press("step10")
    after = f"{step + 10:,}"
    lab.wait(lambda: rows(lab)["step"] == [after, after], "ten more of both")


def test_many_seeds_train_while_the_stage_goes_on_and_can_be_cancelled(new_lab: Lab) -> None:
    lab = new_lab
    page = lab.page
    lab.open("Many seeds")
    lab.enter("Updates of each", 20_000)
    page.get_by_role("button", name="Run", exact=True).click()
    progress = page.get_by_text("Training 30 seeds")
    progress.wait_for()
    lab.press("play")
    lab.wait_for_frames(10)  # the stage is not held up
    progress.wait_for()
    page.get_by_text("30 seeds: median and quartiles").first.wait_for()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_text("Cancelled.").wait_for()
    progress.wait_for(state="detached")
    before = lab.painted
    lab.wait(lambda: lab.painted > before, "the stage to play on")
    lab.press("play")

    lab.enter("Number of seeds", 5)
    lab.enter("Updates of each", 200)
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("seeds 1 to 5").wait_for()
    page.get_by_text("5 seeds: median and quartiles").first.wait_for()
    page.get_by_role("button", name="Run", exact=True).wait_for()  # it has come to its end


def test_many_seeds_are_cancelled_by_a_click_at_once(new_lab: Lab) -> None:
    lab = new_lab
    lab.open("Many seeds")
    lab.enter("Updates of each", 20_000)
    for _ in range(4):
        lab.page.get_by_role("button", name="Run", exact=True).click()
        # As soon as the button is there, before Playwright finds it at rest
        lab.page.evaluate(CANCEL_AT_ONCE)
        lab.page.get_by_role("button", name="Run", exact=True).wait_for()
        lab.page.get_by_text("Cancelled.").wait_for()


def test_run_b_and_the_speed_outlive_a_visit_to_another_page(new_lab: Lab) -> None:
    lab = new_lab
    choose_rival(lab, "Gibbs steps k")
    lab.wait(lambda: rows(lab).get("") == ["A: CD-1", "B: CD-10"], "run B")
    lab.enter("Gibbs steps k of run B", 7)
    lab.slide("Updates per frame", 2)
    lab.press("step10")
    lab.wait(lambda: rows(lab).get("step") == ["10", "10"], "ten updates of both")
    speed = lab.page.get_by_role("slider", name="Updates per frame")
    shown = speed.get_attribute("aria-valuetext")
    assert shown == "100"
    for name in ("Negative phase", "Partition function"):
        lab.page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
        lab.stage.wait_for(state="detached")
        lab.page.get_by_test_id("stSelectbox").get_by_text("Model", exact=True).wait_for()
        lab.page.get_by_test_id("stSidebarNav").get_by_role("link", name="Lab").click()
        lab.wait(lambda: rows(lab).get("step") == ["10", "10"], "both runs again")
        assert rows(lab)[""] == ["A: CD-1", "B: CD-7"]
        assert speed.get_attribute("aria-valuetext") == shown


# ---- leaving, diverging -------------------------------------------------------------------


def test_a_hidden_tab_pauses_with_a_notice(lab: Lab) -> None:
    lab.press("play")
    lab.wait_for_frames(5)
    lab.page.evaluate(
        "Object.defineProperty(document, 'visibilityState',"
        " {get: () => 'hidden', configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    lab.wait(lambda: not lab.playing, "the pause")
    shown = lab.step
    assert "Paused while this tab was hidden" in lab.status
    lab.page.evaluate("delete document.visibilityState")
    lab.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    lab.press("step1")
    lab.wait_for_step(shown + 1)
    assert "Paused" not in lab.status


def test_a_diverging_run_stops_explains_itself_and_can_be_restarted(new_lab: Lab) -> None:
    lab = new_lab
    lab.open("More settings")
    lab.enter("Weight decay", 1)
    lab.enter("Learning rate", 10)
    lab.press("play")
    lab.wait(lambda: "diverged" in lab.status, "the run to diverge")
    lab.wait(lambda: not lab.playing, "the stop")
    assert lab.role("status").get_attribute("data-kind") == "warning"
    assert "learning rate" in lab.status.lower()
    lab.enter("Weight decay", 0)
    lab.enter("Learning rate", 0.1)
    lab.press("restart")
    lab.wait_for_step(0)
    lab.press("step10")
    lab.wait_for_step(10)
    assert_agrees(lab, library_at(10), "0,0")


# ---- the page itself ----------------------------------------------------------------------


def test_nothing_is_removed_or_added_while_playing(lab: Lab) -> None:
    """Over the whole document; only a Vega chart draws its axes and lines anew inside its svg."""
    lab.press("play")
    moving = lab.page.locator("[data-testid=stVegaLiteChart][aria-label*=Pause]:has(svg)")
    lab.wait(lambda: moving.count() == 2, "both charts with the words that they have while playing")
    lab.wait_for_frames(20)
    assert lab.watch_elements() > 1  # the document and the stage's shadow root
    lab.wait_for_frames(130)
    assert changed_outside_of_charts(lab) == []


def test_dark_theme_from_the_start_and_on_the_fly(open_lab: OpenLab) -> None:
    lab = open_lab(color_scheme="dark")
    assert lab.data("theme") == "dark"
    dark = lab.reading()
    lab.page.emulate_media(color_scheme="light")
    lab.wait(lambda: lab.data("theme") == "light", "the light theme")
    light = lab.reading()
    assert light["numbers"] == dark["numbers"]
    assert all(a != b for a, b in zip(light["pictures"], dark["pictures"], strict=True))


def test_a_phone(open_lab: OpenLab) -> None:
    lab = open_lab(viewport=(390, 844), has_touch=True, is_mobile=True, device_scale_factor=3)
    for selector in ("html", "[data-testid=stMain]"):
        wide, room = lab.page.locator(selector).evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert wide <= room, selector
    for canvas in lab.stage.locator("canvas").all():
        box = canvas.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    lab.stage.locator("[data-action=play]").tap()
    lab.wait_for_frames(10)
    lab.stage.locator("[data-action=play]").tap()
    lab.wait(lambda: not lab.playing, "the pause")
    lab.canvas("positive").tap()
    assert lab.data("selected") not in ("", "0,0")


FASTER = """
  const wait = window.setTimeout;
  window.setTimeout = (run, after, ...rest) =>
    wait(run, after > 2000 && after < 2500 ? after / 10 : after, ...rest);
"""  # each stage of slow motion lasts 2.2 seconds


def test_slow_motion_tells_five_stages_and_makes_one_update(new_lab: Lab) -> None:
    lab = new_lab
    lab.press("step10")
    lab.wait_for_step(10)
    lab.page.evaluate(FASTER)
    lab.page.evaluate(
        """() => {
          const hosts = [...document.querySelectorAll("*")].filter((e) => e.shadowRoot);
          const stage = hosts.map((e) => e.shadowRoot.querySelector(".stage")).find(Boolean);
          const status = stage.querySelector("[data-role=status]");
          window.told = [];
          const tell = () => window.told.push([stage.dataset.narrate ?? "", status.textContent]);
          new MutationObserver(tell).observe(stage, { attributeFilter: ["data-narrate"] });
        }"""
    )
    lab.page.keyboard.press("s")
    lab.wait(lambda: len(lab.page.evaluate("window.told")) >= 6, "the whole story")
    told = lab.page.evaluate("window.told")
    assert [name for name, _ in told] == ["clamp", "infer", "sample", "subtract", "apply", ""]
    assert "Step 10 \u2192 11" in told[4][1]
    lab.wait_for_step(11)
    lab.press("step1")
    lab.wait(lambda: lab.step > 11, "the next step")
    assert lab.step == 12


def test_reduced_motion_stills_transitions_and_plays_on(open_lab: OpenLab) -> None:
    lab = open_lab(reduced_motion="reduce")
    lab.press("play")
    lab.wait_for_frames(5)
    lab.press("slow")
    lab.wait(lambda: lab.data("narrate") == "clamp", "the first stage")
    moving = "stage => stage.getAnimations({ subtree: true }).map((a) => a.transitionProperty)"
    assert lab.stage.evaluate(moving) == []
    lab.press("slow")
    assert lab.data("narrate") == ""


HAND_OVER = """async (messages) => {
  const code = await globalThis.rbmvizStageReady_en;
  const parentElement = document.body.appendChild(document.createElement("div"));
  for (const message of messages) {
    const data = Uint8Array.from(atob(message), (letter) => letter.charCodeAt(0));
    code.stage({ parentElement, data, setTriggerValue() {} }, code.css.stage);
  }
  const step = parentElement.querySelector("[data-step]").dataset.step;
  parentElement.remove();
  return Number(step);
}"""


def test_an_older_message_that_is_handed_on_later_changes_nothing(lab: Lab) -> None:
    driven = run_lab.Lab(LabSettings())

    def message() -> str:
        answer = driven.answer()
        header = live_header(answer, driven.exact)
        return base64.b64encode(encode(header, answer.snapshots)).decode()

    older = message()
    driven.lead_to(20)
    driven.go_on(10.0)
    newer = message()
    assert lab.page.evaluate(HAND_OVER, [older, newer]) == 20
    assert lab.page.evaluate(HAND_OVER, [newer, older]) == 20
