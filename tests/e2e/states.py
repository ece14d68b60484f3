"""Every public page and state that somebody may meet: an address of the demo, or markup of ours."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Page

from certificates import pages

Demo = dict[str, Any]
MISTYPED, UNKNOWN = (f"0123-4567-89AB-CDEF-GHJK-MNPQ-RST{symbol}" for symbol in "65")
_AWARD = {
    "completion": SimpleNamespace(
        recipient_name="Zoë Müller",
        course_version=SimpleNamespace(language="ar", title="السلامة المهنية"),
    )
}


def certificate(demo: Demo, state: str, tenant: int = 0) -> dict[str, Any]:
    """Return the first certificate of a tenant in a state."""
    certificates: list[dict[str, Any]] = demo["tenants"][tenant]["certificates"]
    return next(one for one in certificates if one["state"] == state)


def _at(path: str, page: Page, demo: Demo, language: str) -> None:
    page.goto(f"{demo['base_url']}{path}?lang={language}")


def _of(which: tuple[str, int, str], page: Page, demo: Demo, language: str) -> None:
    state, tenant, kind = which
    page.goto(f"{certificate(demo, state, tenant)[kind]}?lang={language}")


def _beside(kind: str, ending: str, page: Page, demo: Demo, language: str) -> None:
    page.goto(f"{certificate(demo, 'issued')[kind]}{ending}?lang={language}")


def _card(page: Page, demo: Demo, language: str) -> None:
    address: str = certificate(demo, "issued")["verify_url"]
    page.goto(f"{address.replace('/verify/', '/embed/')}?lang={language}")


def _issuer(page: Page, demo: Demo, language: str) -> None:
    _at(f"/tenants/{demo['tenants'][0]['slug']}", page, demo, language)


def _achievement(page: Page, demo: Demo, language: str) -> None:
    address = certificate(demo, "issued")["verify_url"]
    answer = page.request.get(address, headers={"accept": "application/json"}).json()
    page.goto(f"{answer['certificate']['achievement_url']}?lang={language}")


def _altered(page: Page, demo: Demo, language: str) -> None:
    """Put a signed document into the box whose payload is not the one that was signed."""
    _at("/verify", page, demo, language)
    address = certificate(demo, "issued")["credential_url"]
    header, payload, signature = page.request.get(address).text().split(".")
    page.evaluate("document.querySelector('#code').removeAttribute('maxlength')")
    page.fill("#code", f"{header}.{payload[:-2]}AA.{signature}")
    page.press("#code", "Enter")
    page.wait_for_load_state()


def _made(template: str, context: dict[str, Any], page: Page, demo: Demo, language: str) -> None:
    """Show what the demo does not get into."""
    with translation.override(language):
        answer: Any = pages.render(RequestFactory().get("/"), template, {**_AWARD, **context})
    page.goto("about:blank")
    page.set_content(answer.content.decode())


SHOWN: dict[str, Callable[[Page, Demo, str], None]] = {
    "home": partial(_at, "/"),
    "box": partial(_at, "/verify"),
    "nothing there": partial(_at, "/nothing"),
    "mistyped": partial(_at, f"/verify/{MISTYPED}"),
    "unknown": partial(_at, f"/verify/{UNKNOWN}"),
    "malformed": partial(_at, "/verify/x"),
    "altered": _altered,
    "issuer": _issuer,
    "holder's way in": partial(_beside, "page_url", "/owner"),
    "holder's link is over": partial(_at, "/owner/nothing"),
    "report": partial(_beside, "verify_url", "/report"),
    "card": _card,
    "no card": partial(_at, "/embed/nothing"),
    "achievement": _achievement,
    "could not check": partial(_made, "verification/could_not_check.html", {"entered": UNKNOWN}),
    "being issued": partial(_made, "certificates/being_issued.html", {"held": False}),
    "held": partial(_made, "certificates/being_issued.html", {"held": True}),
    "sample": partial(_made, "verification/home.html", {"sample": True}),
    "failed": partial(
        _made, "public/problem.html", {"status": 503, "title": "Away", "detail": "Try again."}
    ),
    **{
        f"{kind} {state}": partial(_of, (state, 0, kind))
        for kind in ("verify_url", "page_url")
        for state in ("issued", "revoked", "expired", "superseded")
    },
    "of the other tenant": partial(_of, ("expired", 1, "verify_url")),
    "for its learner": partial(_of, ("expired", 1, "page_url")),
}
