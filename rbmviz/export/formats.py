"""The kinds of files that a run can be exported to, each known by the end of its name.

What draws is imported when it is asked for: nobody who wants a table waits for matplotlib.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from rbmviz.core.errors import InputError
from rbmviz.export.script import reproducing_script
from rbmviz.run.run import Run
from rbmviz.run.run_file import write_run


@dataclass(frozen=True)
class Format:
    """A kind of file."""

    suffix: str
    what: str
    mime: str
    write: Callable[[Run], bytes]
    package: str | None = None  # beyond numpy and scipy, that writes it


def format_of(name: str) -> Format:
    """Find the format by the end of a file's name.

    Raises:
        InputError: no format ends like this; the message lists all.
    """
    plain = PurePath(name).name.lower()
    for known in (*OF_RECORDINGS, *FORMATS):
        if plain.endswith(known.suffix) and plain != known.suffix:
            return known
    raise InputError(
        f"{name[-60:]!r} has no known ending. Choose one of "
        + ", ".join(f"{known.suffix} ({known.what})" for known in (*FORMATS, *OF_RECORDINGS))
        + "."
    )


def _figure(kind: str) -> Callable[[Run], bytes]:
    def write(run: Run) -> bytes:
        from rbmviz.charts.printed import figure_file, run_figure

        shape = run.settings.data.image_shape
        label = run.settings.label
        figure = run_figure(run.snapshot, run.curves.columns(), run.title, label, shape, run.best)
        return figure_file(figure, kind)

    return write


def _model(kind: str) -> Callable[[Run], bytes]:
    def write(run: Run) -> bytes:
        from rbmviz.studio.model_files import write_model

        return write_model(run.snapshot.rbm, kind)

    return write


def _ledger(run: Run) -> bytes:
    from rbmviz.charts.ledger_files import ledger_csv

    return ledger_csv(run.curves.columns(), run.best).encode()


def _chart(run: Run) -> bytes:
    from rbmviz.charts.ledger_files import ledger_chart

    return ledger_chart(run.curves.columns(), run.best).encode()


def _script(run: Run) -> bytes:
    return reproducing_script(run).encode()


def _page(run: Run) -> bytes:
    from rbmviz.export.recordings import recording_page

    return recording_page(run)


def _recording(run: Run) -> bytes:
    return write_run(run)


FORMATS = (  # of the run as it stands
    Format(".pdf", "figure", "application/pdf", _figure("pdf"), "matplotlib"),
    Format(".svg", "figure", "image/svg+xml", _figure("svg"), "matplotlib"),
    Format(".png", "figure, 300 dots an inch", "image/png", _figure("png"), "matplotlib"),
    Format(".csv", "ledger", "text/csv", _ledger),
    Format(".vl.json", "ledger as a Vega-Lite chart", "application/json", _chart, "altair"),
    Format(".npz", "parameters W, b, c", "application/zip", _model("npz")),
    Format(
        ".safetensors",
        "parameters W, b, c",
        "application/octet-stream",
        _model("safetensors"),
        "safetensors",
    ),
    Format(".py", "script that reproduces the run", "text/x-python", _script),
)
OF_RECORDINGS = (  # of the whole way, where it was recorded
    Format(".html", "page that plays the run, without a network", "text/html", _page),
    Format(".recording.npz", "recording that the lab opens", "application/zip", _recording),
)
