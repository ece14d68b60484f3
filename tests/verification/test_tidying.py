"""Old figures go, and those of older code are carried over once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from celery import current_app

from tests.factories.registry import Registry
from verification import tidying, topics
from verification.models import HourlyVerifications, Rollup


def figures() -> set[tuple[Any, ...]]:
    return set(Rollup.objects.values_list("tenant_id", "certificate_id", "hour", "count"))


class TestPurge:
    def test_forgets_what_is_older_than_the_setting(
        self, db: None, now: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tidying, "_BATCH", 2)
        settings.VERIFY_RETENTION_DAYS = 10
        for days in (0, 9, 11, 12, 13):
            hour = now - timedelta(days=days)
            Rollup.objects.create(hour=hour, result="invalid", country="CH", ua_class="monitor")
        assert tidying.purge(now=now) == 3
        assert Rollup.objects.count() == 2
        assert tidying.purge(now=now) == 0


class TestCarryOver:
    def test_adds_settled_hours_to_the_figures(
        self, registry: Registry, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tidying, "_BATCH", 2)
        certificate = registry.issue()
        whose: dict[str, Any] = {"tenant": certificate.tenant, "certificate": certificate}
        long_ago = now - timedelta(days=2)
        for hour in (long_ago, long_ago + timedelta(hours=1), now):
            HourlyVerifications.objects.create(**whose, hour=hour, result="issued", count=3)
            HourlyVerifications.objects.create(hour=hour, result="invalid", count=5)
        Rollup.objects.create(
            **whose,
            hour=long_ago,
            result="issued",
            country="unknown",
            ua_class="unknown",
            count=1,
        )
        assert tidying.carry_over(now=now) == 4
        later = long_ago + timedelta(hours=1)
        mine = (certificate.tenant_id, certificate.pk)
        assert figures() == {
            (*mine, long_ago, 4),
            (*mine, later, 3),
            (None, None, long_ago, 5),
            (None, None, later, 5),
        }
        assert HourlyVerifications.objects.count() == 2  # of the present hour
        assert tidying.carry_over(now=now) == 0


def test_is_on_the_schedule() -> None:
    assert topics.TIDY in {entry["task"] for entry in current_app.conf.beat_schedule.values()}
