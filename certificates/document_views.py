"""The addresses that signed documents name: credentials, status lists, achievements, issuers."""

import re
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from certificates import pages, queries, status_list
from certificates.awards import achieved
from certificates.credential import contexts
from certificates.credential.compose import achievement
from certificates.models import CourseVersion, StatusList
from domains.queries import confirmed_domain
from tenants.issuer_profile import issuer_profile
from tenants.models import Tenant

_JWT_TYPES = ["text/plain", "application/vc+jwt", "application/jwt"]
_DIGEST = re.compile("[0-9a-f]{16}")
_STATUS_MAX_AGE = "public, max-age=60"


@require_safe
def credential(request: HttpRequest, credential_id: UUID) -> HttpResponseBase:
    """Answer a credential as it was signed: the compact JWS, whatever else is asked for."""
    certificate = queries.certificate_by_id(credential_id)
    if certificate is None or certificate.is_private:
        raise Http404
    kind = request.get_preferred_type(_JWT_TYPES) or "text/plain"
    response = HttpResponse(queries.securing_of(certificate).content, content_type=kind)
    patch_vary_headers(response, ["Accept"])
    return _open(request, response, cache_control=pages.NO_CACHE)


@require_safe
def status(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Answer a signed status list, no older than verifiers may keep it."""
    listed = get_object_or_404(
        StatusList.objects.select_related("tenant"), tenant__slug=slug, number=number
    )
    compact = status_list.current(status_list=listed, now=timezone.now())
    response = HttpResponse(compact, content_type="application/vc+jwt")
    return _open(request, response, cache_control=_STATUS_MAX_AGE)


@require_safe
def achievement_page(request: HttpRequest, achievement_id: UUID) -> HttpResponseBase:
    """Answer what was achieved: JSON for programs, a page for people."""
    course = get_object_or_404(CourseVersion.objects.select_related("tenant"), pk=achievement_id)
    if pages.prefers_html(request, by_default=False):
        context = {
            "course": course,
            "issuer": pages.issuer_head(course.tenant),
            "sample": course.tenant.is_sample,
            "here": reverse("achievement", args=[course.pk]),
        }
        return _page(request, "certificates/achievement.html", context)
    document = achievement(achieved(course), graded=True)
    return _json(request, {"@context": [contexts.VC_CONTEXT, contexts.OB_CONTEXT], **document})


@require_safe
def tenant_profile(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Answer who issues: the Open Badges Profile for programs, a page for people."""
    tenant = get_object_or_404(Tenant, slug=slug)
    profile = issuer_profile(
        base_url=settings.BASE_URL,
        slug=tenant.slug,
        name=tenant.name,
        website=tenant.website,
        email=tenant.email,
    )
    if pages.prefers_html(request, by_default=False):
        context = {
            "tenant": tenant,
            "domain": confirmed_domain(tenant),
            "profile": profile,
            "issuer": pages.issuer_head(tenant),
            "sample": tenant.is_sample,
            "base_url": settings.BASE_URL,
            "here": reverse("tenant_profile", args=[slug]),
        }
        return _page(request, "certificates/issuer.html", context)
    return _json(request, {"@context": [contexts.VC_CONTEXT, contexts.OB_CONTEXT], **profile})


@require_safe
def tenant_mark(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Answer the issuer's mark. Pages ask for it by its hash, so it may be kept for ever."""
    asked = request.GET.get("v", "")
    if asked and not _DIGEST.fullmatch(asked):
        raise Http404
    marks = pages.marks(get_object_or_404(Tenant, slug=slug))
    found = marks.filter(sha256__startswith=asked).first()
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    kept = "public, max-age=31536000, immutable" if asked else pages.NO_CACHE
    return pages.with_etag(request, response, cache_control=kept)


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponseBase:
    response = pages.render(request, template, context, cache_control=pages.NO_CACHE)
    patch_vary_headers(response, ["Accept"])
    return response


def _json(request: HttpRequest, document: dict[str, Any]) -> HttpResponseBase:
    response = JsonResponse(document, content_type="application/ld+json")
    patch_vary_headers(response, ["Accept"])
    return _open(request, response, cache_control="public, max-age=300")


def _open(request: HttpRequest, response: HttpResponse, *, cache_control: str) -> HttpResponseBase:
    """Let scripts of any origin read it: verifiers run in browsers too."""
    response["Access-Control-Allow-Origin"] = "*"
    response["X-Robots-Tag"] = "noindex"
    return pages.with_etag(request, response, cache_control=cache_control)
