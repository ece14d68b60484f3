"""The clock all hosts share: the database's, whatever a host's own says."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from observability import database_clock


@pytest.fixture(autouse=True)
def never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_clock, "_answer", None)


@pytest.mark.parametrize("skew", [timedelta(hours=1), -timedelta(hours=1), -timedelta(days=1)])
def test_does_not_follow_the_host(
    postgresql: None, skew: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: real + skew)
    assert abs(database_clock.now() - real) < timedelta(minutes=1)


def test_asks_seldom_and_counts_the_seconds_between(
    postgresql: None,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    seconds = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: seconds)
    with django_assert_num_queries(1):
        first = database_clock.now()
        seconds += 29
        assert database_clock.now() == first + timedelta(seconds=29)
    seconds += 2
    with django_assert_num_queries(1):
        assert database_clock.now() < first + timedelta(seconds=29)


def test_is_the_host_s_where_there_is_only_one(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("needs SQLite")
    moment = timezone.now() - timedelta(days=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    assert database_clock.now() == moment
