"""Every document that is published of keys, as the bytes a reader gets."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q
from django.urls import reverse

from signing import did, jwks, keyring
from signing.models import KeyAddress, SigningKey
from tenants import issuer_profile
from tenants.models import Tenant

# By the URL's name.
ROUTES = {
    "jwks": ".well-known/jwks.json",
    "did": ".well-known/did.json",
    "tenant_jwks": "tenants/<slug:slug>/jwks.json",
    "tenant_did": "tenants/<slug:slug>/did.json",
    "key": "keys/<str:thumbprint>",
}
METHODS = "GET, HEAD, OPTIONS"
# Scripts of any origin may read, with any header (Fetch standard, CORS).
CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}
PREFLIGHT = {
    "Allow": METHODS,
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
    **CORS,
}


@dataclass(frozen=True)
class Document:
    """A body and its media type."""

    content_type: str
    body: bytes

    @property
    def etag(self) -> str:
        """The strong validator: the same bytes have the same one on every host."""
        return f'"{hashlib.sha256(self.body).hexdigest()}"'


@dataclass(frozen=True)
class Published:
    """A document and the address it is read under."""

    name: str
    path: str
    document: Document


def key_set(keys: Sequence[SigningKey]) -> Document:
    """Return a JWK Set (RFC 7517 section 8.5.2)."""
    return _document("application/jwk-set+json", jwks.key_set(keys))


def single_key(key: SigningKey) -> Document:
    """Return one bare JWK (RFC 7517 section 8.5.1)."""
    return _document("application/jwk+json", jwks.single_key(key))


def did_document(tenant: Tenant | None, keys: Sequence[SigningKey]) -> Document:
    """Return the did:web document of a tenant, or of the platform."""
    base_url: str = settings.BASE_URL
    issuer = (
        issuer_profile.issuer_did(base_url=base_url, slug=tenant.slug)
        if tenant
        else issuer_profile.platform_did(base_url)
    )
    return _document("application/did+json", did.did_document(did=issuer, keys=keys))


def headers(etag: str) -> dict[str, str]:
    """Return what every answer with a document says, a 304 included."""
    return {
        "ETag": etag,
        "Cache-Control": (
            f"public, max-age={settings.JWKS_MAX_AGE}, "
            "stale-while-revalidate=3600, stale-if-error=604800"
        ),
        **CORS,
    }


def everything() -> Iterator[Published]:
    """Yield every published document; a tenant without keys of its own costs no query."""
    own = set(
        SigningKey.objects.exclude(tenant=None)
        .order_by()
        .values_list("tenant", flat=True)
        .distinct()
    )
    platform = keyring.published_keys(tenant=None)
    shared = key_set(platform)
    singles = {key.pk: key for key in platform}
    yield Published("jwks", reverse("jwks"), shared)
    yield Published("did", reverse("did"), did_document(None, platform))
    for tenant in Tenant.objects.order_by("slug").iterator():
        keys, found = platform, shared
        if tenant.pk in own:
            keys = keyring.published_keys(tenant=tenant)
            found = key_set(keys)
            singles |= {key.pk: key for key in keys}
        yield Published("tenant_jwks", reverse("tenant_jwks", args=[tenant.slug]), found)
        yield Published(
            "tenant_did", reverse("tenant_did", args=[tenant.slug]), did_document(tenant, keys)
        )
    for key in singles.values():
        yield Published("key", reverse("key", args=[key.thumbprint]), single_key(key))


def gone() -> list[str]:
    """Return the paths of keys that were withdrawn: readers are told 410, never 404."""
    lost = SigningKey.objects.filter(
        state=SigningKey.State.COMPROMISED, purpose__in=keyring.PUBLISHED
    )
    found = lost.order_by("thumbprint").values_list("thumbprint", flat=True)
    return [reverse("key", args=[thumbprint]) for thumbprint in found]


def mark() -> tuple[Any, ...]:
    """Return what differs as soon as anything published does; three aggregates, no rows.

    States only move on, and each step notes its time, so counts and times tell every change.
    """
    states = {
        f"in_{state.name.lower()}": Count("pk", filter=Q(state=state)) for state in SigningKey.State
    }
    times = (
        "published_at",
        "activated_at",
        "deactivated_at",
        "destroyed_at",
        "compromised_at",
        "pk",
    )
    keys = SigningKey.objects.aggregate(**states, **{f"last_{name}": Max(name) for name in times})
    addresses = KeyAddress.objects.aggregate(count=Count("pk"), last=Max("pk"))
    tenants = Tenant.objects.aggregate(count=Count("pk"), last=Max("created_at"))
    return (*keys.values(), *addresses.values(), *tenants.values())


def _document(content_type: str, members: dict[str, Any]) -> Document:
    return Document(content_type, json.dumps(members, separators=(",", ":")).encode())
