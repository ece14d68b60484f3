"""Migrate beside a running service: no statement may make others wait for longer than a second.

Whoever waits for a lock on a table is waited for by all who come later. So on PostgreSQL a
statement that does not get its lock within a second gives up, and the migration is tried again.
"""

import time
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

LOCK_TIMEOUT = "1s"
_TRIES = 30
_PAUSE_SECONDS = 2.0
_LOCK_NOT_AVAILABLE = "55P03"


class Command(migrate.Command):
    """`manage.py migrate`, as patient as it is polite."""

    pause_seconds = _PAUSE_SECONDS

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; a migration that was refused its lock left nothing behind."""
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = %s", [LOCK_TIMEOUT])
        try:
            self._migrate(*args, **options)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")

    def _migrate(self, *args: Any, **options: Any) -> None:
        for _ in range(_TRIES):
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "pgcode", "") != _LOCK_NOT_AVAILABLE:
                    raise
                self.stderr.write("A table is in use: waiting for it without standing in the way.")
                time.sleep(self.pause_seconds)
            else:
                return
        raise CommandError(
            "A table stayed in use. Look for a long transaction in pg_stat_activity, end it, and "
            "migrate again: what is done stays done."
        )
