"""Verifications on the operators' overview, and codes that are asked for unusually often."""

from datetime import datetime, timedelta

from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.urls import reverse

from tenants.acting import Acting
from tenants.dashboard import Figure, Panel, bars
from tenants.roles import Right
from verification.models import Anomaly, Rollup

_DAYS = 7


def verifications_panel(who: Acting, now: datetime) -> Panel | None:
    """Return verifications of today and of each of the last seven days (UTC), and anomalies."""
    if not who.may_somewhere(Right.VIEW):
        return None
    rollups, anomalies = Rollup.objects.all(), Anomaly.objects.all()
    tenant_ids = who.tenant_ids(Right.VIEW)
    if tenant_ids is not None:
        rollups = rollups.filter(tenant__in=tenant_ids)
        anomalies = anomalies.filter(tenant__in=tenant_ids)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight - timedelta(days=_DAYS - 1)
    by_day = dict(
        rollups.filter(hour__gte=since)
        .annotate(day=TruncDate("hour"))
        .order_by()
        .values_list("day")
        .annotate(Sum("count"))
    )
    days = [(since + timedelta(days=number)).date() for number in range(_DAYS)]
    series = [(day, by_day.get(day, 0)) for day in days]
    screen = reverse("admin:verification_rollup_changelist")
    within = f"started_at__gte={since:%Y-%m-%dT%H:%M:%SZ}"
    return Panel(
        title="Verifications",
        figures=[
            Figure("verified today", series[-1][1], f"{screen}?period=24h"),
            Figure(
                f"in the last {_DAYS} days",
                sum(count for _, count in series),
                f"{screen}?period=7d",
            ),
            Figure(
                "codes asked for very often",
                anomalies.filter(started_at__gte=since).count(),
                f"{reverse('admin:verification_anomaly_changelist')}?{within}",
                note="10,000 times within a minute",
                alarm=True,
            ),
        ],
        bars=bars(series),
    )
