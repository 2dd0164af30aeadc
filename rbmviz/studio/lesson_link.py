"""A lesson in an address: which one, and at which step; and the text of one's own lesson in it.

    ?lesson=distant-mode&lesson_step=2      a lesson that the server has, by its name
    ?lesson=/course/my-lesson.toml          a file of the same site, which the browser fetches
    ?lesson=~eNpt...                        a small lesson itself: "~", its text deflated, base64url

lesson_shown=1 says that the answer of the step has been shown; v=1, as everywhere, that the address
tells what its page shows, which then stands so. Without it the step begins as the lesson has it.
Whatever comes from outside is checked.
"""

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rbmviz.language import _
from rbmviz.run.query import LESSON, LESSON_SHOWN, LESSON_STEP, short, whole_number
from rbmviz.studio.lesson import Lesson
from rbmviz.studio.lesson_format import MAX_STEPS, read_lesson
from rbmviz.studio.lesson_play import Play
from rbmviz.studio.lesson_reader import MAX_BYTES

MAX_PACKED = 6000  # characters: servers in between refuse addresses of more than some 8,000
OWN = "own-"  # how the name of a lesson begins that is not the server's
NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
_PATH = re.compile(r"/(?![/\\])[^\\?#\s]{1,300}\.toml")
_PACKED = "~"


@dataclass(frozen=True)
class LessonAddress:
    """The lesson that an address tells of; one of name, path and content says which."""

    number: int = 0  # of the step, from 0
    name: str = ""
    path: str = ""
    content: bytes = b""
    stands: bool = False  # the address tells what the page shows as well
    shown: bool = False  # the answer of the step

    def written(self) -> dict[str, str]:
        """Tell it in an address again: a lesson that has a name or a path."""
        return _written(self.name or self.path, self.number, self.shown)


def read_lesson_address(query: Mapping[str, str]) -> tuple[LessonAddress | None, list[str]]:
    """Read what an address says of a lesson; what is wrong is named. Never raises."""
    given = str(query.get(LESSON, ""))
    if not given:
        return None, []
    number, messages = 1, list[str]()
    if LESSON_STEP in query:
        number, messages = whole_number(LESSON_STEP, str(query[LESSON_STEP]), MAX_STEPS, 1)
    stands = "v" in query
    shown = stands and query.get(LESSON_SHOWN) == "1"
    found = LessonAddress(max(number, 1) - 1, stands=stands, shown=shown)
    if given.startswith(_PACKED):
        try:
            return replace(found, content=_unpack(given)), messages
        except ValueError:
            said = _("The lesson in the address was cut off, or changed on its way.")
            return None, [said]
    if _PATH.fullmatch(given):
        return replace(found, path=given), messages
    if given.startswith("/"):
        said = _("{path} is no address of a lesson: it has to be a .toml file of this site.")
        return None, [said.format(path=short(given))]
    return replace(found, name=given), messages


def write_lesson_address(play: Play) -> dict[str, str]:
    """Tell of a lesson and where somebody is in it in an address."""
    lesson = play.lesson
    return _written(lesson.origin or lesson.name, play.number, play.answer is not None)


def is_on_its_own(lesson: Lesson) -> bool:
    """Say whether an address alone brings a lesson back: not one that is too large for it."""
    return bool(lesson.origin) or not lesson.name.startswith(OWN)


def own_lesson(content: bytes, origin: str | None = None) -> Lesson:
    """Read a lesson that comes from a reader or an address; its name follows from its text.

    origin: how an address names it; None: by its text, where that is small enough.

    Raises:
        LessonError: the file has problems.
    """
    name = OWN + hashlib.sha256(content).hexdigest()[:12]
    return read_lesson(name, content, _pack(content) if origin is None else origin)


def _written(which: str, number: int, shown: bool) -> dict[str, str]:
    step = {LESSON_STEP: str(number + 1)} if number else {}
    return {LESSON: which, **step, **({LESSON_SHOWN: "1"} if shown else {})}


def _pack(content: bytes) -> str:
    """Write a text as part of an address; empty when it is too large for one."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(content) + packer.flush()
    text = _PACKED + base64.urlsafe_b64encode(packed).decode().rstrip("=")
    return text if len(text) <= MAX_PACKED else ""


def _unpack(text: str) -> bytes:
    """Read what _pack wrote; never more than a lesson may have, however much was packed.

    Raises:
        ValueError: something else, cut off, or too large.
    """
    if len(text) > MAX_PACKED:
        raise ValueError
    coded = text.removeprefix(_PACKED)
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        packed = base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_", validate=True)
        content = unpacker.decompress(packed, MAX_BYTES + 1)
    except (binascii.Error, zlib.error) as error:
        raise ValueError from error
    if not unpacker.eof or unpacker.unused_data or len(content) > MAX_BYTES:
        raise ValueError
    return content
