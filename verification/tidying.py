"""Keep the figures small and in one place: forget the old, and carry over what older code wrote."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from verification import counting
from verification.models import HourlyVerifications, Rollup
from verification.visits import Visit

_BATCH = 5_000
# Older code adds to an hour's rows while it lasts, or after, if its database was away.
_SETTLED = timedelta(hours=6)


def purge(*, now: datetime) -> int:
    """Delete figures older than VERIFY_RETENTION_DAYS, in batches; return how many rows."""
    total = 0
    before = now - timedelta(days=settings.VERIFY_RETENTION_DAYS)
    for model in (Rollup, HourlyVerifications):
        old = model.objects.filter(hour__lt=before).order_by("hour")
        while ids := list(old.values_list("pk", flat=True)[:_BATCH]):
            total += model.objects.filter(pk__in=ids).delete()[0]
    return total


def carry_over(*, now: datetime) -> int:
    """Move the rows of hours that are settled into the figures of today, in batches.

    Whatever they counted came from nowhere known. Returns how many rows.
    """
    total = 0
    settled = HourlyVerifications.objects.filter(hour__lt=now - _SETTLED).order_by("hour", "pk")
    while moved := _move(settled.values_list("pk", flat=True)[:_BATCH]):
        total += moved
    return total


@transaction.atomic
def _move(ids: Iterable[int]) -> int:
    rows = HourlyVerifications.objects.select_for_update().filter(pk__in=list(ids))
    taken = list(rows)
    visits: Counter[Visit] = Counter()
    for row in taken:
        certificate_id = str(row.certificate_id) if row.certificate_id else ""
        visits[Visit(row.tenant_id or "", certificate_id, row.hour, row.result)] += row.count
    counting.count(visits)
    HourlyVerifications.objects.filter(pk__in=[row.pk for row in taken]).delete()
    return len(taken)
