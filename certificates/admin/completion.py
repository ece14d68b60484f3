"""The screen of what platforms reported."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from certificates import promised
from certificates.awards import NoTemplate
from certificates.credential.lint import NotLinted
from certificates.forms import ReissueForm, RevokeForm
from certificates.models import Certificate, Completion
from certificates.reissue import NotReissuable
from certificates.search import find_completions
from tenants.acts import Act, ActRefused
from tenants.pills import bdi, day, pill
from tenants.roles import Right
from tenants.scoped_admin import TenantScopedAdmin

_COMPLETION_PILLS = {
    Completion.State.ISSUED: "good",
    Completion.State.ACCEPTED: "waiting",
    Completion.State.HELD: "held",
    Completion.State.REFUSED: "bad",
}


@admin.register(Completion)
class CompletionAdmin(TenantScopedAdmin):
    """What platforms reported, as they reported it."""

    list_display = ("event_id", "recipient_shown", "course", "state_pill", "reason", "accepted_on")
    list_select_related = ("recipient", "course_version", "answered_by")
    list_filter = ("accepted_at", "state", "source", "is_backfill")
    related_filters = ("course_version",)
    search_fields = ("event_id",)
    search_help_text = "Name, e-mail address, event id, code or link."
    ordering = ("-accepted_at", "-pk")
    empty_sentence = "No completion yet. A platform reports them by API, or a file brings them in."
    fieldsets = (
        (
            None,
            {
                "fields": (
                    *("event_id", "state_pill", "reason", "certificate_link", "source"),
                    "is_backfill",
                )
            },
        ),
        ("Who", {"fields": ("recipient_shown", "recipient_id_shown", "email")}),
        (
            "What and when",
            {
                "fields": (
                    "course",
                    "grade",
                    "completed_at",
                    "occurred_at",
                    "accepted_at",
                    "details",
                )
            },
        ),
    )
    readonly_fields = (
        *("event_id", "state_pill", "reason", "certificate_link", "source", "recipient_shown"),
        *("recipient_id_shown", "email", "course", "grade", "completed_at", "occurred_at"),
        *("accepted_at", "details", "is_backfill"),
    )
    acts = (
        Act(
            name="withdraw",
            label="Withdraw",
            right=Right.REVOKE,
            effect="Its certificate is not issued yet, and will never be good: whoever checks its "
            "link is told that it was withdrawn. This is final and cannot be undone: a mistaken "
            "withdrawal is mended by certifying anew, under a new event id.",
            form=RevokeForm,
            is_final=True,
        ),
        Act(
            name="correct",
            label="Correct and issue",
            right=Right.REVOKE,
            effect="A certificate with these words is signed, with its own code. The one that was "
            "reported is issued with it and says that it was replaced; both link to each other.",
            form=ReissueForm,
        ),
    )

    def find(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Understand names, addresses, ids, codes and links."""
        return find_completions(rows, text)

    def act_applies(self, act: Act, obj: Completion) -> bool:  # noqa: ARG002
        """Leave what is issued to the certificate's own screen."""
        pending = obj.state in {Completion.State.ACCEPTED, Completion.State.HELD}
        return pending and obj.answered_by_id is None

    def act_initial(self, act: Act, obj: Completion) -> dict[str, Any]:
        """Start a correction from what was reported."""
        if act.name == "correct":
            return {"recipient_name": obj.recipient_name, "grade": obj.grade}
        return {}

    def perform_withdraw(self, request: HttpRequest, obj: Completion, data: dict[str, Any]) -> str:
        """Withdraw what it was promised."""
        promised.withdraw(
            tenant=obj.tenant,
            certificate_id=obj.certificate_id,
            reason=Certificate.Reason(data["reason"]),
            note=data["note"],
            actor=f"user:{request.user.pk}",
            now=timezone.now(),
        )
        return "The certificate is withdrawn. Its verify page will never call it good."

    def perform_correct(self, request: HttpRequest, obj: Completion, data: dict[str, Any]) -> str:
        """Issue a corrected one in its place."""
        try:
            promised.correct(
                tenant=obj.tenant,
                certificate_id=obj.certificate_id,
                recipient_name=data["recipient_name"],
                grade=data["grade"],
                reason=data["reason"],
                actor=f"user:{request.user.pk}",
                now=timezone.now(),
            )
        except (NotReissuable, NotLinted, NoTemplate) as error:
            raise ActRefused(str(error)) from error
        return "The corrected certificate is issued; the reported one is replaced by it."

    @admin.display(description="recipient")
    def recipient_shown(self, obj: Completion) -> SafeString:
        """Return the name that was reported."""
        return bdi(obj.recipient_name)

    @admin.display(description="recipient id")
    def recipient_id_shown(self, obj: Completion) -> str:
        """Return the platform's id of the person."""
        return obj.recipient.external_id

    @admin.display(description="e-mail")
    def email(self, obj: Completion) -> str:
        """Return the person's address."""
        return obj.recipient.email

    @admin.display(description="course", ordering="course_version__title")
    def course(self, obj: Completion) -> SafeString:
        """Return the course's title."""
        return bdi(obj.course_version.title)

    @admin.display(description="state", ordering="state")
    def state_pill(self, obj: Completion) -> SafeString:
        """Return where it stands."""
        if obj.answered_by_id:
            return pill("replaced", "already certified")
        return pill(_COMPLETION_PILLS[Completion.State(obj.state)], obj.get_state_display())

    @admin.display(description="reported", ordering="accepted_at")
    def accepted_on(self, obj: Completion) -> SafeString:
        """Return the day; the time stands on the completion's own page."""
        return day(obj.accepted_at)

    @admin.display(description="certificate")
    def certificate_link(self, obj: Completion) -> Any:
        """Return a way to the certificate, once there is one."""
        answering = obj.answered_by or obj
        if answering.state != Completion.State.ISSUED:
            return "-"
        url = reverse("admin:certificates_certificate_change", args=[answering.certificate_id])
        return format_html('<a href="{}">{}</a>', url, answering.certificate_id)
