"""The texts of the stage's JavaScript, translated: what its function _ of language.js looks up."""

import json
import re

from rbmviz.language import _

_CALL = re.compile(r'(?<![\w.])_\(\s*("(?:[^"\\]|\\.)*")')


def texts_of(code: str) -> list[str]:
    """List the texts in calls such as _("Play"), in the order of the code.

    >>> texts_of('_("Play") + _("step {step}", { step }) + other_("no")')
    ['Play', 'step {step}']
    """
    return list(dict.fromkeys(json.loads(literal) for literal in _CALL.findall(code)))


def filled(code: str) -> str:
    """Write the JavaScript that gives WORDS the translations which this code needs."""
    words = {text: _(text) for text in texts_of(code) if _(text) != text}
    return f"Object.assign(WORDS, {json.dumps(words, ensure_ascii=False)});" if words else ""
