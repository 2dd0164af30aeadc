"""Bring the catalogue of the interface's words up to date with the code.

    .venv/bin/python -m tests.make_catalogue

It extracts the English texts to messages.pot, merges them into every language's .po, where new and
changed ones are left empty for you to translate (then run it again), and compiles the .mo.
"""

import ast
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from rbmviz.core.datasets import dataset_names, load_dataset
from rbmviz.stage.words import texts_of
from rbmviz.studio.lesson import Lesson, Step
from rbmviz.studio.lesson_format import built_in_lessons

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "rbmviz" / "language"
PLACES = {"_": 1, "N_": 1, "ngettext": 2}  # functions, and how many of their arguments are texts
HEADER = "# The words of rbmviz; see CONTRIBUTING.md."
WIDTH = 100
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)


def extract() -> Catalog:
    """Collect the texts that the code marks, with the files they stand in."""
    catalogue = Catalog(project="rbmviz", header_comment=HEADER)
    for path in [ROOT / "app.py", *sorted((ROOT / "rbmviz").rglob("*.py"))]:
        for text in marked(path.read_text("utf-8")):
            catalogue.add(text, locations=[(str(path.relative_to(ROOT)), None)])
    for path in sorted((ROOT / "rbmviz" / "stage" / "js").glob("*.js")):
        for text in texts_of(path.read_text("utf-8")):
            catalogue.add(text, locations=[(str(path.relative_to(ROOT)), None)])
    for lesson in built_in_lessons():
        for text in texts_of_lesson(lesson):
            catalogue.add(text, locations=[(f"rbmviz/lessons/{lesson.name}.toml", None)])
    for name in dataset_names():  # the core knows no catalogue
        description = load_dataset(name).description
        catalogue.add(description, locations=[("rbmviz/core/datasets.py", None)])
    return catalogue


def marked(source: str) -> list[str | tuple[str, ...]]:
    r"""List the texts in calls of _, N_ and ngettext, inside f-strings too; a variable is no text.

    >>> marked('_("Play"); f"{N_(\'Step\')}"; ngettext("{n} row", "{n} rows", n); _(name)')
    ['Play', 'Step', ('{n} row', '{n} rows')]
    """
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) in PLACES:
            given = node.args[: PLACES[node.func.id]]
            if all(isinstance(part, ast.Constant) and part.value for part in given):
                texts = tuple(part.value for part in given)
                found.append((node.lineno, node.col_offset, texts))
    return [texts[0] if len(texts) == 1 else texts for *_place, texts in sorted(found)]


def texts_of_lesson(lesson: Lesson) -> list[str]:
    """List what a reader sees of a lesson."""
    texts = [lesson.title, lesson.summary]
    return texts + [text for step in lesson.steps for text in texts_of_step(step)]


def texts_of_step(step: Step) -> list[str]:
    """List what a reader sees of a step, whatever the answer is."""
    texts = [step.title, step.text]
    if step.prediction:
        texts.append(step.prediction.question)
        texts += [text for one in step.prediction.answers for text in (one.text, one.why)]
    if step.check:
        texts += [step.check.task, step.check.hint]
    return [text for text in texts if text]


def read(path: Path) -> Catalog:
    """Read a catalogue as it is in the repository."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem if path.suffix == ".po" else None)


def compiled(catalogue: Catalog) -> bytes:
    """Compile a catalogue, undated; texts that are not translated, or fuzzy, stay English."""
    catalogue.creation_date = catalogue.revision_date = UNDATED
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def written(catalogue: Catalog) -> bytes:
    """Write a catalogue as text, without the day: the same code makes the same file."""
    file = BytesIO()
    write_po(file, catalogue, width=WIDTH, omit_header=False, include_lineno=False)
    lines = file.getvalue().decode().splitlines(keepends=True)
    dated = ("POT-Creation-Date:", "PO-Revision-Date:", "Report-Msgid-Bugs-To:", "Last-Translator:")
    return "".join(line for line in lines if not line.startswith(dated, 1)).encode()


def untranslated(catalogue: Catalog) -> list[str]:
    """List the texts without a complete translation, or with one that nobody has looked at."""
    texts = [message for message in catalogue if message.id]
    return [str(t.id) for t in texts if t.fuzzy or not all(_forms(t.string or ""))]


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def main() -> None:
    """Extract, merge and compile."""
    texts = extract()
    (FOLDER / "messages.pot").write_bytes(written(texts))
    for path in sorted(FOLDER.glob("*.po")):
        catalogue = read(path)
        catalogue.header_comment = HEADER
        catalogue.update(texts, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        path.write_bytes(written(catalogue))
        path.with_suffix(".mo").write_bytes(compiled(catalogue))
        print(f"{path.name}: {len(catalogue)} texts, {len(untranslated(catalogue))} to translate")


if __name__ == "__main__":
    main()
