"""The way of a completion to its files, stumbling once: at a statement, or at a commit.

A program of its own, because it forks: `python -m tests.reliability.stumbling WAY STRIDE` lets one
completion after another stumble, each at another place of its way, lets what is left be mended
as the platform's repetition and the relay's sweeps do, and prints what came out wrong. WAY is
`process` or `broker`; with a STRIDE of 1 every place is tried in each of the four manners.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - settings come first
from django.db import DatabaseError, OperationalError, connection, connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from certificates.models import Artifact, Certificate, Completion, Securing  # noqa: E402
from observability import audit  # noqa: E402
from observability.models import AuditRecord  # noqa: E402
from outbox import policy, relay  # noqa: E402
from outbox.models import OutboxMessage  # noqa: E402
from tests.certificates.drawing import drawn_quickly  # noqa: E402
from tests.reliability import world  # noqa: E402

_FELL, _PASSED = 9, 10
_ROUNDS = 12
_FORMATS = len(Artifact.Format.values)
MANNERS = ("error-before", "error-after", "death-before", "death-after")


@dataclass
class Stumble:
    """Falls at the n-th place of the way: each statement is one, and each commit."""

    at: int
    after: bool
    fatal: bool
    places: int = 0

    @property
    def has_fallen(self) -> bool:
        """Say whether the place was reached."""
        return self.places >= self.at

    @contextmanager
    def armed(self) -> Iterator[None]:
        """Count places, and fall."""
        commit = connection._commit  # type: ignore[attr-defined]
        connection._commit = lambda: self._pass(commit)  # type: ignore[attr-defined]
        try:
            with connection.execute_wrapper(self._execute):
                yield
        finally:
            connection._commit = commit  # type: ignore[attr-defined]

    def _execute(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        return self._pass(
            lambda: execute(sql, params, many, context),
            spoil=lambda: execute("SELECT no_such_column", None, False, context),
        )

    def _pass(self, go: Callable[[], Any], *, spoil: Callable[[], Any] = lambda: None) -> Any:
        self.places += 1
        if self.places != self.at:
            return go()
        if self.after:
            go()
        if self.fatal:
            os._exit(_FELL)
        with suppress(DatabaseError):
            spoil()  # a failed statement takes its transaction along
        raise OperationalError("this is where it stumbles")


@dataclass
class Way:
    """One learner's way in a tenant's service."""

    client: Client
    course_version_id: str
    by_broker: bool

    def report(self, event_id: str) -> int:
        """Report the learner, as a platform does; return the status."""
        completion = {
            "event_id": event_id,
            "recipient": {"id": f"learner-{event_id}", "name": "Ada Lovelace"},
            "course": {"version_id": self.course_version_id},
            "completed_at": "2026-01-15T10:00:00Z",
        }
        answer = self.client.post(
            "/api/v1/completions", completion, content_type="application/json"
        )
        return answer.status_code

    def go_on(self, *, later: timedelta = timedelta()) -> None:
        """Do what relay and worker do until nothing is due."""
        for _ in range(_ROUNDS):
            # Whoever runs this goes on after an error: the relay's next turn, the next task.
            with suppress(DatabaseError):
                if not relay.deliver(now=timezone.now() + later):
                    return
                if self.by_broker:
                    self._work(later)

    def mend(self, event_id: str) -> None:
        """Report again until it is taken, and let the sweeps of the next hours pass."""
        while self.report(event_id) >= 500:
            pass
        for number in range(1, _ROUNDS):
            self.go_on(later=number * (policy.RESEND + timedelta(seconds=1)))
            if not OutboxMessage.objects.pending().exists():
                return

    def _work(self, later: timedelta) -> None:
        """Run what was sent, as the worker that gets it does."""
        sent = OutboxMessage.objects.pending().filter(dispatched_at__isnull=False)
        ids = list(sent.values_list("pk", flat=True))
        relay.run(message_ids=ids, clock=lambda: timezone.now() + later, pause=lambda: None)


def stumble(way: Way, event_id: str, *, at: int, how: str) -> bool:
    """Let a process of its own stumble; say whether it came as far as that place."""
    fault, _, when = how.partition("-")
    connections.close_all()
    child = os.fork()
    if child == 0:
        status = 1
        falls = Stumble(at, after=when == "after", fatal=fault == "death")
        try:
            with falls.armed():
                way.report(event_id)
                way.go_on()
            status = _FELL if falls.has_fallen else _PASSED
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == _FELL


def wrong(event_id: str) -> dict[str, Any]:
    """Return what is not there exactly once."""
    certificates = Certificate.objects.filter(completion__event_id=event_id)
    ids = list(certificates.values_list("pk", flat=True))
    records = AuditRecord.objects.filter(event="certification.certificate.issued")
    files = Artifact.objects.filter(certificate__in=ids)
    found = {
        "completions": Completion.objects.filter(event_id=event_id, state="issued").count(),
        "certificates": len(ids),
        "signed forms": Securing.objects.filter(certificate__in=ids).count(),
        "audit records": sum(records.filter(payload__contains=str(one)).count() for one in ids),
        "files": files.count() / _FORMATS,
        "jobs done": certificates.filter(render_job__state="done").count(),
        "not done": 1 + OutboxMessage.objects.filter(done_at__isnull=True).count(),
    }
    return {name: number for name, number in found.items() if number != 1}


def main(by: str, stride: str) -> dict[str, Any]:
    """Stumble at many places in each manner."""
    made = world.make()
    settings.CELERY_BROKER_URL = "memory://" if by == "broker" else ""
    client = Client(
        raise_request_exception=False,
        SERVER_NAME="localhost",
        headers={"Authorization": f"Bearer {made['api_key']}"},
    )
    way = Way(client, made["course_version_id"], by_broker=by == "broker")
    failures: dict[str, Any] = {}
    tried: dict[str, int] = {}
    with drawn_quickly():
        for first, how in enumerate(MANNERS, start=1):
            for at in count(first, int(stride)):
                event_id = f"{how}-{at}"
                fell = stumble(way, event_id, at=at, how=how)
                way.mend(event_id)
                if left := wrong(event_id):
                    failures[event_id] = left
                if not fell:
                    break
                tried[how] = tried.get(how, 0) + 1
    tenant_ids = Certificate.objects.values_list("tenant_id", flat=True).distinct()
    broken = [found for one in tenant_ids if (found := audit.verify_chain(tenant_id=one))]
    return {
        **world.inspect(),
        "tried": tried,
        "failures": failures,
        "broken_chains": len(broken),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
