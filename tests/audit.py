"""Let tests that empty the database empty the append-only audit tables too."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations

_TABLE = "observability_auditrecord"


@pytest.fixture(scope="session", autouse=True)
def audit_flush() -> Iterator[None]:
    """Lift the triggers for the length of Django's flush, which ends a transactional test.

    Only the flush: within a test the triggers stand as they do in production.
    """
    flush = BaseDatabaseOperations.execute_sql_flush

    def lifted(operations: BaseDatabaseOperations, statements: Sequence[Any]) -> None:
        lift, restore = around()
        flush(operations, [*lift, *statements, *restore])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", lifted)
        yield


def around() -> tuple[list[str], list[str]]:
    if connection.vendor == "postgresql":
        alter = f"ALTER TABLE {_TABLE} {{}} TRIGGER USER"
        return [alter.format("DISABLE")], [alter.format("ENABLE")]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [_TABLE]
        )
        triggers = cursor.fetchall()
    return [f"DROP TRIGGER {name}" for name, _ in triggers], [sql for _, sql in triggers]
