"""The subcommand export: figures, tables, parameters, scripts and a page of a run's file."""

import argparse
from pathlib import Path
from typing import Any

from rbmviz.cli.extra import HOW_TO_INSTALL, check_package
from rbmviz.cli.failure import UsageError
from rbmviz.cli.progress import ProgressLine
from rbmviz.cli.whole_file import check_place, write_whole
from rbmviz.core.errors import InputError
from rbmviz.core.foreign_model import MAX_FILE_BYTES
from rbmviz.export.formats import FORMATS, OF_RECORDINGS, format_of
from rbmviz.run.run_file import read_run

_EPILOG = (
    "\nendings:\n"
    + "\n".join(f"  {known.suffix:<15} {known.what}" for known in (*FORMATS, *OF_RECORDINGS))
    + f"""

needs more than numpy and scipy ({HOW_TO_INSTALL}):
  {", ".join(known.suffix for known in FORMATS if known.package)}

examples:
  python -m rbmviz export run.npz figure.pdf
  python -m rbmviz export run.npz figure.png ledger.csv ledger.vl.json model.safetensors
  python -m rbmviz export run.npz again.py && python again.py
  python -m rbmviz export run.npz run.html
  python -m rbmviz export rbmviz-recording.npz run.html figure.svg
"""
)


def add_to(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "export",
        help="make figures, tables, parameters, a script or a page of a run",
        description="Make files of a run that train has written, or of a recording that the app "
        "has saved; their endings say of which kind.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("input", type=Path, metavar="RUN", help="of train, or a recording")
    parser.add_argument("outputs", type=Path, nargs="+", metavar="FILE", help="the files to write")
    parser.add_argument("--quiet", action="store_true", help="print nothing")
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    wanted = []
    for output in chosen.outputs:
        try:
            wanted.append((output, format_of(output.name)))
        except InputError as error:
            raise UsageError(str(error)) from None
        check_package(wanted[-1][1].package, str(output))
        check_place(output)
        if output.absolute() == chosen.input.absolute():
            raise UsageError(f"{output} is the run itself: choose another name for its parameters.")
    if chosen.input.stat().st_size > MAX_FILE_BYTES:
        raise InputError(f"{chosen.input} is larger than {MAX_FILE_BYTES // 2**20} MB: no run.")
    with ProgressLine("exporting", quiet=chosen.quiet) as line:
        line.show(0.0, f"reading {chosen.input.name}", at_once=True)
        run = read_run(chosen.input.read_bytes(), any_size=True)
        run.tracks_log_z = False  # the curves tell what was tracked on the way
        run.still_frame(exact=False)
        for k, (output, known) in enumerate(wanted, start=1):
            line.show(k / (len(wanted) + 1), output.name, at_once=True)
            write_whole(output, known.write(run))
    if not chosen.quiet:
        print("\n".join(f"{output}: {known.what}" for output, known in wanted))
