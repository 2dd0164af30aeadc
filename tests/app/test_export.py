"""The menu Export: a button for every format, and nothing that draws before one is pressed."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from rbmviz.export.formats import FORMATS

APP = str(Path(__file__).parents[2] / "app.py")


def test_every_format_has_one_button() -> None:
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert not app.exception
    of_menu = {f"export_{form.suffix}" for form in FORMATS}
    found = [button.proto for button in app.get("download_button")]
    buttons = [button for button in found if button.id.rsplit("-", 1)[-1] in of_menu]
    assert len(buttons) == len(FORMATS)
    assert len({button.label for button in buttons}) == len(FORMATS)
