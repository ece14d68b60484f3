"""Celery's door to verification: the clock's work."""

from typing import Any

from celery import shared_task

from observability import database_clock
from verification import tidying, topics


@shared_task(name=topics.TIDY, ignore_result=True)
def tidy(**_: Any) -> None:
    """Carry over what older code counted, and forget what is old."""
    now = database_clock.now()
    tidying.carry_over(now=now)
    tidying.purge(now=now)
