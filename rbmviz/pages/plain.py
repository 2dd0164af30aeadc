"""Text from outside, shown as the text it is."""

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")
_ADDRESS = re.compile(r"(?<=[:@])|(?<=www)")  # here an address would become a link


def plain(text: str) -> str:
    """Take from a text all that markdown would make of it: no picture, no link, no markup."""
    escaped = _MARKDOWN.sub(lambda found: "\\" + found[0], text)
    return _ADDRESS.sub("\N{WORD JOINER}", escaped)
