"""The phases of one snapshot on paper: the stage's panels, with the hues of the stage."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure, FigureBase

from rbmviz.core.errors import FloatArray
from rbmviz.core.phase import PhaseStatistics, gradient
from rbmviz.core.snapshot import Snapshot
from rbmviz.language import _
from rbmviz.language.numbers import decimal

BLUE, ORANGE, GREEN, INK = "#1a66ad", "#b94f0a", "#2f7565", "#1b2430"
BLUES = LinearSegmentedColormap.from_list("positive", ["#eef4fa", "#2a78bd", "#0b3f75"])
ORANGES = LinearSegmentedColormap.from_list("negative", ["#fcf3ea", "#dd6f14", "#7c3400"])
SIGNED = LinearSegmentedColormap.from_list(
    "difference", ["#b34a00", "#f0ab6c", "#ffffff", "#7fb2de", "#0f5596"]
)
PANEL_WIDTH, PANEL_HEIGHT = 3.1, 4.2  # inches


def phases_figure(snapshot: Snapshot, title: str, estimator: str) -> Figure:
    """Draw gradient = positive - negative phase, and the exact negative phase when it is known."""
    n_panels = 3 + (snapshot.exact_negative is not None)
    figure = Figure(figsize=(PANEL_WIDTH * n_panels, PANEL_HEIGHT), layout="constrained")
    draw_phases(figure, snapshot, estimator)
    figure.suptitle(f"{title}, {numbers_of(snapshot)}", fontsize=11, color=INK)
    return figure


def draw_phases(figure: FigureBase, snapshot: Snapshot, estimator: str) -> None:
    """Draw the panels of the phases side by side, each with its scale."""
    negative = snapshot.negative.statistics
    difference = gradient(snapshot.positive, negative)
    largest = float(np.abs(difference.flat()).max()) or 1.0
    panels: list[tuple[PhaseStatistics, str, Colormap, float, str]] = [
        (difference, _("gradient"), SIGNED, -largest, INK),
        (snapshot.positive, _("positive phase (data)"), BLUES, 0.0, BLUE),
        (
            negative,
            _("negative phase ({estimator})").format(estimator=estimator),
            ORANGES,
            0.0,
            ORANGE,
        ),
    ]
    if snapshot.exact_negative is not None:
        panels.append((snapshot.exact_negative, _("negative phase (exact)"), ORANGES, 0.0, GREEN))
    for k, (phase, name, colours, low, ink) in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), k + 1)
        image = axes.imshow(
            _with_margins(phase),
            cmap=colours,
            vmin=low,
            vmax=largest if low < 0 else 1.0,
            aspect="auto",
            interpolation="nearest",
        )
        figure.colorbar(image, ax=axes, orientation="horizontal", shrink=0.8)
        _label(axes, name, ink, snapshot.rbm.n_visible, snapshot.rbm.n_hidden)


def numbers_of(snapshot: Snapshot) -> str:
    """Write the step and its numbers; only exact ones, and they say so."""
    numbers = _("step {step:,}: mean log p̃ {log_p}").format(
        step=snapshot.step, log_p=decimal(snapshot.mean_log_p_tilde)
    )
    if snapshot.log_z is not None and snapshot.mean_log_likelihood is not None:
        numbers += _(", log Z {log_z} (exact)").format(log_z=decimal(snapshot.log_z))
        numbers += _(", mean log-likelihood {value} nats").format(
            value=decimal(snapshot.mean_log_likelihood)
        )
    return numbers


def _with_margins(phase: PhaseStatistics) -> FloatArray:
    """Put E[v] at the right and E[h] below, after a gap: (n_visible + 2, n_hidden + 2)."""
    n_visible, n_hidden = phase.vh.shape
    cells = np.full((n_visible + 2, n_hidden + 2), np.nan)
    cells[:n_visible, :n_hidden], cells[:n_visible, -1], cells[-1, :n_hidden] = (
        phase.vh,
        phase.v,
        phase.h,
    )
    return cells


def _label(axes: Axes, name: str, ink: str, n_visible: int, n_hidden: int) -> None:
    axes.set_title(name, fontsize=11, color=ink)
    axes.set_xlabel(_("hidden unit j"), fontsize=9)
    axes.set_ylabel(_("visible unit i"), fontsize=9)
    axes.set_xticks([0, n_hidden - 1, n_hidden + 1], ["0", str(n_hidden - 1), "v"])
    axes.set_yticks([0, n_visible - 1, n_visible + 1], ["0", str(n_visible - 1), "h"])
    axes.tick_params(length=0, labelsize=9)
    for spine in axes.spines.values():
        spine.set_visible(False)
