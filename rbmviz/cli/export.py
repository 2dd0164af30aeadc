"""The subcommand export: figures, tables, parameters and scripts of a run's file."""

import argparse
from pathlib import Path
from typing import Any

from rbmviz.cli.failure import UsageError
from rbmviz.cli.whole_file import check_place, write_whole
from rbmviz.core.errors import InputError
from rbmviz.core.foreign_model import MAX_FILE_BYTES
from rbmviz.export.formats import FORMATS, format_of
from rbmviz.studio.saved_run import run_from_npz

_EPILOG = (
    "\nendings:\n"
    + "\n".join(f"  {known.suffix:<13} {known.what}" for known in FORMATS)
    + """

examples:
  python -m rbmviz export run.npz figure.pdf
  python -m rbmviz export run.npz figure.png ledger.csv ledger.vl.json model.safetensors
  python -m rbmviz export run.npz again.py && python again.py
"""
)


def add_to(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "export",
        help="make figures, tables, parameters or a script of a run",
        description="Make files of a run that train has written; their endings say of which kind.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("input", type=Path, metavar="RUN", help="the .npz that train has written")
    parser.add_argument("outputs", type=Path, nargs="+", metavar="FILE", help="the files to write")
    parser.add_argument("--quiet", action="store_true", help="do not name the files")
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    wanted = []
    for output in chosen.outputs:
        try:
            wanted.append((output, format_of(output.name)))
        except InputError as error:
            raise UsageError(str(error)) from None
        check_place(output)
        if output.absolute() == chosen.input.absolute():
            raise UsageError(f"{output} is the run itself: choose another name for its parameters.")
    if chosen.input.stat().st_size > MAX_FILE_BYTES:
        raise InputError(f"{chosen.input} is larger than {MAX_FILE_BYTES // 2**20} MB: no run.")
    run = run_from_npz(chosen.input.read_bytes())
    for output, known in wanted:
        write_whole(output, known.write(run))
        if not chosen.quiet:
            print(f"{output}: {known.what}")
