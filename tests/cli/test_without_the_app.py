"""With numpy and scipy alone: every subcommand works, or says in one sentence what to install.

Each test runs in a process that finds no other package, as after a plain pip install.
"""

import json
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from rbmviz.export.formats import FORMATS, OF_RECORDINGS

ROOT = Path(__file__).resolve().parents[2]
OTHERS = set(packages_distributions()) - {"numpy", "scipy", "rbmviz"}  # all that are installed
ALONE = f"""
import sys

class NumpyAndScipyAlone:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {sorted(OTHERS)!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, NumpyAndScipyAlone())
sys.path.insert(0, {str(ROOT)!r})
"""
QUICK = ["--data", "bars-and-stripes 2x2", "--hidden", "2", "--updates", "5", "--quiet"]


def run_alone(code: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    done = [sys.executable, "-c", ALONE + code]
    return subprocess.run(done, cwd=folder, capture_output=True, text=True)


def test_what_is_neither_page_nor_chart_is_imported_with_numpy_and_scipy_alone() -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / "rbmviz").rglob("*.py"))
        if path.relative_to(ROOT).parts[1] not in {"pages", "charts", "__main__.py"}
        and path.name != "component.py"  # the one module of the stage that loads Streamlit
    ]
    assert "rbmviz.studio.model_files" in names
    done = run_alone(f"import importlib\nfor name in {names!r}: importlib.import_module(name)")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_package_that_is_imported_at_the_top_is_found_by_these_tests() -> None:
    assert "No module named 'PIL'" in run_alone("from PIL import Image").stderr
    assert "No module named 'altair'" in run_alone("import rbmviz.charts.runs").stderr


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, dict[str, list]]:
    """Run the command line once, in one process: its folder, output, and (exit code, errors)."""
    folder = tmp_path_factory.mktemp("alone")
    (folder / "rows.csv").write_text("0,1\n1,0\n")
    (folder / "picture.png").write_bytes(b"not looked at")
    lesson = (ROOT / "docs/lessons.md").read_text(encoding="utf-8")
    (folder / "good.toml").write_text(lesson.split("```toml\n")[1].split("```")[0], "utf-8")
    lines = {
        "help": ["--help"],
        "help of train": ["train", "--help"],
        "help of export": ["export", "--help"],
        "help of check-lesson": ["check-lesson", "--help"],
        "train": ["train", *QUICK, "-o", "run.npz"],
        "train on a table": ["train", "--data", "rows.csv", *QUICK[2:], "-o", "own.npz"],
        "train on a picture": ["train", "--data", "picture.png", *QUICK[2:], "-o", "p.npz"],
        "check-lesson": ["check-lesson", "good.toml"],
        "two files": ["export", "run.npz", "first.csv", "figure.pdf"],
        **{
            known.suffix: ["export", "run.npz", f"made{known.suffix}", "--quiet"]
            for known in (*FORMATS, *OF_RECORDINGS)
        },
    }
    done = run_alone(
        "import contextlib, io, json\nfrom rbmviz.cli.main import main\nended = {}\n"
        f"for name, arguments in {lines!r}.items():\n"
        "    with contextlib.redirect_stderr(io.StringIO()) as errors:\n"
        "        code = main(arguments)\n"
        "    ended[name] = (code, errors.getvalue())\n"
        "print(json.dumps(ended))",
        folder,
    )
    assert done.stderr == ""
    *said, ended = done.stdout.splitlines()
    return folder, "\n".join(said), json.loads(ended)


def test_what_needs_no_more_than_numpy_and_scipy_works(printed) -> None:
    folder, said, ended = printed
    needing = {known.suffix for known in FORMATS if known.package}
    for name in ended.keys() - needing - {"train on a picture", "two files"}:
        assert ended[name] == [0, ""], name
    for suffix in (".csv", ".py", ".html", ".npz", ".recording.npz"):
        assert (folder / f"made{suffix}").stat().st_size > 100
    assert 'pip install "rbmviz[app]"):\n  .pdf, .svg, .png, .vl.json, .safetensors' in said


def test_what_needs_more_says_what_to_install(printed) -> None:
    folder, _said, ended = printed
    for name, needed in {
        ".pdf": "made.pdf needs matplotlib",
        ".svg": "made.svg needs matplotlib",
        ".png": "made.png needs matplotlib",
        ".vl.json": "made.vl.json needs altair",
        ".safetensors": "made.safetensors needs safetensors",
        "two files": "figure.pdf needs matplotlib",
        "train on a picture": "picture.png needs pillow",
    }.items():
        code, errors = ended[name]
        sentence, see = errors.splitlines()
        assert code == 2
        assert sentence == f'rbmviz: {needed}, which is not installed: pip install "rbmviz[app]"'
        assert see.startswith("See: ")
        assert not (folder / f"made{name}").exists()
    assert not (folder / "first.csv").exists()  # it is known before anything is written


def test_the_script_of_a_run_needs_no_more(printed) -> None:
    folder, _said, _ended = printed
    done = run_alone(f"import runpy\nrunpy.run_path({str(folder / 'made.py')!r})")
    assert done.stderr == ""
    assert "bit for bit" in done.stdout
