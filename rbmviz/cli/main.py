"""Read the command line, run one subcommand, and turn what happened into an exit code."""

import argparse
import sys
from collections.abc import Sequence

import rbmviz
from rbmviz.cli import check_lesson, export, train
from rbmviz.cli.failure import UsageError

SUBCOMMANDS = (
    train,
    export,
    check_lesson,
)  # modules with add_to(subparsers)
DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130

_ABOUT = "Train restricted Boltzmann machines, export the runs, check lessons; all without the app."
_EPILOG = """
examples:
  python -m rbmviz train -o run.npz
  python -m rbmviz train --data "digit 3" --hidden 16 --estimator pcd --updates 5000 -o three.npz
  python -m rbmviz export three.npz three.pdf ledger.csv again.py
  python -m rbmviz export three.npz three.html
  python -m rbmviz check-lesson my-lesson.toml

exit codes:
  0 done, 1 failed, 2 wrong use, 130 interrupted (Ctrl-C). A file is written whole or not at all.

The app is started in a checkout of rbmviz, with: streamlit run app.py
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; arguments: those of the process by default."""
    parser = command_parser()
    try:
        chosen = parser.parse_args(arguments)
    except SystemExit as end:  # argparse has said what is wrong, or printed the help
        return int(end.code or DONE)
    try:
        return int(chosen.run(chosen) or DONE)
    except UsageError as error:
        return _complain(f"{error}\nSee: python -m rbmviz {chosen.name} --help", USAGE)
    except KeyboardInterrupt:
        return _complain("Interrupted.", INTERRUPTED)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _complain(f"{where}{error.strerror or error}.", FAILED)
    except (ValueError, MemoryError) as error:  # the library's own errors are ValueErrors
        return _complain(str(error) or type(error).__name__, FAILED)


def command_parser() -> argparse.ArgumentParser:
    """Build the parser of all subcommands."""
    parser = argparse.ArgumentParser(
        prog="python -m rbmviz",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"rbmviz {rbmviz.__version__}")
    subparsers = parser.add_subparsers(dest="name", metavar="COMMAND", required=True)
    for subcommand in SUBCOMMANDS:
        subcommand.add_to(subparsers)
    return parser


def _complain(message: str, code: int) -> int:
    print(f"rbmviz: {message}", file=sys.stderr)
    return code
