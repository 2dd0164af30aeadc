"""Export in a real Chromium: what is downloaded is the run on the screen."""

import io

import numpy as np
from browser.chromium import Lab
from browser.conftest import OpenLab

import rbmviz
from rbmviz.run.settings import LabSettings


def downloaded(lab: Lab, button: str) -> bytes:
    with lab.page.expect_download() as download:
        lab.page.get_by_role("button", name=button, exact=True).click()
    return download.value.path().read_bytes()


def test_files_are_of_the_step_on_the_screen(open_lab: OpenLab) -> None:
    lab, settings = open_lab(), LabSettings()
    lab.press("step10")
    lab.wait_for_step(10)
    lab.page.get_by_role("button", name="Export").click()
    state = rbmviz.train(rbmviz.start(settings.training_settings(), settings.data.v), 10)
    with np.load(io.BytesIO(downloaded(lab, "NPZ")), allow_pickle=False) as file:
        for name in "Wbc":
            assert np.array_equal(file[name], getattr(state.rbm, name))
    table = downloaded(lab, "CSV").decode().splitlines()
    assert table[0].startswith("step,mean_log_p_tilde")
    assert [line.split(",")[0] for line in table[1:]] == ["0", "10"]
    assert b"10 updates from seed 1" in downloaded(lab, "Python")
    assert downloaded(lab, "PDF").startswith(b"%PDF-")
    assert lab.step == 10
