"""The subcommand check-lesson: what is wrong with a lesson's file, line by line, and its proof."""

import argparse
import sys
from pathlib import Path
from typing import Any

from rbmviz.cli.failure import UsageError
from rbmviz.cli.progress import ProgressLine
from rbmviz.studio.lesson_format import check_lesson, read_lesson
from rbmviz.studio.lesson_proof import prove

_EPILOG = """
problems are printed to the error stream as
  FILE:LINE: what is wrong, and what to do about it
and make the exit code 1; it is 0 when every file is a good lesson, and 2 for wrong use.

--prove also runs the lesson: every claim must hold, every check must fail before and pass after
the way that the file tells. That takes as long as its runs, mostly some seconds.

examples:
  python -m rbmviz check-lesson my-lesson.toml
  python -m rbmviz check-lesson --prove one.toml two.toml

The format is described in docs/lessons.md.
"""


def add_to(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "check-lesson",
        help="check the files of lessons",
        description="Say what is wrong with lessons, with the lines; nothing in a file is run.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="a lesson (.toml)")
    parser.add_argument("--prove", action="store_true", help="train, and prove what it claims")
    parser.add_argument("--quiet", action="store_true", help="no progress bar; print problems only")
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    for file in chosen.files:
        if not file.is_file():
            raise UsageError(f"There is no file {file}.")
    wrong = [file for file in chosen.files if not _is_good(file, chosen.prove, chosen.quiet)]
    return 1 if wrong else 0


def _is_good(file: Path, proving: bool, quiet: bool) -> bool:
    problems = [(problem.line, problem.text) for problem in check_lesson(file)]
    if proving and not problems:
        lesson = read_lesson(file.stem, file)
        with ProgressLine(f"proving {file.name}", quiet=quiet) as line:
            failed = prove(lesson, lambda share: line.show(share, "", at_once=True))
        problems = [(1, text) for text in failed]
    for number, text in problems:
        print(f"{file}:{number}: {text}", file=sys.stderr)
    if not problems and not quiet:
        print(f"{file}: {'proved' if proving else 'no problems'}")
    return not problems
