"""The code of the pictures, joined into modules."""

import re
from collections import Counter

import pytest

from rbmviz.stage.component import bundle, presenter
from rbmviz.stage.source import joined_code

DECLARED = re.compile(r"^(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)


@pytest.mark.parametrize(
    "code", [bundle, presenter, lambda: joined_code("replay")], ids=["stage", "present", "replay"]
)
def test_no_two_files_of_a_module_declare_the_same_name(code) -> None:
    """They share its scope, and a name that stands twice in it stops all of it."""
    names = Counter(DECLARED.findall(code()))
    assert len(names) > 10
    assert [name for name, count in names.items() if count > 1] == []
