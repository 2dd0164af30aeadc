"""The lessons that a server offers: rbmviz's own, and those of a folder of the host's.

The environment variable RBMVIZ_LESSONS names the folder. Its files are read again when they
change; a file with the name of one of rbmviz's own lessons takes its place.
"""

import os
from functools import lru_cache
from pathlib import Path

from rbmviz.language import _, language
from rbmviz.studio.lesson import Lesson
from rbmviz.studio.lesson_format import LessonError, built_in_lessons, read_lesson
from rbmviz.studio.lesson_link import NAME, OWN

FOLDER = "RBMVIZ_LESSONS"  # in the environment
MAX_FILES = 200
_Read = Lesson | str  # a lesson, or what is wrong with its file


def offered_lessons() -> tuple[list[Lesson], list[str]]:
    """Give the lessons in the order of their list, and what is wrong with files of the folder."""
    read = _of_folder()
    own = {one.name: one for one in read if isinstance(one, Lesson)}
    found = {lesson.name: lesson for lesson in built_in_lessons()} | own
    order = sorted(found.values(), key=lambda lesson: (lesson.order, lesson.name))
    return order, [one for one in read if isinstance(one, str)]


def find_lesson(name: str) -> Lesson | None:
    """Give the lesson of a name."""
    return next((lesson for lesson in offered_lessons()[0] if lesson.name == name), None)


def _of_folder() -> list[_Read]:
    folder = os.environ.get(FOLDER, "")
    if not folder:
        return []
    try:
        files = sorted(Path(folder).expanduser().glob("*.toml"))
    except (OSError, RuntimeError):  # no such folder, no such home
        files = []
    if not files:
        return [_("The folder of {name} has no lessons.").format(name=FOLDER)]
    read = [_read_once(path, _state_of(path), language()) for path in files[:MAX_FILES]]
    if len(files) > MAX_FILES:
        read.append(_("Only the first {n} files of it were read.").format(n=MAX_FILES))
    return read


def _state_of(path: Path) -> tuple[int, ...]:
    """Tell when a file, or who may read it, changed last, and how long it is."""
    try:
        told = path.stat()
    except OSError:
        return ()
    return told.st_mtime_ns, told.st_ctime_ns, told.st_size


@lru_cache(maxsize=4 * MAX_FILES)
def _read_once(path: Path, state: tuple[int, ...], spoken: str) -> _Read:
    """Read a file as it is in a state; what is wrong is said in the language that is spoken."""
    del state, spoken
    name = os.fsencode(path.name).decode("utf-8", "replace")  # it may be written in another coding
    if not path.is_file():  # a pipe would let the page wait for ever
        return _("{file} is no file.").format(file=name)
    if not NAME.fullmatch(path.stem) or path.stem.startswith(OWN):
        return _("{file}: name it with letters, digits, - and _ alone, up to 60.").format(file=name)
    try:
        return read_lesson(path.stem, path)
    except LessonError as error:
        first = error.problems[0]
        return _("{file}, line {line}: {text}").format(file=name, line=first.line, text=first.text)
    except OSError as error:
        return _("{file} cannot be read: {error}").format(file=name, error=error.strerror)
