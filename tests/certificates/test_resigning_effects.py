"""What signing again changes: times, status lists, files, and what an operator sees of it."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from certificates import artifacts, resigning, status_list, theft, topics
from certificates.models import Artifact, Certificate, Resigning, Securing, StatusList
from outbox.models import OutboxMessage
from signing import keyring
from signing.models import SigningKey
from signing.verifier import Outcome
from tenants.models import Tenant
from tests.certificates.thefts import (
    DAY,
    HOUR,
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
from verification.evidence import examine_file
from verification.verdict import State

__all__ = ["make_key", "platform_key", "tenant"]


pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("tenant")
class TestTime:
    def test_moved_earlier_takes_trust_from_what_was_signed_again(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        early, between = issued(tenant, "early"), issued(tenant, "between", now=STOLEN - HOUR)
        report(platform_key)
        work()
        assert (outcome(early), outcome(between)) == (Outcome.GOOD, Outcome.GOOD)
        report(platform_key, since=STOLEN - 2 * HOUR, now=LATER + DAY)
        assert (outcome(early), outcome(between)) == (Outcome.GOOD, Outcome.COMPROMISED)
        work(LATER + DAY)
        job = Resigning.objects.get()
        assert (job.since, job.total, job.done, job.late) == (STOLEN - 2 * HOUR, 1, 1, 1)

    def test_of_a_second_theft_takes_nothing_from_what_the_first_record_vouches_for(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        """All keys lay in one safe: the second is found stolen after everything moved to it."""
        certificate = issued(tenant)
        report(platform_key)
        work()
        second = keyring.active_key(tenant=tenant)
        report(second, since=STOLEN, now=LATER + DAY)
        assert outcome(certificate) is Outcome.GOOD
        work(LATER + DAY)
        assert [form.generation for form in forms(certificate)] == [1, 2, 3]
        parts = {theft.signed_part(form.content) for form in forms(certificate)}
        assert len(parts) == 1
        third = Securing.objects.get(generation=3).kid
        assert third == keyring.active_key(tenant=tenant).thumbprint


@pytest.mark.usefixtures("tenant")
class TestStatusLists:
    def test_are_signed_again_before_anybody_reads_one(
        self, tenant: Tenant, platform_key: SigningKey, client: Client
    ) -> None:
        issued(tenant)
        assert StatusList.objects.get().kid == platform_key.thumbprint
        report(platform_key)
        listed = StatusList.objects.get()
        assert status_list.current(status_list=listed, now=LATER) != listed.signed
        assert StatusList.objects.get().kid == keyring.active_key(tenant=tenant).thumbprint

    def test_are_signed_again_though_nobody_reads_them(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        issued(tenant)
        report(platform_key)
        work()
        assert StatusList.objects.get().kid == keyring.active_key(tenant=tenant).thumbprint

    def test_of_others_stay(self, tenant: Tenant, platform_key: SigningKey, make_key: Any) -> None:
        own = make_key(state=SigningKey.State.ACTIVE, tenant=tenant)
        issued(tenant)
        issued(issuing_tenant("alnahr"))
        before = StatusList.objects.get(kid=platform_key.thumbprint).signed
        report(own)
        work()
        assert StatusList.objects.get(kid=platform_key.thumbprint).signed == before


@pytest.mark.usefixtures("tenant")
class TestFiles:
    def test_that_carry_the_credential_get_a_further_revision(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        certificate = issued(tenant)
        artifacts.render(certificate_ids=[certificate.pk], now=NOW)
        first = {one.format: one for one in certificate.artifacts.all()}
        report(platform_key)
        work(drawing=True)
        second = set(certificate.artifacts.filter(revision=2).values_list("format", flat=True))
        assert second == {"openbadges", "badge-svg", "pdf"}
        count = certificate.artifacts.count()
        artifacts.render(certificate_ids=[certificate.pk], now=LATER, anew=True)
        assert certificate.artifacts.count() == count
        self._both_verify(first["pdf"], certificate.artifacts.get(format="pdf", revision=2))

    def _both_verify(self, old: Artifact, new: Artifact) -> None:
        details = []
        for artifact in (old, new):
            with default_storage.open(artifact.path) as file:
                found = examine_file(content=file.read(), now=LATER)
            assert found.verdict.state is State.IN_FORCE
            details.append(found.verdict.checks[0].detail)
        assert "withdrawn later" in details[0]
        assert "withdrawn" not in details[1]

    def test_are_asked_for_evenly_and_not_of_what_was_revoked(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        made = issue_all(tenant, 11)
        Certificate.objects.filter(pk=made[0].pk).update(revoked_at=NOW, revocation_reason="fraud")
        report(platform_key)
        work(minutes=2)
        last: dict[str, Any] = {"kid": platform_key.thumbprint, "since": STOLEN.isoformat()}
        resigning.look(**last, number=3, now=LATER)
        asked = OutboxMessage.objects.filter(task=topics.RERENDER).order_by("created_at", "pk")
        ids = [pk for message in asked for pk in message.payload["certificate_ids"]]
        assert sorted(ids) == sorted(str(one.pk) for one in made[1:])
        times = sorted(asked.values_list("available_at", flat=True))
        assert times == [times[0], times[0] + timedelta(seconds=5)]


@pytest.mark.usefixtures("tenant")
class TestBlastRadius:
    def test_counts_by_tenant_and_time_and_changes_nothing(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        other = issuing_tenant("alnahr")
        issue_all(tenant, 2)
        issue_all(other, 1, now=STOLEN + HOUR)
        found = theft.blast_radius(platform_key, since=STOLEN)
        assert [(one.tenant, one.before, one.after) for one in found.shares] == [
            ("Academy alnahr", 0, 1),
            ("Academy harbourline", 2, 0),
        ]
        assert (found.before, found.after, found.remaining, found.status_lists) == (2, 1, 2, 2)
        assert (found.oldest, found.newest) == (NOW, STOLEN + HOUR)
        assert found.duration == timedelta(seconds=1)
        platform_key.refresh_from_db()
        assert platform_key.state == SigningKey.State.ACTIVE

    def test_is_empty_for_a_key_that_signed_nothing(self, tenant: Tenant, make_key: Any) -> None:
        found = theft.blast_radius(make_key(state=SigningKey.State.NEXT), since=NOW)
        assert (found.before, found.after, found.shares, found.oldest) == (0, 0, (), None)


class TestProgress:
    def test_is_unknown_before_the_first_count(self, tenant: Tenant) -> None:
        assert resigning.progress("k" * 43) is None

    def test_tells_done_remaining_and_speed(self, tenant: Tenant, platform_key: SigningKey) -> None:
        issue_all(tenant, 6)
        with patch.object(resigning, "CHUNK", 4):
            report(platform_key)
            deliver(LATER, only=topics.RESIGN_LOOK)
        deliver(LATER + timedelta(seconds=2), only=topics.RESIGN)
        now_at = resigning.progress(platform_key.thumbprint)
        assert now_at is not None
        assert (now_at.total, now_at.done, now_at.remaining, now_at.late) == (6, 4, 2, 0)
