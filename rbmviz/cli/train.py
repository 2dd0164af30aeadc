"""The subcommand train: a run from step 0, with its ledger, into a file."""

import argparse
import sys
from pathlib import Path, PurePath
from typing import Any

from rbmviz.cli.extra import check_package
from rbmviz.cli.failure import UsageError
from rbmviz.cli.progress import ProgressLine
from rbmviz.cli.whole_file import check_place, write_whole
from rbmviz.core.datasets import dataset_names
from rbmviz.core.errors import InputError, in_digits
from rbmviz.run.estimators import ESTIMATORS, OFFERED
from rbmviz.run.own_data import encode_rows
from rbmviz.run.run import Run
from rbmviz.run.run_file import write_run
from rbmviz.run.settings import ROWS, LabSettings, strict_settings
from rbmviz.run.table import Field
from rbmviz.studio.own_files import MAX_FILE_BYTES, PICTURES, TABLES, read_files

MAX_UPDATES = 100_000_000
_POINTS, _ESTIMATED_POINTS = 200, 12  # of the curves: exact ones, and those that cost an annealing
_LOOK_SECONDS = 0.2  # of work between two signs of progress

_EPILOG = """
examples:
  python -m rbmviz train -o run.npz
  python -m rbmviz train --data "labeled shifter 4" --estimator tempering --temperatures 8 -o r.npz
  python -m rbmviz train --hidden 12 --rate 0.05 --updates 20000 --seed 7 -o seven.npz
  python -m rbmviz train --data rows.csv --threshold 0.5 -o mine.npz
  python -m rbmviz train --list-data

The file holds W, b and c under these names, the training curves, and a recording: numpy.load and
the app read it (Open a recording; models too large for the lab are read as models alone), and
python -m rbmviz export makes figures and a page of it.
log Z is exact where the shorter layer is small enough, and estimated by annealing elsewhere.
"""


def add_to(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "train",
        help="train a model and write the run into a file",
        description="Train a restricted Boltzmann machine from step 0 and keep the run.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="the .npz to write")
    parser.add_argument(
        "--threshold",
        type=float,
        metavar="X",
        help="a pixel of the file is on from this value up, or, in a picture, below it (0 is black "
        "and 1 white); needed where values are not 0 and 1",
    )
    parser.add_argument("--updates", type=int, default=2000, metavar="N", help="default 2000")
    for name, row in ROWS.items():
        _add_setting(parser, name, row)
    parser.add_argument("--quiet", action="store_true", help="no progress bar, no summary")
    parser.add_argument("--list-data", action="store_true", help="list the data sets and end")
    parser.set_defaults(run=_run)


def _add_setting(parser: argparse.ArgumentParser, name: str, row: Field) -> None:
    """Add the option of a setting, as its row describes it."""
    users = [short for short, each in ESTIMATORS.items() if name in each.parameters]
    of = f"; of {', '.join(users)}" if users else ""
    option: dict[str, Any] = {"dest": name, "default": row.default}
    if row.kind is bool:
        option |= {"action": "store_true", "help": row.meaning}
    elif name == "dataset":
        option |= {
            "metavar": "NAME",
            "help": f"name of a data set (default {row.default!r}; see --list-data), or a file "
            f"of rows: {', '.join(TABLES)}, or {', '.join(PICTURES)} for one picture",
        }
    elif name == "estimator":
        listed = ", ".join(f"{short} ({ESTIMATORS[short].label})" for short in OFFERED)
        option |= {"choices": OFFERED, "help": f"{row.meaning}: {listed}"}
    else:
        option |= {
            "type": row.kind,
            "metavar": "N" if row.kind is int else "X",
            "help": f"{row.meaning} (default {row.default:g}{of})",
        }
    parser.add_argument(row.flag, **option)


def _run(chosen: argparse.Namespace) -> None:
    if chosen.list_data:
        print("\n".join(dataset_names()))
        return
    if chosen.output is None:
        raise UsageError("Say where the run shall be written: -o run.npz")
    if chosen.output.suffix.lower() != ".npz":
        raise UsageError(f"{chosen.output.name!r} does not end in .npz; runs are written as .npz.")
    if not 0 <= chosen.updates <= MAX_UPDATES:
        raise UsageError(f"--updates is {chosen.updates}; choose 0 to {MAX_UPDATES:,}.")
    check_place(chosen.output)
    if PurePath(chosen.dataset).suffix.lower().lstrip(".") in (*TABLES, *PICTURES):
        chosen.dataset = _rows_of_file(Path(chosen.dataset), chosen.threshold)
    try:
        settings = strict_settings({name: getattr(chosen, name) for name in ROWS})
    except InputError as error:
        raise UsageError(str(error)) from None
    run = trained(settings, chosen.updates, chosen.quiet)
    write_whole(chosen.output, write_run(run))
    if not chosen.quiet:
        print(f"{chosen.output}: {_summary(run)}")


def _rows_of_file(path: Path, threshold: float | None) -> str:
    """Read a file of rows, and give them as the text that settings hold."""
    if path.suffix.lower().lstrip(".") in PICTURES:
        check_package("pillow", str(path))
    if path.stat().st_size > MAX_FILE_BYTES:
        raise InputError(f"{path} is larger than {MAX_FILE_BYTES // 2**20} MB. Save fewer rows.")
    grey = read_files([(path.name, path.read_bytes())])
    for note in grey.notes:
        print(f"rbmviz: {note}", file=sys.stderr)
    if threshold is not None:
        return encode_rows(grey.on(threshold, dark=grey.dark_is_ink), grey.image_shape)
    if not grey.is_decided:
        low, high = grey.limits
        raise UsageError(
            f"{path} holds values from {in_digits(low)} to {in_digits(high)}; "
            "say with --threshold which are on."
        )
    return encode_rows(grey.values, grey.image_shape)


def trained(settings: LabSettings, n_updates: int, quiet: bool) -> Run:
    """Make a run with its curves and its recording, and say on the way how far it is.

    Raises:
        DivergedError, TooManyUnitsError: the run cannot go on.
    """
    run = Run.start(settings)
    points = _POINTS if run.exact.by_itself else _ESTIMATED_POINTS
    with ProgressLine("training", quiet=quiet) as line:
        while run.step < n_updates:
            run.bring_to(n_updates, _LOOK_SECONDS, points=points)
            line.show(run.step / n_updates, f"step {run.step:,} of {n_updates:,}")
    run.still_frame(exact=False)
    return run


def _summary(run: Run) -> str:
    snapshot, estimate = run.snapshot, run.snapshot.log_z_estimate
    said = f"{run.title}, {run.settings.label}, step {snapshot.step:,}"
    if snapshot.mean_log_likelihood is not None:
        return f"{said}, mean log-likelihood {snapshot.mean_log_likelihood:.4f} nats (exact)"
    if estimate is not None:
        low, high = (snapshot.mean_log_p_tilde - z for z in (estimate.high, estimate.low))
        return f"{said}, mean log-likelihood {low:.2f} to {high:.2f} nats (estimated)"
    return said
