"""Celery's door to issuing, rendering and signing again."""

from typing import Any

from celery import shared_task

from certificates import artifacts, issuance, rerendering, resigning, topics
from certificates.files import A4
from observability import database_clock


@shared_task(name=topics.ISSUE, acks_late=True, ignore_result=True)
def issue(*, completion_ids: list[str], **_: Any) -> None:
    """Issue what is still to be issued of these completions."""
    issuance.issue(completion_ids=completion_ids, now=database_clock.now())


@shared_task(name=topics.ISSUE_BULK, acks_late=True, ignore_result=True)
def issue_bulk(*, completion_ids: list[str], **_: Any) -> None:
    """Issue a chunk of an import: apart, so that single ones go first."""
    issuance.issue(completion_ids=completion_ids, now=database_clock.now())


@shared_task(name=topics.RENDER, acks_late=True, ignore_result=True)
def render(*, certificate_ids: list[str], anew: bool = False, paper: str = A4, **_: Any) -> None:
    """Make the missing files of these certificates; `anew`, all of them once more."""
    artifacts.render(
        certificate_ids=certificate_ids, now=database_clock.now(), anew=anew, paper=paper
    )


@shared_task(name=topics.RENDER_BULK, acks_late=True, ignore_result=True)
def render_bulk(*, certificate_ids: list[str], **_: Any) -> None:
    """Make the files of a chunk of an import: apart, so that single ones go first."""
    artifacts.render(certificate_ids=certificate_ids, now=database_clock.now())


@shared_task(name=topics.RERENDER, acks_late=True, ignore_result=True)
def rerender(*, certificate_ids: list[str], **_: Any) -> None:
    """Make the files of certificates that were signed again: apart, so that new ones go first."""
    artifacts.render(certificate_ids=certificate_ids, now=database_clock.now(), anew=True)


@shared_task(name=topics.RESIGN_LOOK, acks_late=True, ignore_result=True)
def resign_look(*, kid: str, since: str, number: int, **_: Any) -> None:
    """See that what a stolen key signed is signed again."""
    resigning.look(kid=kid, since=since, number=number, now=database_clock.now())


@shared_task(name=topics.RESIGN, acks_late=True, ignore_result=True)
def resign(*, kid: str, securing_ids: list[int], **_: Any) -> None:
    """Sign a chunk again."""
    resigning.sign_again(kid=kid, securing_ids=securing_ids, now=database_clock.now())


@shared_task(name=topics.RENDER_HELD, ignore_result=True)
def render_held(**_: Any) -> None:
    """Ask again for the files that a font had been missing for; costs nothing until one comes."""
    rerendering.render_held(now=database_clock.now())
