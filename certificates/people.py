"""The recipients that reports name: found or made, locked, with every reported name."""

from collections.abc import Sequence
from datetime import datetime

from certificates.completion import ReportedCompletion
from certificates.models import Recipient
from certificates.models.recipient import new_salt
from observability import rows
from tenants.models import Tenant


def recipients_of(
    *, tenant: Tenant, reports: Sequence[ReportedCompletion], now: datetime
) -> dict[str, Recipient]:
    """Return the recipients of the reports, locked, with every reported name on their row.

    The lock makes two requests about one person take turns, so that the question "is there a
    certificate already?" has one answer. Locks are taken in the order of ids: no deadlock. Rows
    that point at the person pass (no_key): issuing inserts one, completions in hand.
    """
    ids = {report.recipient_id for report in reports}
    known = (
        Recipient.objects.select_for_update(no_key=True)
        .for_tenant(tenant)
        .filter(external_id__in=ids)
        .order_by("external_id")
    )
    people = {person.external_id: person for person in known}
    missing = sorted(ids - people.keys())
    new = {
        external_id: rows.new(
            Recipient,
            {
                "tenant_id": tenant.pk,
                "external_id": external_id,
                "salt": new_salt(),
                "created_at": now,
            },
            {"tenant": tenant},
        )
        for external_id in missing
    }
    changed: dict[str, Recipient] = {}
    for report in reports:
        person = new.get(report.recipient_id) or people[report.recipient_id]
        if report.recipient_name not in person.names:
            person.names.append(report.recipient_name)
            changed[person.external_id] = person
        if report.recipient_email and report.recipient_email != person.email:
            person.email = report.recipient_email
            changed[person.external_id] = person
    # A concurrent insert of the same person raises IntegrityError; `accept` judges again.
    rows.store(list(new.values()))
    Recipient.objects.bulk_update(
        [person for external_id, person in changed.items() if external_id in people],
        ["names", "email"],
    )
    return {**people, **new}
