"""The code and the styles of the stage as they stand in their files; no Streamlit."""

import re
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)


@cache
def joined_code(*wanted: str) -> str:
    """Join js/*.js, or the wanted files and all that they import, each after what it imports."""
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
    return "\n".join(ordered.values())


def style(name: str) -> str:
    """Read one of the style sheets."""
    return (_FOLDER / f"{name}.css").read_text("utf-8")
