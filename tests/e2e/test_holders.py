"""What a holder and a reader do on the pages of a certificate, in a real browser."""

import email
import email.policy
import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Open
from tests.processes import wait_until

PHONE = {"width": 390, "height": 844}
SMALL = {"width": 320, "height": 568}


def certificate_of(demo: dict[str, Any], *, tenant: int = 0, place: int = 0) -> dict[str, Any]:
    issued = [one for one in demo["tenants"][tenant]["certificates"] if one["state"] == "issued"]
    found: dict[str, Any] = issued[place]
    return found


def earn(demo: dict[str, Any], event_id: str) -> dict[str, Any]:
    """Report a completion of somebody with an e-mail address, as a platform does."""
    tenant = demo["tenants"][0]
    completion = {
        "event_id": event_id,
        "recipient": {
            "id": f"person-{event_id}",
            "name": "Grace Hopper",
            "email": "grace@learners.example",
        },
        "course": {"version_id": tenant["courses"][0]["course_version_id"]},
        "completed_at": "2026-02-27T09:00:00Z",
    }
    request = urllib.request.Request(  # noqa: S310 - our own service
        f"{demo['base_url']}/api/v1/completions",
        json.dumps(completion).encode(),
        {"Authorization": f"Bearer {tenant['api_key']}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        receipt: dict[str, Any] = json.load(answer)
    return receipt


def link_in(letters: Path) -> str:
    """Return the owner's link of the only letter."""
    wait_until(lambda: any(file.stat().st_size for file in letters.iterdir()), what="the letter")
    (file,) = letters.iterdir()
    # The mail backend writes lines between letters, which no parser minds.
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    (link,) = re.findall(r"https?://\S+/owner/\S+", body.get_content())
    return str(link)


def sign_in(page: Page, user: dict[str, str]) -> None:
    page.fill("#id_username", user["username"])
    page.fill("#id_password", user["password"])
    page.click("[type=submit]")


@contextmanager
def site(document: str) -> Iterator[str]:
    """Serve one page as another site; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f'<link rel="icon" href="data:,">{document}'.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def is_legible(page: Page) -> bool:
    """Say whether nothing sticks out, and every control is big enough for a finger."""
    return bool(
        page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth
            && [...document.querySelectorAll("button:not([hidden]), .button:not([hidden])")]
                .every(one => one.getBoundingClientRect().height >= 24)"""
        )
    )


class TestOwner:
    def test_hides_the_certificate_and_asks_for_a_correction_without_a_script(
        self, demo: dict[str, Any], letters: Path, open_page: Open
    ) -> None:
        receipt = earn(demo, "e2e-owner")
        address = receipt["verify_url"].replace("/verify/", "/certificates/")
        plain = {"java_script_enabled": False, "viewport": PHONE}
        page = open_page(address, **plain)
        wait_until(
            lambda: bool(page.reload()) and page.locator(".strip").count() == 1, what="the award"
        )
        page.click("text=This is my certificate")
        page.click("text=Send me the link")
        assert "Look into your e-mail" in page.inner_text("main")

        owner = open_page(link_in(letters), **plain)
        owner.check("[value=private]")
        owner.click("text=Save")
        assert "Your choice holds from now on." in owner.inner_text("main")
        open_page(address, status=404, **plain)
        verdict = open_page(receipt["verify_url"], **plain)
        assert "Its holder does not share the name" in verdict.inner_text("main")
        assert "Grace" not in verdict.content()

        owner.click("text=The name is wrong")
        owner.fill("#wanted_name", "Grace Brewster Hopper")
        owner.click("text=Ask for the correction")
        assert "the issuer has not answered yet" in owner.inner_text("main")
        assert owner.context.cookies() == []

        admin = open_page(f"{demo['base_url']}/admin/certificates/case/")
        sign_in(admin, demo["tenants"][0]["users"]["owner"])
        admin.click("text=Grace Brewster Hopper")
        admin.click("text=Correct and re-issue, with the name as wished")
        assert admin.input_value("#id_recipient_name") == "Grace Brewster Hopper"
        admin.click("main [type=submit]")
        admin.wait_for_load_state()
        owner.reload()
        assert "done" in owner.inner_text("dl")
        assert "Replaced by a newer certificate" in open_page(receipt["verify_url"]).inner_text(
            "h1"
        )


class TestReport:
    def test_reaches_the_issuer_and_nobody_else(
        self, demo: dict[str, Any], open_page: Open
    ) -> None:
        page = open_page(certificate_of(demo, place=1)["verify_url"], viewport=SMALL, refused=400)
        page.click("text=Report a problem")
        assert is_legible(page)
        page.click("text=Send the report")
        assert "Nothing was sent yet." in page.inner_text("main")
        page.check("[value=misused]")
        page.fill("#text", "An interview, another face.")
        page.click("text=Send the report")
        assert "The issuer has your report." in page.inner_text("main")
        assert page.context.cookies() == []
        for tenant, is_told in ((0, True), (1, False)):
            admin = open_page(f"{demo['base_url']}/admin/certificates/case/")
            sign_in(admin, demo["tenants"][tenant]["users"]["owner"])
            assert ("An interview" in admin.inner_text("main")) is is_told


class TestEmbed:
    def test_shows_in_a_page_of_another_site(self, demo: dict[str, Any], open_page: Open) -> None:
        certificate = certificate_of(demo)
        page = open_page(certificate["page_url"])
        page.click("text=Show it on a web site")
        code = page.inner_text("pre.code")
        with site(f"<title>A portfolio</title>{code}") as address:
            other = open_page(address)
            frame = other.frame_locator("iframe")
            frame.locator(".strip").wait_for()
            assert certificate["recipient_name"] in frame.locator("body").inner_text()
            assert other.frames[1].evaluate(
                "document.documentElement.scrollHeight <= innerHeight"
                " && document.documentElement.scrollWidth <= innerWidth"
            )


class TestEveryPage:
    @pytest.mark.parametrize("language", ["en", "ar"])
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_is_legible_on_a_small_phone_in_any_light_and_direction(
        self, demo: dict[str, Any], open_page: Open, language: str, scheme: str
    ) -> None:
        certificate = certificate_of(demo, tenant=1)
        verify, page_url = certificate["verify_url"], certificate["page_url"]
        addresses = {
            page_url: 200,
            f"{page_url}/owner": 200,
            f"{verify}/report": 200,
            verify.replace("/verify/", "/embed/"): 200,
            f"{demo['base_url']}/owner/nothing": 404,
            f"{demo['base_url']}/nothing": 404,
        }
        for address, status in addresses.items():
            page = open_page(
                f"{address}?lang={language}", status=status, viewport=SMALL, color_scheme=scheme
            )
            assert is_legible(page), address
            assert page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
            ground, ink = page.evaluate(
                "[getComputedStyle(document.body).backgroundColor,"
                " getComputedStyle(document.body).color]"
            )
            assert (ground == "rgb(16, 23, 30)") is (scheme == "dark")
            assert ink != ground

    def test_copies_the_lines_of_the_card(self, demo: dict[str, Any], open_page: Open) -> None:
        page = open_page(
            certificate_of(demo)["page_url"],
            permissions=["clipboard-read", "clipboard-write"],
        )
        page.click("text=Show it on a web site")
        page.click("details [data-copy]")
        page.locator(".copied.shown").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("<iframe src=")
        assert copied == page.inner_text("pre.code")
