"""What "ready" means: the database answers, its schema is this code's, and what rooms above add."""

from collections.abc import Callable

import structlog
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.executor import MigrationExecutor

_log = structlog.get_logger("health")
_probes: dict[str, Callable[[], None]] = {}


def register_probe(name: str, function: Callable[[], None]) -> None:
    """Let a room above take part: its function raises when the room is not ready."""
    _probes[name] = function


def readiness() -> dict[str, bool]:
    """Return what was probed and whether it is ready; the reasons go to the log only."""
    return {
        name: _passes(name, probe)
        for name, probe in {"database": _database, "migrations": _migrations, **_probes}.items()
    }


def _passes(name: str, probe: Callable[[], None]) -> bool:
    try:
        probe()
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the answer is "not ready"
        _log.warning("probe_failed", probe=name, error=str(error))
        return False
    return True


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        raise RuntimeError(f"{len(pending)} migrations are not applied")
