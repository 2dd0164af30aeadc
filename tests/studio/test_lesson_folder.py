"""The lessons of a host's folder: listed beside rbmviz's own, read again, never trusted."""

import os
import re
from pathlib import Path

import pytest

from rbmviz.studio.lesson_folder import FOLDER, MAX_FILES, find_lesson, offered_lessons
from rbmviz.studio.lesson_format import built_in_lessons

ROOT = Path(__file__).parents[2]
EXAMPLE = re.search(r"```toml\n(.*?)```", (ROOT / "docs/lessons.md").read_text(), re.DOTALL)[1]
BUILT_IN = [lesson.name for lesson in built_in_lessons()]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    return tmp_path


def names() -> list[str]:
    return [lesson.name for lesson in offered_lessons()[0]]


def test_without_a_folder_the_lessons_are_rbmvizs_own(monkeypatch) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    assert offered_lessons() == (list(built_in_lessons()), [])
    assert find_lesson("two-phases").title == "What the two phases do"
    assert find_lesson("nothing") is None


def test_a_file_is_listed_where_its_order_says(folder: Path) -> None:
    (folder / "last.toml").write_text(EXAMPLE)
    (folder / "first.toml").write_text(EXAMPLE.replace("minutes = 5", "minutes = 5\norder = 0"))
    assert names() == ["first", *BUILT_IN, "last"]
    assert find_lesson("last").title == "How fast is too fast?"


def test_a_file_takes_the_place_of_a_lesson_of_its_name(folder: Path) -> None:
    (folder / "two-phases.toml").write_text(EXAMPLE)
    assert sorted(names()) == sorted(BUILT_IN)
    assert find_lesson("two-phases").title == "How fast is too fast?"


def test_a_changed_file_is_read_again(folder: Path) -> None:
    file = folder / "mine.toml"
    file.write_text(EXAMPLE)
    assert find_lesson("mine").minutes == 5
    file.write_text(EXAMPLE.replace("minutes = 5", "minutes = 6"))
    os.utime(file, ns=(1, 1))
    assert find_lesson("mine").minutes == 6
    before = file.stat()
    file.write_text(EXAMPLE.replace("minutes = 5", "minutes = 7"))
    os.utime(file, ns=(1, 1))  # the same length and time of change, as a copy may keep it
    assert file.stat()[6:9:2] == before[6:9:2]
    assert find_lesson("mine").minutes == 7
    file.unlink()
    assert find_lesson("mine") is None


def test_what_is_wrong_with_files_is_told_by_file_and_line(folder: Path) -> None:
    (folder / "long.toml").write_text(EXAMPLE.replace("minutes = 5", "minutes = 500"))
    (folder / "own-abc.toml").write_text(EXAMPLE)
    (folder / "week 2.toml").write_text(EXAMPLE)
    (folder / "folder.toml").mkdir()
    (folder / "gone.toml").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe.toml")
    (folder / os.fsdecode(b"\xfcbung.toml")).write_text(EXAMPLE)  # as in an archive of Windows
    (folder / "notes.txt").write_text("no lesson")
    lessons, faults = offered_lessons()
    assert [lesson.name for lesson in lessons] == BUILT_IN
    assert [re.split(r":| is no file", fault)[0] for fault in faults] == [
        "folder.toml", "gone.toml", "long.toml, line 3", "own-abc.toml", "pipe.toml",
        "week 2.toml", "\N{REPLACEMENT CHARACTER}bung.toml",
    ]  # fmt: skip


def test_the_folder_may_be_told_from_the_home(folder: Path, monkeypatch) -> None:
    (folder / "mine.toml").write_text(EXAMPLE)
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv(FOLDER, f"~/{folder.name}")
    assert find_lesson("mine") is not None
    monkeypatch.setenv(FOLDER, "~nobody-of-that-name/lessons")
    assert offered_lessons()[1] == [f"The folder of {FOLDER} has no lessons."]


def test_an_empty_folder_and_a_very_full_one_are_told(folder: Path, monkeypatch) -> None:
    assert offered_lessons()[1] == [f"The folder of {FOLDER} has no lessons."]
    for n in range(MAX_FILES + 3):
        (folder / f"n{n:03d}.toml").touch()
    assert len(offered_lessons()[1]) == MAX_FILES + 1
    monkeypatch.setenv(FOLDER, str(folder / "nowhere"))
    assert offered_lessons()[1] == [f"The folder of {FOLDER} has no lessons."]
