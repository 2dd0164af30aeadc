"""The printed figure shows the numbers of its snapshot."""

import numpy as np
import pytest

import rbmviz
from rbmviz.charts.phases import phases_figure


def snapshot(exact: bool) -> rbmviz.Snapshot:
    data = rbmviz.load_dataset("bars-and-stripes 2x2")
    settings = rbmviz.TrainingSettings(3, rbmviz.ContrastiveDivergence(), batch_size=8, seed=1)
    state = rbmviz.train(rbmviz.start(settings, data.v), 20)
    return rbmviz.take_snapshot(state, rbmviz.train_step(state), exact=exact)


@pytest.mark.parametrize("exact", [True, False])
def test_each_panel_holds_its_phase(exact: bool) -> None:
    shown = snapshot(exact)
    figure = phases_figure(shown, "a title", "CD-1")
    images = {
        axes.get_title(): axes.images[0].get_array() for axes in figure.axes if axes.get_title()
    }
    negative = shown.negative.statistics
    expected = {
        "gradient": rbmviz.gradient(shown.positive, negative),
        "positive phase (data)": shown.positive,
        "negative phase (CD-1)": negative,
    }
    if exact:
        expected["negative phase (exact)"] = shown.exact_negative
    assert list(images) == list(expected)
    for name, phase in expected.items():
        np.testing.assert_array_equal(images[name][:4, :3], phase.vh)
        np.testing.assert_array_equal(images[name][:4, -1], phase.v)
        np.testing.assert_array_equal(images[name][-1, :3], phase.h)
    assert "step 20" in figure.get_suptitle()
    assert ("exact" in figure.get_suptitle()) == exact
