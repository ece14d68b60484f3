"""The clock's door to rotation."""

from typing import Any

from celery import shared_task

from observability import database_clock
from signing import rotation, topics


@shared_task(name=topics.ROTATE, ignore_result=True)
def rotate(**_: Any) -> None:
    """Take the steps of every owner's keys that are due."""
    rotation.advance(now=database_clock.now())
