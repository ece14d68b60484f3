"""WCAG 2.2 AA on every public page and the admin's main screens, judged by axe-core."""

from itertools import product
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page

from tests.e2e.axe import JUDGED, violations
from tests.e2e.conftest import BLANK, Open
from tests.e2e.states import SHOWN, Demo, certificate

WIDTHS = {"small": 320, "desktop": 1280}
LOOKS = list(product(["light", "dark"], WIDTHS))
LANGUAGES = [code for code, _ in settings.LANGUAGES]
LISTS = [
    "certificates/certificate", "certificates/completion", "certificates/courseversion",
    "mail/email", "mail/sender", "observability/auditrecord", "outbox/outboxmessage",
    "signing/signingkey", "templates_app/asset", "templates_app/certificatetemplate",
    "templates_app/templateversion", "tenants/apikey", "tenants/membership", "tenants/tenant",
]  # fmt: skip
# What a reader may set for themselves (WCAG 1.4.12).
_SPACED = """() => document.querySelectorAll("body *").forEach(one => {
  one.style.lineHeight = "1.5";
  one.style.letterSpacing = "0.12em";
  one.style.wordSpacing = "0.16em";
  if (one.tagName === "P") one.style.marginBlockEnd = "2em";
})"""
_FITS = "document.documentElement.scrollWidth <= innerWidth"


def opened(page: Page) -> None:
    """Open what is folded, so that it is judged too."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")


def test_a_fault_is_found(open_page: Open) -> None:
    page = open_page(BLANK)
    page.set_content("<html lang=en><title>x</title><main><img src='data:,'></main></html>")
    assert [one.partition(":")[0] for one in violations(page)] == ["image-alt"]


class TestPublicPages:
    @pytest.mark.parametrize(("scheme", "width"), LOOKS)
    def test_break_no_rule(self, demo: Demo, open_page: Open, scheme: str, width: str) -> None:
        page = open_page(
            BLANK,
            color_scheme=scheme,
            viewport={"width": WIDTHS[width], "height": 800},
            **JUDGED,
        )
        found = {}
        for name, language in product(SHOWN, ("en", "ar")):
            SHOWN[name](page, demo, language)
            opened(page)
            found[name, language] = violations(page)
        assert {which: broken for which, broken in found.items() if broken} == {}

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_fit_the_smallest_phone_in_every_language_however_spaced(
        self, demo: Demo, open_page: Open, language: str
    ) -> None:
        page = open_page(BLANK, viewport={"width": 320, "height": 568})
        for name, show in SHOWN.items():
            show(page, demo, language)
            opened(page)
            assert page.evaluate(_FITS), name
            page.evaluate(_SPACED)
            assert page.evaluate(_FITS), f"{name}, spaced"


class TestAdmin:
    @pytest.mark.parametrize(("scheme", "width"), LOOKS)
    def test_breaks_no_rule(self, demo: Demo, open_page: Open, scheme: str, width: str) -> None:
        admin = f"{demo['base_url']}/admin/"
        page = open_page(
            admin,
            color_scheme=scheme,
            viewport={"width": WIDTHS[width], "height": 900},
            **JUDGED,
        )
        found = {"sign in": violations(page)}
        owner: dict[str, Any] = demo["tenants"][0]["users"]["owner"]
        page.fill("#id_username", owner["username"])
        page.fill("#id_password", owner["password"])
        page.press("#id_password", "Enter")
        page.wait_for_url(admin)
        revoking = f"certificates/certificate/{certificate(demo, 'issued')['id']}/revoke/"
        for screen in ["", revoking, *(f"{one}/" for one in LISTS)]:
            answer = page.goto(f"{admin}{screen}")
            assert answer is not None
            assert answer.ok, screen
            found[screen] = violations(page)
            for link in ("#result_list th a", ".object-tools .addlink"):
                if width == "desktop" and page.locator(link).count():
                    inner = page.locator(link).first.evaluate("link => link.href")
                    page.goto(inner)
                    found[inner] = violations(page)
                    page.go_back()
        assert {screen: broken for screen, broken in found.items() if broken} == {}
