"""The page Every state in a real Chromium: buttons, reading, orders, spurious modes, a phone."""

import numpy as np
import pytest
from browser.chromium import Lab
from browser.conftest import OpenPage

import rbmviz
from rbmviz.run.settings import LabSettings
from rbmviz.run.small_models import load_small_model, small_model_names
from rbmviz.studio.state_run import Learning

SMALL = "Shifting bar 9, untrained"


class EveryState(Lab):
    """The page as a person sees it: its stage has the lab's buttons."""

    def value(self, name: str) -> float:
        """A number of the reading, unrounded."""
        return float(self.role(name).get_attribute("data-value"))

    def settled(self) -> bool:
        """True when the picture has arrived where it moved to."""
        return self.data("tweening") == "false"

    def wait_until_settled(self) -> None:
        self.wait(self.settled, "the picture to come to rest")

    def watch_moves(self) -> None:
        """Note from now on whether the picture is between two frames."""
        self.stage.evaluate(
            "stage => { window.moves = []; new MutationObserver(() => "
            "window.moves.push(stage.dataset.tweening)).observe(stage, {attributeFilter: "
            "['data-tweening']}); }"
        )

    def moved(self) -> bool:
        """True when it was since watch_moves."""
        return "true" in self.page.evaluate("window.moves")

    def picture(self, name: str = "tiles") -> str:
        """The pixels of a canvas."""
        return str(self.canvas(name).evaluate("canvas => canvas.toDataURL()"))


def snapshot(name: str, n_updates: int) -> rbmviz.StatesSnapshot:
    """What the library says of the run that the page shows."""
    state = Learning(LabSettings(learning_rate=0.2)).start(load_small_model(name))
    state = rbmviz.train(state, n_updates)
    return rbmviz.take_states_snapshot(state, rbmviz.train_step(state))


@pytest.fixture
def every_state(open_page: OpenPage) -> EveryState:
    return EveryState(open_page("/every-state"))


def test_the_reading_has_the_librarys_numbers_by_pointer_and_by_keys(
    every_state: EveryState,
) -> None:
    page = every_state
    page.wait_until_settled()
    frame = snapshot(small_model_names()[0], 0)
    tiles = page.canvas("tiles")
    box = tiles.bounding_box()
    tiles.hover(position={"x": box["width"] * 0.53, "y": box["height"] * 0.47})
    page.wait(lambda: page.data("hover"), "a hovered state")
    state = int(page.data("hover"))
    grid = rbmviz.gray_layout(9).T  # turned: the screen is wide
    assert state == grid[int(0.47 * 16), int(0.53 * 32)]
    assert page.value("p_model") == pytest.approx(frame.p_model[state], rel=1e-5)
    assert page.value("log_p_tilde") == pytest.approx(frame.log_p_tilde[state], rel=1e-5)
    assert page.value("free_energy") == -page.value("log_p_tilde")
    assert page.value("push") == pytest.approx(frame.push[state], abs=1e-6)
    assert page.value("change") == pytest.approx(frame.change[state], abs=1e-6)
    assert page.value("frequency") == pytest.approx(frame.frequency[state], abs=1e-6)
    bits = page.role("bits").inner_text().replace(" ", "")
    assert bits == "".join(str(state >> k & 1) for k in range(9))
    assert page.stage.locator(".mark.flip:visible").count() == 9

    tiles.click(position={"x": box["width"] * 0.53, "y": box["height"] * 0.47})
    assert page.data("selected") == str(state)
    tiles.press("ArrowRight")
    beside = int(page.data("hover"))
    assert (beside ^ state).bit_count() == 1
    assert page.role("spoken").inner_text().startswith("State ")
    assert page.step == 0  # the arrow walked, it did not train
    page.canvas("land").press("ArrowRight")
    assert (int(page.data("hover")) ^ state).bit_count() == 1
    assert "2.7%" in tiles.get_attribute("aria-label")


def test_updates_move_the_picture_to_where_the_run_is(every_state: EveryState) -> None:
    page = every_state
    page.wait_until_settled()
    start = page.picture()
    for button, step in (("step1", 1), ("step10", 11), ("step100", 111)):
        page.press(button)
        page.wait_for_step(step)
    page.wait_until_settled()
    frame = snapshot(small_model_names()[0], 111)
    selected = int(page.data("selected"))
    assert page.value("p_model") == pytest.approx(frame.p_model[selected], rel=1e-4)
    assert page.picture() != start
    page.watch_moves()
    page.press("step1000")
    page.wait_for_step(1111)
    page.wait(page.moved, "the picture to move")
    page.wait_until_settled()
    told = page.role("verdict").inner_text()
    p = snapshot(small_model_names()[0], 1111)
    assert f"hold {p.p_model[p.p_data > 0].sum():.1%}" in told
    page.press("restart")
    page.wait_for_step(0)
    page.wait_until_settled()
    assert page.picture() == start


def test_play_pulls_frames_and_pause_stops_at_the_one_on_the_screen(
    every_state: EveryState,
) -> None:
    page = every_state
    page.press("play")
    page.wait_for_frames(8)
    shown = page.press_at_once("play")
    assert not page.playing
    page.wait(lambda: page.step == shown and page.settled(), "the step that was shown")
    page.press("step1")
    page.wait_for_step(shown + 1)


def test_a_layout_and_arrows_are_chosen_without_the_server(every_state: EveryState) -> None:
    page = every_state
    page.press("step1000")
    page.wait_for_step(1000)
    page.wait_until_settled()
    cube, land, painted = page.picture(), page.picture("land"), page.painted
    page.press("energy")
    page.wait(lambda: page.data("layout") == "energy" and page.settled(), "the other order")
    assert page.picture() != cube
    frame = snapshot(small_model_names()[0], 1000)
    page.canvas("tiles").hover(position={"x": 5, "y": 5})
    page.wait(lambda: page.data("hover"), "a hovered state")
    assert int(page.data("hover")) == np.argmax(frame.log_p_tilde)
    page.page.mouse.move(1, 1)
    page.press("hypercube")
    page.wait(lambda: page.data("layout") == "hypercube" and page.settled(), "the hypercube")
    page.wait(lambda: page.picture() == cube, "the same picture as before")
    assert page.role("legend-push").is_visible()
    page.press("change")
    assert page.role("said-change").is_visible()
    assert not page.role("legend-push").is_visible()
    changed = page.picture("land")
    assert changed != land
    page.press("linear")
    assert page.picture("land") != changed
    assert page.role("axis-low").inner_text() == "0"
    assert page.painted == painted  # no frame came: the server was not asked


def test_spurious_modes_are_marked_and_listed(every_state: EveryState) -> None:
    page = every_state
    page.choose("Model", SMALL)
    page.wait(lambda: "9 states" in page.role("verdict").inner_text(), "the other model")
    page.press("step1000")
    page.wait_for_step(1000)
    page.wait_until_settled()
    plain = page.picture()
    assert not page.role("found").is_visible()
    page.press("spurious")
    page.wait(page.role("found").is_visible, "the list")
    p = snapshot(SMALL, 1000).p_model[0]
    assert f"together p = {p:.4f}" in page.role("found").inner_text()
    label = page.canvas("found").get_attribute("aria-label")
    assert label == f"Spurious modes: 000000000 with p {p:.4f}."
    page.wait(lambda: page.picture() != plain, "marks on the tiles")
    page.press("spurious")
    page.wait(lambda: not page.role("found").is_visible(), "the list to go")


def test_a_change_in_the_sidebar_goes_on_from_the_same_step(every_state: EveryState) -> None:
    page = every_state
    page.press("step10")
    page.wait_for_step(10)
    page.choose("Negative phase", "Exact enumeration")
    page.wait(lambda: "exact samples" in page.role("samples-name").inner_text(), "exact samples")
    assert page.step == 10
    page.open("The most probable states")
    page.page.get_by_test_id("stDataFrame").wait_for()


def test_who_wants_less_motion_gets_the_end_at_once(open_page: OpenPage) -> None:
    page = EveryState(open_page("/every-state", reduced_motion="reduce"))
    page.watch_moves()
    page.press("step100")
    page.wait_for_step(100)
    page.press("energy")
    page.wait(lambda: page.data("layout") == "energy", "the other order")
    assert not page.moved()


def test_a_phone_in_the_dark_shows_everything_in_its_width(open_page: OpenPage) -> None:
    page = EveryState(
        open_page("/every-state", viewport=(390, 844), color_scheme="dark", has_touch=True)
    )
    page.wait(lambda: page.data("theme") == "dark", "the dark theme")
    page.wait_until_settled()
    page.stage.locator("[data-action=spurious]").scroll_into_view_if_needed()
    page.press("spurious")
    too_wide = (
        "[...root.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > 391)"
        ".map(e => e.tagName + '.' + e.className)"
    )
    content = page.page.locator(".stMainBlockContainer")
    wide = [
        found for part in (content, page.stage) for found in part.evaluate(f"root => {too_wide}")
    ]
    assert wide == []
    for name in ("tiles", "land"):
        box = page.canvas(name).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    tiles = page.canvas("tiles")
    tiles.scroll_into_view_if_needed()
    box = tiles.bounding_box()
    page.page.touchscreen.tap(box["x"] + 60, box["y"] + 60)
    page.wait(lambda: page.data("selected") != "0", "the state under the finger")
