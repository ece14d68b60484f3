"""Add verifications to the rows of their hour: by certificate, by tenant, or for nobody at all."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from observability import rows
from verification.models import ROLLUP_KEY, Rollup
from verification.visits import Visit

# For whom a row counts, and on which of its unique constraints it meets the one before it.
_CERTIFICATE = (("certificate_id", *ROLLUP_KEY), "certificate_id IS NOT NULL")
_TENANT = (("tenant_id", *ROLLUP_KEY), "certificate_id IS NULL AND tenant_id IS NOT NULL")
_NOBODY = (ROLLUP_KEY, "tenant_id IS NULL")


def count(visits: Mapping[Visit, int]) -> None:
    """Add to the hourly rows, in the caller's transaction.

    Always in the same order, so that processes cannot deadlock.
    """
    hours: Counter[Visit] = Counter()
    for visit, number in visits.items():
        hours[replace(visit, minute=visit.minute.replace(minute=0))] += number
    rollups: dict[tuple[tuple[str, ...], str], list[Rollup]] = {}
    for visit, number in sorted(hours.items()):
        rollups.setdefault(_whose(visit), []).append(_row(visit, number))
    for (key, where), many in sorted(rollups.items()):
        rows.add(many, counter="count", key=key, where=where)


def _whose(visit: Visit) -> tuple[tuple[str, ...], str]:
    if visit.certificate_id:
        return _CERTIFICATE
    return _TENANT if visit.tenant_id else _NOBODY


def _row(visit: Visit, number: int) -> Rollup:
    return Rollup(
        tenant_id=visit.tenant_id or None,
        certificate_id=UUID(visit.certificate_id) if visit.certificate_id else None,
        hour=visit.minute,
        result=visit.result,
        country=visit.country,
        ua_class=visit.ua_class,
        count=number,
    )
