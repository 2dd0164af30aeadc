"""The printed page shows the numbers of the run that it was given."""

import numpy as np
import pytest
from matplotlib.collections import Collection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import rbmviz
from rbmviz.charts.printed import FIGURE_KINDS, figure_file, run_figure
from rbmviz.core.errors import InputError

RECORD = {
    "step": [0, 10, 20],
    "mean_log_p_tilde": [2.0, 3.0, 4.0],
    "log_z": [4.0, 5.5, None],
    "log_z_estimate": [4.1, None, 7.2],
    "log_z_low": [3.9, None, 7.0],
    "log_z_high": [4.3, None, 7.4],
    "log_z_tracked": [None, None, None],
}


def drawn(line: Line2D) -> list[list[float] | None]:
    """The points of a line, None where it is broken."""
    return [None if np.isnan(x) else [x, y] for x, y in line.get_xydata().tolist()]


def drawn_paths(collection: Collection) -> list[list[list[float]]]:
    return [path.vertices.tolist() for path in collection.get_paths()]


def test_what_is_close_is_joined_and_nothing_across_a_long_gap() -> None:
    steps = [*range(0, 101, 10), 1000]
    z = [4.0 + step / 50 for step in steps]
    record = {
        "step": steps,
        "mean_log_p_tilde": [2.0] * 12,
        "log_z": z,
        "log_z_estimate": z,
        "log_z_low": [y - 0.1 for y in z],
        "log_z_high": [y + 0.1 for y in z],
        "log_z_tracked": [None] * 12,
    }
    figure = run_figure(snapshot(4, exact=True), record, "a title", "CD-1", (2, 2), -1.5)
    for axes in figure.subfigs[2].axes:
        curves = [line for line in axes.lines if line.get_linestyle() != "None"]
        assert len(curves) == 3
        for line in curves:
            if line.get_label() != "best reachable":
                points = drawn(line)
                assert [p is None for p in points] == [False] * 11 + [True, False]
        (band,) = [c for c in axes.collections if isinstance(c, PolyCollection)]
        assert {float(np.ptp(path.vertices[:, 0])) for path in band.get_paths()} == {100.0, 0.0}


def snapshot(n_samples: int, exact: bool) -> rbmviz.Snapshot:
    data = rbmviz.load_dataset("bars-and-stripes 2x2")
    method = rbmviz.ExactEnumeration(n_samples=n_samples)
    state = rbmviz.train(rbmviz.start(rbmviz.TrainingSettings(3, method, seed=1), data.v), 20)
    return rbmviz.take_snapshot(state, rbmviz.train_step(state), exact=exact)


@pytest.mark.parametrize("exact", [True, False])
def test_samples_and_curves_are_those_of_the_run(exact: bool) -> None:
    shown = snapshot(4, exact)
    figure = run_figure(shown, RECORD, "a title", "CD-1", (2, 2), -1.5)
    phases, samples, ledger = figure.subfigs
    panels = 3 + exact
    assert sum(bool(axes.get_title()) for axes in phases.axes) == panels
    weights, data, negative = (axes.images[0].get_array() for axes in samples.axes)
    np.testing.assert_array_equal(data[:2, :2], shown.v_batch[0].reshape(2, 2))
    np.testing.assert_array_equal(negative[:2, :2], shown.negative.samples[0].reshape(2, 2))
    W = shown.rbm.W
    np.testing.assert_allclose(weights[:2, 3:5], W[:, 1].reshape(2, 2) / np.abs(W).max())
    assert samples.axes[2].get_title() == "4 samples (CD-1)"
    terms, likelihood = ledger.axes
    lines = {line.get_label(): drawn(line) for line in terms.lines}
    assert lines["log Z exact"] == [[0, 4.0], [10, 5.5]]
    assert lines["log Z estimated"] == [[0, 4.1], [20, 7.2]]
    looks = {(line.get_linestyle(), line.get_marker()) for line in terms.lines}
    assert looks == {("None", "o")}  # all far apart: not joined
    whiskers = [path for c in terms.collections for path in drawn_paths(c)]
    assert [[0, 3.9], [0, 4.3]] in whiskers
    assert [[20, 7.0], [20, 7.4]] in whiskers
    assert "log Z tracked" not in lines  # there is none
    (exact_line,) = [line for line in likelihood.lines if line.get_label() == "exact"]
    assert drawn(exact_line) == [[0, -2.0], [10, -2.5]]
    (best,) = [line for line in likelihood.lines if line.get_label() == "best reachable"]
    assert set(best.get_ydata()) == {-1.5}


def test_a_run_without_samples_is_drawn_too() -> None:
    figure = run_figure(snapshot(0, False), RECORD, "a title", "exact", (1, 4), None)
    assert figure.subfigs[1].axes[2].get_title() == "0 samples (exact)"


def test_each_kind_is_written_and_comes_out_the_same() -> None:
    begins = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF-"}
    for kind in FIGURE_KINDS:
        files = []
        for _ in range(2):
            figure = Figure(figsize=(2, 2))
            figure.add_subplot().plot([0, 1], label="a line")
            files.append(figure_file(figure, kind))
        assert files[0].startswith(begins[kind])
        assert files[0] == files[1]
    with pytest.raises(InputError, match="png, svg, pdf"):
        figure_file(figure, "exe")
