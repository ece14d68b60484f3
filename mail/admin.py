"""Operators' screens of mail: who a tenant writes as, and what became of each letter."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from mail.models import Email, Sender
from tenants.pills import pill
from tenants.roles import Right
from tenants.scoped_admin import TenantScopedAdmin

_PILLS = {
    Email.State.QUEUED: ("waiting", "waiting"),
    Email.State.SENT: ("good", "sent"),
    Email.State.DROPPED: ("replaced", "not sent"),
    Email.State.BOUNCED: ("bad", "came back"),
    Email.State.FAILED: ("bad", "given up"),
}


@admin.register(Sender)
class SenderAdmin(TenantScopedAdmin):
    """Who the letters come from, one row a tenant."""

    add_right = Right.MANAGE_TENANT
    change_right = Right.MANAGE_TENANT
    list_display = ("name", "address", "reply_to", "tells_recipients")
    fields = ("tenant", "name", "address", "reply_to", "tells_recipients")
    empty_sentence = (
        "No sender yet. Add one, and people are written to when their certificate is issued."
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ARG002
        """Keep a sender with its tenant."""
        return ["tenant"] if obj else []


@admin.register(Email)
class EmailAdmin(TenantScopedAdmin):
    """Letters: never their words or addresses, only what they were about and how they went."""

    list_display = ("kind", "subject_id", "state_pill", "reason", "created_at", "sent_at")
    list_filter = ("state", "kind")
    ordering = ("-created_at",)
    search_fields = ("subject_id",)
    search_help_text = "The id of the certificate."
    empty_sentence = "No letter yet. A sender with “tells recipients” makes each issue write one."
    fields = (
        *("kind", "subject_id", "copy", "state_pill", "reason"),
        *("created_at", "sent_at", "bounced_at"),
    )
    readonly_fields = fields

    @admin.display(description="state", ordering="state")
    def state_pill(self, obj: Email) -> SafeString:
        """Return how it went."""
        return pill(*_PILLS[Email.State(obj.state)])
