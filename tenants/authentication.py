"""API key to tenant: the door of every call of a platform."""

import hmac
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from tenants.api_keys import MalformedApiKey, parse_api_key, secret_sha256
from tenants.models import ApiKey

_SCHEME = "Bearer"
_REFUSED = "This API key is unknown, expired or revoked."
_USE_NOTED_EVERY = timedelta(minutes=1)


class ApiKeyAuthentication(BaseAuthentication):
    """Bearer keys. `request.auth` becomes the ApiKey with its tenant; nobody is signed in."""

    def authenticate(self, request: Request) -> tuple[None, ApiKey] | None:
        """Return the key, None where no Bearer key is given, or raise AuthenticationFailed."""
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != _SCHEME.lower():
            return None
        now = timezone.now()  # noqa: TID251 - the door reads the clock
        key = self._find(text.strip(), now=now)
        _note_use(key, now=now)
        return None, key

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        """Return the challenge that makes a refusal a 401 (RFC 6750 section 3)."""
        return f'{_SCHEME} realm="api"'

    def _find(self, text: str, *, now: datetime) -> ApiKey:
        try:
            key_id, _ = parse_api_key(text)
        except MalformedApiKey as error:
            raise AuthenticationFailed(f"This is not an API key: {error}.") from error
        rows = ApiKey.objects.select_related("tenant").filter(key_id=key_id)
        key: ApiKey | None = rows.first()
        # An unknown id is compared too, so that it takes as long as a wrong secret.
        stored = key.secret_sha256 if key else "0" * 64
        matches = hmac.compare_digest(stored, secret_sha256(text))
        if key is None or not matches or not key.is_valid(now=now):
            raise AuthenticationFailed(_REFUSED)
        if key.is_demo and not settings.EMBEDDED:
            raise AuthenticationFailed(_REFUSED)
        return key


def key_of(request: Request) -> ApiKey:
    """Return the key a request came with; only for views that HasScope guards."""
    if not isinstance(request.auth, ApiKey):
        raise NotAuthenticated
    return request.auth


def _note_use(key: ApiKey, *, now: datetime) -> None:
    """Note the use at most once a minute: a busy platform must not turn reads into writes."""
    stale = now - _USE_NOTED_EVERY
    if key.last_used_at is None or key.last_used_at <= stale:
        ApiKey.objects.filter(pk=key.pk).filter(
            Q(last_used_at__isnull=True) | Q(last_used_at__lte=stale)
        ).update(last_used_at=now)


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names these keys."""

    target_class = ApiKeyAuthentication
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        """Return the security scheme object."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "cert_live_<id>_<secret>"}
