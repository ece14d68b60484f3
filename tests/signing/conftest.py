"""Tenants and keys for the tests of signing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from signing import jwk, keyring, vault
from signing.models import SigningKey
from tenants.models import Tenant


@pytest.fixture
def tenant(db: None, now: datetime) -> Tenant:
    return Tenant.objects.create(slug="harbour", name="Harbour School", created_at=now)


@pytest.fixture
def stranger(db: None, now: datetime) -> Tenant:
    return Tenant.objects.create(slug="strange", name="Strange School", created_at=now)


@pytest.fixture
def platform_key(db: None, now: datetime) -> SigningKey:
    """The key that the first migration made, known by its present address."""
    key = SigningKey.objects.get(tenant=None, state=SigningKey.State.ACTIVE)
    keyring.keep_present_url(key, now=now)
    return key


@pytest.fixture
def began(platform_key: SigningKey) -> datetime:
    """Return when the platform's key began to sign."""
    assert platform_key.activated_at is not None
    return platform_key.activated_at


MakeKey = Callable[..., SigningKey]


@pytest.fixture
def make_key(db: None, now: datetime) -> MakeKey:
    def make(*, state: SigningKey.State, tenant: Tenant | None = None, **fields: Any) -> SigningKey:
        private = jwk.generate()
        public = jwk.public_jwk(private)
        key = SigningKey(
            tenant=tenant,
            thumbprint=jwk.thumbprint(public),
            algorithm=jwk.ES256,
            purpose=SigningKey.Purpose.CREDENTIAL_JWS,
            state=state,
            public_jwk=public,
            published_at=now,
            activates_at=now,
        )
        for name, value in fields.items():
            setattr(key, name, value)
        if "sealed_private" not in fields:
            key.sealed_private = vault.seal(private, bound_to=key.bound_to)
        key.save()
        keyring.keep_present_url(key, now=now)
        return key

    return make
