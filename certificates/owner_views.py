"""The holder's way in: a letter to the address on record, and the page its link opens."""

from datetime import datetime
from typing import Any

from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from certificates import addresses, cases, looks, ownership, pages, queries, sharing, tokens
from certificates.models import Case, Certificate
from certificates.owner_forms import CorrectionForm, DeletionForm, ShareForm

_FORMS: dict[str, type[BaseForm]] = {
    "share": ShareForm,
    "correction": CorrectionForm,
    "deletion": DeletionForm,
}


# Nobody is signed in by a cookie here: there is nothing that another site could ride on.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def owner_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Offer to send the owner's link; the answer is the same whether or not one is sent."""
    certificate = _find(token)
    was_asked = request.method == "POST"
    if was_asked:
        ownership.ask_for_link(certificate=certificate, now=timezone.now())
    written = tokens.format_token(certificate.token)
    context = {
        "was_asked": was_asked,
        "issuer": pages.issuer_head(certificate.tenant),
        "sample": certificate.tenant.is_sample,
        "here": reverse("owner_link", args=[written]),
        "verify_path": reverse("public_verify", args=[written]),
    }
    return pages.render(request, "certificates/owner_link.html", context)


# The key in the address is the proof; no cookie takes part.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def owner_page(request: HttpRequest, key: str) -> HttpResponseBase:
    """Let the holder choose who sees the certificate, and ask the issuer for more."""
    now = timezone.now()
    certificate = ownership.certificate_of(key, now=now)
    if certificate is None:
        return pages.render(request, "certificates/owner_key_over.html", {}, status=404)
    here = reverse("owner_page", args=[key])
    act, form = "", None
    if request.method == "POST":
        act = request.POST.get("act", "")
        form = _FORMS[act](request.POST) if act in _FORMS else None
        if form is not None and form.is_valid():
            _do(act, certificate, form.cleaned_data, now=now)
            # After a reload nothing is done twice.
            return HttpResponseRedirect(f"{here}?done={act}{_language(request)}#done", status=303)
    context = _context(certificate, here, now=now)
    if form is not None:
        context |= {"form": form, "act": act}
    else:
        context["done"] = request.GET.get("done", "")
    status = 400 if request.method == "POST" else 200
    return pages.render(request, "certificates/owner.html", context, status=status)


def _do(act: str, certificate: Certificate, data: dict[str, Any], *, now: datetime) -> None:
    if act == "share":
        visibility = Certificate.Visibility(data["visibility"])
        sharing.share(certificate=certificate, visibility=visibility, now=now)
        return
    cases.ask(
        certificate=certificate,
        kind=Case.Kind(act),
        wanted_name=data.get("wanted_name", ""),
        text=data["text"],
        now=now,
    )


def _context(certificate: Certificate, here: str, *, now: datetime) -> dict[str, Any]:
    tenant = certificate.tenant
    asked = cases.requests_of(certificate)
    waiting = {case.kind for case in asked if case.state == Case.State.OPEN}
    return {
        "certificate": certificate,
        "visibility": certificate.visibility.value,
        "stands": certificate.revoked_at is None,
        "requests": [(case, pages.day(case.created_at, tenant)) for case in asked],
        "waiting": waiting,
        "looks": looks.looks(certificate.pk, now=now),
        "issuer": pages.issuer_head(tenant),
        "sample": tenant.is_sample,
        "page_url": addresses.page_url(certificate.token),
        "page_path": reverse("learner_certificate", args=[tokens.format_token(certificate.token)]),
        "here": here,
    }


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("lang")
    return f"&lang={request.LANGUAGE_CODE}" if asked else ""


def _find(token: str) -> Certificate:
    try:
        certificate = queries.certificate_by_token(tokens.read_token(token))
    except tokens.MalformedToken as error:
        raise Http404 from error
    if certificate is None:
        raise Http404
    return certificate
