"""Bring the catalogue of the interface's words up to date with the code.

    .venv/bin/python -m tests.make_catalogue

It extracts the English texts to messages.pot, merges them into every language's .po, where new and
changed ones are left empty for you to translate (then run it again), and compiles the .mo.
"""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from rbmviz.core.datasets import dataset_names, load_dataset
from rbmviz.stage.words import texts_of

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "rbmviz" / "language"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
PYTHON = [("app.py", "python"), ("rbmviz/**.py", "python")]
WIDTH = 100


def extract() -> Catalog:
    """Collect the texts that the code marks, with the files they stand in."""
    catalogue = Catalog(project="rbmviz", copyright_holder="the rbmviz authors")
    catalogue.revision_date = catalogue.creation_date
    found = extract_from_dir(str(ROOT), PYTHON, keywords=KEYWORDS, directory_filter=_is_ours)
    for file, _line, text, *_more in sorted(found, key=lambda one: (one[0], one[1])):
        catalogue.add(text, locations=[(file, None)])
    for path in sorted((ROOT / "rbmviz" / "stage" / "js").glob("*.js")):
        for text in texts_of(path.read_text("utf-8")):
            catalogue.add(text, locations=[(str(path.relative_to(ROOT)), None)])
    for name in dataset_names():  # the core knows no catalogue
        description = load_dataset(name).description
        catalogue.add(description, locations=[("rbmviz/core/datasets.py", None)])
    return catalogue


def _is_ours(folder: str) -> bool:
    path = Path(folder)
    return path == ROOT or (ROOT / "rbmviz") in (path, *path.parents)


def read(path: Path) -> Catalog:
    """Read a catalogue as it is in the repository."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem if path.suffix == ".po" else None)


def compiled(catalogue: Catalog) -> bytes:
    """Compile a catalogue; texts that are not translated, or fuzzy, stay English."""
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def written(catalogue: Catalog) -> bytes:
    """Write a catalogue as text, without the day: the same code makes the same file."""
    file = BytesIO()
    write_po(file, catalogue, width=WIDTH, omit_header=False, include_lineno=False)
    lines = file.getvalue().decode().splitlines(keepends=True)
    dated = ("POT-Creation-Date:", "PO-Revision-Date:")
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
        catalogue.update(texts, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        path.write_bytes(written(catalogue))
        path.with_suffix(".mo").write_bytes(compiled(catalogue))
        print(f"{path.name}: {len(catalogue)} texts, {len(untranslated(catalogue))} to translate")


if __name__ == "__main__":
    main()
