"""Imports run one way, and nothing dangerous is called: proved from the syntax trees.

    pages, cli -> export -> charts, stage, studio -> run -> core

language, the words of the interface, is for all but the core and the command line;
pages alone know Streamlit's widgets; the command line and the exports import no Streamlit.
Each rule is also run on a small wrong source, which it must report.
"""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import rbmviz

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "rbmviz").rglob("*.py"))

MAY_USE = {
    "core": {"core"},
    "language": {"language"},
    "run": {"run", "core", "language"},
    "charts": {"charts", "core", "language"},
    "stage": {"stage", "core", "language"},
    "studio": {"studio", "run", "core", "language"},
    "export": {"export", "charts", "stage", "studio", "run", "core", "language"},
    "pages": {"pages", "export", "charts", "stage", "studio", "run", "core", "language"},
    "cli": {"cli", "export", "charts", "studio", "run", "core"},
    "__main__": {"cli"},
    "": {"core"},  # rbmviz/__init__.py
}
DRAWING = {"streamlit", "altair", "matplotlib", "pandas"}
MAY_NOT_IMPORT = {
    "language": DRAWING,
    "charts": {"streamlit"},
    "run": DRAWING,
    "studio": {"streamlit"},
    "export": {"streamlit"},
    "cli": {"streamlit"},
    "__main__": {"streamlit"},
    "": DRAWING,
}
ONLY_IN_PAGES = "rbmviz.stage.component"  # the one module of the stage that loads Streamlit
CORE_IMPORTS = sys.stdlib_module_names | {"numpy", "scipy", "rbmviz"}  # and nothing else

UNSAFE_CALLS = {"eval", "exec", "__import__"}
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "dill", "joblib"}
RANDOM_WITHOUT_STATE = {"default_rng", "Generator", "SeedSequence", "BitGenerator"}
RANDOM_WITHOUT_STATE |= {"PCG64", "PCG64DXSM", "Philox", "SFC64"}
VAGUE_NAMES = {"util", "utils", "helper", "helpers", "common", "misc"}
APP_MAY_CALL = {"set_page_config", "navigation", "Page", "logo", "run", "context"}

PUBLIC_NAMES = [
    "RBM",
    "energy",
    "free_energy",
    "log_p_tilde",
    "mean_h_given_v",
    "mean_v_given_h",
    "sample_h_given_v",
    "sample_v_given_h",
    "PhaseStatistics",
    "positive_phase",
    "gradient",
    "exact_log_z",
    "exact_negative_phase",
    "exact_probabilities",
    "exact_samples",
    "mean_log_likelihood",
    "TooManyUnitsError",
    "ExactEnumeration",
    "ContrastiveDivergence",
    "PersistentContrastiveDivergence",
    "AnnealedImportanceSampling",
    "estimate_log_z",
    "TrainingSettings",
    "start",
    "train_step",
    "train",
    "dataset_names",
    "load_dataset",
]


def layer_of(module: str) -> str:
    """Name the layer of a module inside rbmviz: rbmviz.core.rbm -> core, rbmviz -> ""."""
    return f"{module}.".split(".")[1]


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_modules(tree: ast.AST, package: str) -> list[tuple[int, str]]:
    """List (line, absolute module) of every import, inside functions too."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: -node.level + 1 or None] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            whole = source == "rbmviz"  # from rbmviz import core, or a name of the library
            for alias in node.names:
                layer = alias.name in MAY_USE
                found.append((node.lineno, f"rbmviz.{alias.name}" if whole and layer else source))
    return found


def import_problems(module: str, source: str, package: str | None = None) -> list[str]:
    """Report imports that the layer of this module may not make."""
    layer = layer_of(module)
    problems = []
    for line, imported in imported_modules(ast.parse(source), package or module.rpartition(".")[0]):
        top = imported.partition(".")[0]
        if top == "rbmviz":
            target = layer_of(imported) or "core"  # the library's names are core's
            wrong = target not in MAY_USE[layer] or (layer == "core" and imported == "rbmviz")
            wrong |= imported == ONLY_IN_PAGES and layer != "pages"
        elif layer == "core":
            wrong = top not in CORE_IMPORTS
        else:
            wrong = top in MAY_NOT_IMPORT.get(layer, set())
        if wrong:
            problems.append(f"{module}:{line} imports {imported}")
    return problems


def unsafe_problems(module: str, source: str) -> list[str]:
    """Report code run from strings, unsafe loading, and numpy's global random state."""
    tree = ast.parse(source)
    problems = [
        f"{module}:{line} imports {name}"
        for line, name in imported_modules(tree, module)
        if name.partition(".")[0] in UNSAFE_MODULES
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in UNSAFE_CALLS:
                problems.append(f"{module}:{node.lineno} calls {node.func.id}")
            for keyword in node.keywords:
                if keyword.arg == "allow_pickle" and ast.unparse(keyword.value) != "False":
                    problems.append(f"{module}:{node.lineno} passes allow_pickle")
        elif isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value)
            if owner in {"np.random", "numpy.random"} and node.attr not in RANDOM_WITHOUT_STATE:
                problems.append(f"{module}:{node.lineno} uses {owner}.{node.attr}")
        elif isinstance(node, ast.ImportFrom) and node.module == "numpy.random":
            problems += [
                f"{module}:{node.lineno} imports numpy.random.{alias.name}"
                for alias in node.names
                if alias.name not in RANDOM_WITHOUT_STATE
            ]
    return problems


def app_problems(source: str) -> list[str]:
    """Report whatever in app.py is more than the page config and the navigation."""
    problems = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.For | ast.While):
            problems.append(f"app.py:{node.lineno} has a {type(node).__name__}")
        elif isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value)
            if owner in {"st", "streamlit"} and node.attr not in APP_MAY_CALL:
                problems.append(f"app.py:{node.lineno} uses {owner}.{node.attr}")
    return problems


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_module_keeps_the_rules(path):
    source = path.read_text(encoding="utf-8")
    module = module_of(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    assert import_problems(module, source, package) + unsafe_problems(module, source) == []


def test_app_only_configures_and_navigates():
    assert app_problems((ROOT / "app.py").read_text(encoding="utf-8")) == []


def test_no_file_has_a_vague_name():
    assert SOURCES
    files = [*SOURCES, *(ROOT / "tests").rglob("*.py")]
    assert [str(path) for path in files if VAGUE_NAMES & {path.stem, path.parent.name}] == []


def test_importing_the_library_draws_nothing():
    code = f"import sys, rbmviz; print(sorted({DRAWING!r} & set(sys.modules)))"
    run = [sys.executable, "-c", code]
    printed = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def names_of(requirements):
    return {re.match(r"[\w-]+", line)[0] for line in requirements}


def test_what_is_imported_is_declared_and_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = names_of(project["dependencies"]) | names_of(project["optional-dependencies"]["app"])
    imported = {
        name.partition(".")[0]
        for path in [*SOURCES, ROOT / "app.py"]
        for _, name in imported_modules(ast.parse(path.read_text("utf-8")), module_of(path))
    }
    others = imported - sys.stdlib_module_names - {"rbmviz"}
    assert {{"PIL": "pillow"}.get(name, name) for name in others} == declared
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert names_of(line for line in pinned if not line.startswith("#")) == declared
    assert all("==" in line for line in pinned if not line.startswith("#"))


def test_the_public_names_are_exported():
    assert set(PUBLIC_NAMES) - set(rbmviz.__all__) == set()
    assert [name for name in rbmviz.__all__ if not hasattr(rbmviz, name)] == []


WRONG_IMPORTS = {
    "rbmviz.core.x": [
        "import streamlit as st",
        "def f():\n    import altair",
        "from matplotlib import pyplot",
        "import pandas",
        "import sklearn",
        "from rbmviz.charts import ledger",
        "from rbmviz import stage",
        "from ..pages import lab",
        "from .. import studio",
        "import rbmviz",
        "from rbmviz.language import _",
    ],
    "rbmviz.language.x": ["import streamlit", "from rbmviz.run import link"],
    "rbmviz.charts.x": [
        "import streamlit",
        "from rbmviz.studio import url",
        "from ..stage import y",
    ],
    "rbmviz.stage.x": ["from rbmviz.charts import ledger", "import rbmviz.pages.lab"],
    "rbmviz.studio.x": ["from streamlit import session_state", "import rbmviz.stage"],
    "rbmviz.export.x": [
        "import streamlit",
        "from rbmviz.stage.component import style",
        "import rbmviz.pages.lab",
    ],
    "rbmviz.cli.x": [
        "import streamlit as st",
        "from rbmviz.pages import lab",
        "import rbmviz.stage",
        "from rbmviz.language import _",
    ],
    "rbmviz.__main__": ["from rbmviz.run import lab", "import streamlit"],
    "rbmviz": ["import streamlit", "from rbmviz.charts import ledger", "import rbmviz.export"],
}
RIGHT_IMPORTS = {
    "rbmviz.core.x": "import math\nimport numpy\nfrom scipy import special\nfrom .rbm import RBM",
    "rbmviz.charts.x": "import altair\nfrom rbmviz import RBM, language\nfrom .y import z",
    "rbmviz.stage.x": "import streamlit\nimport rbmviz\nfrom rbmviz.core.rbm import RBM",
    "rbmviz.export.x": "import rbmviz\nfrom rbmviz.charts import a\nfrom rbmviz.stage.y import b",
    "rbmviz.cli.x": "import argparse\nfrom rbmviz.export import a\nfrom rbmviz.studio import b",
    "rbmviz.__main__": "from rbmviz.cli.main import main",
    "rbmviz.pages.x": "import altair\nfrom rbmviz import charts, stage\nfrom ..studio import url",
}
UNSAFE = [
    "import pickle",
    "from joblib import load",
    "eval('1')",
    "exec(text)",
    "np.load(file, allow_pickle=True)",
    "np.random.seed(0)",
    "x = numpy.random.rand(3)",
    "from numpy.random import normal",
]


@pytest.mark.parametrize(
    ("module", "source"), [(name, text) for name, texts in WRONG_IMPORTS.items() for text in texts]
)
def test_a_wrong_import_is_reported(module, source):
    assert len(import_problems(module, source)) == 1


@pytest.mark.parametrize(("module", "source"), RIGHT_IMPORTS.items())
def test_a_right_import_passes(module, source):
    assert import_problems(module, source) == []


@pytest.mark.parametrize("source", UNSAFE)
def test_unsafe_code_is_reported(source):
    assert len(unsafe_problems("rbmviz.core.x", source)) == 1


def test_safe_code_passes():
    source = "rng = np.random.default_rng(0)\nnp.load(file, allow_pickle=False)\nx.eval()"
    assert unsafe_problems("rbmviz.core.x", source) == []


@pytest.mark.parametrize("source", ["def f(): pass", "st.write(1)", "st.sidebar.slider('a')"])
def test_a_page_in_app_py_is_reported(source):
    assert app_problems(source) != []
