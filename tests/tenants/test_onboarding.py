"""Bringing in tenants, people and platforms."""

from datetime import datetime

import pytest
from django.core.exceptions import ValidationError

from tenants.models import ApiKey, Tenant, User
from tenants.onboarding import add_member, create_api_key, create_tenant, revoke_api_key
from tenants.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant(now: datetime) -> Tenant:
    return create_tenant(slug="quill", name="Quillon", now=now)


class TestCreateTenant:
    def test_refuses_a_slug_that_cannot_stand_in_an_address(self, now: datetime) -> None:
        with pytest.raises(ValidationError) as caught:
            create_tenant(slug="Not A Slug", name="Quillon", now=now)
        assert "slug" in caught.value.message_dict

    def test_refuses_a_slug_that_is_taken(self, tenant: Tenant, now: datetime) -> None:
        with pytest.raises(ValidationError):
            create_tenant(slug="quill", name="Another", now=now)


class TestAddMember:
    def test_makes_somebody_who_signs_in(self, tenant: Tenant, now: datetime) -> None:
        user = add_member(
            tenant=tenant, username="ada", password="a long word", role=Role.ISSUER, now=now
        )
        assert user.is_staff
        assert not user.is_superuser
        assert user.check_password("a long word")
        assert [m.role for m in user.memberships.all()] == ["issuer"]

    def test_leaves_nothing_behind_when_the_name_is_taken(
        self, tenant: Tenant, now: datetime
    ) -> None:
        add_member(tenant=tenant, username="ada", password="one", role=Role.OWNER, now=now)
        with pytest.raises(ValidationError):
            add_member(tenant=tenant, username="ada", password="two", role=Role.OWNER, now=now)
        assert User.objects.get().check_password("one")


class TestCreateApiKey:
    def test_keeps_only_a_hash(self, tenant: Tenant, now: datetime) -> None:
        key, text = create_api_key(tenant=tenant, name="LMS", scopes=["claims:read"], now=now)
        stored = str(list(ApiKey.objects.values_list()))
        assert text.split("_")[3] not in stored
        assert key.scopes == ["claims:read"]

    def test_refuses_a_scope_that_does_not_exist(self, tenant: Tenant, now: datetime) -> None:
        with pytest.raises(ValueError, match="everything"):
            create_api_key(tenant=tenant, name="LMS", scopes=["everything"], now=now)


class TestRevokeApiKey:
    def test_ends_a_key_once(self, tenant: Tenant, now: datetime) -> None:
        key, _ = create_api_key(tenant=tenant, name="LMS", scopes=[], now=now)
        assert revoke_api_key(key=key, now=now)
        assert not revoke_api_key(key=key, now=now)
        key.refresh_from_db()
        assert not key.is_valid(now=now)
