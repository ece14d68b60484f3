"""Backfill, and backfill alone, stays out of the latency: it is counted by itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from prometheus_client import REGISTRY

from certificates import intake, issuance
from certificates.models import Certificate, Completion
from templates_app.models import CertificateTemplate
from tenants.models import Tenant
from tenants.onboarding import create_api_key
from tests.certificates.world import issuing_tenant, report
from tests.factories.rows import NOW

pytestmark = pytest.mark.django_db
Committed = Callable[..., Any]


@pytest.fixture
def tenant() -> Tenant:
    return issuing_tenant()


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@contextmanager
def counted(tenant: Tenant, *, timed: int, backfilled: int) -> Iterator[None]:
    """See that a block times so many certificates and counts so many as backfill."""
    of_tenant = {"tenant_id": tenant.pk}
    names: list[tuple[str, dict[str, str], int]] = [
        ("cert_issuance_latency_seconds_count", {}, timed),
        ("cert_backfill_completions_total", of_tenant, backfilled),
        ("cert_completion_events_total", of_tenant, timed + backfilled),
    ]
    before = [value(name, **labels) for name, labels, _ in names]
    yield
    grown = [
        value(name, **labels) - was for (name, labels, _), was in zip(names, before, strict=True)
    ]
    assert grown == [number for *_, number in names]


def issue_everything(*, now: Any = NOW) -> None:
    issuance.issue(completion_ids=list(Completion.objects.values_list("pk", flat=True)), now=now)


class TestLatency:
    def test_leaves_out_what_a_file_brings_as_backfill(
        self, tenant: Tenant, django_capture_on_commit_callbacks: Committed, tmp_path: Any
    ) -> None:
        file = tmp_path / "old.csv"
        file.write_text(
            "event_id,recipient_id,recipient_name,course_id,course_version_id,completed_at\n"
            "e1,p1,Ada Lovelace,HL-FA1,2026.1,2020-01-01T10:00:00Z\n"
            "e2,p2,Grace Hopper,HL-FA1,2026.1,2020-01-01T10:00:00Z\n"
        )
        with (
            counted(tenant, timed=0, backfilled=2),
            django_capture_on_commit_callbacks(execute=True),
        ):
            call_command("issue", str(file), "--backfill", "--json")
        assert Certificate.objects.count() == 2
        file.write_text(file.read_text().replace("e1,p1", "e3,p3").replace("e2,p2", "e4,p4"))
        with (
            counted(tenant, timed=2, backfilled=0),
            django_capture_on_commit_callbacks(execute=True),
        ):
            call_command("issue", str(file), "--json")

    def test_leaves_out_what_the_api_marks_and_nothing_beside_it(
        self, tenant: Tenant, client: Client, django_capture_on_commit_callbacks: Committed
    ) -> None:
        scopes = ["completions:write"]
        _, text = create_api_key(tenant=tenant, name="platform", scopes=scopes, now=NOW)
        bodies = [
            {
                "event_id": f"e{number}",
                "recipient": {"id": f"p{number}", "name": "Ada Lovelace"},
                "course": {"version_id": "2026.1"},
                "completed_at": "2026-02-27T09:00:00Z",
                **({"backfill": True} if number == 1 else {}),
            }
            for number in range(3)
        ]
        with (
            counted(tenant, timed=2, backfilled=1),
            django_capture_on_commit_callbacks(execute=True),
        ):
            answer = client.post(
                "/api/v1/completions",
                bodies,
                content_type="application/json",
                headers={"Authorization": f"Bearer {text}"},
            )
            assert answer.status_code == 207
            issue_everything()
        assert Certificate.objects.count() == 3

    def test_counts_what_was_held_from_when_it_was_accepted(
        self, tenant: Tenant, django_capture_on_commit_callbacks: Committed
    ) -> None:
        CertificateTemplate.objects.update(archived_at=NOW)
        before = value("cert_issuance_latency_seconds_sum")
        with (
            counted(tenant, timed=1, backfilled=0),
            django_capture_on_commit_callbacks(execute=True),
        ):
            intake.accept(tenant=tenant, reports=[report()], source="test", now=NOW)
            issue_everything()
            CertificateTemplate.objects.update(archived_at=None)
            issue_everything(now=NOW + timedelta(seconds=500))
        assert value("cert_issuance_latency_seconds_sum") - before >= 500

    def test_counts_old_completions_that_nobody_called_backfill(
        self, tenant: Tenant, django_capture_on_commit_callbacks: Committed
    ) -> None:
        with (
            counted(tenant, timed=1, backfilled=0),
            django_capture_on_commit_callbacks(execute=True),
        ):
            old = report(completed_at=NOW - timedelta(days=4000), occurred_at=NOW)
            intake.accept(tenant=tenant, reports=[old], source="test", now=NOW)
            issue_everything()
