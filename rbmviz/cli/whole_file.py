"""Write files whole or not at all: to another name first, then renamed."""

import os
from pathlib import Path

from rbmviz.cli.failure import UsageError


def check_place(path: Path) -> None:
    """Make sure that a file can be put there, before long work begins.

    Raises:
        UsageError: the folder is missing or may not be written, or the name is a folder.
    """
    folder = path.absolute().parent
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}. Make it first.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it.")
    if not os.access(folder, os.W_OK):
        raise UsageError(f"The folder {folder} may not be written. Choose another.")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file; whatever interrupts it, the name holds the old content or the new one."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
