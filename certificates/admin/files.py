"""The screen of the making of files."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from certificates import rerendering
from certificates.models import RenderJob
from tenants.acts import Act
from tenants.pills import bdi, pill
from tenants.roles import Right
from tenants.scoped_admin import TenantScopedAdmin

_JOB_PILLS = {
    RenderJob.State.DONE: "good",
    RenderJob.State.QUEUED: "waiting",
    RenderJob.State.RUNNING: "waiting",
    RenderJob.State.HELD: "held",
    RenderJob.State.FAILED: "bad",
}


def job_pill(job: RenderJob) -> SafeString:
    """Return where the files of a certificate stand."""
    state = RenderJob.State(job.state)
    return pill(_JOB_PILLS[state], "ready" if state == RenderJob.State.DONE else state.label)


@admin.register(RenderJob)
class RenderJobAdmin(TenantScopedAdmin):
    """The making of files: what waits, what is held back, what failed, and why."""

    tenant_path = "certificate__tenant_id"
    list_display = ("recipient_shown", "state_pill", "reason", "attempts", "updated_at")
    list_select_related = ("certificate__recipient",)
    list_filter = ("state",)
    ordering = ("-updated_at", "-pk")
    empty_sentence = "No files have been asked for yet."
    actions = ("retry_chosen",)
    fields = ("recipient_shown", "certificate_link", "state_pill", "reason", "attempts")
    readonly_fields = fields
    acts = (
        Act(
            name="retry",
            label="Try again",
            right=Right.RESEND,
            effect="The missing files are queued once more. What is there already stays as it is.",
        ),
    )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow the overview's link to everything that waits."""
        return lookup == "state__in" or super().lookup_allowed(lookup, value, request)

    @admin.display(description="recipient")
    def recipient_shown(self, obj: RenderJob) -> SafeString:
        """Return the printed name."""
        return bdi(obj.certificate.recipient_name)

    @admin.display(description="state", ordering="state")
    def state_pill(self, obj: RenderJob) -> SafeString:
        """Return where it stands."""
        return job_pill(obj)

    @admin.display(description="certificate")
    def certificate_link(self, obj: RenderJob) -> SafeString:
        """Return a way to the certificate."""
        url = reverse("admin:certificates_certificate_change", args=[obj.pk])
        return format_html('<a href="{}">{}</a>', url, obj.pk)

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Ask the role; Django calls this for the action below."""
        return self.may(request, Right.RESEND)

    @admin.action(description="Try the chosen ones again", permissions=["resend"])
    def retry_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Queue what is held or failed once more."""
        ids = list(self.with_right(request, queryset, Right.RESEND).values_list("pk", flat=True))
        count = rerendering.render_again(certificate_ids=ids, now=timezone.now())
        self.message_user(request, f"{count} queued again.")

    def act_applies(self, act: Act, obj: RenderJob) -> bool:  # noqa: ARG002
        """Try again only what stopped."""
        return obj.state in rerendering.AGAIN

    def perform_retry(self, request: HttpRequest, obj: RenderJob, data: Any) -> str:  # noqa: ARG002
        """Queue it once more."""
        rerendering.render_again(certificate_ids=[obj.pk], now=timezone.now())
        return "The files are queued again."
