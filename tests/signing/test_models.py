from datetime import datetime

import pytest
from django.db import IntegrityError

from signing.models import KeyAddress, SigningKey
from tenants.models import Tenant
from tests.signing.conftest import MakeKey

State = SigningKey.State


class TestBoundTo:
    def test_names_owner_kid_and_purpose(
        self, platform_key: SigningKey, tenant: Tenant, make_key: MakeKey
    ) -> None:
        own = make_key(state=State.NEXT, tenant=tenant, purpose=SigningKey.Purpose.PDF)

        assert platform_key.bound_to.decode() == (
            f"platform|{platform_key.thumbprint}|credential-jws"
        )
        assert own.bound_to.decode() == f"{tenant.pk}|{own.thumbprint}|pdf"


class TestConstraints:
    def test_allow_one_active_key_of_the_platform(
        self, platform_key: SigningKey, make_key: MakeKey
    ) -> None:
        with pytest.raises(IntegrityError):
            make_key(state=State.ACTIVE)

    def test_allow_one_active_key_of_a_tenant(self, tenant: Tenant, make_key: MakeKey) -> None:
        make_key(state=State.ACTIVE, tenant=tenant)

        with pytest.raises(IntegrityError):
            make_key(state=State.ACTIVE, tenant=tenant)

    def test_allow_an_active_key_for_each_purpose(
        self, platform_key: SigningKey, tenant: Tenant, make_key: MakeKey
    ) -> None:
        make_key(state=State.ACTIVE, tenant=tenant)
        make_key(state=State.ACTIVE, purpose=SigningKey.Purpose.SERVICE)
        make_key(state=State.NEXT)

        assert SigningKey.objects.count() == 4

    @pytest.mark.parametrize("state", [State.NEXT, State.ACTIVE])
    def test_refuse_a_usable_key_without_private_part(
        self, state: State, tenant: Tenant, make_key: MakeKey
    ) -> None:
        with pytest.raises(IntegrityError):
            make_key(state=state, tenant=tenant, sealed_private=None)

    def test_refuse_a_destroyed_key_with_private_part(self, make_key: MakeKey) -> None:
        with pytest.raises(IntegrityError):
            make_key(state=State.DESTROYED)

    def test_refuse_a_compromise_without_time(self, make_key: MakeKey) -> None:
        with pytest.raises(IntegrityError):
            make_key(state=State.COMPROMISED)

    def test_refuse_one_address_for_two_keys(
        self, platform_key: SigningKey, make_key: MakeKey, now: datetime
    ) -> None:
        other = make_key(state=State.NEXT)

        with pytest.raises(IntegrityError):
            KeyAddress.objects.create(
                key=other, url=platform_key.addresses.get().url, first_used_at=now
            )
