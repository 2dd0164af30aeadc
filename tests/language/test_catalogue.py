"""The catalogue is up to date and complete, and nothing that is said to a reader goes past it."""

import ast
import re

import pytest

from tests.make_catalogue import FOLDER, ROOT, compiled, extract, read, untranslated, written
from tests.names_on_screen import names_in

PAGES = sorted((ROOT / "rbmviz" / "pages").glob("*.py"))
SPEAKING = [
    path
    for folder in ("charts", "export", "pages", "stage", "studio")
    for path in sorted((ROOT / "rbmviz" / folder).glob("*.py"))
]
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.po"))
BEHIND = "run: .venv/bin/python -m tests.make_catalogue"


def test_the_catalogue_has_the_texts_of_the_code():
    assert (FOLDER / "messages.pot").read_bytes() == written(extract()), BEHIND


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_compiled(language):
    catalogue = read(FOLDER / f"{language}.po")
    assert {str(m.id) for m in catalogue} == {str(m.id) for m in extract()}, BEHIND
    assert untranslated(catalogue) == []
    assert not catalogue.obsolete
    assert (FOLDER / f"{language}.mo").read_bytes() == compiled(catalogue), BEHIND


def parts(text):
    """List what a translation may not change: fields, formulas, code, tags, bold parts, ends."""
    return {
        "fields": sorted(set(re.findall(r"\{[^{}]*\}", text))),
        "formulas": sorted(re.findall(r"\$[^$]+\$", text)),
        "code": sorted(re.findall(r"`[^`]+`", text)),
        "tags": sorted(re.findall(r"<[^<>=]*[a-z/][^<>]*>", text)),
        "bold": text.count("**"),
        "points": len(re.findall(r"^- ", text, re.MULTILINE)),
        "ends": (re.match(r"\s*", text)[0], re.search(r"\s*\Z", text)[0]),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_fields_and_marks(language):
    wrong = []
    for message in read(FOLDER / f"{language}.po"):
        both = (message.id, message.string)
        pairs = [both] if isinstance(message.id, str) else zip(*both, strict=True)
        wrong += [(one, other) for one, other in pairs if one and parts(one) != parts(other)]
    assert wrong == []


def test_no_number_with_a_sign_is_written_by_a_format():
    """A format would write a hyphen for a minus: signed numbers come written."""
    texts = [message.id for message in extract() if isinstance(message.id, str)]
    assert [text for text in texts if ":+" in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_names_controls_by_their_translated_names(language):
    catalogue, wrong = read(FOLDER / f"{language}.po"), []
    spoken = {m.id: m.string for m in catalogue if isinstance(m.id, str)}
    for message in catalogue:
        text, said = message.id, message.string
        if isinstance(text, str):
            named = sorted(spoken.get(name, name) for name in names_in(text))
            if named != sorted(names_in(said)):
                wrong.append((text, said))
    assert wrong == []


# What a reader is told to press, or to look for under a name, is in italics: see names_on_screen.
UNMARKED = re.compile(r"\b[Pp]ress (?=[A-Z+])|\bthe method (?=[A-Z])|\b[Uu]nder (?=[A-Z][a-z])")
PLAIN = {  # sentences of the stage, which shows no italics: what they name
    "Paused while this tab was hidden. Press Play to go on.": "Play",
    "Paused after ten idle minutes. Press Play to go on.": "Play",
}


def test_what_is_to_be_pressed_is_marked_as_a_name():
    texts = [m.id for m in extract() if isinstance(m.id, str)]
    assert {text for text in texts if UNMARKED.search(text)} == set(PLAIN)
    spoken = {m.id: m.string for m in read(FOLDER / "de.po")}
    for text, name in PLAIN.items():
        assert f"Press {name} " in text
        assert f"„{spoken[name]}“" in spoken[text]


def test_every_name_is_a_text_of_the_interface():
    texts = {m.id for m in extract() if isinstance(m.id, str)}
    named = {name for text in texts for name in names_in(text)}
    assert {name for name in named - texts if not re.fullmatch(r"\+\d+|AIS", name)} == set()


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.stem)
def test_the_documents_name_what_is_on_the_screen(path):
    texts = {m.id for m in extract() if isinstance(m.id, str)}
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert set(names_in(prose)) <= texts


def test_another_field_is_noticed():
    assert parts("step {step} of {goal}") != parts("Schritt {schritt} von {goal}")
    assert parts("**exact** $Z$") != parts("exakt $Z$")


# ---- the code -----------------------------------------------------------------------------------

# Streamlit's functions whose first argument is read by somebody, and such arguments by name.
TEXT_FUNCTIONS = {
    "button", "caption", "checkbox", "dialog", "download_button", "error", "expander",
    "file_uploader", "header", "info", "markdown", "multiselect", "number_input", "pills",
    "popover", "progress", "radio", "segmented_control", "select_slider", "selectbox", "slider",
    "subheader", "success", "tabs", "text", "text_area", "text_input", "title", "toggle",
    "warning",
}  # fmt: skip
TEXT_KEYWORDS = {"help", "label", "text", "alt", "placeholder", "title", "page_title"}
SYMBOLS = {"## rbmviz", "rbmviz", "θ", "Language / Sprache"}  # the same in every language
WORD = re.compile(r"[A-Za-zÀ-ÿ]{3,}")


def unspoken(node):
    """List the literals with words under a node that are not inside of _(...) or the like."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        if name in {"_", "N_", "ngettext"}:
            return []
        if name not in {"format", "join", "strip"}:  # what a function makes of a text is its own
            return []
    if isinstance(node, ast.Subscript | ast.Compare):
        return []
    if isinstance(node, ast.Constant):
        told = isinstance(node.value, str) and WORD.search(node.value)
        return [node.value] if told and node.value not in SYMBOLS else []
    if isinstance(node, ast.IfExp):
        return unspoken(node.body) + unspoken(node.orelse)
    if isinstance(node, ast.FormattedValue):
        return unspoken(node.value)
    return [text for child in ast.iter_child_nodes(node) for text in unspoken(child)]


def forgotten(source):
    """List texts that go to a reader in one language only, with their lines."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        given = [word.value for word in node.keywords if word.arg in TEXT_KEYWORDS]
        if getattr(node.func, "attr", None) in TEXT_FUNCTIONS:
            given += node.args[:1]
        found += [(node.lineno, text) for part in given for text in unspoken(part)]
    return found


@pytest.mark.parametrize("path", [ROOT / "app.py", *PAGES], ids=lambda path: path.stem)
def test_a_page_says_nothing_past_the_catalogue(path):
    assert forgotten(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        'st.button("Play")',
        'left.markdown(f"**{n}** rows of data")',
        'st.slider(_("k"), help="More steps")',
        'st.caption(_("Step") if done else "not done")',
        'st.info("step {n}".format(n=3))',
    ],
)
def test_a_forgotten_text_is_reported(source):
    assert len(forgotten(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        'st.button(_("Play"), key="play")',
        'st.markdown(f"### {_(title)}")',
        'st.caption(_("{n} rows").format(n=3))',
        'st.markdown("## rbmviz")',
        'd.get("text")',
    ],
)
def test_a_spoken_text_passes(source):
    assert forgotten(source) == []


def slips(source):
    """List f-strings in _, translations at the import of a module, and names that hide _."""
    tree, found = ast.parse(source), []
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    speaks = "rbmviz.language" in source
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) in {"_", "ngettext"}:
            if isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
                found.append((node.lineno, "not one literal"))
            if id(node) not in inside:
                found.append((node.lineno, "translated once and for all"))
    own = {  # a comprehension's names are its own
        id(name)
        for node in ast.walk(tree)
        if isinstance(node, ast.comprehension)
        for name in ast.walk(node.target)
    }
    for node in ast.walk(tree):
        hides = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == "_"
        hides |= isinstance(node, ast.arg) and node.arg == "_"
        if speaks and hides and id(node) not in own:
            found.append((node.lineno, "hides _"))
    return found


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_texts_are_translated_when_they_are_used(path):
    assert slips(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        'NAME = _("Step")',
        'def f(n):\n    return _(f"step {n}")',
        "from rbmviz.language import _\ndef f(pair):\n    a, _ = pair",
        "from rbmviz.language import _\nf = lambda _, x: x",
    ],
)
def test_a_slip_is_reported(source):
    assert len(slips(source)) == 1
