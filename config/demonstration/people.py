"""Sign-ins and keys of the demo: random, renewed at every run, marked as demo."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tenants.api_keys import Scope
from tenants.models import ApiKey, Membership, Tenant, User
from tenants.onboarding import add_member, create_api_key
from tenants.roles import Role

SUPERUSER = "demo-admin"
KEY_NAME = "Demo key of {marker}"


@dataclass(frozen=True)
class SignIn:
    """A user name and its password, known only now."""

    username: str
    password: str


@transaction.atomic
def superuser() -> SignIn:
    """Return the demo's superuser with a fresh password."""
    sign_in = SignIn(SUPERUSER, secrets.token_urlsafe(12))
    user, _ = User.objects.get_or_create(
        username=SUPERUSER, defaults={"is_staff": True, "is_superuser": True, "is_demo": True}
    )
    user.set_password(sign_in.password)
    user.save(update_fields=["password"])
    return sign_in


@transaction.atomic
def members(*, tenant: Tenant, marker: str, now: datetime) -> dict[Role, SignIn]:
    """Return one member for each role, with fresh passwords."""
    sign_ins = {}
    for role in Role:
        sign_in = SignIn(f"{tenant.slug}-{role.value}", secrets.token_urlsafe(12))
        membership = Membership.objects.filter(tenant=tenant, user__username=sign_in.username)
        user = User.objects.filter(memberships__in=membership).first() or add_member(
            tenant=tenant,
            username=sign_in.username,
            password=sign_in.password,
            role=role,
            now=now,
        )
        user.set_password(sign_in.password)
        user.first_name, user.is_demo = f"{marker} {role.value}", True
        user.save(update_fields=["password", "first_name", "is_demo"])
        sign_ins[role] = sign_in
    return sign_ins


@transaction.atomic
def api_key(*, tenant: Tenant, marker: str, now: datetime) -> str:
    """End the demo's former key and return the text of a new one with every scope."""
    name = KEY_NAME.format(marker=marker)
    ApiKey.objects.for_tenant(tenant).filter(name=name, revoked_at__isnull=True).update(
        revoked_at=now
    )
    key, text = create_api_key(tenant=tenant, name=name, scopes=list(Scope), now=now)
    key.is_demo = True
    key.save(update_fields=["is_demo"])
    return text
