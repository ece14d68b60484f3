"""Figures of verifications, by time, answer, country and class of program. Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, Q, QuerySet, Sum
from django.db.models.functions import Trunc

from certificates.looks import Looks
from certificates.models import Certificate
from observability.user_agents import BOTS, UNKNOWN
from verification.models import Rollup
from verification.periods import Period

# A country that fewer verifications came from would say too much of single people.
AT_LEAST = 5
OTHER = "other"
_MOST_CERTIFICATES = 10
_LATELY = timedelta(days=30)

Count = tuple[str, int]


@dataclass(frozen=True)
class Figures:
    """What one screen shows. Counts fall, but for the series, which is in the order of time."""

    series: Sequence[tuple[datetime, int]]
    results: Sequence[Count]
    countries: Sequence[Count]
    classes: Sequence[Count]
    certificates: Sequence[tuple[Certificate, int]]

    @property
    def total(self) -> int:
        """Return all of them."""
        return sum(number for _, number in self.series)


def figures(rollups: QuerySet[Any], *, period: Period, now: datetime) -> Figures:
    """Return the figures of rows that a person may see, up to now."""
    starts = period.starts(now)
    within = rollups.filter(hour__gte=starts[0], hour__lte=now).order_by()
    return Figures(
        series=_series(within, period.unit, starts),
        results=_counts(within, "result"),
        countries=fold(_counts(within, "country")),
        classes=_counts(within, "ua_class"),
        certificates=_most_verified(within),
    )


def fold(countries: Iterable[Count]) -> list[Count]:
    """Return countries that enough came from; the rest are `other`, at the end."""
    countries = list(countries)
    shown = [one for one in countries if one[1] >= AT_LEAST or one[0] == UNKNOWN]
    rest = sum(number for name, number in countries if (name, number) not in shown)
    return [*shown, (OTHER, rest)] if rest else shown


def looks(certificate_id: UUID, now: datetime) -> Looks:
    """Return how often people looked at a certificate (one query)."""
    people = Rollup.objects.filter(certificate=certificate_id).exclude(ua_class__in=BOTS)
    sums = people.aggregate(
        total=Sum("count"), lately=Sum("count", filter=Q(hour__gt=now - _LATELY))
    )
    return Looks(total=sums["total"] or 0, last_30_days=sums["lately"] or 0)


def _series(
    within: QuerySet[Any], unit: str, starts: Sequence[datetime]
) -> list[tuple[datetime, int]]:
    part = Trunc("hour", unit, output_field=DateTimeField(), tzinfo=starts[0].tzinfo)
    found = dict(within.annotate(part=part).values_list("part").annotate(Sum("count")))
    return [(start, found.get(start, 0)) for start in starts]


def _counts(within: QuerySet[Any], name: str) -> list[Count]:
    sums = within.values_list(name).annotate(total=Sum("count"))
    return sorted(sums, key=lambda one: (-one[1], one[0]))


def _most_verified(within: QuerySet[Any]) -> list[tuple[Certificate, int]]:
    sums = within.filter(certificate__isnull=False).values_list("certificate")
    most = dict(sums.annotate(total=Sum("count")).order_by("-total")[:_MOST_CERTIFICATES])
    found = Certificate.objects.select_related("recipient", "course_version").in_bulk(most)
    return [(found[pk], number) for pk, number in most.items()]
