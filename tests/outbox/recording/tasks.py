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
    """Append the number, the process, the request and the time to a file, and count it.

    RECORDING_HOLD names a number that waits until there is a file called go.
    """
    while str(number) == os.environ.get("RECORDING_HOLD") and not _may_go():
        time.sleep(0.01)
    with (settings.DATA_DIR / "record.log").open("a") as file:
        file.write(f"{number} {os.getpid()} {get_contextvars().get('request_id')} {time.time()}\n")
    metrics.COMPLETION_EVENTS.labels("recorded").inc()


def _may_go() -> bool:
    return (settings.DATA_DIR / "go").exists()


@shared_task(name="tests.fail_once", ignore_result=True)
def fail_once(**_: Any) -> None:
    """Fail the first time."""
    marker = settings.DATA_DIR / "failed"
    if not marker.exists():
        marker.touch()
        raise RuntimeError("the first time")
