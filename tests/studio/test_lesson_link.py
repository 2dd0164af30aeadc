"""A lesson in an address: written and read again, and whatever else may stand there."""

import base64
import random
import re
import tracemalloc
import zlib
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from rbmviz.run.query import add_to_query
from rbmviz.studio.lesson import Lesson
from rbmviz.studio.lesson_format import LessonError, built_in_lessons
from rbmviz.studio.lesson_link import (
    MAX_PACKED,
    OWN,
    is_on_its_own,
    own_lesson,
    read_lesson_address,
    write_lesson_address,
)
from rbmviz.studio.lesson_play import Play

ROOT = Path(__file__).parents[2]
EXAMPLE = re.search(r"```toml\n(.*?)```", (ROOT / "docs/lessons.md").read_text(), re.DOTALL)[1]
LESSONS = {lesson.name: lesson for lesson in built_in_lessons()}
CONTENTS = {path.stem: path.read_bytes() for path in (ROOT / "rbmviz/lessons").glob("*.toml")} | {
    "example": EXAMPLE.encode(),
    "German": EXAMPLE.replace("too fast", "zu schnell für").encode(),
}


def packed(content: bytes, *, more: bytes = b"") -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    text = base64.urlsafe_b64encode(packer.compress(content) + packer.flush() + more)
    return "~" + text.decode().rstrip("=")


def told(lesson: Lesson, number: int = 0) -> dict[str, str]:
    return write_lesson_address(Play(lesson).at(number))


def through_an_address(lesson: Lesson, number: int):
    query = add_to_query("", told(lesson, number))
    return read_lesson_address(dict(parse_qsl(query)))


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_of_the_server_is_told_by_its_name_and_step(name: str) -> None:
    lesson = LESSONS[name]
    for number in range(len(lesson.steps)):
        address, messages = through_an_address(lesson, number)
        assert (address.name, address.number, address.stands) == (name, number, True)
        assert messages == []


@pytest.mark.parametrize("name", CONTENTS)
def test_an_own_lesson_travels_in_the_address_itself(name: str) -> None:
    lesson = own_lesson(CONTENTS[name])
    assert lesson.name.startswith(OWN)
    assert is_on_its_own(lesson)
    address, messages = through_an_address(lesson, 1)
    assert (address.content, address.number, messages) == (CONTENTS[name], 1, [])
    assert own_lesson(address.content) == lesson


def test_two_lessons_have_two_names() -> None:
    assert len({own_lesson(content).name for content in CONTENTS.values()}) == len(CONTENTS)


def test_a_lesson_too_large_for_an_address_says_so() -> None:
    rng = random.Random(0)
    noise = "".join(f"# {rng.randbytes(60).hex()}\n" for _ in range(100))
    lesson = own_lesson(noise.encode() + EXAMPLE.encode())
    assert lesson.origin == ""
    assert not is_on_its_own(lesson)
    assert told(lesson) == {"lesson": lesson.name}


def test_a_file_of_the_same_site_is_told_by_its_path() -> None:
    lesson = own_lesson(EXAMPLE.encode(), "/course/week-2.toml")
    assert is_on_its_own(lesson)
    address, _ = through_an_address(lesson, 2)
    assert address.path == "/course/week-2.toml"
    assert address.written() == told(lesson, 2)


def test_an_address_says_whether_the_answer_was_shown_where_its_page_stands() -> None:
    lesson = LESSONS["distant-mode"]
    query = write_lesson_address(Play(lesson).at(1).revealed(0))
    assert read_lesson_address(query | {"v": "1"})[0].shown
    assert not read_lesson_address(query)[0].shown  # the step begins anew
    assert not read_lesson_address(told(lesson, 1) | {"v": "1"})[0].shown


@pytest.mark.parametrize(
    "path",
    ["//evil.example/x.toml", r"/\evil.example/x.toml", "/a/b.txt", "/x.toml?a=b", "/x.toml#a",
     "/", "/" + "x" * 400 + ".toml", "/a\nb.toml", r"/a\b.toml"],
)  # fmt: skip
def test_an_address_of_another_site_is_refused_with_a_sentence(path: str) -> None:
    address, messages = read_lesson_address({"lesson": path})
    assert address is None
    assert len(messages) == 1
    assert "a .toml file of this site" in messages[0]


@pytest.mark.parametrize(
    "text",
    [
        "~",
        "~!!!",
        packed(EXAMPLE.encode())[:-9],
        packed(EXAMPLE.encode()) + "AAAA",
        packed(EXAMPLE.encode(), more=b"more"),
        packed(b"#" * 32_769),
        packed(b"#" * 3_000_000),
        "~" + "A" * MAX_PACKED,
    ],
)
def test_a_text_that_was_changed_is_refused_with_a_sentence(text: str) -> None:
    address, messages = read_lesson_address({"lesson": text})
    assert address is None
    assert messages == ["The lesson in the address was cut off, or changed on its way."]


def test_a_packed_text_is_never_unpacked_beyond_a_lesson() -> None:
    bomb = packed(b"#" * 3_000_000)
    tracemalloc.start()
    read_lesson_address({"lesson": bomb})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(bomb) < MAX_PACKED
    assert peak < 500_000


@pytest.mark.parametrize(
    ("step", "number", "said"),
    [("0", 0, ""), ("1", 0, ""), ("3", 2, ""), ("x", 0, "no whole number"), ("-1", 0, "whole"),
     ("99", 19, "beyond the limit; using 20")],
)  # fmt: skip
def test_the_step_is_a_whole_number_from_1(step: str, number: int, said: str) -> None:
    address, messages = read_lesson_address({"lesson": "two-phases", "lesson_step": step})
    assert address.number == number
    assert len(messages) == bool(said)
    assert said in "".join(messages)


def test_an_address_without_a_lesson_tells_of_none() -> None:
    assert read_lesson_address({"v": "1", "lesson_step": "2"}) == (None, [])
    assert read_lesson_address({"lesson": ""}) == (None, [])


def test_what_is_no_lesson_is_refused_when_it_is_read() -> None:
    address, messages = read_lesson_address({"lesson": packed(b"titel = 1")})
    assert messages == []
    with pytest.raises(LessonError):
        own_lesson(address.content)
