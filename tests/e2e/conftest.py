"""A browser to open the demo in. Runs with `make e2e`, not with the suite."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.service import Service

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
# By its own name it is driven by a program, whose visits are counted as a program's.
PERSON = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Safari/537.36"
)
# The service under test is all there is; a browser of its own accord would look for updates.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    f"--user-agent={PERSON}",
]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is here, and skip it unless it was asked for and can run."""
    reason = None
    if "e2e" not in config.getoption("markexpr"):
        reason = "runs with `make e2e`"
    elif not CHROMIUM:
        reason = "needs chromium: apt-get install chromium, or name one in CHROMIUM"
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


Open = Callable[..., Page]


@pytest.fixture(scope="session")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that letters are put into."""
    return tmp_path_factory.mktemp("letters")


@pytest.fixture(scope="session")
def demo_service(tmp_path_factory: pytest.TempPathFactory, letters: Path) -> Iterator[Service]:
    """Yield a migrated service whose letters can be read."""
    service = Service(tmp_path_factory.mktemp("service"), {"EMAIL_URL": f"file://{letters}"})
    service.manage("migrate", "--verbosity=0")
    yield service
    service.kill()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Return a function that opens an address in a fresh context, and fails on its errors.

    `status`: what the page is answered with, and `refused`: what a form of it will be; browsers
    complain of both.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(address: str, *, status: int = 200, refused: int = 200, **options: Any) -> Page:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        known = tuple(f"responded with a status of {one} " for one in {status, refused} - {200})

        def note(message: ConsoleMessage) -> None:
            if message.type == "error" and not any(one in message.text for one in known):
                errors.append(message.text)

        page.on("console", note)
        answer = page.goto(address, wait_until="load")
        assert answer is not None
        assert answer.status in (status, 304)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == [], "the browser's console holds errors"
