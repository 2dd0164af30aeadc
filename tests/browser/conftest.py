"""Fixtures for tests in a real browser: the running app, Chromium, pages that must stay clean."""

import os
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser.chromium import (
    HOW_TO_GET,
    PATIENCE,
    App,
    Lab,
    find_chromium,
    launch,
    run_app,
    wait_until_drawn,
)
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

expect.set_options(timeout=1000 * PATIENCE)

OpenPage = Callable[..., Page]
OpenLab = Callable[..., Lab]


OPEN: list[Page] = []  # the pages of the test that runs
STATES = ("data-test-connection-state", "data-test-script-state")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try a browser test that failed once more, and list it: on a busy computer races are seen.

    What fails twice fails. Every other test has one try.
    """
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say of a test that failed what its pages showed."""
    report = yield
    if report.when == "call" and report.failed:
        report.sections += [(f"page {page.url}", what_it_shows(page)) for page in OPEN]
    return report


def what_it_shows(page: Page) -> str:
    """Tell the state of a page and the words on it."""
    try:
        app = page.get_by_test_id("stApp")
        states = [str(app.get_attribute(name, timeout=1000)) for name in STATES]
        return "\n".join([*states, page.locator("body").inner_text(timeout=1000)[:1500]])
    except Error as error:  # no page at all
        return str(error)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    if path := find_chromium():
        return path
    if os.environ.get("RBMVIZ_REQUIRE_BROWSER") == "1":
        pytest.fail(HOW_TO_GET, pytrace=False)
    pytest.skip(HOW_TO_GET)


@pytest.fixture(scope="session")
def app_server(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app, started once; what it logged must hold no traceback."""
    log = tmp_path_factory.mktemp("app") / "server.log"
    with run_app(log) as app:
        yield app
    printed = without_broken_connections(log.read_text(errors="replace"))
    assert "Traceback" not in printed, printed


def without_broken_connections(printed: str) -> str:
    """Leave out what Streamlit's server prints when a page goes while it sends to that page.

    That page is gone, and the app's code had no part in it: it would stand in the traceback.
    """
    return re.sub(
        r"^Exception in ASGI application\n(?:(?!.*(?:rbmviz/\w|/app\.py)).*\n)+?"
        r'.*WebSocketDisconnected: Cannot call "send" once a close message has been sent\.\n',
        "",
        printed,
        flags=re.M,
    )


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = launch(playwright, chromium_path)
        yield running
        running.close()


@contextmanager
def clean_pages(browser: Browser, app: App) -> Iterator[OpenPage]:
    """Give a function that opens pages; at the end they must have been clean: see watch."""
    contexts = []
    problems: list[str] = []

    def open_one(
        path: str = "/",
        *,
        viewport: tuple[int, int] = (1440, 900),
        color_scheme: str = "light",
        **context_options: object,
    ) -> Page:
        width, height = viewport
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=color_scheme,
            **context_options,
        )
        context.set_default_timeout(1000 * PATIENCE)
        contexts.append(context)
        page = context.new_page()
        OPEN.append(page)
        watch(page, app.url, problems)
        page.goto(app.url + path)
        wait_until_drawn(page)
        return page

    yield open_one
    for context in contexts:
        OPEN[:] = [page for page in OPEN if page.context is not context]
        context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def open_page(browser: Browser, app_server: App) -> Iterator[OpenPage]:
    """Open the app: open_page("/?seed=3", viewport=(390, 844), color_scheme="dark").

    Other keywords go to Browser.new_context. Each page has its own context. At the end of the
    test the pages must have logged no console error, thrown nothing and asked no other server.
    """
    with clean_pages(browser, app_server) as open_one:
        yield open_one


@pytest.fixture
def open_lab(open_page: OpenPage) -> OpenLab:
    """Open the lab; takes the same keywords as open_page."""
    return lambda *args, **options: Lab(open_page(*args, **options))


@pytest.fixture
def new_lab(open_lab: OpenLab) -> Lab:
    """The lab in a page of its own: 1440 x 900, light, at step 0."""
    return open_lab()


@pytest.fixture(scope="module")
def shared_lab(browser: Browser, app_server: App) -> Iterator[Lab]:
    with clean_pages(browser, app_server) as open_one:
        yield Lab(open_one())


@pytest.fixture
def lab(shared_lab: Lab) -> Lab:
    """The lab at step 0 in a page that tests share: for those that leave the sidebar as it is."""
    shared_lab.begin_again()
    return shared_lab


def watch(page: Page, url: str, problems: list[str]) -> None:
    """Collect console errors, page errors and requests that leave the app's own server."""

    def on_console(message) -> None:
        source = message.location.get("url", "")
        # Streamlit itself asks below the path of a page first, and then at the root.
        asked_below = re.fullmatch(rf"{re.escape(url)}/[\w-]+/_stcore/(health|host-config)", source)
        if message.type == "error" and not asked_below:
            problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def on_request(request) -> None:
        if not request.url.startswith((url, url.replace("http", "ws", 1), "data:", "blob:")):
            problems.append(f"request to another server: {request.url}")

    page.on("console", on_console)
    page.on("request", on_request)
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
