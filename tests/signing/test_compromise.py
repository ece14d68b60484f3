"""Withdrawing a stolen key."""

import json
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from observability import audit, metrics
from observability.models import AuditRecord
from signing import compromise, custody, keyring, rotation
from signing.compromise import CannotWithdraw, Withdrawal
from signing.models import SigningKey
from signing.signals import keys_changed
from tenants.models import Tenant
from tests.signing.conftest import MakeKey

State = SigningKey.State
HOUR = timedelta(hours=1)


def withdraw(
    key: SigningKey, now: datetime, *, since: datetime | None = None, reason: str = ""
) -> Withdrawal:
    return compromise.withdraw(
        thumbprint=key.thumbprint,
        since=since or now - HOUR,
        reason=reason,
        actor="user:1",
        now=now,
    )


def rotations() -> float:
    return float(metrics.KID_ROTATIONS.labels("compromise")._value.get())


class TestWithdraw:
    def test_replaces_the_key_that_signs_and_destroys_it(
        self, platform_key: SigningKey, tenant: Tenant, now: datetime
    ) -> None:
        done = withdraw(platform_key, now)
        platform_key.refresh_from_db()
        assert platform_key.state == State.COMPROMISED
        assert platform_key.compromised_at == now - HOUR
        assert (platform_key.sealed_private, platform_key.destroyed_at) == (None, now)
        assert done.replacement == keyring.active_key(tenant=tenant) != platform_key
        assert done.replacement.trigger == SigningKey.Trigger.COMPROMISE
        assert (done.changed, done.problems) == (True, ())

    def test_lets_the_waiting_key_sign_at_once(
        self, platform_key: SigningKey, make_key: MakeKey, now: datetime
    ) -> None:
        waiting = make_key(state=State.NEXT, activates_at=now + 20 * HOUR)
        assert withdraw(platform_key, now).replacement == waiting

    def test_replaces_a_tenants_own_key_by_another_of_its_own(
        self, platform_key: SigningKey, make_key: MakeKey, tenant: Tenant, now: datetime
    ) -> None:
        own = make_key(state=State.ACTIVE, tenant=tenant)
        done = withdraw(own, now)
        assert done.replacement is not None
        assert done.replacement.tenant == tenant
        platform_key.refresh_from_db()
        assert platform_key.state == State.ACTIVE

    @pytest.mark.parametrize("state", [State.NEXT, State.VERIFY_ONLY, State.DESTROYED])
    def test_replaces_nothing_that_did_not_sign(
        self, platform_key: SigningKey, make_key: MakeKey, now: datetime, state: State
    ) -> None:
        fields = {"sealed_private": None} if state == State.DESTROYED else {}
        key = make_key(state=state, **fields)
        assert withdraw(key, now).replacement is None
        key.refresh_from_db()
        assert (key.state, key.sealed_private) == (State.COMPROMISED, None)
        platform_key.refresh_from_db()
        assert platform_key.state == State.ACTIVE

    def test_takes_the_key_out_of_everything_published(
        self, platform_key: SigningKey, tenant: Tenant, now: datetime, client: Client
    ) -> None:
        withdraw(platform_key, now)
        for address in ("/.well-known/jwks.json", "/tenants/harbour/jwks.json"):
            kids = [key["kid"] for key in client.get(address).json()["keys"]]
            assert len(kids) == 1
            assert platform_key.thumbprint not in kids[0]
        for address in ("/.well-known/did.json", "/tenants/harbour/did.json"):
            assert platform_key.thumbprint.encode() not in client.get(address).content
        gone = client.get(f"/keys/{platform_key.thumbprint}")
        assert gone.status_code == 410
        assert "2026-03-01T11:00:00+00:00" in gone.json()["detail"]

    def test_changes_nothing_the_second_time(self, platform_key: SigningKey, now: datetime) -> None:
        first = withdraw(platform_key, now)
        counted, records = rotations(), AuditRecord.objects.count()
        again = withdraw(platform_key, now + HOUR, since=now - HOUR)
        assert (again.changed, again.replacement) == (False, None)
        assert (rotations(), AuditRecord.objects.count()) == (counted, records)
        assert SigningKey.objects.get(state=State.ACTIVE) == first.replacement

    def test_moves_the_time_to_an_earlier_one_with_a_reason(
        self, platform_key: SigningKey, now: datetime
    ) -> None:
        first = withdraw(platform_key, now)
        with pytest.raises(CannotWithdraw, match="needs a reason"):
            withdraw(platform_key, now, since=now - 2 * HOUR)
        moved = withdraw(platform_key, now, since=now - 2 * HOUR, reason="seen in older logs")
        platform_key.refresh_from_db()
        assert (moved.changed, platform_key.compromised_at) == (True, now - 2 * HOUR)
        assert SigningKey.objects.get(state=State.ACTIVE) == first.replacement

    def test_never_moves_the_time_to_a_later_one(
        self, platform_key: SigningKey, now: datetime
    ) -> None:
        withdraw(platform_key, now)
        with pytest.raises(CannotWithdraw, match="only move to an earlier"):
            withdraw(platform_key, now, since=now, reason="it was later")
        platform_key.refresh_from_db()
        assert platform_key.compromised_at == now - HOUR

    def test_refuses_a_time_to_come(self, platform_key: SigningKey, now: datetime) -> None:
        with pytest.raises(CannotWithdraw, match="future"):
            withdraw(platform_key, now, since=now + HOUR)
        platform_key.refresh_from_db()
        assert platform_key.state == State.ACTIVE

    def test_tells_the_audit_chain_the_metric_and_whoever_keeps_keys(
        self,
        platform_key: SigningKey,
        now: datetime,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        counted, heard = rotations(), []
        keys_changed.connect(lambda **_: heard.append("changed"), weak=False, dispatch_uid="test")
        with django_capture_on_commit_callbacks(execute=True):
            done = withdraw(platform_key, now, reason="laptop lost")
        keys_changed.disconnect(dispatch_uid="test")
        assert (rotations() - counted, bool(heard)) == (1, True)
        last = AuditRecord.objects.filter(tenant_id="").order_by("sequence").last()
        assert last is not None
        assert done.replacement is not None
        assert (last.actor, json.loads(last.payload)) == (
            "user:1",
            {
                "kid": done.replacement.thumbprint,
                "previous_kid": platform_key.thumbprint,
                "compromised_at": "2026-03-01T11:00:00+00:00",
                "reason": "laptop lost",
            },
        )
        assert audit.verify_chain(tenant_id="") is None

    def test_goes_on_where_no_other_key_can_be_made(
        self, platform_key: SigningKey, now: datetime
    ) -> None:
        with patch.object(rotation, "replace_active", side_effect=RuntimeError):
            done = withdraw(platform_key, now)
        platform_key.refresh_from_db()
        assert platform_key.state == State.COMPROMISED
        assert "nothing signs" in done.problems[0]

    def test_goes_on_where_the_private_part_cannot_be_destroyed(
        self, platform_key: SigningKey, now: datetime
    ) -> None:
        with patch.object(custody, "destroy", side_effect=OSError):
            done = withdraw(platform_key, now)
        platform_key.refresh_from_db()
        assert (platform_key.state, platform_key.sealed_private) == (State.COMPROMISED, None)
        assert "could not be destroyed" in done.problems[0]


class TestFind:
    def test_takes_a_thumbprint_or_an_address(self, platform_key: SigningKey) -> None:
        address = keyring.kid_urls(platform_key)[0]
        for name in (platform_key.thumbprint, address, f" {address}/\n"):
            assert compromise.find(name) == platform_key

    @pytest.mark.parametrize("name", ["", "no-such-key", "a\x00b", "x" * 43, "https://a.example/"])
    def test_says_what_to_give_where_there_is_none(
        self, platform_key: SigningKey, name: str
    ) -> None:
        with pytest.raises(CannotWithdraw, match="Give its thumbprint"):
            compromise.find(name)
