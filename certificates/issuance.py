"""Turn completions into certificates, each exactly once, many in one transaction."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from certificates import status_list
from certificates.awards import Awards, Changes, NoTemplate
from certificates.credential.lint import LintedCredential, NotLinted
from certificates.models import Certificate, Completion, CourseVersion
from certificates.securing import sign_and_store
from certificates.status_list import Place
from observability import metrics, rows
from observability.spans import Span, span
from tenants.models import Tenant


def issue(*, completion_ids: Sequence[UUID | str], now: datetime) -> list[Certificate]:
    """Issue what is still to be issued of these completions; return the new certificates.

    One transaction and one round of signing for each tenant. Completions already decided are
    left alone, so running it twice changes nothing. A completion that cannot become a valid
    credential is refused with its reasons; one without a published template is held.
    """
    issued: list[Certificate] = []
    for tenant, ids in _by_tenant(completion_ids):
        try:
            issued += _issue_for(tenant, ids, now)
        except IntegrityError:
            # One award was made elsewhere meanwhile. Take the batch apart: the others go on.
            for one in ids:
                issued += _issue_alone(tenant, one, now)
    return issued


def prepare(
    *,
    awards: Awards,
    completion: Completion,
    certificate_id: UUID,
    token: str,
    status: Place,
    now: datetime,
    changes: Changes = Changes(),  # noqa: B008 - frozen
) -> tuple[Certificate, LintedCredential]:
    """Compose and lint one certificate. Raises NotLinted or NoTemplate."""
    award = awards.award(
        completion=completion, certificate_id=certificate_id, status=status, changes=changes
    )
    linted = awards.shapes.lint(award)
    version = awards.template_version(completion)
    certificate = rows.new(
        Certificate,
        {
            "id": certificate_id,
            "tenant_id": awards.tenant.pk,
            "completion_id": completion.pk,
            "recipient_id": completion.recipient_id,
            "course_version_id": completion.course_version_id,
            "template_version_id": version.pk,
            "name_index": completion.recipient.names.index(award.recipient_name),
            "grade": award.grade,
            "token": token,
            "credential_url": award.credential_url,
            "status_list_id": status[0].pk,
            "status_index": status[1],
            "allows_repeats": completion.allows_repeats,
            "accepted_at": completion.accepted_at,
            "issued_at": now,
            "expires_at": award.valid_until,
        },
        {
            "recipient": completion.recipient,
            "template_version": version,
            "completion": completion,
        },
    )
    return certificate, linted


def _by_tenant(completion_ids: Sequence[UUID | str]) -> Iterator[tuple[Tenant, list[UUID]]]:
    ids: dict[str, list[UUID]] = {}
    for tenant_id, completion_id in undecided(completion_ids).values_list("tenant_id", "pk"):
        ids.setdefault(tenant_id, []).append(completion_id)
    for tenant in Tenant.objects.filter(pk__in=ids):
        yield tenant, ids[tenant.pk]


def undecided(ids: Sequence[UUID | str]) -> QuerySet[Completion]:
    """Return what is still to be decided of these completions."""
    decidable = [Completion.State.ACCEPTED, Completion.State.HELD]
    found: QuerySet[Completion] = Completion.objects.filter(
        pk__in=ids, state__in=decidable, answered_by__isnull=True
    )
    return found


def _issue_for(tenant: Tenant, ids: Sequence[UUID], now: datetime) -> list[Certificate]:
    started = time.monotonic()
    places = status_list.allocate(tenant=tenant, count=len(ids), now=now)
    with transaction.atomic():
        return _issue_at(places, tenant, ids, now, started)


def _issue_at(
    places: Sequence[Place], tenant: Tenant, ids: Sequence[UUID], now: datetime, started: float
) -> list[Certificate]:
    completions = list(
        # Rows that point at a completion pass its lock: intake inserts some, people in hand.
        undecided(ids)
        .select_for_update(of=("self",), no_key=True)
        .select_related("recipient")
        .order_by("pk")
    )
    if not completions:
        return []
    _share_courses(completions)
    with span(Span.ISSUE, tenant_id=tenant.pk, batch_size=len(completions)):
        certificates, linted = _prepare_all(tenant, completions, places, now)
        if certificates:
            _close_expired(tenant, certificates, now)
            sign_and_store(
                tenant=tenant,
                certificates=certificates,
                linted=linted,
                source_lags={
                    # The platform's clock may run ahead of ours by what every door tolerates.
                    row.certificate_id: max((row.accepted_at - row.occurred_at).total_seconds(), 0)
                    for row in completions
                    if row.occurred_at is not None
                },
                backfilled={row.certificate_id for row in completions if row.is_backfill},
                now=now,
            )
        _save_states(completions)
    transaction.on_commit(partial(_count, completions, now, started))
    return certificates


def _share_courses(completions: list[Completion]) -> None:
    """Give every completion its course: a few rows, read once, not joined to each."""
    courses = CourseVersion.objects.select_related("template").in_bulk(
        {completion.course_version_id for completion in completions}
    )
    for completion in completions:
        completion.course_version = courses[completion.course_version_id]


def _issue_alone(tenant: Tenant, completion_id: UUID, now: datetime) -> list[Certificate]:
    try:
        return _issue_for(tenant, [completion_id], now)
    except IntegrityError:
        _answer_with_standing(completion_id)
        return []


@transaction.atomic
def _answer_with_standing(completion_id: UUID) -> None:
    """Let the certificate that is in force for the same award answer this completion."""
    completion = Completion.objects.select_for_update().get(pk=completion_id)
    standing = Certificate.objects.filter(
        recipient=completion.recipient_id,
        course_version=completion.course_version_id,
        revoked_at__isnull=True,
        renewed_at__isnull=True,
    ).get()
    completion.answered_by_id = standing.completion_id
    completion.certificate_id = standing.pk
    completion.token = standing.token
    completion.state = Completion.State.ISSUED
    completion.save(update_fields=["answered_by", "certificate_id", "token", "state"])


def _prepare_all(
    tenant: Tenant, completions: list[Completion], places: Sequence[Place], now: datetime
) -> tuple[list[Certificate], list[LintedCredential]]:
    """Compose and lint; a completion that cannot be signed changes its state instead."""
    awards = Awards(tenant=tenant, now=now)
    certificates, credentials = [], []
    # There are more places where somebody else was quicker with a completion.
    for completion, place in zip(completions, places, strict=False):
        try:
            certificate, linted = prepare(
                awards=awards,
                completion=completion,
                certificate_id=completion.certificate_id,
                token=completion.token,
                status=place,
                now=now,
            )
        except NotLinted as error:
            completion.state = Completion.State.REFUSED
            completion.reason = "\n".join(error.reasons)
        except NoTemplate as error:
            completion.state = Completion.State.HELD
            completion.reason = str(error)
        else:
            completion.state = Completion.State.ISSUED
            completion.reason = ""
            certificates.append(certificate)
            credentials.append(linted)
    return certificates, credentials


def _close_expired(tenant: Tenant, certificates: list[Certificate], now: datetime) -> None:
    """Make room: an expired certificate gives way to the one that renews it."""
    renewed = [c for c in certificates if not c.allows_repeats]
    if renewed:
        Certificate.objects.for_tenant(tenant).filter(
            recipient__in=[c.recipient_id for c in renewed],
            course_version__in={c.course_version_id for c in renewed},
            expires_at__lte=now,
            revoked_at__isnull=True,
            renewed_at__isnull=True,
        ).update(renewed_at=now)


def _save_states(completions: list[Completion]) -> None:
    issued = [row.pk for row in completions if row.state == Completion.State.ISSUED]
    Completion.objects.filter(pk__in=issued).update(state=Completion.State.ISSUED, reason="")
    Completion.objects.filter(answered_by__in=issued).update(state=Completion.State.ISSUED)
    Completion.objects.bulk_update(
        [row for row in completions if row.state != Completion.State.ISSUED], ["state", "reason"]
    )


def _count(completions: list[Completion], now: datetime, started: float) -> None:
    """Observe latency (completion accepted → certificate visible) and final refusals."""
    working = time.monotonic() - started
    refused = sum(row.state == Completion.State.REFUSED for row in completions)
    if refused:
        tenant_id = completions[0].tenant_id
        metrics.ISSUANCE_FAILURES.labels(tenant_id, "credential_lint").inc(refused)
    metrics.observe_many(
        metrics.ISSUANCE_LATENCY,
        [
            max((now - row.accepted_at).total_seconds(), 0.0) + working
            for row in completions
            if row.state == Completion.State.ISSUED and not row.is_backfill
        ],
    )
