from datetime import datetime, timedelta
from typing import Any

import pytest

from signing import keyring
from signing.models import SigningKey
from tenants.models import Tenant
from tests.signing.conftest import MakeKey

State = SigningKey.State


class TestActiveKey:
    def test_is_the_platforms_for_a_tenant_without_its_own(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        assert keyring.active_key(tenant=tenant) == platform_key

    def test_is_the_tenants_own_where_there_is_one(
        self, tenant: Tenant, stranger: Tenant, platform_key: SigningKey, make_key: MakeKey
    ) -> None:
        make_key(state=State.ACTIVE, tenant=stranger)
        own = make_key(state=State.ACTIVE, tenant=tenant)

        assert keyring.active_key(tenant=tenant) == own

    def test_is_never_one_of_another_purpose_or_state(
        self, tenant: Tenant, make_key: MakeKey
    ) -> None:
        SigningKey.objects.update(state=State.VERIFY_ONLY)
        make_key(state=State.NEXT, tenant=tenant)
        make_key(state=State.ACTIVE, tenant=tenant, purpose=SigningKey.Purpose.PDF)

        with pytest.raises(keyring.NoActiveKey, match="harbour"):
            keyring.active_key(tenant=tenant)


class TestPublishedKeys:
    def test_are_the_next_the_active_and_the_retired_but_no_compromised_one(
        self, platform_key: SigningKey, make_key: MakeKey, now: datetime
    ) -> None:
        later = now + timedelta(days=1)
        following = make_key(state=State.NEXT, published_at=later)
        retired = make_key(state=State.VERIFY_ONLY, published_at=now - timedelta(days=2))
        destroyed = make_key(
            state=State.DESTROYED, published_at=now - timedelta(days=3), sealed_private=None
        )
        make_key(state=State.COMPROMISED, compromised_at=now)
        make_key(state=State.ACTIVE, purpose=SigningKey.Purpose.SERVICE)

        assert set(keyring.published_keys(tenant=None)) == {
            destroyed,
            retired,
            platform_key,
            following,
        }

    def test_are_those_of_both_kinds_of_proof_and_only_one_signs_tokens(
        self, tenant: Tenant, platform_key: SigningKey, make_key: MakeKey
    ) -> None:
        proof = make_key(state=State.ACTIVE, purpose=SigningKey.Purpose.CREDENTIAL_DI)

        assert set(keyring.published_keys(tenant=tenant)) == {platform_key, proof}
        assert keyring.key_by_thumbprint(proof.thumbprint) == proof
        url = keyring.present_url(proof)
        assert keyring.key_by_address(tenant=tenant, url=url) is None

    def test_of_a_tenant_are_its_own_and_the_platforms(
        self, tenant: Tenant, stranger: Tenant, platform_key: SigningKey, make_key: MakeKey
    ) -> None:
        own = make_key(state=State.ACTIVE, tenant=tenant)
        other = make_key(state=State.ACTIVE, tenant=stranger)

        assert set(keyring.published_keys(tenant=tenant)) == {platform_key, own}
        assert set(keyring.published_keys(tenant=stranger)) == {platform_key, other}
        assert keyring.published_keys(tenant=None) == [platform_key]


class TestKeyByAddress:
    def test_compares_letter_by_letter(self, tenant: Tenant, platform_key: SigningKey) -> None:
        url = keyring.present_url(platform_key)

        assert keyring.key_by_address(tenant=tenant, url=url) == platform_key
        assert keyring.key_by_address(tenant=tenant, url=url.swapcase()) is None


class TestKidUrls:
    def test_put_the_present_address_first(
        self, platform_key: SigningKey, settings: Any, now: datetime
    ) -> None:
        former = keyring.present_url(platform_key)
        settings.BASE_URL = "https://moved.example"

        assert keyring.kid_urls(platform_key) == [
            f"https://moved.example/keys/{platform_key.thumbprint}",
            former,
        ]

    def test_of_a_retired_key_are_those_it_signed_under(
        self, make_key: MakeKey, settings: Any
    ) -> None:
        key = make_key(state=State.VERIFY_ONLY)
        former = keyring.present_url(key)
        settings.BASE_URL = "https://moved.example"

        assert keyring.kid_urls(key) == [former]

    def test_are_kept_once(self, platform_key: SigningKey, now: datetime) -> None:
        again = now + timedelta(days=1)

        keyring.keep_present_url(platform_key, now=again)

        assert platform_key.addresses.count() == 1
