"""Operators' screens: who verifies, as far as it is known, and what is unusual. Nothing to edit."""

import csv
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from certificates.models import Certificate
from observability.user_agents import UNKNOWN
from tenants.admin_site import OperatorsSite
from tenants.pills import bdi, pill
from tenants.scoped_admin import TenantScopedAdmin
from verification import analytics, bursts, charts, dashboard
from verification.analytics import Figures
from verification.countries import country_name
from verification.models import Anomaly, Rollup
from verification.periods import PERIODS, USUAL, Period

_RESULTS = {
    "issued": "Valid",
    "revoked": "Withdrawn",
    "not_found": "Not found",
    "invalid": "Invalid",
}
_CLASSES = {
    "browser_desktop": "Browser on a computer",
    "browser_mobile": "Browser on a phone",
    "link_preview": "Preview of a link",
    "search_bot": "Search engine or crawler",
    "ai_bot": "AI crawler",
    "http_library": "Program",
    "monitor": "Monitor",
    UNKNOWN: "Unknown",
}
_COUNTRIES = {analytics.OTHER: "Other countries", UNKNOWN: "Unknown"}

# Of each table: the columns, and the rows. No text that somebody wrote: nothing is a formula.
_TABLES: dict[str, tuple[tuple[str, ...], Callable[[Figures], list[tuple[Any, ...]]]]] = {
    "time": (
        ("from", "verifications"),
        lambda figures: [(f"{at:%Y-%m-%dT%H:%M:%SZ}", number) for at, number in figures.series],
    ),
    "results": (("result", "verifications"), lambda figures: list(figures.results)),
    "countries": (("country", "verifications"), lambda figures: list(figures.countries)),
    "classes": (("ua_class", "verifications"), lambda figures: list(figures.classes)),
    "certificates": (
        ("certificate_id", "verifications"),
        lambda figures: [(one.pk, number) for one, number in figures.certificates],
    ),
}


@admin.register(Rollup)
class RollupAdmin(TenantScopedAdmin):
    """The figures as one screen; of a single certificate, the same screen narrowed to it."""

    def changelist_view(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - plain admin's signature
    ) -> HttpResponse:
        """Show the figures, or give one of their tables as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._answer(request, self._certificate(request))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Show the figures of a row's certificate: a row alone would tell of a single person."""
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return self._answer(request, row.certificate)

    def _certificate(self, request: HttpRequest) -> Certificate | None:
        """Return the certificate that is asked for, among those this person may see."""
        asked = request.GET.get("certificate")
        if not asked:
            return None
        try:
            found: Certificate | None = (
                self.rows_of(Certificate, request).filter(pk=UUID(asked)).first()
            )
        except ValueError:
            found = None
        if found is None:
            raise Http404
        return found

    def _answer(self, request: HttpRequest, certificate: Certificate | None) -> HttpResponse:
        rollups = self.get_queryset(request)
        if certificate is not None:
            rollups = rollups.filter(certificate=certificate)
        period = PERIODS.get(request.GET.get("period", ""), USUAL)
        figures = analytics.figures(rollups, period=period, now=timezone.now())
        wanted = request.GET.get("csv", "")
        if wanted in _TABLES:
            return _csv(figures, wanted, name=f"verifications-{wanted}-{period.key}.csv")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Verifications",
            "certificate": certificate,
            "of_certificate": f"&certificate={certificate.pk}" if certificate else "",
            "period": period,
            "periods": PERIODS.values(),
            "figures": figures,
            "at_least": analytics.AT_LEAST,
            **_charts(figures, period, certificate),
        }
        return TemplateResponse(request, "admin/verifications.html", context)


@admin.register(Anomaly)
class AnomalyAdmin(TenantScopedAdmin):
    """Codes that were asked for unusually often."""

    list_display = ("whose", "state", "in_a_minute", "country", "program", "started_at")
    list_display_links = ("whose",)
    list_filter = ("started_at",)
    list_select_related = ("certificate", "certificate__recipient")
    ordering = ("-started_at",)
    empty_sentence = "Nothing unusual was seen: no code was asked for 10,000 times within a minute."
    fields = (
        *("certificate_link", "fingerprint", "state", "in_a_minute", "country", "program"),
        *("started_at", "last_seen_at"),
    )
    readonly_fields = fields

    @admin.display(description="certificate")
    def whose(self, obj: Anomaly) -> SafeString | str:
        """Return the name on it; a code of nobody's has none."""
        return bdi(obj.certificate.recipient_name) if obj.certificate else "no certificate"

    @admin.display(description="certificate")
    def certificate_link(self, obj: Anomaly) -> SafeString | str:
        """Return ways to the certificate and to its figures."""
        if obj.certificate is None:
            return "no certificate"
        return format_html(
            '<a href="{}"><bdi>{}</bdi></a> · <a href="{}?{}">its figures</a>',
            reverse("admin:certificates_certificate_change", args=[obj.certificate_id]),
            obj.certificate.recipient_name,
            reverse("admin:verification_rollup_changelist"),
            urlencode({"certificate": obj.certificate_id, "period": "24h"}),
        )

    @admin.display(description="state", ordering="last_seen_at")
    def state(self, obj: Anomaly) -> SafeString:
        """Return whether it goes on."""
        if obj.last_seen_at < timezone.now() - bursts.QUIET:
            return pill("late", "over")
        return pill("bad", "going on")

    @admin.display(description="in a minute", ordering="count")
    def in_a_minute(self, obj: Anomaly) -> int:
        """Return how often it was asked for within the busiest minute."""
        return int(obj.count)

    @admin.display(description="most from", ordering="top_country")
    def country(self, obj: Anomaly) -> str:
        """Return where most of it came from."""
        return _country(obj.top_country)

    @admin.display(description="mostly by", ordering="top_ua_class")
    def program(self, obj: Anomaly) -> str:
        """Return what most of it was asked by."""
        return _CLASSES.get(obj.top_ua_class, obj.top_ua_class)


def _charts(figures: Figures, period: Period, certificate: Certificate | None) -> dict[str, Any]:
    total, here = figures.total, f"&period={period.key}"
    columns = charts.columns(figures.series, unit=period.unit)
    most = [] if certificate else figures.certificates
    named = [
        ("results", "By answer", [(_RESULTS.get(n, n), v, "") for n, v in figures.results]),
        ("countries", "By country", [(_country(n), v, "") for n, v in figures.countries]),
        ("classes", "By program", [(_CLASSES.get(n, n), v, "") for n, v in figures.classes]),
        (
            "certificates",
            "Most verified certificates",
            [
                (f"{one.recipient_name}, {one.course_version.title}", v, f"{one.pk}{here}")
                for one, v in most
            ],
        ),
    ]
    return {
        "columns": columns,
        "tallest": max(columns, key=lambda column: column.value),
        "tables": [
            (key, title, charts.table(rows, total=total)) for key, title, rows in named if rows
        ],
    }


def _country(code: str) -> str:
    return _COUNTRIES.get(code) or country_name(code)


def _csv(figures: Figures, wanted: str, *, name: str) -> HttpResponse:
    header, rows = _TABLES[wanted]
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows(figures))
    return response


if isinstance(admin.site, OperatorsSite):
    admin.site.add_panel(dashboard.verifications_panel, place=4)
