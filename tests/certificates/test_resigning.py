"""Signing again what a stolen key signed before it was stolen."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, connections

from certificates import proof, resigning, theft, topics
from certificates.models import Resigning, Securing
from outbox.models import OutboxMessage
from signing import compromise, keyring, rotation
from signing.models import SigningKey
from signing.verifier import Outcome
from tenants.models import Tenant
from tests.certificates.thefts import (
    LATER,
    STOLEN,
    deliver,
    forms,
    outcome,
    platform_key,
    report,
    tenant,
    work,
)
from tests.certificates.world import issue_all, issued, issuing_tenant
from tests.factories.rows import NOW
from tests.signing.conftest import make_key

__all__ = ["make_key", "platform_key", "tenant"]
pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("tenant")
class TestSigningAgain:
    def test_keeps_the_signed_bytes_and_names_another_key(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        certificate = issued(tenant)
        report(platform_key)
        work()
        old, new = forms(certificate)
        assert theft.signed_part(old.content) == theft.signed_part(new.content)
        assert (old.kid, new.kid) == (
            platform_key.thumbprint,
            keyring.active_key(tenant=tenant).thumbprint,
        )
        assert (old.generation, new.generation, old.subject) == (1, 2, new.subject)
        examined = proof.examine(certificate, now=LATER)
        assert (examined.outcome, examined.kid) == (Outcome.GOOD, new.kid)
        assert examined.stolen_at is None

    def test_leaves_no_moment_in_which_a_good_one_looks_bad(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        certificate = issued(tenant)
        report(platform_key)
        examined = proof.examine(certificate, now=LATER)
        assert (examined.outcome, examined.stolen_at) == (Outcome.GOOD, STOLEN)
        assert examined.fields is not None

    def test_leaves_what_was_recorded_after_the_theft_invalid(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        at_the_moment = issued(tenant, "late", now=STOLEN)
        before = issued(tenant, "early", now=STOLEN - timedelta(microseconds=1))
        report(platform_key)
        work()
        assert len(forms(at_the_moment)) == 1
        assert (outcome(at_the_moment), outcome(before)) == (Outcome.COMPROMISED, Outcome.GOOD)
        assert set(theft.certificates_too_late(theft.thefts())) == {at_the_moment}
        job = Resigning.objects.get()
        assert (job.total, job.done, job.refused, job.late) == (1, 1, 0, 1)

    def test_goes_on_where_a_killed_worker_left_off(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        made = issue_all(tenant, 5)
        with patch.object(resigning, "CHUNK", 2):
            report(platform_key)
            deliver(LATER, only=topics.RESIGN_LOOK)
        deliver(LATER, only=topics.RESIGN)
        assert Resigning.objects.get().done == 2
        # Killed inside its transaction: nothing of the chunk is kept, and the message comes back.
        with patch.object(resigning, "_store", side_effect=SystemExit), pytest.raises(SystemExit):
            deliver(LATER, only=topics.RESIGN)
        assert Securing.objects.filter(generation=2).count() == 2
        work(LATER + timedelta(minutes=1))
        assert Securing.objects.filter(generation=2).count() == 5
        assert all(outcome(one) is Outcome.GOOD for one in made)
        assert (Resigning.objects.get().done, Resigning.objects.get().remaining) == (5, 0)

    def test_signs_a_chunk_once_however_often_it_runs(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        issue_all(tenant, 3)
        report(platform_key)
        ids = list(Securing.objects.values_list("pk", flat=True))
        counts = [
            resigning.sign_again(kid=platform_key.thumbprint, securing_ids=ids, now=LATER)
            for _ in range(3)
        ]
        assert counts == [3, 0, 0]
        assert Securing.objects.count() == 6

    def test_finds_again_what_its_messages_lost(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        issue_all(tenant, 3)
        report(platform_key)
        deliver(LATER, only=topics.RESIGN_LOOK)
        OutboxMessage.objects.filter(task=topics.RESIGN).update(dead_at=LATER)
        work()
        assert Securing.objects.filter(generation=2).count() == 3

    def test_catches_what_was_being_issued_when_the_key_was_withdrawn(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        known = issued(tenant)
        straggler = issued(tenant, "straggler")
        Securing.objects.filter(certificate=straggler).update(kid="not yet committed")
        report(platform_key)
        work(minutes=2)
        assert (len(forms(known)), len(forms(straggler))) == (2, 1)
        Securing.objects.filter(certificate=straggler).update(kid=platform_key.thumbprint)
        work(LATER + timedelta(minutes=2))
        assert len(forms(straggler)) == 2
        assert Resigning.objects.get().done == 2

    def test_touches_only_the_tenant_whose_own_key_it_was(
        self, tenant: Tenant, platform_key: SigningKey, make_key: Any
    ) -> None:
        own = make_key(state=SigningKey.State.ACTIVE, tenant=tenant)
        other = issuing_tenant("alnahr")
        mine, theirs = issued(tenant), issued(other)
        report(own)
        work()
        assert (len(forms(mine)), len(forms(theirs))) == (2, 1)
        assert Resigning.objects.get().tenant == tenant
        assert forms(theirs)[0].kid == platform_key.thumbprint
        assert SigningKey.objects.get(thumbprint=forms(mine)[1].kid).tenant == tenant

    def test_touches_every_tenant_under_the_platforms_key(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        other = issuing_tenant("alnahr")
        for one in (tenant, other):
            issue_all(one, 2, prefix=one.slug)
        report(platform_key)
        work()
        jobs = dict(Resigning.objects.values_list("tenant__slug", "done"))
        assert jobs == {"harbourline": 2, "alnahr": 2}

    def test_ends_at_once_for_a_key_that_signed_nothing(
        self, tenant: Tenant, platform_key: SigningKey, make_key: Any
    ) -> None:
        waiting = make_key(state=SigningKey.State.NEXT)
        assert report(waiting).replacement is None
        work()
        assert not Resigning.objects.exists()
        assert not OutboxMessage.objects.pending().exists()
        platform_key.refresh_from_db()
        assert platform_key.state == SigningKey.State.ACTIVE

    def test_does_it_for_a_key_whose_private_part_was_destroyed_before(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        certificate = issued(tenant)
        rotation.replace_active(
            tenant=None,
            purpose=SigningKey.Purpose.CREDENTIAL_JWS,
            trigger=SigningKey.Trigger.MANUAL,
            now=NOW,
        )
        SigningKey.objects.filter(pk=platform_key.pk).update(
            state="destroyed", sealed_private=None, destroyed_at=NOW
        )
        report(platform_key)
        work()
        assert len(forms(certificate)) == 2

    def test_gives_no_good_signature_to_a_row_that_was_tampered_with(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        good, other, changed = issue_all(tenant, 3)
        content = forms(other)[0].content
        Securing.objects.filter(certificate=changed).update(content=content[:-4] + "AAAA")
        Securing.objects.filter(certificate=good).update(content=content)
        report(platform_key)
        work()
        assert [len(forms(one)) for one in (good, other, changed)] == [1, 2, 1]
        job = Resigning.objects.get()
        assert (job.done, job.refused, job.remaining) == (1, 2, 0)
        assert not OutboxMessage.objects.pending().filter(task=topics.RESIGN_LOOK).exists()

    def test_puts_no_token_and_no_name_into_messages_and_logs(
        self, tenant: Tenant, platform_key: SigningKey, caplog: pytest.LogCaptureFixture
    ) -> None:
        certificate = issued(tenant)
        OutboxMessage.objects.all().delete()
        caplog.clear()
        report(platform_key)
        work()
        text = caplog.text + str(list(OutboxMessage.objects.values_list("payload", "dedupe_key")))
        assert certificate.token not in text
        assert "Lovelace" not in text


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_two_workers_with_one_chunk_sign_it_once(self) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("SQLite takes writers one by one; needs TEST_DATABASE_URL")
        tenant = issuing_tenant()
        rotation.ensure_first_key(now=NOW)
        key = keyring.active_key(tenant=tenant)
        issue_all(tenant, 40)
        report(key)
        deliver(LATER, only=topics.RESIGN_LOOK)
        ids = list(Securing.objects.values_list("pk", flat=True))
        barrier = threading.Barrier(4)

        def sign() -> int:
            try:
                barrier.wait(timeout=30)
                return resigning.sign_again(kid=key.thumbprint, securing_ids=ids, now=LATER)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as pool:
            counts = [future.result(timeout=60) for future in [pool.submit(sign) for _ in range(4)]]
        assert sorted(counts) == [0, 0, 0, 40]
        assert Securing.objects.filter(generation=2).count() == 40
        assert Resigning.objects.get().done == 40

    def test_two_who_report_one_theft_withdraw_it_once(self) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("SQLite takes writers one by one; needs TEST_DATABASE_URL")
        key = rotation.ensure_first_key(now=NOW)
        barrier = threading.Barrier(2)

        def tell() -> bool:
            try:
                barrier.wait(timeout=30)
                return bool(report(key).changed)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            changed = [future.result(timeout=60) for future in [pool.submit(tell) for _ in "ab"]]
        assert sorted(changed) == [False, True]
        assert SigningKey.objects.filter(state=SigningKey.State.ACTIVE).count() == 1


def test_a_wrong_name_of_a_key_is_told(tenant: Tenant) -> None:
    with pytest.raises(compromise.CannotWithdraw, match="no such key"):
        resigning.report_theft(
            thumbprint="nothing", since=STOLEN, reason="", actor="user:1", now=LATER
        )
