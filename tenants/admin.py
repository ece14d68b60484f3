"""Screens of tenants: organisations, members, API keys, the audit trail."""

import json
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from observability.events import AUDITED
from observability.models import AuditRecord
from tenants import onboarding
from tenants.acting import acting
from tenants.acts import Act, posted
from tenants.colours import DEFAULTS
from tenants.forms import ApiKeyForm, MemberForm, TenantForm
from tenants.models import ApiKey, Membership, Tenant, User
from tenants.pills import pill
from tenants.roles import Right
from tenants.scoped_admin import TenantScopedAdmin

admin.site.unregister(Group)  # roles carry the rights; plain permissions would be a second truth


@admin.register(Tenant)
class TenantAdmin(TenantScopedAdmin):
    """An organisation; its owners edit it, only superusers bring in a new one."""

    tenant_path = "id"
    change_right = Right.MANAGE_TENANT
    form = TenantForm
    list_display = ("name", "slug", "language", "time_zone", "website", "is_sample")
    search_fields = ("name", "slug")
    ordering = ("name",)
    fieldsets = (
        (None, {"fields": ("slug", "name", "website", "email")}),
        ("Language and time", {"fields": ("language", "direction", "time_zone")}),
        ("Colours", {"fields": tuple(DEFAULTS)}),
        ("Privacy", {"fields": ("names_private",)}),
        (None, {"fields": ("is_sample",)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Fix what signed documents carry; whether awards are real is not the owner's word."""
        if obj is None:
            return []
        return ["slug"] if request.user.is_superuser else ["slug", "is_sample"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show colours only to those who may pick them: they are fields of the form alone."""
        sets = super().get_fieldsets(request, obj)
        may_edit = obj is None or self.has_change_permission(request, obj)
        return [part for part in sets if may_edit or part[0] != "Colours"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only superusers bring in tenants."""
        return acting(request).is_superuser


@admin.register(Membership)
class MembershipAdmin(TenantScopedAdmin):
    """Who may sign in for an organisation, and as what."""

    add_right = change_right = delete_right = Right.MANAGE_MEMBERS
    list_display = ("user", "role", "last_login")
    list_filter = ("role",)
    list_select_related = ("user",)
    search_fields = ("user__username",)
    search_help_text = "A user name."
    ordering = ("user__username",)
    fields = ("user", "role", "created_at")
    readonly_fields = ("user", "created_at")
    empty_sentence = "Nobody can sign in for this organisation yet."

    @admin.display(description="last signed in")
    def last_login(self, obj: Membership) -> Any:
        """Return when the person was last here."""
        return obj.user.last_login

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Make a person and the role in one step."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = MemberForm(posted(request), tenants=self.addable_tenants(request))
        if form.is_valid():
            user = onboarding.add_member(**form.cleaned_data, now=timezone.now())
            membership = Membership.objects.get(user=user)
            self.log_addition(request, membership, f"Role {membership.role}.")
            self.message_user(request, f"{user} can sign in now.")
            return HttpResponseRedirect(reverse("admin:tenants_membership_changelist"))
        return self.form_page(
            request,
            form,
            title="Add a member",
            effect="The person can sign in at once. Tell them their password over a safe channel.",
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes their own role: so an organisation never loses its last owner."""
        return super().has_change_permission(request, obj) and not _own(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody removes themselves, for the same reason."""
        return super().has_delete_permission(request, obj) and not _own(request, obj)


def _own(request: HttpRequest, membership: Membership | None) -> bool:
    return (
        membership is not None
        and membership.user_id == request.user.pk
        and not request.user.is_superuser
    )


@admin.register(ApiKey)
class ApiKeyAdmin(TenantScopedAdmin):
    """Keys of platforms. The text of a key is shown once, when it is made, and kept nowhere."""

    view_right = add_right = change_right = Right.MANAGE_KEYS
    list_display = ("name", "key_id", "state", "scope_list", "last_used_at")
    ordering = ("-created_at",)
    fields = ("name", "state", "key_id", "scope_list", "created_at", "last_used_at", "expires_at")
    readonly_fields = fields[1:]
    empty_sentence = "No platform has a key yet. Add one to let a learning platform report."
    acts = (
        Act(
            name="revoke",
            label="Revoke this key",
            right=Right.MANAGE_KEYS,
            effect="The platform that uses this key is refused from now on. This is final: "
            "a platform that is let in again gets a new key.",
            is_final=True,
        ),
    )

    @admin.display(description="scopes")
    def scope_list(self, obj: ApiKey) -> str:
        """Return the scopes in one line."""
        return ", ".join(obj.scopes)

    @admin.display(description="state")
    def state(self, obj: ApiKey) -> SafeString:
        """Return whether the key opens anything."""
        if obj.revoked_at is not None:
            return pill("bad", "revoked")
        return (
            pill("good", "in use") if obj.is_valid(now=timezone.now()) else pill("late", "expired")
        )

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Make a key and show its text in the answer, the only time it is seen."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ApiKeyForm(posted(request), tenants=self.addable_tenants(request))
        if form.is_valid():
            key, text = onboarding.create_api_key(**form.cleaned_data, now=timezone.now())
            self.log_addition(request, key, f"Scopes {', '.join(key.scopes)}.")
            context = {**self.admin_site.each_context(request), "opts": self.opts}
            context |= {"title": "Copy this key now", "key": key, "text": text}
            return TemplateResponse(request, "admin/api_key_made.html", context)
        return self.form_page(
            request,
            form,
            title="Add an API key",
            effect="The key is shown once, on the next page. Only a hash of it is kept.",
        )

    def act_applies(self, act: Act, obj: ApiKey) -> bool:  # noqa: ARG002
        """Leave a revoked key revoked."""
        return obj.revoked_at is None

    def perform_revoke(self, request: HttpRequest, obj: ApiKey, data: Any) -> str:  # noqa: ARG002
        """End the key."""
        onboarding.revoke_api_key(key=obj, now=timezone.now())
        return "The key is revoked."


_SUBJECTS = ("certificate_id", "template_id", "kid", "verification_token_fingerprint")


@admin.register(AuditRecord)
class AuditRecordAdmin(TenantScopedAdmin):
    """The audit trail: what happened, in order, sealed by a hash chain."""

    view_right = Right.READ_AUDIT
    list_display = ("sequence", "recorded_at", "event", "subject")
    list_display_links = ("sequence", "event")
    ordering = ("-recorded_at", "-sequence")
    date_hierarchy = "recorded_at"
    fields = (
        *("tenant_id", "sequence", "recorded_at", "event", "actor"),
        *("facts", "prev_hash", "hash"),
    )
    readonly_fields = fields
    empty_sentence = "Nothing has been recorded yet."

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Offer the events that are audited."""
        return [*super().get_list_filter(request), EventFilter]

    @admin.display(description="about")
    def subject(self, obj: AuditRecord) -> SafeString | str:
        """Return what it is about: the first id the payload holds."""
        facts = json.loads(obj.payload)
        found = next((str(facts[name]) for name in _SUBJECTS if facts.get(name)), "-")
        return format_html("<code>{}</code>", found)

    @admin.display(description="facts")
    def facts(self, obj: AuditRecord) -> SafeString:
        """Return the payload, readable."""
        text = json.dumps(json.loads(obj.payload), indent=2, sort_keys=True, ensure_ascii=False)
        return format_html('<pre class="code">{}</pre>', text)


class EventFilter(admin.SimpleListFilter):
    """By event, from the catalogue: a list of what could have happened, not of what did."""

    title = "event"
    parameter_name = "event"

    def lookups(
        self,
        request: HttpRequest,  # noqa: ARG002
        model_admin: Any,  # noqa: ARG002
    ) -> list[tuple[str, str]]:
        """Return the audited events."""
        return sorted(
            (event.value, event.value.removeprefix("certification.")) for event in AUDITED
        )

    def queryset(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: models.QuerySet[Any],
    ) -> models.QuerySet[Any]:
        """Narrow to one event."""
        return queryset.filter(event=self.value()) if self.value() else queryset


if TYPE_CHECKING:  # generic for the type checker only
    _UserAdmin = UserAdmin[User]
else:
    _UserAdmin = UserAdmin


@admin.register(User)
class SuperusersUserAdmin(_UserAdmin):
    """Accounts. For superusers only: a person may belong to several tenants."""

    SUPERUSERS_ONLY: ClassVar[bool] = True
    list_display = ("username", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    list_per_page = 50
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Times", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Superusers only."""
        return acting(request).is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Superusers only."""
        return acting(request).is_superuser

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers only."""
        return acting(request).is_superuser
