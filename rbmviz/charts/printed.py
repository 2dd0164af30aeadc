"""One page of a run for print: the phases of a step, the samples behind them, and the ledger.

matplotlib alone draws it, without its global state; files come out the same for the same run.
"""

import threading
from collections.abc import Iterator, Sequence
from io import BytesIO

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure, FigureBase

from rbmviz.charts.ledger import Columns, ledger_columns
from rbmviz.charts.line_parts import Values, few, parts_of
from rbmviz.charts.phases import (
    BLUE,
    BLUES,
    GREEN,
    INK,
    ORANGE,
    ORANGES,
    PANEL_HEIGHT,
    PANEL_WIDTH,
    SIGNED,
    draw_phases,
    numbers_of,
)
from rbmviz.core.errors import FloatArray, InputError
from rbmviz.core.snapshot import Snapshot
from rbmviz.language import N_, _

FIGURE_KINDS = ("png", "svg", "pdf")
DOTS_AN_INCH = 300
_SAMPLES_HEIGHT, _LEDGER_HEIGHT = 2.0, 2.9  # inches
_MOST_IMAGES = 16  # in one panel
_GREY = "#6b7280"
_PRINTING = threading.Lock()  # matplotlib's settings and font cache are shared by all threads
_SETTINGS = {"svg.hashsalt": "rbmviz", "pdf.fonttype": 42}  # the same ids; text stays text
_UNDATED = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


def run_figure(
    snapshot: Snapshot,
    record: Columns,
    title: str,
    estimator: str,
    image_shape: tuple[int, int],
    best: float | None,
) -> Figure:
    """Draw one moment of a run: phases, samples, and the ledger up to there.

    record: columns of the run so far, as of TrainingCurves. best: the best reachable mean
    log-likelihood, nats, or None.
    """
    n_panels = 3 + (snapshot.exact_negative is not None)
    heights = [PANEL_HEIGHT, _SAMPLES_HEIGHT, _LEDGER_HEIGHT]
    figure = Figure(figsize=(PANEL_WIDTH * n_panels, sum(heights)), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.08)  # inches
    phases, samples, ledger = figure.subfigures(3, 1, height_ratios=heights)
    draw_phases(phases, snapshot, estimator)
    _draw_samples(samples, snapshot, estimator, image_shape, n_panels)
    _draw_ledger(ledger, ledger_columns(record, best))
    figure.suptitle(f"{title}, {numbers_of(snapshot)}", fontsize=11, color=INK)
    return figure


def figure_file(figure: Figure, kind: str) -> bytes:
    """Write a figure as "png", "svg" or "pdf", undated: the same figure gives the same bytes.

    Raises:
        InputError: another kind.
    """
    if kind not in FIGURE_KINDS:
        raise InputError(f"kind is {kind!r}; choose one of {', '.join(FIGURE_KINDS)}.")
    file = BytesIO()
    with _PRINTING, mpl.rc_context(_SETTINGS):
        figure.savefig(file, format=kind, dpi=DOTS_AN_INCH, metadata=_UNDATED[kind])
    return file.getvalue()


# ---- samples ------------------------------------------------------------------------------


def _draw_samples(
    figure: FigureBase,
    snapshot: Snapshot,
    estimator: str,
    image_shape: tuple[int, int],
    n_panels: int,
) -> None:
    W, states = snapshot.rbm.W, snapshot.probable_states
    largest = float(np.abs(W).max()) or 1.0
    weights = _("weights of {units}, to ±{largest:.2g}").format(
        units=_some(len(W.T), _UNITS), largest=largest
    )
    samples = snapshot.negative.samples
    panels: list[tuple[FloatArray, str, Colormap, float, str]] = [
        (W.T / largest, weights, SIGNED, -1.0, INK),
        (snapshot.v_batch, _some(len(snapshot.v_batch), _ROWS), BLUES, 0.0, BLUE),
        (samples, f"{_some(len(samples), _SAMPLES)} ({estimator})", ORANGES, 0.0, ORANGE),
    ]
    if n_panels > len(panels) and states is not None:
        last = states.p[min(_MOST_IMAGES, len(states.p)) - 1]
        share = _("p = {p:.2g} to {last:.2g}").format(p=states.p[0], last=last)
        name = _("most probable") if states.complete else _("most probable of those seen")
        panels.append((states.v, f"{name}, {share}", ORANGES, 0.0, GREEN))
    for k, (rows, name, colours, low, ink) in enumerate(panels):
        axes = figure.add_subplot(1, n_panels, k + 1)
        mosaic = _mosaic(rows[:_MOST_IMAGES], image_shape)
        axes.imshow(mosaic, cmap=colours, vmin=low, vmax=1.0, interpolation="nearest")
        axes.set_title(name, fontsize=9, color=ink)
        axes.set_axis_off()


# One, many, and the first of more.
_UNITS = (N_("{n} hidden unit"), N_("{n} hidden units"), N_("{n} of {of} hidden units"))
_ROWS = (N_("{n} data row"), N_("{n} data rows"), N_("{n} of {of} data rows"))
_SAMPLES = (N_("{n} sample"), N_("{n} samples"), N_("{n} of {of} samples"))


def _some(count: int, forms: tuple[str, str, str]) -> str:
    """Say how many are shown, and of how many."""
    one, many, of_more = forms
    form = of_more if count > _MOST_IMAGES else one if count == 1 else many
    return _(form).format(n=min(count, _MOST_IMAGES), of=count)


def _mosaic(rows: FloatArray, image_shape: tuple[int, int]) -> FloatArray:
    """Lay images out on a grid with gaps of one pixel: about twice as wide as high."""
    height, width = image_shape
    if len(rows) == 0:
        return np.full(image_shape, np.nan)
    n_columns = int(np.clip(round(np.sqrt(2 * len(rows) * (height + 1) / (width + 1))), 1, None))
    n_columns = min(n_columns, len(rows))
    n_lines = -(-len(rows) // n_columns)
    cells = np.full((n_lines * (height + 1) - 1, n_columns * (width + 1) - 1), np.nan)
    for k, row in enumerate(rows):
        top, left = (k // n_columns) * (height + 1), (k % n_columns) * (width + 1)
        cells[top : top + height, left : left + width] = row.reshape(image_shape)
    return cells


# ---- the ledger ---------------------------------------------------------------------------

_TERMS = {
    "mean_log_p_tilde": (N_("mean log p̃ (exact)"), BLUE, "-"),
    "log_z": (N_("log Z exact"), GREEN, "-"),
    "log_z_estimate": (N_("log Z estimated"), ORANGE, "--"),
    "log_z_tracked": (N_("log Z tracked"), _GREY, ":"),
}
_LIKELIHOOD = {
    "log_likelihood": (N_("exact"), GREEN, "-"),
    "log_likelihood_estimate": (N_("estimated"), ORANGE, "--"),
    "best": (N_("best reachable"), _GREY, ":"),
}


def _draw_ledger(figure: FigureBase, columns: Columns) -> None:
    left, right = figure.subplots(1, 2)
    _draw_curves(left, columns, _TERMS, _("The two terms (nats)"), "log_z_low", "log_z_high")
    _draw_curves(
        right,
        columns,
        _LIKELIHOOD,
        _("Their difference: mean log-likelihood (nats per row)"),
        "log_likelihood_estimate_low",
        "log_likelihood_estimate_high",
    )


def _draw_curves(
    axes: Axes,
    columns: Columns,
    curves: dict[str, tuple[str, str, str]],
    title: str,
    low: str,
    high: str,
) -> None:
    estimate = parts_of(columns["step"], columns[low])
    steps, lows, highs = _broken(columns, estimate, low, high)
    axes.fill_between(steps, lows, highs, color=ORANGE, alpha=0.25, linewidth=0)
    steps, lows, highs = _marked(columns, estimate, low, high)
    axes.vlines(steps, lows, highs, color=ORANGE, linewidth=1)
    for k, (name, (label, hue, dash)) in enumerate(curves.items()):
        is_bound = name == "best"  # the same on the whole way
        parts = (
            [0.0] * len(columns["step"]) if is_bound else parts_of(columns["step"], columns[name])
        )
        steps, values = _broken(columns, parts, name)
        is_line = not np.isnan(steps[1::2]).all()  # else nothing stands between two gaps
        if is_line:
            axes.plot(steps, values, color=hue, linestyle=dash, label=_(label))
        steps, values = _marked(columns, parts, name)
        if len(steps) and not (is_line and is_bound):  # equal values as rings: the later is smaller
            axes.plot(
                steps, values, color=hue, ls="", marker="o", markersize=5.5 - k,
                label=None if is_line else _(label),
            )  # fmt: skip
    axes.set_title(title, fontsize=11, color=INK, loc="left")
    axes.set_xlabel(_("step"), fontsize=9)
    axes.tick_params(labelsize=9)
    axes.legend(fontsize=9, frameon=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _broken(columns: Columns, parts: Values, *names: str) -> list[FloatArray]:
    """Take the steps, and these columns, where known; a gap of NaN between two parts."""
    rows: list[list[float]] = []
    before = None
    for part, *row in _rows(columns, parts, names):
        if before not in (None, part):
            rows.append([np.nan] * len(row))
        rows.append(row)
        before = part
    return list(np.array(rows).reshape(-1, 1 + len(names)).T)


def _marked(columns: Columns, parts: Values, *names: str) -> list[FloatArray]:
    """Take the steps, and these columns, of the points that are not a line yet."""
    shown = [part if marked else None for part, marked in zip(parts, few(parts), strict=True)]
    rows = [row for part, *row in _rows(columns, shown, names)]
    return list(np.array(rows).reshape(-1, 1 + len(names)).T)


def _rows(columns: Columns, parts: Values, names: Sequence[str]) -> Iterator[list[float]]:
    """Go through the part, the step and these columns, where all are known."""
    table = np.array([parts, *(columns[n] for n in ("step", *names))], dtype=np.float64)
    return iter(table[:, np.isfinite(table).all(axis=0)].T.tolist())
