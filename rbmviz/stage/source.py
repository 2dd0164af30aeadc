"""The code and the styles of the stage as they stand in their files; no Streamlit."""

import re
from pathlib import Path

from rbmviz.language import cache_by_language
from rbmviz.stage.words import filled

_FOLDER = Path(__file__).parent
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)


@cache_by_language
def joined_code(*wanted: str) -> str:
    """Join js/*.js, or the wanted files and all that they import, each after what it imports.

    The texts are those of the language that is spoken.
    """
    sources = {path.stem: path.read_text("utf-8") for path in sorted(_FOLDER.glob("js/*.js"))}
    ordered: dict[str, str] = {}

    def place(name: str, above: tuple[str, ...] = ()) -> None:
        if name in above:
            raise ImportError(f"js/{name}.js imports itself through {' -> '.join(above)}")
        if name not in ordered:
            for needed in _IMPORT.findall(sources[name]):
                place(needed, (*above, name))
            ordered[name] = _EXPORT.sub("", _IMPORT.sub("", sources[name]))

    for name in wanted or sources:
        place(name)
    if "language" in ordered:
        ordered["language"] += filled("\n".join(ordered.values()))
    return "\n".join(ordered.values())


def style(name: str) -> str:
    """Read one of the style sheets."""
    return (_FOLDER / f"{name}.css").read_text("utf-8")
