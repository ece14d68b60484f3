"""The pages of verification: the verdict, the box for a code, and the home page."""

import time
from datetime import UTC
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from certificates import addresses, pages
from certificates.tokens import format_token
from domains.queries import confirmed_domain
from observability import visitors
from verification import evidence, recording
from verification.answered import Answered
from verification.document import corrected_at, verdict_document
from verification.lookup import CouldNotCheck, Report
from verification.verdict import Check, Outcome, State


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """Say what this is, and offer the box."""
    return pages.render(request, "verification/home.html", {}, cache_control=pages.NO_CACHE)


@require_safe
def public_verify(request: HttpRequest, token: str) -> HttpResponseBase:
    """Answer a link."""
    return _negotiated(request, token)


# Nothing is changed and nobody is signed in: there is nothing to forge, and a CSRF cookie
# would keep every cache from holding the page.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def verify_box(request: HttpRequest) -> HttpResponseBase:
    """Offer the box, or answer what was put into it."""
    if request.method != "POST":
        return home(request)
    return _negotiated(request, request.POST.get("code", ""))


def answer(request: HttpRequest, text: str, *, as_page: bool) -> HttpResponseBase:
    """Answer the verdict on a code, a link or a pasted document, and note that it was asked for."""
    started = time.perf_counter()
    now = timezone.now()
    try:
        report = evidence.examine_pasted(text=text, now=now)
    except CouldNotCheck:
        if not as_page:
            raise
        return _could_not_check(request, text)
    response = _page(request, report, text) if as_page else _json(request, report)
    if request.method != "HEAD":
        answered = recording.note(
            report,
            origin=visitors.origins().of(request.META),
            seconds=time.perf_counter() - started,
            now=now,
        )
        if report.verdict.may_be_stored:
            request.META[Answered.NAME] = answered
    return response


def _negotiated(request: HttpRequest, text: str) -> HttpResponseBase:
    response = answer(request, text, as_page=pages.prefers_html(request, by_default=True))
    patch_vary_headers(response, ["Accept"])
    return response


def _json(request: HttpRequest, report: Report) -> HttpResponseBase:
    """Return the verdict as JSON, readable by scripts of any origin."""
    response = JsonResponse(verdict_document(report), status=report.verdict.http_status)
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "ETag, Retry-After"
    response["X-Robots-Tag"] = "noindex"
    return pages.with_etag(request, response, cache_control=_cache_control(report))


def _cache_control(report: Report) -> str:
    return pages.NO_CACHE if report.verdict.may_be_stored else pages.NO_STORE


def _page(request: HttpRequest, report: Report, text: str) -> HttpResponseBase:
    return pages.render(
        request,
        f"verification/{report.verdict.state}.html",
        {
            "report": report,
            "base_url": settings.BASE_URL,
            "entered": format_token(report.token) if report.token else text[:500],
            "here": _here(report),
            "stolen_on": report.stolen_at.astimezone(UTC).date() if report.stolen_at else None,
            **_details(report),
        },
        status=report.verdict.http_status,
        cache_control=_cache_control(report),
    )


def _here(report: Report) -> str:
    """Return where the same answer is found in other languages; empty: at the page's address.

    A code that was typed into the box is told from a document that names somebody else's code.
    """
    if report.verdict.state is not State.UNKNOWN:
        return ""
    return reverse("public_verify", args=[format_token(report.token)])


def _details(report: Report) -> dict[str, Any]:
    """Return what a page about a certificate shows: only what was signed, or is on its row."""
    certificate, fields = report.certificate, report.fields
    if certificate is None or fields is None:
        return {}
    tenant, written = certificate.tenant, format_token(certificate.token)
    newer = certificate.successor
    return {
        **pages.dates(fields, tenant),
        "fields": fields,
        "issuer": pages.issuer_head(tenant, name=fields.issuer_name),
        "domain": confirmed_domain(tenant),
        "sample": tenant.is_sample,
        "checks": [_shown(check) for check in report.verdict.checks],
        "corrected_on": pages.day(corrected_at(certificate), tenant),
        "revoked_on": pages.day(certificate.revoked_at, tenant),
        "reason": certificate.revocation_reason,
        "newer_path": reverse("public_verify", args=[format_token(newer.token)]) if newer else "",
        "here": reverse("public_verify", args=[written]),
        "verify_url": addresses.verify_url(certificate.token),
        "private": certificate.is_private,
        "page_path": reverse("learner_certificate", args=[written]),
        "owner_path": reverse("owner_link", args=[written]),
        "report_path": reverse("report_problem", args=[written]),
        "credential_path": reverse("credential", args=[certificate.pk]),
    }


def _shown(check: Check) -> dict[str, Any]:
    labels = {
        "signature": gettext("Signature"),
        "status": gettext("Status"),
        "expiry": gettext("End date"),
        "issuer": gettext("Issuer"),
        "file": gettext("File"),
    }
    words = {
        Outcome.PASSED: gettext("passed"),
        Outcome.FAILED: gettext("failed"),
        Outcome.NOT_CHECKED: gettext("not checked"),
    }
    return {
        "outcome": check.outcome.value,
        "label": labels[check.name],
        "word": words[check.outcome],
        "detail": check.detail,
        "icon": get_template(f"public/icons/{check.outcome}.svg").render(),
    }


def _could_not_check(request: HttpRequest, text: str) -> HttpResponseBase:
    response = pages.render(
        request,
        "verification/could_not_check.html",
        {"entered": text[:500]},
        status=CouldNotCheck.status_code,
    )
    response["Retry-After"] = CouldNotCheck.headers["Retry-After"]
    return response
