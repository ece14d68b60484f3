"""Celery's door to domains."""

from typing import Any

from celery import shared_task

from domains import proving, topics
from observability import database_clock


@shared_task(name=topics.LOOK, ignore_result=True)
def look(**_: Any) -> None:
    """Have the domains checked whose turn it is."""
    proving.ask_for_due(now=database_clock.now())


@shared_task(name=topics.CHECK, acks_late=True, ignore_result=True)
def check(*, proof_id: int, **_: Any) -> None:
    """Check one domain."""
    proving.check(proof_id=proof_id, now=database_clock.now())
