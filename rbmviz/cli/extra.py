"""Packages of the extra "app", beyond numpy and scipy: asked for before a file is made with them.

What needs one imports it where it is used, so that everything else works without.
"""

from importlib import import_module

from rbmviz.cli.failure import UsageError

HOW_TO_INSTALL = 'pip install "rbmviz[app]"'
_MODULES = {"pillow": "PIL"}  # where the name differs


def check_package(name: str | None, what: str) -> None:
    """Make sure that a package can be imported, before long work begins; None is none.

    what: as the subject of the message.

    Raises:
        UsageError: it cannot.
    """
    if name is None:
        return
    try:
        import_module(_MODULES.get(name, name))
    except ModuleNotFoundError:
        raise UsageError(f"{what} needs {name}, which is not installed: {HOW_TO_INSTALL}") from None
