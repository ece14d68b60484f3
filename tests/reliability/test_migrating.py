"""R14: the newest migrations on filled tables, while code from before them goes on writing.

The short form fills a thousand rows; FAULTS=long a million in each of the tables that grow.
"""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import psycopg2
import pytest

from tests.service import Service

LONG = os.environ.get("FAULTS") == "long"
ROWS = 1_000_000 if LONG else 1_000
LONGEST_SECONDS = 1.0
# Back to the first migration of each: what it cannot do without stays.
ROOMS = ("certificates", "outbox")
# How the copies of one row differ, by table; `g` counts them.
COPIES = {
    "outbox_outboxmessage": {"dedupe_key": "'bulk-' || g", "done_at": "now()"},
    "observability_auditrecord": {"tenant_id": "'bulk'", "sequence": "g"},
    "certificates_securing": {"generation": "1 + g"},
    "certificates_artifact": {"revision": "1 + g"},
    "certificates_certificate": {
        "id": "gen_random_uuid()",
        "token": "lpad(g::text, 28, '0')",
        "status_index": "200000 + g",
        "revoked_at": "now()",
        "revocation_reason": "'other'",
    },
}
# What code from before does all the while, by the columns it knows.
WRITES = (
    "UPDATE certificates_certificate SET grade = grade WHERE revoked_at IS NULL",
    "UPDATE outbox_outboxmessage SET last_error = '' WHERE dedupe_key = 'bulk-1'",
    (
        "INSERT INTO outbox_outboxmessage (task, payload, dedupe_key, tenant_id, headers,"
        " created_at, available_at, attempts, last_error) VALUES ('none', '{}',"
        " gen_random_uuid(), '', '{}', now(), now() + interval '1 day', 0, '')"
    ),
    (
        "INSERT INTO observability_auditrecord (tenant_id, sequence, recorded_at, actor, event,"
        " payload, prev_hash, hash) SELECT 'load', coalesce(max(sequence), 0) + 1, now(), '', '',"
        " '', '', '' FROM observability_auditrecord WHERE tenant_id = 'load'"
    ),
)


@pytest.fixture
def service(migrated_service: Service) -> Service:
    """Return a migrated service on PostgreSQL with one certificate, not started."""
    if "DATABASE_URL" not in migrated_service.variables:
        pytest.skip("needs PostgreSQL (TEST_DATABASE_URL; `make test` brings one)")
    migrated_service.run("-m", "tests.reliability.world", "make")
    migrated_service.run("-m", "tests.reliability.world", "issue_one")
    return migrated_service


@dataclass
class FormerCode:
    """A process of the release before: writes without pause, and notes how long it waited."""

    url: str
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write in a thread of its own."""
        stopping = threading.Event()
        thread = threading.Thread(target=self._write, args=[stopping])
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()

    def _write(self, stopping: threading.Event) -> None:
        with closing(psycopg2.connect(self.url)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            while not stopping.wait(0.005):
                for statement in WRITES:
                    began = time.monotonic()
                    try:
                        cursor.execute(statement)
                    except psycopg2.Error as error:
                        self.failures.append(str(error))
                    self.seconds.append(time.monotonic() - began)


class TestMigratingUnderLoad:
    def test_fails_no_statement_and_holds_up_nobody(
        self, service: Service, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for room in ROOMS:
            service.manage("migrate", room, "0001", "--verbosity=0")
        url = service.variables["DATABASE_URL"]
        fill(url)
        former = FormerCode(url)
        with former.writing():
            began = time.monotonic()
            service.manage("migrate", "--verbosity=0")
            lasted = time.monotonic() - began
        with capsys.disabled():
            print(  # noqa: T201
                f"\n{len(COPIES)} tables of {ROWS:,} rows migrated in {lasted:.1f} s:"
                f" {len(former.seconds)} statements of former code, {len(former.failures)} failed,"
                f" the longest took {max(former.seconds):.2f} s"
            )
        assert former.failures == []
        assert len(former.seconds) > len(WRITES)
        assert json.loads(service.run("-m", "tests.reliability.world", "inspect"))
        if LONG:
            assert max(former.seconds) <= LONGEST_SECONDS


def fill(url: str) -> None:
    """Copy one row of each table many times."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for table, differs in COPIES.items():
            cursor.execute(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_name = %s AND is_identity = 'NO'",
                [table],
            )
            names = [name for (name,) in cursor.fetchall()]
            values = ", ".join(differs.get(name, f'one."{name}"') for name in names)
            columns = ", ".join(f'"{name}"' for name in names)
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT {values}"  # noqa: S608 - names of ours
                f" FROM (SELECT * FROM {table} LIMIT 1) AS one, generate_series(1, {ROWS}) AS g"
            )
            cursor.execute(f"ANALYZE {table}")
