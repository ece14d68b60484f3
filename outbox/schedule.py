"""Tasks that run again and again where there is no beat: pure, one entry a name."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any


class Schedule:
    """Says which tasks are due; each is due at the start, so a restart never skips one."""

    def __init__(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        self._every = {
            entry["task"]: timedelta(seconds=entry["schedule"]) for entry in entries.values()
        }
        self._next: dict[str, datetime] = {}

    def due(self, *, now: datetime) -> list[str]:
        """Return the tasks to run now and set the time of their next run."""
        due = [task for task, every in self._every.items() if self._is_due(task, every, now)]
        self._next |= {task: now + self._every[task] for task in due}
        return due

    def _is_due(self, task: str, every: timedelta, now: datetime) -> bool:
        """Say whether its time has come, or lies so far ahead that the clock was set back."""
        at = self._next.get(task, now)
        return not now < at <= now + every
