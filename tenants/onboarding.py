"""Bring in a tenant, its people and its platforms' keys."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from tenants.api_keys import Scope, make_api_key, secret_sha256
from tenants.models import ApiKey, Membership, Tenant, User
from tenants.roles import Role


@transaction.atomic
def create_tenant(
    *,
    slug: str,
    name: str,
    website: str = "",
    email: str = "",
    language: str = "en",
    direction: str = Tenant.Direction.LTR,
    time_zone: str = "UTC",
    colours: Mapping[str, str] | None = None,
    is_sample: bool = False,
    now: datetime,
) -> Tenant:
    """Create a tenant; ValidationError names the fields that are wrong."""
    tenant = Tenant(
        slug=slug,
        name=name,
        website=website,
        email=email,
        language=language,
        direction=direction,
        time_zone=time_zone,
        colours=dict(colours or {}),
        is_sample=is_sample,
        created_at=now,
    )
    tenant.full_clean()
    tenant.save()
    return tenant


@transaction.atomic
def add_member(*, tenant: Tenant, username: str, password: str, role: Role, now: datetime) -> User:
    """Create a person who signs in to the admin with one role in one tenant."""
    user = User(username=username, is_staff=True)
    user.set_password(password)
    user.full_clean()
    user.save()
    Membership.objects.create(tenant=tenant, user=user, role=Role(role).value, created_at=now)
    return user


@transaction.atomic
def create_api_key(
    *,
    tenant: Tenant,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None = None,
    now: datetime,
) -> tuple[ApiKey, str]:
    """Create a key and return it with its text, which is kept nowhere: show it once."""
    key_id, text = make_api_key()
    key = ApiKey.objects.create(
        tenant=tenant,
        key_id=key_id,
        secret_sha256=secret_sha256(text),
        name=name,
        scopes=sorted({Scope(scope).value for scope in scopes}),
        created_at=now,
        expires_at=expires_at,
    )
    return key, text


def revoke_api_key(*, key: ApiKey, now: datetime) -> bool:
    """End a key for good; False when it had ended before."""
    rows = ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now)
    return bool(rows)
