"""Take completions in: a row and an outbox message each, once per event id, for ever."""

import hmac
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial

from django.db import IntegrityError, transaction

from certificates import topics
from certificates.completion import FieldProblem, ReportedCompletion
from certificates.judgement import Answer, Catalogue, answers_for, digest
from certificates.models import Completion
from certificates.people import recipients_of
from certificates.tokens import new_token
from observability import metrics, rows
from outbox.publishing import Message, publish
from tenants.models import Tenant

CHUNK = 500
# More at a time is a bulk job, whoever sends it.
_AT_ONCE = 100
_TRIES = 3


class Outcome(StrEnum):
    """What became of one report."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate_same"
    CONFLICT = "duplicate_conflict"
    ALREADY_CERTIFIED = "already_certified"
    REFUSED = "refused"


@dataclass(frozen=True)
class Receipt:
    """The answer to one report, in the order of the reports.

    `completion` is the stored row: of this report, or of the event that was there before.
    """

    outcome: Outcome
    report: ReportedCompletion
    completion: Completion | None = None
    problems: tuple[FieldProblem, ...] = ()


def accept(
    *,
    tenant: Tenant,
    reports: Sequence[ReportedCompletion],
    source: str,
    now: datetime,
    bulk: bool = False,
) -> list[Receipt]:
    """Store what is new and ask the outbox to issue it, in one transaction.

    The good ones are accepted whatever the others are. A repeated event answers with the row
    it made the first time; the same event id with other content is a conflict. `bulk`: part of
    a larger job, which stands in nobody's way.
    """
    for attempt in range(1, _TRIES + 1):
        try:
            with transaction.atomic():
                intake = _Intake(tenant, reports, source, now, bulk)
                receipts = intake.judge()
                intake.store()
        except IntegrityError:
            # Another request stored the same event or award meanwhile: judge again, seeing it.
            if attempt == _TRIES:
                raise
        else:
            return receipts
    raise AssertionError("unreachable")


def preview(
    *, tenant: Tenant, reports: Sequence[ReportedCompletion], source: str, now: datetime
) -> list[Receipt]:
    """Return the receipts `accept` would give, and write nothing."""
    with transaction.atomic():
        intake = _Intake(tenant, reports, source, now)
        receipts = intake.judge()
        transaction.set_rollback(True)
    return receipts


@dataclass
class _Intake:
    """One batch on its way from reports to rows."""

    tenant: Tenant
    reports: Sequence[ReportedCompletion]
    source: str
    now: datetime
    bulk: bool = False
    fresh: list[Completion] = field(default_factory=list)
    held: set[str] = field(default_factory=set)

    def judge(self) -> list[Receipt]:
        """Decide each report, in order: a batch may repeat itself too."""
        self.catalogue = Catalogue(tenant=self.tenant, reports=self.reports)
        self.known = self._known()
        problems = [self.catalogue.problems(report) for report in self.reports]
        # The first report of an event only: what a later one says of a person is not stored.
        wanted: dict[str, ReportedCompletion] = {}
        for report, found in zip(self.reports, problems, strict=True):
            if report.event_id not in self.known and not _errors(found):
                wanted.setdefault(report.event_id, report)
        self.recipients = recipients_of(
            tenant=self.tenant, reports=list(wanted.values()), now=self.now
        )
        self.answers = answers_for(
            tenant=self.tenant,
            # Somebody who is new has no award yet, nor one on its way.
            recipients=[one for one in self.recipients.values() if not one._state.adding],  # noqa: SLF001 - Django's own name for "not yet saved"
            courses=self.catalogue.courses.values(),
            now=self.now,
        )
        return [
            self._judge_one(report, found)
            for report, found in zip(self.reports, problems, strict=True)
        ]

    def _known(self) -> dict[str, Completion]:
        """Return what was reported before, by event id. Mostly nothing: so it is asked first."""
        before = Completion.objects.for_tenant(self.tenant).filter(
            event_id__in=[report.event_id for report in self.reports]
        )
        if not before.exists():
            return {}
        related = before.select_related("recipient", "course_version", "answered_by")
        return {completion.event_id: completion for completion in related}

    def store(self) -> None:
        """Write the new rows, their outbox messages, and count once they are there."""
        self._try_again()
        if not self.fresh:
            return
        rows.store(self.fresh)
        due = [row for row in self.fresh if row.answered_by_id is None]
        self._ask_for([str(row.pk) for row in due if not row.is_backfill], bulk=self.bulk)
        self._ask_for([str(row.pk) for row in due if row.is_backfill], bulk=True)
        backfilled = sum(row.is_backfill for row in self.fresh)
        transaction.on_commit(partial(_count, self.tenant.pk, len(self.fresh), backfilled))

    def _try_again(self) -> None:
        """Ask for what is held once more: what it waits for may be there by now."""
        self._ask_for(sorted(self.held), bulk=self.bulk, again=f":{self.now.isoformat()}")

    def _ask_for(self, ids: list[str], *, bulk: bool, again: str = "") -> None:
        """Have the outbox issue: what many wait for goes apart from what one waits for."""
        bulk = bulk or len(ids) > _AT_ONCE
        publish(
            [
                Message(
                    task=topics.ISSUE_BULK if bulk else topics.ISSUE,
                    payload={"completion_ids": chunk},
                    dedupe_key=f"issue:{chunk[0]}{again}",
                    tenant_id=self.tenant.pk,
                    weight=len(chunk),
                )
                for chunk in _chunks(ids)
            ],
            now=self.now,
        )

    def _judge_one(self, report: ReportedCompletion, found: list[FieldProblem]) -> Receipt:
        problems = (*report.warnings, *found)
        known = self.known.get(report.event_id)
        if known is not None:
            if hmac.compare_digest(known.content_sha256, digest(report, known.recipient)):
                if known.standing == Completion.State.HELD:
                    self.held.add(str(known.answered_by_id or known.pk))
                return Receipt(Outcome.DUPLICATE, report, known, problems)
            conflict = FieldProblem(
                "event_id",
                "duplicate_conflict",
                "was reported before with other content; the first report stands",
                remedy="Report a correction by re-issuing the certificate.",
            )
            return Receipt(Outcome.CONFLICT, report, known, (*problems, conflict))
        if _errors(found):
            return Receipt(Outcome.REFUSED, report, None, problems)
        completion = self._row(report)
        self.known[report.event_id] = completion
        self.fresh.append(completion)
        if completion.answered_by is not None:
            return Receipt(Outcome.ALREADY_CERTIFIED, report, completion, problems)
        return Receipt(Outcome.ACCEPTED, report, completion, problems)

    def _row(self, report: ReportedCompletion) -> Completion:
        course = self.catalogue.courses[report.course_version_id]
        recipient = self.recipients[report.recipient_id]
        award = (recipient.pk, course.pk)
        answer = None if course.allows_repeats else self.answers.get(award)
        offset = report.completed_at.utcoffset()
        completion = rows.new(
            Completion,
            {
                "tenant_id": self.tenant.pk,
                "event_id": report.event_id,
                "content_sha256": digest(report, recipient),
                "recipient_id": recipient.pk,
                "name_index": recipient.names.index(report.recipient_name),
                "course_version_id": course.pk,
                "template_id": report.template_id or None,
                "completed_at": report.completed_at.astimezone(UTC),
                "utc_offset": int(offset.total_seconds() // 60) if offset else 0,
                "occurred_at": report.occurred_at,
                "grade": report.grade,
                "language": report.language,
                "details": dict(report.details),
                "source": self.source,
                "is_backfill": report.is_backfill,
                "certificate_id": answer.certificate_id if answer else uuid.uuid4(),
                "token": answer.token if answer else new_token(),
                "answered_by_id": answer.completion.pk if answer else None,
                "allows_repeats": course.allows_repeats,
                "state": answer.completion.state if answer else Completion.State.ACCEPTED,
                "accepted_at": self.now,
            },
            {
                "tenant": self.tenant,
                "recipient": recipient,
                "course_version": course,
                "answered_by": answer.completion if answer else None,
            },
        )
        if answer is None:
            self.answers[award] = Answer(completion, completion.certificate_id, completion.token)
        return completion


def _errors(problems: Iterable[FieldProblem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def _chunks(ids: Sequence[str]) -> Iterable[list[str]]:
    for start in range(0, len(ids), CHUNK):
        yield list(ids[start : start + CHUNK])


def _count(tenant_id: str, accepted: int, backfilled: int) -> None:
    metrics.COMPLETION_EVENTS.labels(tenant_id).inc(accepted)
    if backfilled:
        metrics.BACKFILL_COMPLETIONS.labels(tenant_id).inc(backfilled)
