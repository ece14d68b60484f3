"""Probes and metrics: cheap, uncached, and closed to whoever has no token."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from observability import collectors, health, heartbeat

pytestmark = [pytest.mark.urls("tests.observability.addresses"), pytest.mark.django_db]


class TestLivez:
    def test_asks_nobody(self, client: Client, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(0):
            response = client.get("/livez")
        assert (response.status_code, response.content) == (200, b"ok\n")
        assert "no-store" in response["Cache-Control"]
        assert not response.cookies


class TestReadyz:
    @pytest.fixture(autouse=True)
    def own_probes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(health, "_probes", {})

    def test_says_what_is_ready(self, client: Client) -> None:
        health.register_probe("keys", lambda: None)
        response = client.get("/readyz")
        assert response.status_code == 200
        assert response.json() == {
            "ready": True,
            "checks": {"database": "ok", "migrations": "ok", "keys": "ok"},
        }

    def test_names_what_is_not_but_not_why(self, client: Client) -> None:
        def broken() -> None:
            raise RuntimeError("secret place")

        health.register_probe("keys", broken)
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["checks"]["keys"] == "failed"
        assert b"secret place" not in response.content

    def test_waits_for_migrations(self, client: Client) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'outbox'")
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["checks"] == {"database": "ok", "migrations": "failed"}


class TestMetrics:
    @pytest.mark.parametrize(
        "header", ["", "Bearer", "Bearer wrong", "Basic metrics token for tests only", "Bearer é"]
    )
    def test_refuses_whoever_has_no_token(self, header: str, client: Client) -> None:
        response = client.get("/metrics", HTTP_AUTHORIZATION=header)
        assert (response.status_code, response.content) == (401, b"")
        assert response["WWW-Authenticate"] == "Bearer"

    def test_refuses_everybody_while_there_is_no_token(self, client: Client, settings: Any) -> None:
        settings.METRICS_TOKEN = ""
        assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer ").status_code == 401

    def test_gives_the_holder_what_prometheus_reads(self, client: Client, settings: Any) -> None:
        response = client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {settings.METRICS_TOKEN}")
        assert response.status_code == 200
        assert response["Content-Type"].startswith("text/plain; version=")
        names = {
            family.name for family in text_string_to_metric_families(response.content.decode())
        }
        assert {"cert_issued", "cert_outbox_lag_seconds", "cert_build_info"} <= names

    def test_answers_while_the_database_is_away(
        self, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: Any, **__: Any) -> None:
            raise RuntimeError("the database is away")

        monkeypatch.setattr(collectors, "_readings", {})
        monkeypatch.setattr(connection, "cursor", away)
        response = client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {settings.METRICS_TOKEN}")
        assert response.status_code == 200
        assert b"cert_outbox_lag_seconds NaN" in response.content


def test_the_heartbeat_is_when_the_clock_last_ran(now: datetime) -> None:
    assert str(heartbeat.last_run(now=now)) == "nan"
    heartbeat.mark(now=now)
    heartbeat.mark(now=now)
    assert heartbeat.last_run(now=now) == now.timestamp()
