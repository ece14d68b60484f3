"""Counting without a write on the request path; writing down once in a while."""

import json
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from observability import audit
from observability.models import AuditRecord
from tests.factories.registry import Registry
from verification import buffer
from verification.models import Rollup
from verification.visits import Visit

EVENT = "certification.certificate.verified"


def nobody(now: datetime, result: str = "not_found") -> Visit:
    return Visit(tenant_id="", certificate_id="", minute=now, result=result)


class TestAppend:
    def test_touches_no_database(
        self, now: datetime, db: None, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(0):
            buffer.append(nobody(now))

    def test_stays_small_when_nothing_can_be_written(
        self, now: datetime, db: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(buffer, "LIMIT", 2)
        for minute in range(5):
            buffer.append(nobody(now + timedelta(minutes=minute)))
            buffer.append(nobody(now))
        assert buffer.drain(now=now) == 7  # six times the first minute, once the second


class TestDrain:
    def test_counts_by_certificate_and_hour(
        self, registry: Registry, client: Client, now: datetime
    ) -> None:
        certificate = registry.issue()
        for _ in range(3):
            client.get(f"/verify/{certificate.token}")
        client.get("/verify/nothing-like-a-code")
        assert buffer.drain(now=now) == 4
        client.get(f"/verify/{certificate.token}")
        assert buffer.drain(now=now) == 1
        assert buffer.drain(now=now) == 0
        rows = Rollup.objects.order_by("result").values_list(
            "tenant_id", "certificate_id", "hour", "result", "count"
        )
        hour = now.replace(minute=0)
        assert list(rows) == [
            (None, None, hour, "invalid", 1),
            (certificate.tenant_id, certificate.pk, hour, "issued", 4),
        ]

    def test_chains_one_record_per_tenant_and_minute(
        self, registry: Registry, client: Client, now: datetime
    ) -> None:
        certificate = registry.issue()
        for _ in range(3):
            client.get(f"/verify/{certificate.token}")
        client.get(f"/verify/{registry.revoked().token}")
        buffer.drain(now=now)
        record = AuditRecord.objects.get(event=EVENT)
        assert record.tenant_id == certificate.tenant_id
        assert json.loads(record.payload) == {
            "minute": "2026-03-01T12:00:00+00:00",
            "issued": 3,
            "revoked": 1,
        }

    def test_loses_nothing_when_the_database_fails(
        self, db: None, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*args: object, **kwargs: object) -> None:
            raise DatabaseError("away")

        buffer.append(nobody(now))
        with monkeypatch.context() as broken:
            broken.setattr(audit, "record", fail)
            with pytest.raises(DatabaseError):
                buffer.drain(now=now)
        assert not Rollup.objects.exists()
        buffer.append(nobody(now))
        assert buffer.drain(now=now) == 2
        assert Rollup.objects.get().count == 2
