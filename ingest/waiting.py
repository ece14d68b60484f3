"""Wait until what an import accepted is decided: a certificate, held, or refused."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from certificates import topics
from certificates.completion import FieldProblem
from certificates.intake import CHUNK
from certificates.models import Completion
from ingest.summary import Summary
from outbox import relay

# How long nothing may happen before the rest is left to the workers.
PATIENCE = timedelta(seconds=60)
_PAUSE = 0.2


def wait(
    *,
    summary: Summary,
    clock: Callable[[], datetime],
    pause: Callable[[float], None],
    on_progress: Callable[[int], None] = lambda _waiting: None,
) -> None:
    """Return when every certificate is visible; count each row as what became of it.

    Without a broker this process issues, and leaves the files to whoever serves; a relay that
    runs beside it may take a share. With a broker the workers issue, and this only looks.
    """
    patient_until = clock() + PATIENCE
    while summary.waiting:
        handled = not settings.CELERY_BROKER_URL and _issue(clock())
        settled = settle(summary=summary)
        on_progress(len(summary.waiting))
        if handled or settled:
            patient_until = clock() + PATIENCE
        elif clock() >= patient_until and not settle(summary=summary, look=None):
            _give_up(summary)
        else:
            pause(_PAUSE)


def _issue(now: datetime) -> bool:
    """Let the relay issue a batch here; an import may wait for what was reported singly, too."""
    return any(relay.deliver(now=now, only=one) for one in (topics.ISSUE_BULK, topics.ISSUE))


def settle(*, summary: Summary, look: int | None = 4) -> int:
    """Count what has been decided by now; return how many rows that were.

    The oldest first, and no further than to `look` chunks of which nothing is decided (None: to
    the end): looking through all that wait each time would cost more than to issue them.
    """
    ids, decided, idle = list(summary.waiting), 0, 0
    for start in range(0, len(ids), CHUNK):
        found = _settle(summary, ids[start : start + CHUNK])
        decided += found
        idle += not found
        if idle == look:
            break
    return decided


def _settle(summary: Summary, ids: list[UUID]) -> int:
    rows = (
        Completion.objects.filter(pk__in=ids)
        .exclude(state=Completion.State.ACCEPTED)
        .values_list("pk", "state", "reason")
    )
    for completion_id, state, reason in rows:
        _count(summary, summary.waiting.pop(completion_id), Completion.State(state), reason)
    return len(rows)


def _count(summary: Summary, line: int, state: Completion.State, reason: str) -> None:
    if state is Completion.State.ISSUED:
        summary.issued += 1
    elif state is Completion.State.REFUSED:
        summary.refused += 1
        detail = f"cannot be signed: {reason}"
        summary.add(line, [FieldProblem("", "not_issuable", detail)])
    else:
        summary.held += 1
        detail = f"is held: {reason}"
        summary.add(line, [FieldProblem("", "held", detail, "warning")])


def _give_up(summary: Summary) -> None:
    """Count what no worker has taken as held: it is stored, and will be issued when one does."""
    summary.held += len(summary.waiting)
    late = FieldProblem(
        "",
        "not_issued_yet",
        "is accepted; its certificate follows when a worker takes it",
        "warning",
        remedy="See that the relay and a worker run.",
    )
    for line in summary.waiting.values():
        summary.add(line, [late])
    summary.waiting.clear()
