"""One token, very often: noticed across processes, told once, and never missed."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from prometheus_client import REGISTRY
from pytest_django import DjangoAssertNumQueries
from structlog.testing import capture_logs

from certificates.models import Certificate
from certificates.tokens import fingerprint
from observability import audit
from observability.models import AuditRecord
from observability.origins import Origin
from tests.factories.registry import Registry
from verification import bursts
from verification.answered import Answered
from verification.models import Anomaly, Recent

NAME = "certification.verify.anomaly"
SWISS = Origin("CH", "http_library")
BRAZILIAN = Origin("BR", "browser_mobile")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("committing")]


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what waits for a commit happen at once: a test's transaction never commits."""
    monkeypatch.setattr("verification.bursts.transaction.on_commit", lambda tell: tell())


def answer(certificate: Certificate | None = None, name: str = "f" * 16) -> Answered:
    return Answered(
        result="issued",
        tenant_id=certificate.tenant_id if certificate else "",
        certificate_id=str(certificate.pk) if certificate else "",
        fingerprint=name,
        line="",
        since=0,
        until=0,
        ends=0,
    )


def ask(
    answered: Answered, number: int, *, at: datetime, origin: Origin = SWISS, processes: int = 1
) -> None:
    """Let so many processes answer and share: one forgets what it has shared."""
    for _ in range(processes):
        bursts.note(answered, at=at.timestamp(), origin=origin, number=number)
        bursts.share(now=at)


def told() -> float:
    return REGISTRY.get_sample_value("cert_verify_anomaly_total", {"kind": "token_burst"}) or 0


class TestThreshold:
    def test_is_ten_thousand_in_all_processes_together(self, now: datetime) -> None:
        ask(answer(), 2_500, at=now, processes=3)
        ask(answer(), 2_499, at=now)
        assert not Anomaly.objects.exists()
        ask(answer(), 1, at=now)
        assert Anomaly.objects.get().count == 10_000

    @pytest.mark.parametrize("offset", [0, 3, 9])
    @pytest.mark.parametrize("length", [1, 30, 60])
    def test_misses_none_of_a_minute_wherever_it_begins(
        self, now: datetime, offset: int, length: int
    ) -> None:
        first = now + timedelta(seconds=offset)
        for part in range(10):
            ask(answer(), 1_000, at=first + timedelta(seconds=length * part / 9))
        assert Anomaly.objects.exists()

    def test_is_not_reached_by_what_is_spread_out(self, now: datetime) -> None:
        for part in range(60):
            ask(answer(), 1_300, at=now + timedelta(seconds=10 * part))
        assert not Anomaly.objects.exists()
        assert Recent.objects.count() == 7, "nothing is kept for longer than the window"

    def test_is_each_token_s_own(self, now: datetime) -> None:
        for number in range(4):
            ask(answer(name=f"{number:016}"), 9_000, at=now)
        assert not Anomaly.objects.exists()

    def test_counts_small_parts_of_what_others_share(self, now: datetime) -> None:
        ask(answer(), 9_990, at=now)
        ask(answer(), 9, at=now)
        ask(answer(), 1, at=now)
        assert Anomaly.objects.get().count == 10_000

    def test_leaves_codes_that_nobody_could_read_alone(self, now: datetime) -> None:
        ask(answer(name=""), 20_000, at=now)
        assert not Recent.objects.exists()


class TestTelling:
    def test_happens_once_while_it_goes_on(self, now: datetime) -> None:
        before = told()
        for second in range(0, 600, 5):
            ask(answer(), 2_000, at=now + timedelta(seconds=second), processes=2)
        assert told() == before + 1
        (anomaly,) = Anomaly.objects.all()
        assert anomaly.is_open
        assert anomaly.count == 56_000  # in the fullest window: six times ten seconds, and these
        assert anomaly.last_seen_at == now + timedelta(seconds=595)

    def test_happens_anew_after_it_was_quiet(self, now: datetime) -> None:
        before = told()
        ask(answer(), 10_000, at=now)
        ask(answer(), 10_000, at=now + bursts.QUIET)
        assert told() == before + 1
        ask(answer(), 10_000, at=now + 2 * bursts.QUIET + timedelta(seconds=1))
        assert told() == before + 2
        assert list(Anomaly.objects.order_by("pk").values_list("is_open", flat=True)) == [
            False,
            True,
        ]

    def test_says_which_token_and_whence(self, registry: Registry, now: datetime) -> None:
        certificate = registry.issue()
        answered = answer(certificate)
        with capture_logs() as lines:
            ask(answered, 4_000, at=now, origin=BRAZILIAN)
            ask(answered, 6_000, at=now)
        (line,) = [line for line in lines if line["event"] == NAME]
        said = {
            "verification_token_fingerprint": "f" * 16,
            "count": 10_000,
            "top_country": "CH",
            "top_ua_class": "http_library",
        }
        tenant_id = certificate.tenant_id
        assert line == {
            "event": NAME,
            "log_level": "info",
            "audit": True,
            "tenant_id": tenant_id,
            **said,
        }
        record = AuditRecord.objects.get(event=NAME)
        assert (record.tenant_id, json.loads(record.payload)) == (tenant_id, said)
        assert audit.verify_chain(tenant_id=tenant_id) is None
        anomaly = Anomaly.objects.get()
        assert (anomaly.tenant_id, anomaly.certificate_id) == (tenant_id, certificate.pk)

    def test_tells_no_country_of_who_is_not_to_be_tracked(self, now: datetime) -> None:
        ask(answer(), 10_000, at=now, origin=Origin("CH", "monitor", is_private=True))
        anomaly = Anomaly.objects.get()
        assert (anomaly.top_country, anomaly.top_ua_class) == ("unknown", "unknown")
        assert not Recent.objects.filter(country="CH").exists()


class TestCounting:
    def test_counts_what_django_answers(
        self, registry: Registry, client: Client, settings: Any
    ) -> None:
        certificate = registry.issue()
        path = f"/verify/{certificate.token}"
        etag = client.get(path)["ETag"]
        client.get(path, headers={"if-none-match": etag})
        client.get(f"/api/v1{path}")
        name = fingerprint(certificate.token, pepper=settings.TOKEN_PEPPER)
        assert bursts._by_token(bursts._mine) == {name: 3}

    def test_costs_no_write_for_links_opened_now_and_then(
        self, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(200):
            bursts.note(answer(name=f"{number:016}"), at=now.timestamp(), origin=SWISS, number=9)
        with django_assert_num_queries(1):
            bursts.share(now=now)
        assert not Recent.objects.exists()

    def test_asks_nothing_when_nobody_asked(
        self, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(0):
            bursts.share(now=now)

    def test_stays_small_whatever_is_asked_for(
        self, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bursts, "LIMIT", 50)
        for number in range(500):
            bursts.note(answer(name=f"{number:016}"), at=now.timestamp(), origin=SWISS)
        assert len(bursts._mine) == 50
        bursts.share(now=now + timedelta(minutes=2))
        assert not bursts._mine, "what is old is of no use"

    def test_keeps_what_could_not_be_shared(
        self, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise DatabaseError("away")

        with monkeypatch.context() as broken:
            broken.setattr("verification.bursts.rows.add", fail)
            with pytest.raises(DatabaseError):
                ask(answer(), 5_000, at=now)
        ask(answer(), 5_000, at=now + timedelta(seconds=30))
        assert Anomaly.objects.get().count == 10_000

    def test_puts_moments_into_ten_seconds(self, now: datetime) -> None:
        for second in (0, 9.99, 10):
            bursts.note(answer(), at=now.timestamp() + second, origin=SWISS)
        assert sorted((one.bucket, number) for one, number in bursts._mine.items()) == [
            (now.astimezone(UTC), 2),
            (now + timedelta(seconds=10), 1),
        ]
