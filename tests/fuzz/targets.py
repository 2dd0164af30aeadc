"""What reads from outside, with hostile input for it; each target says what it may raise.

A reader promises an error of the library's own, a ValueError with a text for a person. A link and
the check of a lesson promise never to raise. A page promises that no exception reaches it.
"""

import io
import json
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl

import numpy as np
from PIL import Image

from rbmviz.run.difference import Difference
from rbmviz.run.lab import Lab
from rbmviz.run.link import LabLink, decode_link, encode_link
from rbmviz.run.own_data import DEFAULT_ROWS, decode_rows, encode_rows
from rbmviz.run.page_link import decode_page_link, encode_page_link
from rbmviz.run.requests import Command, Request
from rbmviz.run.run_file import read_run, write_run
from rbmviz.run.settings import LabSettings
from rbmviz.run.table import clamp, rows, slug
from rbmviz.studio.lesson_format import built_in_lessons, check_lesson, read_lesson
from rbmviz.studio.lesson_link import (
    LessonAddress,
    own_lesson,
    read_lesson_address,
    write_lesson_address,
)
from rbmviz.studio.lesson_play import Marks, Play, read_marks
from rbmviz.studio.model_files import read_model, write_model
from rbmviz.studio.own_files import read_files
from rbmviz.studio.page_tables import PAGE_TABLES
from tests.fuzz import mutate

ROOT = Path(__file__).parents[2]
_SHORT = [value for value in mutate.SCALARS if value != 10**400]  # str() refuses that one
PAGES = ("lab", "lessons", "negative_phase", "partition_function", "derivation", "every_state",
         "which_phase")  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A reader, and where its input comes from."""

    make: Callable[[random.Random], Any]
    read: Callable[[Any], object]
    may_refuse: bool = True  # by an error of the library
    weight: int = 10
    seconds: float = 5.0  # that a case may take


# ---- real files, each made once -------------------------------------------------------------


@cache
def _lab() -> Lab:
    lab = Lab(LabSettings("bars-and-stripes 2x2", 3, "pcd", n_chains=5, momentum=0.5))
    for k in range(1, 4):
        lab.receive(Request("fuzz", -1, 1, (Command(k, "step", 10),)))
        lab.answer()
    return lab


@cache
def recording() -> bytes:
    return write_run(_lab().copy_of_run())


@cache
def arrays_in(which: Callable[[], bytes]) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(which()), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


@cache
def picture() -> bytes:
    file = io.BytesIO()
    grey = (np.indices((6, 5)).sum(axis=0) * 20).astype(np.uint8)
    Image.fromarray(grey).save(file, "PNG")
    return file.getvalue()


@cache
def lessons() -> tuple[str, ...]:
    folder = files("rbmviz").joinpath("lessons")
    return tuple(f.read_text("utf-8") for f in folder.iterdir() if f.name.endswith(".toml"))


# ---- hostile input --------------------------------------------------------------------------


def _npz(which: Callable[[], bytes], told: str | None) -> Callable[[random.Random], bytes]:
    def make(rng: random.Random) -> bytes:
        if rng.random() < 0.2:
            return mutate.bent_bytes(rng, which())
        return mutate.bent_npz(rng, arrays_in(which), told)

    return make


def _own_table(rng: random.Random) -> tuple[str, bytes]:
    v = np.random.default_rng(rng.randrange(99)).integers(0, 2, (4, 9)).astype("f8")
    match rng.randrange(3):
        case 0:
            text = "\n".join(",".join(f"{x:g}" for x in row) for row in v)
            content = mutate.bent_text(rng, text).encode("utf-8", "replace")
            return "a.csv", mutate.bent_bytes(rng, content) if rng.random() < 0.2 else content
        case 1:
            return "a.npy", mutate.bent_array(rng, v)
        case _:
            return "a.npz", mutate.bent_npz(rng, {"v": v, "x": v[:2]}, None)


def _own_picture(rng: random.Random) -> tuple[str, bytes]:
    make = mutate.bent_png if rng.random() < 0.8 else mutate.bent_bytes
    return "a.png", make(rng, picture())


def _model(rng: random.Random) -> tuple[str, bytes]:
    rbm = _lab().state.rbm
    arrays = {"W": rbm.W, "b": rbm.b, "c": rbm.c}
    match rng.randrange(3):
        case 0:
            return "a.npz", mutate.bent_npz(rng, arrays, None)
        case 1:
            content = write_model(rbm, "safetensors")
            size = int.from_bytes(content[:8], "little")
            head = json.dumps(mutate.bent_json(rng, json.loads(content[8 : 8 + size])))
            told = head.encode("utf-8", "replace")
            forged = len(told).to_bytes(8, "little") + told + content[8 + size :]
            return "a.safetensors", mutate.bent_bytes(rng, forged) if rng.random() < 0.3 else forged
        case _:
            from scipy.io import savemat

            file = io.BytesIO()
            version, packed = rng.choice((("4", False), ("5", False), ("5", True)))
            savemat(file, arrays, do_compression=packed, format=version)
            content = file.getvalue()
            if version == "5":  # without a date
                content = b"MATLAB 5.0 MAT-file".ljust(116) + content[116:]
            return "a.mat", mutate.bent_bytes(rng, content)


def _lesson(rng: random.Random) -> bytes:
    text = mutate.bent_text(rng, rng.choice(lessons()))
    content = text.encode("utf-8", "replace")
    return mutate.bent_bytes(rng, content) if rng.random() < 0.15 else content


def query(rng: random.Random) -> dict[str, str]:
    """Draw the query of a link that somebody tampered with."""
    settings = LabSettings(dataset=rng.choice(("digits", "XOR", DEFAULT_ROWS)), seed=7)
    second = Difference("n_steps", 10, from_step=rng.choice((0, 3, 10**9)))
    link = LabLink(
        settings,
        step=rng.choice((0, 5, 10**5)),
        selected="b1",
        difference=rng.choice((None, second)),
    )
    pairs = dict(part.split("=", 1) for part in encode_link(link).split("&") if part)
    keys = [*LabSettings.__dataclass_fields__, "v", "step", "view", "selected", "speed", "rival",
            "rival_value", "rival_from", "changes", "embed", "x" * 99]  # fmt: skip
    for _ in range(rng.choice((1, 2, 4, 90))):
        key, value = rng.choice(keys), str(rng.choice((*mutate.WORDS, *_SHORT)))
        if rng.random() < 0.3:
            value = rng.choice(
                ("cd", "pcd", "tempering", "exact", "none", "50", "n_steps", "3,momentum,0.5",
                 "0,estimator,pcd~2,n_chains,500,n_steps,50~2,centered,true", "1,learning_rate,nan")
            )  # fmt: skip
        pairs[key if rng.random() < 0.9 else value[:20]] = value

    def sent(text: str) -> str:
        """What can stand in an address at all."""
        return text.encode("utf-8", "replace").decode()

    return {sent(key): sent(value) for key, value in pairs.items()}


def address(rng: random.Random) -> tuple[str, dict[str, str]]:
    """Draw a page, and the query of its address that somebody tampered with."""
    path = rng.choice(list(PAGE_TABLES))
    table = rows(PAGE_TABLES[path].table)
    pairs = {}
    for name, row in table.items():
        values = [*(row.choices() if row.choices else ()), *row.numbers, *row.limits]
        if rng.random() < 0.6:
            drawn = rng.choice(values or [row.default])
            pairs[name] = slug(drawn) if isinstance(drawn, str) else str(drawn)
    if rng.random() < 0.5:
        pairs["model"] = "lab"
    pairs |= {f"lab.{name}": value for name, value in query(rng).items() if rng.random() < 0.7}
    keys = [*pairs, "v", "file", "changes", "lab.", "lab.lab.step", "step"]
    for _ in range(rng.choice((0, 1, 3, 90))):
        value = rng.choice((*mutate.WORDS, *_SHORT, "2,learning_rate,0.5~3,batch,model", "x.npz"))
        pairs[rng.choice(keys)] = str(value).encode("utf-8", "replace").decode()
    return path, pairs


def lesson_address(rng: random.Random) -> dict[str, str]:
    """Draw what an address says of a lesson, that somebody tampered with."""
    own = own_lesson(rng.choice(lessons()).encode())
    told = write_lesson_address(Play(own).at(rng.randrange(5)))
    which = rng.choice((told["lesson"], "two-phases", "/course/a.toml", "own-0123456789ab"))
    told |= {"lesson": mutate.bent_text(rng, which)} if rng.random() < 0.8 else {}
    for _ in range(rng.choice((0, 1, 3))):
        told[rng.choice(("lesson", "lesson_step", "lesson_shown", "v"))] = str(
            rng.choice((*mutate.WORDS, *_SHORT))
        )
    return {key: text.encode("utf-8", "replace").decode() for key, text in told.items()}


def marks(rng: random.Random) -> str:
    """Draw what a browser kept, that somebody tampered with."""
    kept = Marks({1: rng.randrange(4), 3: -1}, frozenset({2}))
    bent = json.dumps(mutate.bent_json(rng, json.loads(kept.written())))
    return mutate.bent_text(rng, bent) if rng.random() < 0.5 else bent


# ---- the readers ------------------------------------------------------------------------------


def _read_link(given: dict[str, str]) -> None:
    link, messages = decode_link(given)
    assert len(messages) < 100, "too many messages"
    assert all(len(message) < 600 for message in messages), "a message that nobody reads"
    again = dict(part.split("=", 1) for part in encode_link(link).split("&") if part)
    assert link.settings.training_settings(), "settings that do not train"
    assert len(str(again)) < 10_000


def _read_address(drawn: tuple[str, dict[str, str]]) -> None:
    path, given = drawn
    place = PAGE_TABLES[path]
    link, messages = decode_page_link(given, place.table, place.changing)
    assert len(messages) < 150, "too many messages"
    assert all(len(message) < 600 for message in messages), "a message that nobody reads"
    settings = asdict(link.settings)
    assert clamp(place.table, settings) == (link.settings, []), "settings that are not allowed"
    again = dict(parse_qsl(encode_page_link(link, place.changing), keep_blank_values=True))
    seen = {n: row.written(settings[n]) for n, row in rows(place.table).items() if row.seen}
    assert decode_page_link(again | seen, place.table, place.changing)[0] == link, "another page"


def _read_lesson_address(given: dict[str, str]) -> None:
    found, messages = read_lesson_address(given)
    assert len(messages) < 3, "too many messages"
    assert all(len(message) < 300 for message in messages), "a message that nobody reads"
    if found is None:
        return
    assert sum(map(bool, (found.name, found.path, found.content))) <= 1
    assert 0 <= found.number < 20
    if found.content and not check_lesson(found.content):
        play = Play(own_lesson(found.content)).at(found.number)
        again = read_lesson_address(write_lesson_address(play))[0]
        assert again == LessonAddress(play.number, content=found.content), "another lesson"


def _read_marks(text: str) -> None:
    kept = read_marks(text)
    for lesson in built_in_lessons():
        play = Play(lesson).marked(kept or Marks())
        steps = range(len(lesson.steps))
        assert {*play.answers, *play.reached} <= {*steps}, "marks of a step that is not there"
        for number in steps:
            assert play.at(number).waits in ("", "prediction", "check")


def _open_recording(content: bytes) -> None:
    run = read_run(content)
    lab = Lab(LabSettings("XOR", 2))
    lab.open_run(run)
    lab.receive(Request("fuzz", -1, 1, (Command(1, "step", 3),)))
    lab.answer()


def _read_table(named: tuple[str, bytes]) -> None:
    grey = read_files([named])
    encode_rows(grey.on(0.5, dark=grey.dark_is_ink), grey.image_shape)


def _check_lesson(content: bytes) -> None:
    if not check_lesson(content):
        read_lesson("fuzz", content)


def _page(drawn: tuple[str, dict[str, str]]) -> None:
    from streamlit.testing.v1 import AppTest

    page, given = drawn
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["negative_repeats"], app.session_state["negative_warm_up"] = 50, 0
    for key, value in given.items():
        app.query_params[key] = value
    with mock.patch("rbmviz.pages.way.MAX_SECONDS", 0.2):
        app.run()
        assert not app.exception, app.exception[0].message
        if page != "lab":
            app.switch_page(f"rbmviz/pages/{page}.py").run()
            assert not app.exception, app.exception[0].message


def _page_of_address(drawn: tuple[str, dict[str, str]]) -> None:
    from streamlit.testing.v1 import AppTest

    path, given = drawn
    name = path.replace("-", "_")
    app = AppTest.from_file(str(ROOT / f"rbmviz/pages/{name}.py"), default_timeout=60)
    for key, value in {**given, "repeats": "50", "warm_up": "0", "methods": "mean-field"}.items():
        app.query_params[key] = value
    with mock.patch("rbmviz.pages.way.MAX_SECONDS", 0.2):
        app.run()
        assert not app.exception, app.exception[0].message


TARGETS = {
    "link": Target(query, _read_link, may_refuse=False, weight=10),
    "address": Target(address, _read_address, may_refuse=False, weight=10),
    "own text": Target(lambda r: mutate.bent_text(r, DEFAULT_ROWS, "."), decode_rows, weight=5),
    "recording": Target(_npz(recording, "about"), _open_recording, weight=25),
    "large run": Target(_npz(recording, "about"), lambda c: read_run(c, any_size=True), weight=15),
    "own table": Target(_own_table, _read_table, weight=20),
    "own picture": Target(_own_picture, _read_table, weight=10),
    "model": Target(_model, lambda named: read_model(*named), weight=20),
    "lesson": Target(_lesson, _check_lesson, may_refuse=False, weight=20),
    "lesson in an address": Target(lesson_address, _read_lesson_address, may_refuse=False),
    "marks": Target(marks, _read_marks, may_refuse=False, weight=5),
    "page": Target(lambda r: (r.choice(PAGES), query(r)), _page, may_refuse=False, weight=1,
                   seconds=60.0),
    "page of an address": Target(address, _page_of_address, may_refuse=False, weight=1,
                                 seconds=60.0),
}  # fmt: skip
