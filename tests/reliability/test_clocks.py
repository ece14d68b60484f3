"""R6: clocks that are wrong, jump, or count a leap second: no certificate is worse for it.

Leases and schedules under wrong clocks: tests/outbox; rotation: tests/signing.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client import REGISTRY

from certificates import intake, issuance, tasks
from certificates.models import Certificate, Completion, CourseVersion
from observability.events import Event
from tenants import onboarding
from tenants.api_keys import Scope
from tenants.models import Tenant
from tests.certificates.world import issuing_tenant, report
from verification import lookup

pytestmark = pytest.mark.django_db

SKEWS = [timedelta(hours=1), -timedelta(hours=1), -timedelta(days=1)]
SECOND = timedelta(seconds=1)


@pytest.fixture
def tenant(now: datetime) -> Tenant:
    return issuing_tenant(now=now)


def accepted(tenant: Tenant, *, now: datetime, **changes: Any) -> Completion:
    [receipt] = intake.accept(tenant=tenant, reports=[report(**changes)], source="test", now=now)
    assert receipt.completion is not None
    return receipt.completion


def latency() -> tuple[float, float]:
    name = "cert_issuance_latency_seconds"
    return (
        REGISTRY.get_sample_value(f"{name}_count") or 0.0,
        REGISTRY.get_sample_value(f"{name}_sum") or 0.0,
    )


class TestIssuing:
    @pytest.mark.parametrize("skew", SKEWS)
    def test_by_a_host_with_another_clock_has_no_negative_latency(
        self,
        tenant: Tenant,
        now: datetime,
        skew: timedelta,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        completion = accepted(tenant, now=now)
        count, total = latency()
        with django_capture_on_commit_callbacks(execute=True):
            [certificate] = issuance.issue(completion_ids=[completion.pk], now=now + skew)
        assert latency()[0] == count + 1
        assert latency()[1] >= total + max(skew.total_seconds(), 0.0)
        assert certificate.accepted_at == now

    @pytest.mark.parametrize("skew", SKEWS)
    def test_gives_the_whole_validity_and_not_a_second_less(
        self, tenant: Tenant, now: datetime, skew: timedelta
    ) -> None:
        CourseVersion.objects.filter(tenant=tenant).update(validity_days=365)
        completion = accepted(tenant, now=now)
        [certificate] = issuance.issue(completion_ids=[completion.pk], now=now + skew)

        end = now + skew + timedelta(days=365)
        assert certificate.expires_at == end
        for moment, state in ((end - SECOND, "in_force"), (end + SECOND, "expired")):
            shown = lookup.look_up(text=certificate.token, now=moment).verdict.state
            assert shown.value == state
        # A host that is behind, or was before the issue, sees a good certificate too.
        early = lookup.look_up(text=certificate.token, now=now - timedelta(days=2)).verdict
        assert early.result.value == "issued"

    @pytest.mark.parametrize("skew", SKEWS)
    def test_by_a_worker_whose_host_is_wrong_is_dated_by_the_database(
        self, postgresql: None, tenant: Tenant, skew: timedelta, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = timezone.now()
        completion = accepted(tenant, now=real)
        monkeypatch.setattr("django.utils.timezone.now", lambda: real + skew)
        tasks.issue(completion_ids=[str(completion.pk)])
        certificate = Certificate.objects.get()
        assert abs(certificate.issued_at - real) < timedelta(minutes=1)

    @pytest.mark.parametrize("ahead", [timedelta(minutes=2), timedelta(minutes=5)])
    def test_of_an_event_from_a_platform_that_is_ahead_tells_no_negative_lag(
        self,
        tenant: Tenant,
        now: datetime,
        ahead: timedelta,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        told: list[dict[str, Any]] = []

        def note(event: Event, *, tenant_id: str, many: list[dict[str, Any]]) -> None:
            told.extend({"event": event, **attributes} for attributes in many)

        monkeypatch.setattr("certificates.recording.emit_many", note)
        completion = accepted(tenant, now=now, occurred_at=now + ahead)
        with django_capture_on_commit_callbacks(execute=True):
            issuance.issue(completion_ids=[completion.pk], now=now)
        [lag] = [one["source_lag"] for one in told if one["event"] is Event.CERTIFICATE_ISSUED]
        assert lag == 0


class TestALeapSecond:
    """RFC 3339, section 5.7: 23:59:60 is a time like any other, and reads as the second before."""

    MOMENT = datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)

    @pytest.fixture
    def api(self, tenant: Tenant, now: datetime) -> Client:
        _, text = onboarding.create_api_key(
            tenant=tenant, name="all", scopes=list(Scope), now=timezone.now()
        )
        return Client(headers={"Authorization": f"Bearer {text}"})

    def test_is_taken_by_the_api(self, api: Client) -> None:
        completion = {
            "event_id": "leap",
            "recipient": {"id": "p-1", "name": "Ada Lovelace"},
            "course": {"version_id": "2026.1"},
            "completed_at": "2016-12-31T23:59:60Z",
            "occurred_at": "2017-01-01T00:59:60+01:00",
        }
        answer = api.post("/api/v1/completions", completion, content_type="application/json")
        assert answer.status_code == 202, answer.content
        stored = Completion.objects.get()
        assert (stored.completed_at, stored.occurred_at) == (self.MOMENT, self.MOMENT)
        again = api.post("/api/v1/completions", completion, content_type="application/json")
        assert again.status_code == 200

    def test_is_taken_by_a_filter(self, api: Client) -> None:
        path = "/api/v1/certificates?issued_after=2016-12-31T23:59:60Z"
        assert api.get(path).status_code == 200
