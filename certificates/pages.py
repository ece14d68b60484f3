"""One look for all public pages: one small document, no cookie, a strict policy."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from csp.decorators import csp_replace
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.safestring import SafeString, mark_safe

from certificates.credential.read import SignedFields
from templates_app.models import Asset
from tenants.models import Tenant

NO_CACHE = "no-cache"
NO_STORE = "no-store"
# No script in a frame, wherever it is shown.
_FRAMED = {"frame-ancestors": ["*"], "script-src": ["'none'"], "form-action": ["'none'"]}


def render(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = HTTPStatus.OK,
    cache_control: str = NO_STORE,
    may_be_found: bool = False,
    may_be_framed: bool = False,
) -> HttpResponseBase:
    """Return a page in the reader's language, or 304 to whoever has it already.

    `may_be_found`: search engines may list it. `may_be_framed`: other sites may show it.
    """
    language = translation.get_language()
    asked = request.GET.get("lang")
    document = get_template(template).render(
        {
            **context,
            "language": language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "other_languages": [one for one in settings.LANGUAGES if one[0] != language],
            # No cookie keeps the choice, so links carry it on.
            "lang": "?" + urlencode({"lang": language}) if asked else "",
            "style_element": style_element(),
            "may_be_found": may_be_found,
            "rum_sample": settings.RUM_SAMPLE,
        }
    )
    # Tags of the template language leave empty lines behind: bytes for nothing.
    document = re.sub(r"\n\s*\n", "\n", document).lstrip()

    # Around the 304 as well: a browser lays its headers over the page it kept.
    @csp_replace({"style-src": [style_source()], **(_FRAMED if may_be_framed else {})})
    def respond(request: HttpRequest) -> HttpResponseBase:
        response = HttpResponse(document, status=status)
        patch_vary_headers(response, ["Accept-Language"])
        if not may_be_found:
            response["X-Robots-Tag"] = "noindex"
        answer = with_etag(request, response, cache_control=cache_control)
        if may_be_framed:
            answer.xframe_options_exempt = True  # type: ignore[attr-defined] # Django's own mark
        return answer

    return respond(request)


def with_etag(
    request: HttpRequest, response: HttpResponseBase, *, cache_control: str
) -> HttpResponseBase:
    """Set the caching headers; what may be kept gets a strong ETag over its very bytes."""
    response["Cache-Control"] = cache_control
    if cache_control == NO_STORE or not isinstance(response, HttpResponse):
        return response
    response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    answer = get_conditional_response(request, etag=response["ETag"], response=response)
    return answer or response


def prefers_html(request: HttpRequest, *, by_default: bool) -> bool:
    """Say whether to answer a page; `by_default` decides for clients that take anything."""
    kinds = ["text/html", "application/json", "application/problem+json"]
    if not by_default:
        kinds = [*kinds[1:], kinds[0]]
    preferred = request.get_preferred_type(kinds)
    return preferred == "text/html" or (preferred is None and by_default)


@cache
def style_element() -> SafeString:
    """Return the inline style sheet, squeezed."""
    return mark_safe(f"<style>{_style()}</style>")  # noqa: S308 - our own file


@cache
def style_source() -> str:
    """Return the source expression that lets the style sheet pass (CSP3, hash-source)."""
    digest = hashlib.sha256(_style().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _style() -> str:
    css = get_template("public/style.css").render()
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r" ?([{};,>]) ?", r"\1", css).replace(": ", ":").replace(";}", "}").strip()


@dataclass(frozen=True)
class IssuerHead:
    """What stands at the top of a page: who issued."""

    name: str
    mark_url: str
    website: str
    email: str
    page_url: str


def issuer_head(tenant: Tenant, *, name: str = "") -> IssuerHead:
    """Return a tenant's head, by the name its certificate was signed with."""
    sha256 = marks(tenant).values_list("sha256", flat=True).first()
    mark_url = reverse("tenant_mark", args=[tenant.slug]) + f"?v={sha256[:16]}" if sha256 else ""
    return IssuerHead(
        name=name or tenant.name,
        mark_url=mark_url,
        website=tenant.website,
        email=tenant.email,
        page_url=reverse("tenant_profile", args=[tenant.slug]),
    )


def marks(tenant: Tenant) -> QuerySet[Any]:
    """Return the tenant's marks, the one in use first."""
    found: QuerySet[Any] = Asset.objects.for_tenant(tenant).filter(name="mark")
    return found.order_by("-created_at")


def dates(fields: SignedFields, tenant: Tenant) -> dict[str, date | None]:
    """Return the days a page prints. The day of completion is the learner's own."""
    return {
        "completed_on": fields.completed_at.date() if fields.completed_at else None,
        "issued_on": day(fields.issued_at, tenant),
        "expires_on": day(fields.expires_at, tenant),
    }


def day(moment: datetime | None, tenant: Tenant) -> date | None:
    """Return the day it was where the issuer is."""
    return moment.astimezone(ZoneInfo(tenant.time_zone)).date() if moment else None
