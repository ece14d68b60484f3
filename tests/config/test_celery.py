"""Celery's queues: each message is in one of them; its processes start only as they should."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from celery.fixups import django as celery_django
from django.db import DatabaseError, InterfaceError, connection

from certificates import topics
from config import celery
from config.celery import app

ROOT = Path(__file__).resolve().parents[2]


class TestQueues:
    def test_no_two_queues_take_the_same_message(self) -> None:
        queues = app.amqp.queues.values()
        bindings = {(queue.exchange.name, queue.routing_key) for queue in queues}
        assert len(bindings) == len(queues) == 7

    @pytest.mark.parametrize(
        ("task", "queue"),
        [
            (topics.ISSUE, "issue"),
            (topics.ISSUE_BULK, "bulk"),
            (topics.RENDER, "render"),
            (topics.RENDER_BULK, "render"),
            (topics.RESIGN, "resign"),
            ("mail.send", "mail"),
            *((entry["task"], "maintenance") for entry in app.conf.beat_schedule.values()),
        ],
    )
    def test_keep_work_apart(self, task: str, queue: str) -> None:
        assert app.amqp.router.route({}, task)["queue"].name == queue


def opened() -> object:
    """Return the driver's connection, opened where there is none."""
    connection.ensure_connection()
    return connection.connection


@pytest.mark.skipif(
    connection.vendor == "sqlite",
    reason="the tests' SQLite lives in its one connection; needs TEST_DATABASE_URL",
)
class TestConnection:
    """As Celery's own wiring and ours see a task begin and end, in a worker."""

    @pytest.fixture
    def task(self) -> Any:
        fixup = celery_django.DjangoWorkerFixup(app)  # type: ignore[attr-defined] # not in its stubs
        task = SimpleNamespace(request=SimpleNamespace(is_eager=False))

        def run(work: Callable[[], object]) -> None:
            fixup.on_task_prerun(sender=task)
            celery.keep_good_connections()
            work()
            fixup.on_task_postrun(sender=task)

        return run

    @pytest.mark.django_db(transaction=True)
    def test_stays_between_tasks(self, task: Any) -> None:
        seen: list[object] = []
        for _ in range(3):
            task(lambda: seen.append(opened()))
        assert seen[0] is not None
        assert seen[0] is seen[1] is seen[2]

    @pytest.mark.django_db(transaction=True)
    def test_is_made_anew_once_it_broke(self, task: Any) -> None:
        seen: list[object] = []

        def fail() -> None:
            seen.append(opened())
            connection.connection.close()
            with pytest.raises((DatabaseError, InterfaceError)), connection.cursor() as cursor:
                cursor.execute("SELECT 1")

        task(fail)
        task(lambda: seen.append(opened()))
        assert seen[0] is not seen[1]
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")


@pytest.mark.parametrize("program", ["worker", "beat"])
def test_a_wrong_setting_stops_the_start(tmp_path: Path, program: str) -> None:
    variables = {"BASE_URL": "nowhere", "CELERY_BROKER_URL": "memory://", "DATA_DIR": "data"}
    variables["PYTHONPATH"] = str(ROOT)
    ended = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "config", program],
        cwd=tmp_path,  # beat writes where it stands
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.embedded", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert "config.E001" in ended.stderr
