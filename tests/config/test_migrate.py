"""Migrating beside a running service: refused a lock, it steps back and tries again."""

from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands import migrate
from django.db import connection

from config.management.commands import migrate as ours

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def only_postgresql(postgresql: None) -> None:
    """SQLite has one writer, and nobody to stand in the way of."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let Django's own command ask for a table alone; note what it was told."""
    asked: list[str] = []

    def handle(*_: Any, **__: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            asked.append(cursor.fetchone()[0])
            cursor.execute("LOCK TABLE observability_heartbeat IN ACCESS EXCLUSIVE MODE NOWAIT")

    def waits(*arguments: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                handle(*arguments, **options)
            finally:
                cursor.execute("ROLLBACK")

    monkeypatch.setattr(migrate.Command, "handle", waits)
    monkeypatch.setattr(ours.Command, "pause_seconds", 0.0)
    return asked


class TestMigrate:
    def test_waits_for_no_lock_longer_than_a_second(self, asked: list[str]) -> None:
        call_command("migrate")
        assert asked == ["1s"]
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone()[0] == "0"

    def test_tries_again_when_the_table_is_free(
        self, asked: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with closing(psycopg2.connect(**connection.get_connection_params())) as other:
            with other.cursor() as cursor:
                cursor.execute(
                    "SELECT * FROM observability_heartbeat"
                )  # until its transaction ends
            pauses = iter([lambda: None, other.rollback])
            monkeypatch.setattr("time.sleep", lambda _: next(pauses)())
            call_command("migrate")
        assert asked == ["1s"] * 3

    def test_says_what_to_do_when_the_table_stays_in_use(self, asked: list[str]) -> None:
        with closing(psycopg2.connect(**connection.get_connection_params())) as other:
            with other.cursor() as cursor:
                cursor.execute("SELECT * FROM observability_heartbeat")
            with pytest.raises(CommandError, match="pg_stat_activity"):
                call_command("migrate")
