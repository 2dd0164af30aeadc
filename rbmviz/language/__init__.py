"""The words of the interface in the reader's language, by gettext: the English text is the key.

    _("Learning rate")                                 translated where it is used
    _("step {step} of {goal}").format(step=3, goal=9)  the named fields are filled in afterwards
    N_("Learning rate")                                only marked: for a constant of a module
    ngettext("{n} row", "{n} rows", n).format(n=n)     one or many

The catalogues de.po (to edit) and de.mo (compiled) lie beside this file; CONTRIBUTING.md has the
command that brings them up to date.
"""

import gettext
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

P, T = ParamSpec("P"), TypeVar("T")

ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "de": "Deutsch"}  # by their own names, which nobody translates

_FOLDER = Path(__file__).parent
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)
_ask: Callable[[], str | None] = lambda: None  # noqa: E731  # the pages know the session's language


def find_language_with(ask: Callable[[], str | None]) -> None:
    """Let ask() tell the language of the running thread; None is English."""
    global _ask
    _ask = ask


def language() -> str:
    """Name the language of now, such as "de"; English outside of a session."""
    chosen = _spoken.get() or _ask()
    return chosen if chosen in LANGUAGES else ENGLISH


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Use a language within a block, whatever the session's is: a thread may know no session."""
    before = _spoken.set(chosen)
    try:
        yield
    finally:
        _spoken.reset(before)


@cache
def _catalogue(chosen: str) -> gettext.NullTranslations:
    if chosen == ENGLISH:
        return gettext.NullTranslations()
    with (_FOLDER / f"{chosen}.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def cache_by_language(build: Callable[P, T]) -> Callable[P, T]:
    """Keep what a function builds of its arguments, for every language apart.

    It keeps some only: arguments may hold numbers that a visitor chooses.
    """

    @lru_cache(maxsize=64)
    def kept(_spoken: str, args: tuple, named: tuple) -> T:
        return build(*args, **dict(named))

    @wraps(build)
    def built(*args: P.args, **named: P.kwargs) -> T:
        return kept(language(), args, tuple(named.items()))

    built.cache_parameters = kept.cache_parameters
    return built


def _(text: str) -> str:
    """Translate a text of the interface."""
    return _catalogue(language()).gettext(text) if text else ""


def N_(text: str) -> str:  # noqa: N802
    """Mark a text for the catalogue and leave it as it is; `_` translates it at its use."""
    return text


def ngettext(one: str, many: str, n: int) -> str:
    """Translate the form of a text that goes with n."""
    return _catalogue(language()).ngettext(one, many, n)
