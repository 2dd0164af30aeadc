"""The phases of one snapshot as a printable figure: the stage's panels, on paper."""

from io import BytesIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from rbmviz.core.errors import FloatArray
from rbmviz.core.phase import PhaseStatistics, gradient
from rbmviz.core.snapshot import Snapshot

BLUE, ORANGE, GREEN, INK = "#1a66ad", "#b94f0a", "#2f7565", "#1b2430"
_BLUES = LinearSegmentedColormap.from_list("positive", ["#eef4fa", "#2a78bd", "#0b3f75"])
_ORANGES = LinearSegmentedColormap.from_list("negative", ["#fcf3ea", "#dd6f14", "#7c3400"])
_SIGNED = LinearSegmentedColormap.from_list(
    "difference", ["#b34a00", "#f0ab6c", "#ffffff", "#7fb2de", "#0f5596"]
)


def phases_figure(snapshot: Snapshot, title: str, estimator: str) -> Figure:
    """Draw gradient = positive - negative phase, and the exact negative phase when it is known."""
    negative = snapshot.negative.statistics
    difference = gradient(snapshot.positive, negative)
    largest = float(np.abs(difference.flat()).max()) or 1.0
    panels = [
        (difference, "gradient", _SIGNED, -largest, INK),
        (snapshot.positive, "positive phase (data)", _BLUES, 0.0, BLUE),
        (negative, f"negative phase ({estimator})", _ORANGES, 0.0, ORANGE),
    ]
    if snapshot.exact_negative is not None:
        panels.append((snapshot.exact_negative, "negative phase (exact)", _ORANGES, 0.0, GREEN))
    figure = Figure(figsize=(3.1 * len(panels), 4.2), layout="constrained")
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
    numbers = f"mean log p̃ {snapshot.mean_log_p_tilde:.3f}"
    if snapshot.mean_log_likelihood is not None:
        numbers += f", log Z {snapshot.log_z:.3f} (exact)"
        numbers += f", mean log-likelihood {snapshot.mean_log_likelihood:.3f} nats"
    figure.suptitle(f"{title}, step {snapshot.step:,}: {numbers}", fontsize=11, color=INK)
    return figure


def phases_pdf(snapshot: Snapshot, title: str, estimator: str) -> bytes:
    """Write the figure as a PDF."""
    file = BytesIO()
    phases_figure(snapshot, title, estimator).savefig(file, format="pdf")
    return file.getvalue()


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
    axes.set_xlabel("hidden unit j", fontsize=9)
    axes.set_ylabel("visible unit i", fontsize=9)
    axes.set_xticks([0, n_hidden - 1, n_hidden + 1], ["0", str(n_hidden - 1), "v"])
    axes.set_yticks([0, n_visible - 1, n_visible + 1], ["0", str(n_visible - 1), "h"])
    axes.tick_params(length=0, labelsize=9)
    for spine in axes.spines.values():
        spine.set_visible(False)
