"""The inbox: what holders ask for and readers report."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case as Choose
from django.db.models import When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from certificates import cases
from certificates.models import Case
from tenants.acts import Act, ActRefused
from tenants.pills import bdi, day, pill
from tenants.plain_text import PlainForm
from tenants.roles import Right
from tenants.scoped_admin import TenantScopedAdmin

_STATE_PILLS = {
    Case.State.OPEN: ("waiting", "open"),
    Case.State.RESOLVED: ("good", "resolved"),
    Case.State.DECLINED: ("replaced", "declined"),
}
_KIND_PILLS = {
    Case.Kind.CORRECTION: ("replaced", "correction"),
    Case.Kind.DELETION: ("held", "deletion"),
    Case.Kind.REPORT: ("late", "report"),
}
_ONLY_OF_REPORTS = ("subject_shown", "contact_link")
_OF_CLOSED = ("note", "closed_at", "closed_by")
# Which screen of the certificate does what was asked for.
_DONE_BY = {
    Case.Kind.CORRECTION: ("reissue", "Correct and re-issue, with the name as wished"),
    Case.Kind.DELETION: ("revoke", "Revoke at the holder’s request"),
}


class CloseForm(PlainForm):
    """What was found and done."""

    note = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For operators only; never public.",
    )


@admin.register(Case)
class CaseAdmin(TenantScopedAdmin):
    """Requests and reports: read, done or declined, never edited."""

    list_display = ("summary", "kind_pill", "state_pill", "recipient", "created_on")
    list_filter = ("state", "kind", "subject", "created_at")
    list_select_related = ("certificate__recipient", "certificate__course_version")
    # What waits comes first.
    ordering = (Choose(When(state=Case.State.OPEN, then=0), default=1), "-created_at")
    search_fields = ("certificate__token",)
    search_help_text = "The code of the certificate."
    empty_sentence = (
        "Nothing was asked for. Requests of holders and reports from verify pages arrive here."
    )
    fields = (
        *("kind_pill", "state_pill", "certificate_link", "done_by", "subject_shown"),
        *("wanted_name_shown", "text_shown", "contact_link", "created_at"),
        *("note", "closed_at", "closed_by"),
    )
    readonly_fields = fields
    acts = (
        Act(
            name="resolve",
            label="Mark as resolved",
            right=Right.ANSWER,
            effect="The request leaves the inbox as done. A holder sees on the owner’s page that "
            "it is; nobody is written to.",
            form=CloseForm,
        ),
        Act(
            name="decline",
            label="Decline",
            right=Right.ANSWER,
            effect="The request leaves the inbox as declined. A holder sees that on the owner’s "
            "page and may ask again; nobody is written to.",
            form=CloseForm,
        ),
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Leave out what this kind of request has not, and an end that it has not reached."""
        kind = obj.kind if obj else ""
        absent = set(_ONLY_OF_REPORTS if kind != Case.Kind.REPORT else ("done_by",))
        absent |= set(("wanted_name_shown",) if kind != Case.Kind.CORRECTION else ())
        absent |= set(_OF_CLOSED if obj and obj.state == Case.State.OPEN else ())
        return [name for name in super().get_fields(request, obj) if name not in absent]

    @admin.display(description="request")
    def summary(self, obj: Case) -> SafeString:
        """Return how it begins."""
        text = obj.wanted_name or obj.text or obj.get_kind_display()
        return bdi(Truncator(text).chars(60))

    @admin.display(description="kind", ordering="kind")
    def kind_pill(self, obj: Case) -> SafeString:
        """Return what it is."""
        return pill(*_KIND_PILLS[Case.Kind(obj.kind)])

    @admin.display(description="state", ordering="state")
    def state_pill(self, obj: Case) -> SafeString:
        """Return where it stands."""
        return pill(*_STATE_PILLS[Case.State(obj.state)])

    @admin.display(description="recipient")
    def recipient(self, obj: Case) -> SafeString:
        """Return whose certificate it is about."""
        return bdi(obj.certificate.recipient_name)

    @admin.display(description="created", ordering="created_at")
    def created_on(self, obj: Case) -> SafeString:
        """Return the day."""
        return day(obj.created_at)

    @admin.display(description="certificate")
    def certificate_link(self, obj: Case) -> SafeString:
        """Return a way to the certificate."""
        url = reverse("admin:certificates_certificate_change", args=[obj.certificate_id])
        words = f"{obj.certificate.recipient_name}: {obj.certificate.course_version.title}"
        return format_html('<a href="{}"><bdi>{}</bdi></a>', url, words)

    @admin.display(description="next step")
    def done_by(self, obj: Case) -> SafeString | str:
        """Return a way to the screen that does what was asked for, filled in."""
        name, words = _DONE_BY.get(Case.Kind(obj.kind), ("", ""))
        if not name or obj.state != Case.State.OPEN or obj.certificate.revoked_at is not None:
            return "-"
        url = reverse(f"admin:certificates_certificate_{name}", args=[obj.certificate_id])
        return format_html('<a href="{}">{}</a>', url, words)

    @admin.display(description="about")
    def subject_shown(self, obj: Case) -> str:
        """Return what a report is about."""
        return obj.get_subject_display() or "-"

    @admin.display(description="name as it should be")
    def wanted_name_shown(self, obj: Case) -> SafeString | str:
        """Return the name that was asked for."""
        return bdi(obj.wanted_name) if obj.wanted_name else "-"

    @admin.display(description="in their words")
    def text_shown(self, obj: Case) -> SafeString | str:
        """Return what was written, each line a line."""
        if not obj.text:
            return "-"
        return format_html('<p dir="auto" class="said">{}</p>', obj.text)

    @admin.display(description="answer to")
    def contact_link(self, obj: Case) -> SafeString | str:
        """Return where a reader may be answered."""
        if not obj.contact:
            return "-"
        return format_html('<a href="mailto:{0}"><bdi>{0}</bdi></a>', obj.contact)

    def act_applies(self, act: Act, obj: Case) -> bool:  # noqa: ARG002
        """Leave what is closed closed."""
        return obj.state == Case.State.OPEN

    def perform_resolve(self, request: HttpRequest, obj: Case, data: dict[str, Any]) -> str:
        """Note that it is done."""
        self._close(request, obj, Case.State.RESOLVED, data)
        return "The request is resolved."

    def perform_decline(self, request: HttpRequest, obj: Case, data: dict[str, Any]) -> str:
        """Note that it is not done."""
        self._close(request, obj, Case.State.DECLINED, data)
        return "The request is declined."

    def _close(
        self, request: HttpRequest, obj: Case, state: Case.State, data: dict[str, Any]
    ) -> None:
        actor, now = f"user:{request.user.pk}", timezone.now()
        if not cases.close(case=obj, state=state, note=data["note"], actor=actor, now=now):
            raise ActRefused("Somebody else has closed this request meanwhile.")
