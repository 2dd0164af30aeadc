"""A late request of the lab, answered in the name of a page that was left, breaks nothing."""

import re

from browser.chromium import Lab, wait_until, wait_until_drawn
from browser.conftest import OpenPage
from playwright.sync_api import WebSocketRoute
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


class LateRequest:
    """Holds one request of the lab back, until the server has begun with the next page.

    The browser may ask for the whole next page once more, which takes the place of a late request
    that still waits: it is sent again then.
    """

    def __init__(self) -> None:
        self.holds = self.is_released = self.answered = False
        self.held: bytes | None = None
        self.page = self.fragment = ""

    def route(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: bytes) -> None:
            asked = BackMsg.FromString(message).rerun_script
            if self.holds and self.held is None and asked.fragment_id:
                self.held = message
                self.page, self.fragment = asked.page_script_hash, asked.fragment_id
            else:
                server.send(message)

        def pass_back(message: bytes) -> None:
            socket.send(message)
            told = ForwardMsg.FromString(message)
            if told.WhichOneof("type") != "new_session" or self.held is None or self.answered:
                return
            self.answered = self.is_released and self.fragment in told.metadata.run.fragment_ids
            if not self.answered and told.new_session.page_script_hash != self.page:
                server.send(self.held)
                self.is_released = True

        socket.on_message(pass_on)
        server.on_message(pass_back)


def test_a_late_request_of_a_page_that_was_left_does_not_leave_the_next_one_blank(
    open_page: OpenPage,
) -> None:
    page = open_page("/lessons")
    late = LateRequest()
    page.route_web_socket(re.compile("_stcore/stream"), late.route)
    page.reload()
    wait_until_drawn(page)
    links = page.get_by_test_id("stSidebarNavLink")
    links.get_by_text("Lab").click()
    lab = Lab(page)
    lab.press("play")
    lab.wait_for_frames(5)
    late.holds = True
    wait_until(page, lambda: late.held, "a request of the stage")
    links.get_by_text("Partition function").click()
    wait_until(page, lambda: late.answered, "the answer to the late request")
    page.get_by_role("heading", name="What is Z").wait_for()
