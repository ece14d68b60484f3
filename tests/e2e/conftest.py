"""A browser to open the demo in. Runs with `make e2e`, not with the suite."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
# The service under test is all there is; a browser of its own accord would look for updates.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
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


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Return a function that opens an address in a fresh context, and fails on its errors."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(address: str, *, quiet: bool = False, **options: Any) -> Page:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        if not quiet:  # an answer of 4xx that is meant to be one is an error to the console
            page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.goto(address, wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == [], "the browser's console holds errors"
