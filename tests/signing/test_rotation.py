import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.loader import MigrationLoader
from django.db.models import QuerySet

from observability.models import AuditRecord
from signing import jwk, keyring, receivers, rotation, timetable, vault
from signing.models import KeyAddress, SigningKey
from signing.rotation import Done
from tenants.models import Tenant
from tests.signing.conftest import MakeKey
from tests.signing.rotating import advance, rotations, waiting_key
from tests.softhsm import Hsm

State = SigningKey.State
Purpose = SigningKey.Purpose
DAY = timedelta(days=1)


@pytest.fixture
def no_key_yet(db: None) -> None:
    KeyAddress.objects.all().delete()
    SigningKey.objects.all().delete()


@pytest.mark.usefixtures("no_key_yet")
class TestEnsureFirstKey:
    def test_makes_a_key_that_signs_at_once(self, now: datetime) -> None:
        key = rotation.ensure_first_key(now=now)
        private = vault.unseal(key.sealed_private, bound_to=key.bound_to)

        assert (key.tenant, key.purpose, key.state) == (None, "credential-jws", "active")
        assert (key.algorithm, key.activated_at) == ("ES256", now)
        assert key.thumbprint == jwk.thumbprint(key.public_jwk)
        assert jwk.public_jwk(private) == key.public_jwk
        assert key.addresses.get().url == f"http://testserver/keys/{key.thumbprint}"

    def test_makes_no_second_one(self, now: datetime) -> None:
        first = rotation.ensure_first_key(now=now)

        assert rotation.ensure_first_key(now=now + timedelta(days=1)) == first
        assert SigningKey.objects.count() == 1

    def test_leaves_one_key_in_a_token(self, hsm: Hsm, now: datetime) -> None:
        key = rotation.ensure_first_key(now=now)
        rotation.ensure_first_key(now=now)

        assert key.custody == "pkcs11"
        assert hsm.labels() == {key.thumbprint}

    def test_returns_the_key_of_whoever_was_quicker(
        self, now: datetime, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rivals: list[SigningKey] = []
        get = QuerySet.get

        def get_then_lose(self: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return get(self, *args, **kwargs)
            finally:
                if not rivals:
                    monkeypatch.setattr(QuerySet, "get", get)
                    rivals.append(make_key(state=SigningKey.State.ACTIVE))

        monkeypatch.setattr(QuerySet, "get", get_then_lose)

        assert [rotation.ensure_first_key(now=now)] == rivals
        assert list(SigningKey.objects.all()) == rivals


class TestAfterMigrating:
    def test_there_is_a_key(self, db: None) -> None:
        key = SigningKey.objects.get()

        assert (key.tenant, key.state) == (None, SigningKey.State.ACTIVE)

    @pytest.mark.usefixtures("no_key_yet")
    def test_a_key_is_made_as_soon_as_there_is_a_table(self) -> None:
        loader = MigrationLoader(connections[DEFAULT_DB_ALIAS])

        receivers.make_first_key(
            using=DEFAULT_DB_ALIAS, apps=loader.project_state(("tenants", "0001_initial")).apps
        )
        assert not SigningKey.objects.exists()

        receivers.make_first_key(
            using=DEFAULT_DB_ALIAS, apps=loader.project_state(("signing", "0001_initial")).apps
        )
        assert SigningKey.objects.exists()

    @pytest.mark.usefixtures("no_key_yet")
    def test_no_key_is_made_in_another_database(self) -> None:
        receivers.make_first_key(using="replica")

        assert not SigningKey.objects.exists()


class TestReplaceActive:
    @pytest.fixture
    def replace(self, now: datetime) -> Callable[..., SigningKey]:
        return partial(
            rotation.replace_active,
            tenant=None,
            purpose=SigningKey.Purpose.CREDENTIAL_JWS,
            trigger=SigningKey.Trigger.COMPROMISE,
            now=now,
        )

    def test_takes_the_key_that_waits_however_short(
        self, platform_key: SigningKey, make_key: MakeKey, replace: Callable[..., SigningKey]
    ) -> None:
        waiting = make_key(state=State.NEXT)

        assert replace() == waiting
        platform_key.refresh_from_db()
        assert platform_key.state == State.VERIFY_ONLY
        assert SigningKey.objects.count() == 2

    def test_makes_a_key_where_none_waits(
        self, platform_key: SigningKey, replace: Callable[..., SigningKey], now: datetime
    ) -> None:
        key = replace()

        key.refresh_from_db()
        assert key != platform_key
        assert (key.state, key.trigger, key.activated_at) == ("active", "compromise", now)

    def test_makes_a_key_where_the_active_one_is_compromised_already(
        self, platform_key: SigningKey, replace: Callable[..., SigningKey], now: datetime
    ) -> None:
        SigningKey.objects.update(state=State.COMPROMISED, compromised_at=now)

        assert replace().state == State.ACTIVE
        platform_key.refresh_from_db()
        assert platform_key.state == State.COMPROMISED

    def test_puts_a_waiting_key_away_that_cannot_sign(
        self, platform_key: SigningKey, make_key: MakeKey, replace: Callable[..., SigningKey]
    ) -> None:
        broken = make_key(state=State.NEXT, sealed_private=b"\x01 not a key")

        assert replace() not in {broken, platform_key}
        broken.refresh_from_db()
        assert (broken.state, broken.sealed_private) == (State.DESTROYED, None)

    def test_leaves_other_owners_alone(
        self,
        tenant: Tenant,
        platform_key: SigningKey,
        make_key: MakeKey,
        replace: Callable[..., SigningKey],
    ) -> None:
        own = make_key(state=State.ACTIVE, tenant=tenant)

        key = replace(tenant=tenant)

        assert keyring.active_key(tenant=tenant) == key
        own.refresh_from_db()
        platform_key.refresh_from_db()
        assert (own.state, platform_key.state) == (State.VERIFY_ONLY, State.ACTIVE)


class TestStart:
    def begin(self, now: datetime, **options: Any) -> SigningKey:
        return rotation.start(
            **{
                "tenant": None,
                "purpose": Purpose.CREDENTIAL_JWS,
                "wait": timetable.shortest_wait(),
                "now": now,
                **options,
            }
        )

    def test_publishes_a_key_that_signs_after_the_wait(
        self, platform_key: SigningKey, now: datetime
    ) -> None:
        key = self.begin(now)

        assert (key.state, key.trigger) == (State.NEXT, "manual")
        assert key.activates_at == now + timedelta(minutes=10)
        platform_key.refresh_from_db()
        assert timetable.ends_at(platform_key) == key.activates_at
        assert advance(now + timedelta(minutes=9)) == []
        assert advance(now + timedelta(minutes=10)) == [(Done.ACTIVATED, key.thumbprint)]

    def test_counts_as_a_manual_rotation(
        self,
        platform_key: SigningKey,
        now: datetime,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        self.begin(now)
        before = rotations("manual")
        with django_capture_on_commit_callbacks(execute=True):
            advance(now + timedelta(minutes=10))

        assert rotations("manual") == before + 1

    def test_brings_a_waiting_key_forward(self, began: datetime) -> None:
        advance(began + 88 * DAY)
        waiting = waiting_key()
        moment = waiting.published_at + timedelta(minutes=4)

        assert self.begin(moment) == waiting
        waiting.refresh_from_db()
        assert waiting.activates_at == waiting.published_at + timedelta(minutes=10)

    def test_lets_a_key_sign_at_once_that_waited_long_enough(self, began: datetime) -> None:
        advance(began + 88 * DAY)

        assert self.begin(began + 89 * DAY).activates_at == began + 89 * DAY

    def test_pressed_twice_makes_one_key_and_no_later_one(
        self, platform_key: SigningKey, now: datetime
    ) -> None:
        first = self.begin(now)
        again = self.begin(now + timedelta(minutes=5))

        assert again == first
        assert again.activates_at == first.activates_at

    def test_replaces_a_waiting_key_that_cannot_sign(self, began: datetime) -> None:
        advance(began + 88 * DAY)
        broken = waiting_key()
        SigningKey.objects.filter(pk=broken.pk).update(sealed_private=b"\x01 altered")

        key = self.begin(began + 89 * DAY)

        broken.refresh_from_db()
        assert (broken.state, key.state) == (State.DESTROYED, State.NEXT)
        assert broken in keyring.published_keys(tenant=None)

    @pytest.mark.parametrize("purpose", [Purpose.PDF, Purpose.SERVICE])
    def test_of_a_purpose_in_no_key_set_makes_a_first_key_that_signs_at_once(
        self, purpose: SigningKey.Purpose, platform_key: SigningKey, now: datetime
    ) -> None:
        assert self.begin(now, purpose=purpose).state == State.ACTIVE
        assert self.begin(now, purpose=purpose).state == State.NEXT

    def test_of_a_published_purpose_waits_also_with_its_first_key(
        self, platform_key: SigningKey, now: datetime
    ) -> None:
        assert self.begin(now, purpose=Purpose.CREDENTIAL_DI).state == State.NEXT


class TestOwnKeysOfATenant:
    def test_begin_beside_the_platforms_which_signs_meanwhile(
        self, tenant: Tenant, stranger: Tenant, platform_key: SigningKey, now: datetime
    ) -> None:
        own = rotation.start(
            tenant=tenant, purpose=Purpose.CREDENTIAL_JWS, wait=timetable.wait(), now=now
        )

        assert set(keyring.published_keys(tenant=tenant)) == {platform_key, own}
        assert keyring.published_keys(tenant=None) == [platform_key]
        assert keyring.published_keys(tenant=stranger) == [platform_key]
        assert keyring.active_key(tenant=tenant) == platform_key
        assert advance(now + DAY) == [(Done.ACTIVATED, own.thumbprint)]
        assert keyring.active_key(tenant=tenant) == own
        assert keyring.active_key(tenant=stranger) == platform_key
        [record] = AuditRecord.objects.filter(tenant_id=tenant.pk)
        assert json.loads(record.payload) == {
            "kid": own.thumbprint,
            "previous_kid": platform_key.thumbprint,
        }
