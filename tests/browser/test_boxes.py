"""The check of boxes itself, on a page without the app: what is wrong is named."""

import pytest
from browser.boxes import faults_now
from playwright.sync_api import Browser

PAGE = """<div data-testid=stMain style="width:600px;overflow-x:auto">
<div class=stMainBlockContainer style="width:600px;font:16px/20px sans-serif">{}</div></div>"""
FAULTY = {
    "under | over": "<p style='margin:0'>under</p><p style='margin:-12px 0 0'>over</p>",
    "outside: a word": "<p style='margin-left:590px;white-space:nowrap'>a word</p>",
    "the page scrolls sideways": "<div style='width:700px'>wide</div>",
    "narrow: a heading": "<div class=stMarkdown style='width:200px'><h3>a heading</h3></div>",
    "narrow: a chart": "<div data-testid=stVegaLiteChart style='width:200px'><svg></svg></div>",
    "cut: a long label": "<button style='width:40px'><span style='display:contents'><span style="
    "'display:block;overflow:hidden;white-space:nowrap'>a long label</span></span></button>",
}
SOUND = """<p style='margin:0'>one</p><p style='margin:0'>below the other</p><button>whole</button>
<p style='position:absolute;top:0;opacity:0'>not seen</p>
<div class=stMarkdown style='width:300px'><h3>a heading</h3></div>
<div role=tablist style='width:60px;overflow:auto;white-space:nowrap'>tabs that scroll</div>
<details><summary>closed</summary>what it holds</details>"""


@pytest.mark.parametrize("fault", FAULTY)
def test_a_fault_is_named(browser: Browser, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("browser.boxes.PATIENCE", 0.1)
    page = browser.new_page()
    page.set_content(PAGE.format(FAULTY[fault]))
    assert fault in faults_now(page)
    page.close()


def test_a_sound_page_has_none(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(PAGE.format(SOUND))
    assert faults_now(page) == []
    page.close()
