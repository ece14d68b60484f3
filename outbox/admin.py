"""Operators' screen of the outbox: what waits, what was sent, what was parked, and why."""

import json
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from outbox import resending
from outbox.models import OutboxMessage
from tenants.acting import Acting
from tenants.acts import Act
from tenants.admin_site import OperatorsSite
from tenants.dashboard import Figure, Panel
from tenants.pills import pill
from tenants.roles import Right
from tenants.scoped_admin import TenantScopedAdmin


class StateFilter(admin.SimpleListFilter):
    """By where a message stands."""

    title = "state"
    parameter_name = "state"

    def lookups(
        self,
        request: HttpRequest,  # noqa: ARG002
        model_admin: Any,  # noqa: ARG002
    ) -> list[tuple[str, str]]:
        """Return the three states."""
        return [("waiting", "waiting"), ("done", "done"), ("dead", "parked")]

    def queryset(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[Any],
    ) -> QuerySet[Any]:
        """Narrow to one state."""
        match self.value():
            case "waiting":
                return queryset.filter(done_at__isnull=True, dead_at__isnull=True)
            case "done":
                return queryset.filter(done_at__isnull=False)
            case "dead":
                return queryset.filter(dead_at__isnull=False)
            case _:
                return queryset


@admin.register(OutboxMessage)
class OutboxMessageAdmin(TenantScopedAdmin):
    """Messages, by hand sent again where they were parked."""

    list_display = ("task", "state", "attempts", "last_error", "available_at")
    list_filter = (StateFilter, "task")
    ordering = ("-id",)
    actions = ("send_chosen_again",)
    empty_sentence = "Nothing has been asked for yet."
    fields = (
        *("task", "state", "facts", "dedupe_key", "attempts", "last_error"),
        *("created_at", "available_at", "dispatched_at", "done_at", "dead_at"),
    )
    readonly_fields = fields
    acts = (
        Act(
            name="send",
            label="Send again",
            right=Right.RESEND,
            effect="The task runs again within seconds. Running it twice changes nothing.",
        ),
    )

    @admin.display(description="state")
    def state(self, obj: OutboxMessage) -> SafeString:
        """Return where it stands."""
        if obj.dead_at is not None:
            return pill("bad", "parked")
        return pill("good", "done") if obj.done_at else pill("waiting", "waiting")

    @admin.display(description="payload")
    def facts(self, obj: OutboxMessage) -> SafeString:
        """Return the ids it carries."""
        return format_html('<pre class="code">{}</pre>', json.dumps(obj.payload, indent=2))

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Ask the role; Django calls this for the action below."""
        return self.may(request, Right.RESEND)

    @admin.action(description="Send the chosen ones again", permissions=["resend"])
    def send_chosen_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Make them due now."""
        ids = list(self.with_right(request, queryset, Right.RESEND).values_list("pk", flat=True))
        count = resending.send_again(message_ids=ids, now=timezone.now())
        self.message_user(request, f"{count} will be sent again.")

    def perform_send(self, request: HttpRequest, obj: OutboxMessage, data: Any) -> str:  # noqa: ARG002
        """Make it due now."""
        resending.send_again(message_ids=[obj.pk], now=timezone.now())
        return "The message will be sent again."


def outbox_panel(who: Acting, now: datetime) -> Panel | None:  # noqa: ARG001 - a panel
    """Return what waits longer than it should, and what was parked."""
    if not who.may_somewhere(Right.VIEW):
        return None
    messages = OutboxMessage.objects.all()
    tenant_ids = who.tenant_ids(Right.VIEW)
    if tenant_ids is not None:
        messages = messages.filter(tenant_id__in=tenant_ids)
    changelist = f"{reverse('admin:outbox_outboxmessage_changelist')}?state="
    return Panel(
        title="Background work",
        figures=[
            Figure("waiting to be sent", messages.pending().count(), f"{changelist}waiting"),
            Figure(
                "parked after too many failures",
                messages.filter(dead_at__isnull=False).count(),
                f"{changelist}dead",
                alarm=True,
            ),
        ],
    )


if isinstance(admin.site, OperatorsSite):
    admin.site.add_panel(outbox_panel, place=4)
