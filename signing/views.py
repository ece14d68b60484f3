"""Key sets, single keys and DID documents: public, cacheable, readable from any origin.

The front answers from memory what is published; here is answered what it does not hold.
"""

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.csrf import csrf_exempt

from signing import jwk, keyring, publication
from signing.models import SigningKey
from signing.publication import Document
from tenants.models import Tenant


class Absent(Exception):
    """Nothing is published under this address (any more)."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def published(document: Callable[..., Document]) -> Callable[..., HttpResponseBase]:
    """Turn a function that returns a document, or raises Absent, into a public view of it."""

    @csrf_exempt  # nothing is changed here, and who tries is told so
    @wraps(document)
    def view(request: HttpRequest, **address: str) -> HttpResponseBase:
        if request.method == "OPTIONS":
            return _preflight()
        if request.method not in {"GET", "HEAD"}:
            response = _problem(HTTPStatus.METHOD_NOT_ALLOWED, "This address is only read.")
            response["Allow"] = publication.METHODS
            return response
        try:
            return _cacheable(request, document(**address))
        except Absent as absent:
            return _problem(absent.status, str(absent))
        except (DatabaseError, InterfaceError):
            # Never 404: a verifier would take that for an answer about the key.
            response = _problem(
                HTTPStatus.SERVICE_UNAVAILABLE, "The keys cannot be looked up now. Try again."
            )
            response["Retry-After"] = "10"
            return response

    return view


@published
def platform_jwks() -> Document:
    """`/.well-known/jwks.json`: the keys of the platform."""
    return publication.key_set(keyring.published_keys(tenant=None))


@published
def tenant_jwks(slug: str) -> Document:
    """`/tenants/<slug>/jwks.json`: the keys of the platform and the tenant's own."""
    return publication.key_set(keyring.published_keys(tenant=_tenant(slug)))


@published
def single_key(thumbprint: str) -> Document:
    """`/keys/<thumbprint>`: what a `kid` names. Retired keys for ever, compromised ones never."""
    key = keyring.key_by_thumbprint(thumbprint) if jwk.is_thumbprint(thumbprint) else None
    if key is None:
        raise Absent(HTTPStatus.NOT_FOUND, "No key was ever published here.")
    if key.state == SigningKey.State.COMPROMISED and key.compromised_at:
        since = key.compromised_at.isoformat()
        raise Absent(HTTPStatus.GONE, f"This key has been compromised since {since}.")
    return publication.single_key(key)


@published
def platform_did() -> Document:
    """`/.well-known/did.json`: the DID document of the platform."""
    return publication.did_document(None, keyring.published_keys(tenant=None))


@published
def tenant_did(slug: str) -> Document:
    """`/tenants/<slug>/did.json`: the DID document of an issuer."""
    tenant = _tenant(slug)
    return publication.did_document(tenant, keyring.published_keys(tenant=tenant))


def _tenant(slug: str) -> Tenant:
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise Absent(HTTPStatus.NOT_FOUND, "No issuer has this address.")
    return tenant


def _cacheable(request: HttpRequest, document: Document) -> HttpResponseBase:
    headers = publication.headers(document.etag)
    found = HttpResponse(document.body, content_type=document.content_type, headers=headers)
    response = get_conditional_response(request, etag=document.etag, response=found) or found
    return _readable_anywhere(response)


def _preflight() -> HttpResponseBase:
    response = HttpResponse(status=HTTPStatus.NO_CONTENT, headers=publication.PREFLIGHT)
    del response["Content-Type"]  # there is no content
    return response


def _problem(status: HTTPStatus, detail: str) -> HttpResponseBase:
    """Return a problem document (RFC 9457 section 3.1)."""
    body = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    response = HttpResponse(
        json.dumps(body),
        status=status,
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store"},
    )
    return _readable_anywhere(response)


def _readable_anywhere(response: HttpResponseBase) -> HttpResponseBase:
    for name, value in publication.CORS.items():
        response[name] = value
    return response
