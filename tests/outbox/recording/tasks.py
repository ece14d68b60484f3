"""The task that leaves a trace."""

import os
import time
from typing import Any

from celery import shared_task
from django.conf import settings
from structlog.contextvars import get_contextvars

from observability import metrics


@shared_task(name="tests.record", ignore_result=True)
def record(*, number: int, **_: Any) -> None:
    """Append the number, the process, the request and the time to a file, and count it."""
    with (settings.DATA_DIR / "record.log").open("a") as file:
        file.write(f"{number} {os.getpid()} {get_contextvars().get('request_id')} {time.time()}\n")
    metrics.COMPLETION_EVENTS.labels("recorded").inc()


@shared_task(name="tests.fail_once", ignore_result=True)
def fail_once(**_: Any) -> None:
    """Fail the first time."""
    marker = settings.DATA_DIR / "failed"
    if not marker.exists():
        marker.touch()
        raise RuntimeError("the first time")
