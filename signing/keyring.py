"""Which key signs now, which keys strangers may see, and the addresses they are known by."""

from datetime import datetime

from django.conf import settings
from django.db.models import F, Q, QuerySet

from signing.models import KeyAddress, SigningKey
from tenants.models import Tenant

_State = SigningKey.State
_Purpose = SigningKey.Purpose

# Keys a stranger verifies by stand in key sets and DID documents. Signatures in a PDF carry their
# certificate along, and the service's own records are verified by the service alone.
PUBLISHED = (_Purpose.CREDENTIAL_JWS, _Purpose.CREDENTIAL_DI)


class NoActiveKey(Exception):
    """Neither the tenant nor the platform has a key that signs."""


def active_key(*, tenant: Tenant) -> SigningKey:
    """Return the key that signs this tenant's credentials: its own, else the platform's."""
    key = (
        _keys_of(tenant)
        .filter(state=_State.ACTIVE)
        .order_by(F("tenant").asc(nulls_last=True))
        .first()
    )
    if key is None:
        raise NoActiveKey(f"no active key signs credentials of {tenant.slug}")
    return key


def published_keys(*, tenant: Tenant | None) -> list[SigningKey]:
    """Return every key a stranger may verify this tenant's credentials by; None: the platform's."""
    keys = _keys_of(tenant, *PUBLISHED).exclude(state=_State.COMPROMISED)
    return list(keys.prefetch_related("addresses").order_by("published_at", "pk"))


def key_by_thumbprint(thumbprint: str) -> SigningKey | None:
    """Return any key that was ever published, the compromised ones included."""
    keys = SigningKey.objects.filter(purpose__in=PUBLISHED)
    return keys.prefetch_related("addresses").filter(thumbprint=thumbprint).first()


def key_by_address(*, tenant: Tenant, url: str) -> SigningKey | None:
    """Return the tenant's or the platform's key that was published under exactly this address."""
    address = (
        KeyAddress.objects.filter(url=url, key__in=_keys_of(tenant)).select_related("key").first()
    )
    return address.key if address else None


def kid_urls(key: SigningKey) -> list[str]:
    """Return the addresses of a key, the present one first, then the oldest.

    A key that may yet sign is known by its present address before its first signature there.
    """
    present = present_url(key)
    urls = [address.url for address in key.addresses.all()]
    if present in urls or key.state in {_State.NEXT, _State.ACTIVE} or not urls:
        return [present, *(url for url in urls if url != present)]
    return urls


def keep_present_url(key: SigningKey, *, now: datetime) -> str:
    """Return the address a signature made now will name, kept for as long as the key is."""
    address, _ = KeyAddress.objects.get_or_create(
        url=present_url(key), defaults={"key": key, "first_used_at": now}
    )
    return address.url


def present_url(key: SigningKey) -> str:
    """Return the address of a key under the present origin."""
    return f"{settings.BASE_URL}/keys/{key.thumbprint}"


def _keys_of(tenant: Tenant | None, *purposes: SigningKey.Purpose) -> QuerySet[SigningKey]:
    owner = Q(tenant=None) | Q(tenant=tenant) if tenant else Q(tenant=None)
    return SigningKey.objects.filter(owner, purpose__in=purposes or [_Purpose.CREDENTIAL_JWS])
