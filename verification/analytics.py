"""Figures of verifications, by time, answer, country and class of program. Reads only."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, Sum

from certificates.looks import Looks
from observability.user_agents import BOTS
from verification.models import Rollup

_LATELY = timedelta(days=30)


def looks(certificate_id: UUID, now: datetime) -> Looks:
    """Return how often people looked at a certificate (one query)."""
    people = Rollup.objects.filter(certificate=certificate_id).exclude(ua_class__in=BOTS)
    sums = people.aggregate(
        total=Sum("count"), lately=Sum("count", filter=Q(hour__gt=now - _LATELY))
    )
    return Looks(total=sums["total"] or 0, last_30_days=sums["lately"] or 0)
