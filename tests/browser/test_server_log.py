"""What the server's log may hold at the end of the browser's tests."""

import pytest
from browser.conftest import without_broken_connections

LOST = """Exception in ASGI application
Traceback (most recent call last):
  File "site-packages/streamlit/web/server/starlette/starlette_websocket.py", line 516, in f
    data = await websocket.receive_bytes()
starlette.websockets.WebSocketDisconnected: WebSocket is not connected. Need to call "accept" first.

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "site-packages/starlette/websockets.py", line 104, in send
starlette.websockets.WebSocketDisconnected: Cannot call "send" once a close message has been sent.
"""
OURS = """Uncaught app execution
Traceback (most recent call last):
  File "rbmviz/pages/lab.py", line 77, in _on_request
KeyError: 'stage'
"""


def test_a_page_that_went_while_the_server_sent_is_no_error() -> None:
    assert without_broken_connections(f"before\n{LOST}{LOST}after\n") == "before\nafter\n"


@pytest.mark.parametrize(
    "printed",
    [
        OURS,
        LOST + OURS,
        OURS + LOST,
        LOST.replace("site-packages/starlette/websockets.py", "rbmviz/pages/lab.py"),
        LOST.replace("once a close message", "on another day"),
        LOST.replace("WebSocketDisconnected: Cannot", "RuntimeError: Cannot"),
        "Exception in ASGI application\n" + OURS + LOST.partition("\n")[2],
    ],
)
def test_every_other_traceback_is(printed: str) -> None:
    assert "Traceback" in without_broken_connections(printed)
