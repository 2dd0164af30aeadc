"""The lines of keys in TOML: every path that tomllib knows, on the line where it stands."""

import tomllib
from importlib.resources import files

import pytest

from rbmviz.studio.lesson_lines import lines_of

HARD = """# a comment with [brackets] and key = value
top = 1 # another "quote
'quoted "key"' = "]"
"with \\"escape" . dotted.key = [ # comment ]
  1,
  [2, "a # b", '''
]'''],   # still inside
  {x = 3, y.z = [4,
     5]},
]

[table]
long = \"\"\"
[not.a.table]
key = "no"
\\"\"\"still\"\"\"\"
date = 1979-05-27T07:32:00Z
[table.sub . "deep.er"]
a = {}
[[list]]
[[list.inner]]
n = 1
[[list.inner]]
n = 2
[list.inner.more]
m = 3
[[list]]
[[list.inner]]
n = 4
"""


def paths(value: object, path: tuple = ()) -> list[tuple]:
    """Every path of a parsed document."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, inner in items:
        found += paths(inner, (*path, key))
    return found


def test_hard_toml_by_hand():
    lines = lines_of(HARD)
    assert set(paths(tomllib.loads(HARD))) == set(lines)
    text = HARD.split("\n")
    for path, start in {
        ("top",): "top",
        ('quoted "key"',): "'quoted",
        ('with "escape', "dotted", "key"): '"with',
        ('with "escape', "dotted", "key", 0): "  1,",
        ('with "escape', "dotted", "key", 1): "  [2",
        ('with "escape', "dotted", "key", 2, "y", "z", 1): "     5",
        ("table", "date"): "date",
        ("table", "sub", "deep.er", "a"): "a = {}",
        ("list", 0, "inner", 1, "more", "m"): "m = 3",
        ("list", 1, "inner", 0, "n"): "n = 4",
    }.items():
        assert text[lines[path] - 1].startswith(start), path


@pytest.mark.parametrize(
    "file",
    [f for f in files("rbmviz").joinpath("lessons").iterdir() if f.name.endswith(".toml")],
    ids=lambda file: file.name,
)
def test_every_key_of_every_lesson_has_the_line_it_stands_in(file):
    text = file.read_text(encoding="utf-8")
    lines, rows = lines_of(text), text.split("\n")
    known = paths(tomllib.loads(text))
    assert set(known) == set(lines)
    for path in known:
        if isinstance(path[-1], str):
            assert path[-1] in rows[lines[path] - 1], path


def test_line_ends_of_windows_count_once():
    assert lines_of('a = 1\r\nb = """x\r\ny"""\r\nc = 2') == {("a",): 1, ("b",): 2, ("c",): 4}
