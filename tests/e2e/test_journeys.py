"""What a newcomer does after `make run`, in a real browser."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Open

# SCREENSHOTS=docs/images make e2e renews the pictures of the README.
_PICTURES = os.environ.get("SCREENSHOTS")

SIZES = {"desktop": (1280, 900), "phone": (390, 844), "small": (320, 568)}


def _certificate(demo: dict[str, Any], *, tenant: int = 0, state: str = "issued") -> dict[str, Any]:
    certificates: list[dict[str, Any]] = demo["tenants"][tenant]["certificates"]
    return next(one for one in certificates if one["state"] == state)


def _picture(page: Page, name: str) -> None:
    if _PICTURES:
        page.screenshot(path=Path(_PICTURES) / f"{name}.png")


def _reflows(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


class TestPublicPages:
    @pytest.mark.parametrize("tenant", [0, 1])
    @pytest.mark.parametrize("size", SIZES)
    def test_verify_and_certificate_pages_say_what_is_so_at_any_width(
        self, demo: dict[str, Any], open_page: Open, size: str, tenant: int
    ) -> None:
        certificate = _certificate(demo, tenant=tenant)
        width, height = SIZES[size]
        viewport = {"width": width, "height": height}
        for address in (certificate["verify_url"], certificate["page_url"]):
            page = open_page(address, viewport=viewport, java_script_enabled=False)
            assert certificate["recipient_name"] in page.inner_text("main")
            page = open_page(address, viewport=viewport)
            assert _reflows(page)
            assert page.context.cookies() == []

    def test_a_page_looks_the_same_after_a_reload(
        self, demo: dict[str, Any], open_page: Open
    ) -> None:
        for address in ("verify_url", "page_url"):
            page = open_page(_certificate(demo)[address])
            before = page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily")
            page.goto(page.url)  # from the browser's cache, after a 304
            after = page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily")
            assert after == before

    def test_every_state_is_told_apart(self, demo: dict[str, Any], open_page: Open) -> None:
        states = ("issued", "revoked", "expired", "superseded")
        addresses = [_certificate(demo, state=state)["verify_url"] for state in states]
        headings = [open_page(address).inner_text("h1") for address in addresses]
        assert len(set(headings)) == len(states)

    def test_downloads_are_offered_and_arrive(self, demo: dict[str, Any], open_page: Open) -> None:
        page = open_page(_certificate(demo)["page_url"])
        for name, first in (("pdf", b"%PDF"), ("png", b"\x89PNG")):
            link = page.locator(f"main a[href$='.{name}']").first
            answer = page.request.get(link.evaluate("link => link.href"))
            assert answer.body().startswith(first)

    def test_pictures_for_the_readme(self, demo: dict[str, Any], open_page: Open) -> None:
        certificate = _certificate(demo)
        page = open_page(certificate["verify_url"], device_scale_factor=1)
        _picture(page, "verify")
        page = open_page(certificate["page_url"], device_scale_factor=1)
        page.wait_for_load_state("networkidle")
        _picture(page, "certificate")
        assert page.title()


class TestRevoking:
    def test_shows_on_the_verify_page_at_once(self, demo: dict[str, Any], open_page: Open) -> None:
        certificate = _certificate(demo, tenant=1)
        verify = open_page(certificate["verify_url"])
        before = verify.inner_text("h1")

        admin = open_page(f"{demo['base_url']}/admin/")
        owner = demo["tenants"][1]["users"]["owner"]
        admin.fill("#id_username", owner["username"])
        admin.fill("#id_password", owner["password"])
        admin.click("[type=submit]")
        admin.goto(f"{demo['base_url']}/admin/certificates/certificate/{certificate['id']}/revoke/")
        admin.select_option("#id_reason", "issued_in_error")
        admin.click("main [type=submit]")
        admin.wait_for_load_state()

        verify.reload()
        assert verify.inner_text("h1") != before
