"""Figures of the operators' overview, each with the list that holds its rows."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse

from certificates.models import Case, Certificate, Completion, RenderJob
from tenants.acting import Acting
from tenants.dashboard import Figure, Panel, bars
from tenants.roles import Right

_DAYS = 7
_LATEST = timedelta(days=_DAYS - 1)


def issued_panel(who: Acting, now: datetime) -> Panel | None:
    """Return certificates issued today and on each of the last seven days (UTC)."""
    certificates = _visible(Certificate.objects.all(), who)
    if certificates is None:
        return None
    first = (now - _LATEST).date()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) - _LATEST
    by_day = dict(
        certificates.filter(issued_at__gte=midnight)
        .annotate(day=TruncDate("issued_at"))
        .order_by("day")
        .values_list("day")
        .annotate(Count("pk"))
    )
    days = [first + timedelta(days=number) for number in range(_DAYS)]
    series = [(day, by_day.get(day, 0)) for day in days]
    changelist = reverse("admin:certificates_certificate_changelist")
    today = f"issued_at__gte={midnight + _LATEST:%Y-%m-%dT%H:%M:%SZ}"
    return Panel(
        title="Certificates",
        figures=[
            Figure("issued today", series[-1][1], f"{changelist}?{today}"),
            Figure(
                f"in the last {_DAYS} days",
                sum(count for _, count in series),
                f"{changelist}?issued_at__gte={midnight:%Y-%m-%dT%H:%M:%SZ}",
            ),
        ],
        bars=bars(series),
    )


def funnel_panel(who: Acting, now: datetime) -> Panel | None:
    """Return where the completions of the last seven days stand."""
    completions = _visible(Completion.objects.all(), who)
    if completions is None:
        return None
    since = (now - _LATEST).replace(hour=0, minute=0, second=0, microsecond=0)
    recent = completions.filter(accepted_at__gte=since)
    by_state = dict(recent.order_by("state").values_list("state").annotate(Count("pk")))
    changelist = f"{reverse('admin:certificates_completion_changelist')}?"
    within = f"accepted_at__gte={since:%Y-%m-%dT%H:%M:%SZ}"
    state = Completion.State
    return Panel(
        title="Completions of the last 7 days",
        figures=[
            Figure("reported", sum(by_state.values()), changelist + within),
            *(
                Figure(
                    label,
                    by_state.get(which, 0),
                    f"{changelist}{within}&state__exact={which.value}",
                    alarm=alarm,
                )
                for which, label, alarm in (
                    (state.ISSUED, "became certificates", False),
                    (state.ACCEPTED, "on their way", False),
                    (state.HELD, "held", True),
                    (state.REFUSED, "refused", True),
                )
            ),
        ],
    )


def files_panel(who: Acting, now: datetime) -> Panel | None:  # noqa: ARG001 - a panel's signature
    """Return the files that are not there yet, and why."""
    jobs = _visible(RenderJob.objects.all(), who, "certificate__tenant")
    if jobs is None:
        return None
    state = RenderJob.State
    open_jobs = jobs.exclude(state=state.DONE).order_by("state")
    by_state = dict(open_jobs.values_list("state").annotate(Count("pk")))
    changelist = f"{reverse('admin:certificates_renderjob_changelist')}?state"
    return Panel(
        title="Files",
        figures=[
            Figure(
                "waiting for rendering",
                by_state.get(state.QUEUED, 0) + by_state.get(state.RUNNING, 0),
                f"{changelist}__in={state.QUEUED.value},{state.RUNNING.value}",
            ),
            Figure(
                "held back",
                by_state.get(state.HELD, 0),
                f"{changelist}__exact={state.HELD.value}",
                note="the renderer cannot draw the name rightly yet",
                alarm=True,
            ),
            Figure(
                "failed",
                by_state.get(state.FAILED, 0),
                f"{changelist}__exact={state.FAILED.value}",
                alarm=True,
            ),
        ],
    )


def inbox_panel(who: Acting, now: datetime) -> Panel | None:  # noqa: ARG001 - a panel's signature
    """Return what holders and readers wait for."""
    cases = _visible(Case.objects.filter(state=Case.State.OPEN), who)
    if cases is None:
        return None
    by_kind = dict(cases.order_by("kind").values_list("kind").annotate(Count("pk")))
    changelist = f"{reverse('admin:certificates_case_changelist')}?state__exact=open&kind__exact="
    return Panel(
        title="Requests",
        figures=[
            Figure(label, by_kind.get(kind, 0), f"{changelist}{kind.value}", alarm=True)
            for kind, label in (
                (Case.Kind.CORRECTION, "names to correct"),
                (Case.Kind.DELETION, "asked to be deleted"),
                (Case.Kind.REPORT, "problems reported"),
            )
        ],
    )


def _visible(rows: QuerySet[Any], who: Acting, path: str = "tenant") -> QuerySet[Any] | None:
    if not who.may_somewhere(Right.VIEW):
        return None
    tenant_ids = who.tenant_ids(Right.VIEW)
    return rows if tenant_ids is None else rows.filter(**{f"{path}__in": tenant_ids})
