"""Own data in a real Chromium: paint by mouse and by keys, upload, edit, and train on it."""

import io

import numpy as np
from browser.chromium import Lab
from browser.conftest import OpenLab
from PIL import Image

import rbmviz
from rbmviz.run.own_data import OWN_NAME


def open_dialog(lab: Lab) -> None:
    lab.choose("Data set", OWN_NAME)
    lab.page.locator(".painter canvas.board").wait_for()


def pixels(lab: Lab) -> str:
    return lab.page.locator(".painter").get_attribute("data-pixels") or ""


def train_on(lab: Lab, words: str) -> None:
    """Press the button of the tab that is open, and wait for the run on these rows."""
    lab.page.get_by_role("button", name=f"Train on {words} pixels").locator("visible=true").click()
    lab.page.get_by_test_id("stDialog").wait_for(state="detached")
    lab.wait(lambda: f"→ Own data ({words})" in lab.status, "the new run")


def first_weight_moves(lab: Lab, v: np.ndarray, n_visible: int) -> None:
    """The gradient on the screen is the library's, for these very rows."""
    settings = rbmviz.TrainingSettings(8, rbmviz.ContrastiveDivergence(), seed=1)
    state = rbmviz.train(rbmviz.start(settings, v), 10)
    assert state.rbm.n_visible == n_visible
    update = rbmviz.train_step(state).last
    lab.press("step10")
    lab.wait_for_step(10)
    assert abs(lab.number("positive") - update.positive.vh[0, 0]) < 1e-6
    assert abs(lab.number("gradient") - update.gradient.vh[0, 0]) < 1e-6


def test_a_pattern_is_painted_and_trained_on(open_lab: OpenLab) -> None:
    lab = open_lab()
    page = lab.page
    open_dialog(lab)
    painter = page.locator(".painter")
    for name in ("height", "width"):
        painter.locator(f"[data-size={name}]").select_option("3")
    painter.get_by_role("button", name="Clear").click()
    board = painter.locator("canvas.board")
    box = board.bounding_box()
    across = [box["x"] + box["width"] * share for share in (1 / 6, 0.5, 5 / 6)]
    top = box["y"] + box["height"] / 6
    page.mouse.move(across[0], top)  # a stroke along the first line
    page.mouse.down()
    page.mouse.move(across[2], top, steps=6)
    page.mouse.up()
    assert pixels(lab) == "111000000"
    page.mouse.click(across[1], top)
    assert pixels(lab) == "101000000"
    painter.get_by_role("button", name="Undo").click()
    assert pixels(lab) == "111000000"
    painter.get_by_role("button", name="Add pattern").click()  # the keys are on the grid now
    for key in ("ArrowLeft", "ArrowLeft", "ArrowDown", "Space", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    assert pixels(lab) == "000100010"
    page.keyboard.press("Control+z")
    assert pixels(lab) == "000100000"
    assert "Pattern 2 of 3" in board.get_attribute("aria-label")
    assert lab.step == 0  # none of these keys went to the lab
    assert not lab.playing
    painter.get_by_role("button", name="Pattern 3").click()
    painter.get_by_role("button", name="Delete").click()
    train_on(lab, "2 rows of 3 x 3")
    v = np.array([[1, 1, 1, 0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 0, 0]], dtype=float)
    first_weight_moves(lab, v, 9)


def test_files_are_uploaded_with_a_preview(open_lab: OpenLab) -> None:
    lab = open_lab()
    page = lab.page
    open_dialog(lab)
    page.get_by_role("tab", name="Upload").click()
    upload = page.get_by_role("dialog").get_by_test_id("stFileUploaderDropzoneInput")
    upload.set_input_files({"name": "r.csv", "mimeType": "text/csv", "buffer": b"0,1\n0,x\n"})
    page.get_by_text("Row 2 (line 2), column 2 is 'x'").wait_for()
    page.get_by_role("button", name="Remove r.csv").click()
    files = []
    for k in range(2):
        picture = Image.new("L", (40, 40), 255)
        picture.paste(0, (0, 0, 40, 20) if k else (0, 0, 20, 40))
        content = io.BytesIO()
        picture.save(content, format="PNG")
        files.append({"name": f"{k}.png", "mimeType": "image/png", "buffer": content.getvalue()})
    upload.set_input_files(files)
    page.get_by_text("2 rows of 8 x 8 pixels, 50% of the pixels on.").wait_for()
    page.get_by_alt_text("2 rows of 8 x 8 pixels").wait_for()
    train_on(lab, "2 rows of 8 x 8")
    half = (np.arange(8) < 4).astype(float)
    first_weight_moves(lab, np.array([np.tile(half, 8), np.repeat(half, 8)]), 64)
