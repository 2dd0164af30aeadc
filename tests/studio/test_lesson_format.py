"""The lesson format: what is refused, on which line, with which remedy; and hostile files."""

import re
import time
from pathlib import Path

import pytest

from rbmviz.studio.lesson_format import LessonError, built_in_lessons, check_lesson, read_lesson
from rbmviz.studio.lesson_places import PAGES, can_tell, read_values
from rbmviz.studio.lesson_reader import MAX_BYTES, Document, Table
from rbmviz.studio.quantities import QUANTITIES

DOCS = (Path(__file__).parents[2] / "docs/lessons.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```toml\n(.*?)```", DOCS, re.DOTALL)[1]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_the_example_of_the_documentation_is_a_lesson():
    assert check_lesson(EXAMPLE) == []
    lesson = read_lesson("example", EXAMPLE)
    assert [step.page for step in lesson.steps] == ["lab"] * 3
    assert lesson.steps[1].prediction.right == 0
    assert lesson.steps[2].check.bound.told(lesson.steps[2].check.quantity) == "above −2.4 nats"
    assert lesson.claims[0].of.values["train_to"] == 1000


def test_a_file_with_windows_line_ends_and_a_byte_order_mark_is_the_same_lesson(tmp_path):
    file = tmp_path / "lesson.toml"
    file.write_bytes(b"\xef\xbb\xbf" + EXAMPLE.replace("\n", "\r\n").encode())
    assert check_lesson(file) == []
    assert read_lesson("example", file) == read_lesson("example", EXAMPLE)


def test_the_documentation_lists_every_quantity_and_every_page():
    table = DOCS.split("## Quantities")[1]
    rows = re.findall(r"^\| `(.+?)` \| (.*?) \| (.+?) \| (.+?) \| (.+?) \|$", table, re.MULTILINE)
    assert rows == [
        (q.name, q.unit, "exact" if q.exact else "estimated", q.needs, q.meaning)
        for q in QUANTITIES.values()
    ]
    for page in PAGES:
        assert f"`{page}`" in DOCS


# what to change in the example, and the first complaint: the part of the text on whose line it
# stands, and words of it
WRONG = [
    ('minutes = 5', 'minutes = "5"', 'minutes = "5"', "it must be a whole number from 1 to 90"),
    ("minutes = 5", "minutes = true", "minutes = true", "a whole number"),
    ("minutes = 5", "minutes = 500", "minutes = 500", "it must be from 1 to 90"),
    ("minutes = 5", "minuts = 5", "minuts", "Did you mean 'minutes'"),
    ("minutes = 5", "minutes = 5\n5 minutes", "5 minutes", "not valid TOML"),
    ('title = "A calm run"', 'title = "A calm run', 'title = "A calm run', "not valid TOML"),
    ("minutes = 5", "minutes = 5\nminutes = 6", "minutes = 6", "not valid TOML"),
    ('page = "lab"\nwatch', 'page = "labs"\nwatch', 'page = "labs"', "Did you mean 'lab'"),
    ('watch = ["mean', 'watch = ["man', 'watch = ["man', "Did you mean 'mean log-likelihood'"),
    ('"bars-and-stripes 2x2"', '"bars and stripes"', '"bars and stripes"', "bars-and-stripes"),
    ('estimator = "cd"', 'estimator = "gibbs"', 'estimator = "gibbs"', "Use one of"),
    ("learning_rate = 0.1\ntrain", "learning_rate = nan\ntrain", "= nan", "from 0 to 10"),
    ("learning_rate = 0.1\ntrain", "learning_rate = inf\ntrain", "= inf", "from 0 to 10"),
    ("n_hidden = 4\nest", "n_hidden = 4.5\nest", "4.5", "a whole number from 1 to 64"),
    ("n_hidden = 4\nest", "n_hiden = 4\nest", "n_hiden", "Did you mean 'n_hidden'"),
    ("train_to = 500", "train_to = 50001", "train_to = 50001", "from 0 to 50000"),
    ("train_to = 500", f"train_to = {'9' * 250}", "train_to = 9", "a huge number"),
    ("train_to = 500", "train_to = 1979-05-27", "1979", "a whole number"),
    ("right = true\n", "right = true\nright_ = 1\n", "right_", "Did you mean 'right'"),
    ("right = true\n", "", "[[steps.prediction.answers]]", "right = true in exactly one"),
    ('shown_by = "The fast', 'shown_by = "A fast', "shown_by", "Did you mean 'The fast run"),
    ('why = "The weights', 'why = "![x](http://a.b/c) The', "why", "HTML and formulas are not"),
    ('why = "The weights', 'why = "<script> The', "why", "HTML and formulas are not"),
    ('quantity = "mean log-likelihood"\nabove = -2.4', 'quantity = "mean likelihood"\nabove = -2.4',
     'quantity = "mean likelihood"', "Did you mean 'mean log-likelihood'"),
    ("above = -2.4", "above = -2.4\nbelow = 1", "[steps.check]", "one of below = a number"),
    ("above = -2.4\n", "", "[steps.check]", "one of below = a number"),
    ('task = "Bring', 'task = "', 'task = "', "task has"),
    ('run = "fast"', 'run = "quick"', 'run = "quick"', "Use one of: fast, slow"),
    ("minus_at = 1000", "minus_at = -1", "minus_at = -1", "from 0 to 50000"),
    ("above = 0.1", 'above = "0.1"', 'above = "0.1"', "it must be a number"),
    ("[[claims]]", "[claims]", "[claims]", "one or more tables [[claims]]"),
]  # fmt: skip
WRONG[26] = ('task = "Bring', f'task = "{"x" * 210}', 'task = "x', "the limit is 200")


@pytest.mark.parametrize(("old", "new", "at", "said"), WRONG, ids=range(len(WRONG)))
def test_every_problem_has_its_line_and_a_remedy(old, new, at, said):
    assert EXAMPLE.count(old) >= 1
    text = EXAMPLE.replace(old, new, 1)
    problems = check_lesson(text)
    assert problems, "not refused"
    fitting = [one for one in problems if said in one.text]
    assert fitting, problems
    assert fitting[0].line == line_of(text, at)
    assert str(fitting[0]).startswith(f"line {fitting[0].line}: ")
    with pytest.raises(LessonError, match=re.escape(str(fitting[0]))):
        read_lesson("wrong", text)


def test_settings_that_do_not_go_together_are_refused():
    text = EXAMPLE.replace('"bars-and-stripes 2x2"', '"digits"', 1)
    text = text.replace('n_hidden = 4\nestimator = "cd"', 'n_hidden = 40\nestimator = "exact"', 1)
    (problem,) = check_lesson(text)
    assert problem.line == line_of(text, "[steps.set]")
    assert "do not go together" in problem.text


def test_a_quantity_that_the_page_cannot_tell_is_refused():
    text = EXAMPLE.replace('page = "lab"\ntext = "Choose', 'page = "derivation"\ntext = "Choose')
    text = text.replace(
        'quantity = "mean log-likelihood"\nabove = -2.4', 'quantity = "updates"\nabove = 1'
    )
    text = text.replace('estimator = "exact"\nlearning_rate = 0.5\ntrain_to = 2000', "i = 1")
    (problem,) = check_lesson(text)
    assert problem.line == line_of(text, 'quantity = "updates"')
    assert "cannot be read on the page 'derivation'" in problem.text


def test_all_problems_come_in_the_order_of_their_lines():
    text = EXAMPLE.replace("minutes = 5", "minutes = 0").replace("n_hidden = 4", "n_hidden = 0")
    lines = [problem.line for problem in check_lesson(text)]
    assert lines == sorted(lines)
    assert len(lines) == 4


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50,
        b"\xff\xfe" + EXAMPLE.encode("utf-16-le"),
        b"a" * 10_000_000,
        b"x = " + b"[" * 200 + b"\n" + b"[\n" * 10_000,
        b"x = " + b"{a=" * 90,
        b"\n".join(b".".join([b"a"] * 140) + b".b%d = 1" % n for n in range(110)),
        b"[[steps]]\n" * 3000,
        b"steps = 1\nclaims = []\nruns = 'x'\ntitle = {}",
        b"steps = [1, 2]\nclaims = [[]]\n[runs]\na = 1",
        b"".join(b"[runs.r%d]\n" % n for n in range(2000)),
        b"x = 0x" + b"f" * 290,
        b'title = "\\ud800"',
        b'title = """' + b"\n<b>" * 5000 + b'"""',
        "title = '\u202e\u0000'".encode(),
        b"__class__ = 1\n__proto__ = 2\n[steps]\n",
    ],
    ids=range(17),
)
def test_hostile_files_are_refused_in_short_time(content):
    begun = time.process_time()
    problems = check_lesson(content)
    assert problems
    assert all(problem.line >= 1 and len(problem.text) < 1000 for problem in problems)
    # Not a measurement: a guard against work that grows like the square of a file's size.
    assert time.process_time() - begun < 30


def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path):
    file = tmp_path / "large.toml"
    file.write_bytes(b"#" * (MAX_BYTES + 5000))
    (problem,) = check_lesson(file)
    assert f"the limit is {MAX_BYTES:,}" in problem.text
    assert f"{MAX_BYTES + 1:,} bytes" in problem.text


# What markdown makes a link of, also behind its own escapes; or something as large as a page
LINKS = (
    "http://evil", "HTTPS://evil", r"http\://evil", "http&#58;//evil", r"https:/\/evil", "www.evil",
    r"www\.evil", "_www.evil_", "www&#46;evil", r"WWW\.evil", r"(www\.evil)", "[x](y)", r"[x]\(y)",
    "[x]: y", "![x]", "<img src=x>", "<!--", r"a\@evil", "a&#64;evil", "join+@evil", "xmpp:a.@evil",
    "mailto&#58;x&#64;evil", "<a@b>", r"$\rule{200em}{200em}$", "$x$",
)  # fmt: skip
PLAIN = ("costs $5", "either/or", "p(x) < 1 & q(x) > 2", "[0, 1]", "two: one", "@ 5", r"\* no list")


@pytest.mark.parametrize("link", LINKS)
def test_no_text_makes_a_link_a_picture_or_a_formula(link: str):
    text = EXAMPLE.replace("Choose the settings yourself.", f"{link} Choose.".replace("\\", r"\\"))
    assert text != EXAMPLE
    problems = check_lesson(text)
    assert [one for one in problems if "formulas are not shown" in one.text], problems


@pytest.mark.parametrize("plain", PLAIN)
def test_other_signs_are_texts(plain: str):
    text = EXAMPLE.replace("Choose the settings yourself.", plain.replace("\\", r"\\"))
    assert check_lesson(text) == []


def test_nothing_is_evaluated():
    text = EXAMPLE.replace("How fast is too fast?", "{1 + 1} {{title}} %s ${HOME} __import__('os')")
    assert read_lesson("x", text).title == "{1 + 1} {{title}} %s ${HOME} __import__('os')"


def test_the_lessons_that_come_along_are_valid_and_in_order():
    lessons = built_in_lessons()
    assert len(lessons) >= 8
    assert [lesson.order for lesson in lessons] == list(range(1, len(lessons) + 1))
    for lesson in lessons:
        assert any(step.prediction for step in lesson.steps), lesson.name
        assert any(step.check or step.prediction for step in lesson.steps[-1:]), lesson.name
        for step in lesson.steps:
            assert step.check is None or can_tell(step.page, step.check.quantity)


def test_every_value_of_every_page_can_be_read_and_is_checked():
    for page, key in (
        ("negative-phase", "k"),
        ("partition-function", "temperatures"),
        ("derivation", "i"),
        ("lab", "seed"),
    ):
        document = Document(f"{key} = -3")
        read_values(Table(document, document.values), page)
        assert [problem.line for problem in document.problems] == [1]
