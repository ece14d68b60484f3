"""Operators' screen of signing keys: their states and times. Private bytes are never loaded."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from signing import dashboard, rotation, story, timetable
from signing.forms import OwnKeysForm
from signing.models import SigningKey
from signing.moves import Overtaken
from tenants.acting import acting
from tenants.acts import Act, ActRefused
from tenants.admin_site import OperatorsSite
from tenants.pills import day, pill
from tenants.roles import Right
from tenants.scoped_admin import TenantScopedAdmin

_PILLS = {
    SigningKey.State.NEXT: ("waiting", "next"),
    SigningKey.State.ACTIVE: ("good", "signing"),
    SigningKey.State.VERIFY_ONLY: ("replaced", "verifying only"),
    SigningKey.State.DESTROYED: ("late", "private part destroyed"),
    SigningKey.State.COMPROMISED: ("bad", "compromised"),
}


@admin.register(SigningKey)
class SigningKeyAdmin(TenantScopedAdmin):
    """Keys of the tenant, and those of the platform that sign for it."""

    list_display = ("thumbprint_shown", "owner", "purpose", "state_pill", "signs_from", "until")
    list_filter = ("state", "purpose")
    ordering = ("-published_at",)
    empty_sentence = "No key yet. The first one is made when the service starts."
    fields = (
        *("thumbprint_shown", "owner", "purpose", "algorithm", "trigger"),
        *("state_pill", "address_list"),
    )
    readonly_fields = fields
    change_form_template = "admin/signing_key.html"
    acts = (
        Act(
            name="rotate",
            label="Rotate now",
            right=Right.MANAGE_KEYS,
            effect="A next key is published, and signs as soon as no cached key set can lack it.",
        ),
        Act(
            name="dedicate",
            label="Give a tenant its own keys",
            right=Right.MANAGE_KEYS,
            effect="The chosen organisation gets a key of its own.",
            form=OwnKeysForm,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the sealed private part in the database: no screen has any use for it."""
        return super().get_queryset(request).defer("sealed_private")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Name the owner once: the tenant's column says no more."""
        return [name for name in super().get_list_display(request) if name != "tenant"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Name the owner once."""
        return [name for name in super().get_fields(request, obj) if name != "tenant"]

    def scoped(self, queryset: QuerySet[Any], tenant_ids: frozenset[str] | None) -> QuerySet[Any]:
        """Add the platform's keys, which are public and sign for every tenant."""
        if tenant_ids is None:
            return queryset
        return queryset.filter(Q(tenant__in=tenant_ids) | Q(tenant__isnull=True))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let every member look at the platform's keys."""
        if obj is not None and obj.tenant_id is None:
            obj = None
        return super().has_view_permission(request, obj)

    def may(self, request: HttpRequest, right: Right | None, obj: Any = None) -> bool:
        """Keep the buttons for superusers: a tenant's keys are the platform's promise too."""
        if right is Right.MANAGE_KEYS and not acting(request).is_superuser:
            return False
        return super().may(request, right, obj)

    def act_applies(self, act: Act, obj: SigningKey) -> bool:
        """Rotate what signs; offer a tenant's own keys beside the platform's."""
        if obj.state != SigningKey.State.ACTIVE:
            return False
        is_platforms = obj.tenant_id is None
        return act.name != "dedicate" or (
            is_platforms and obj.purpose == SigningKey.Purpose.CREDENTIAL_JWS
        )

    def act_effect(self, act: Act, obj: SigningKey) -> str:
        """Say when the next key will sign, and that nothing certified is touched."""
        now = timezone.now()
        if act.name == "dedicate":
            return (
                "A key of its own is published for the organisation now, beside the platform's. "
                f"From {_moment(now + timetable.wait())} it signs for that organisation alone; "
                "until then the platform's key goes on. What is certified stays as it is."
            )
        return (
            "A next key is published now, unless one waits already. It signs from "
            f"{_moment(rotation.would_sign_at(obj, now=now))}, when no cached key set can lack "
            "it; this key signs until then. Certificates signed by it verify for ever."
        )

    def perform_rotate(self, request: HttpRequest, obj: SigningKey, data: Any) -> str:  # noqa: ARG002
        """Publish a next key, or bring the waiting one forward."""
        try:
            key = rotation.start(
                tenant=obj.tenant,
                purpose=SigningKey.Purpose(obj.purpose),
                wait=timetable.shortest_wait(),
                now=timezone.now(),
            )
        except Overtaken as error:
            raise ActRefused(f"{error}. Look at the list of keys.") from error
        return f"Key {key.thumbprint} is published and signs from {_moment(key.activates_at)}."

    def perform_dedicate(self, request: HttpRequest, obj: SigningKey, data: dict[str, Any]) -> str:  # noqa: ARG002
        """Publish the tenant's first own key."""
        try:
            key = rotation.start(
                tenant=data["tenant"],
                purpose=SigningKey.Purpose.CREDENTIAL_JWS,
                wait=timetable.wait(),
                now=timezone.now(),
            )
        except Overtaken as error:
            raise ActRefused(f"{error}. Look at the list of keys.") from error
        return f"Key {key.thumbprint} is published and signs from {_moment(key.activates_at)}."

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the key's story."""
        obj = kwargs.get("obj")
        if obj is not None:
            context["timeline"] = story.moments(obj, now=timezone.now())
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="key", ordering="thumbprint")
    def thumbprint_shown(self, obj: SigningKey) -> SafeString:
        """Return the thumbprint."""
        return format_html('<code dir="ltr">{}</code>', obj.thumbprint)

    @admin.display(description="owner", ordering="tenant__name")
    def owner(self, obj: SigningKey) -> str:
        """Return whose key it is."""
        return str(obj.tenant) if obj.tenant else "the platform"

    @admin.display(description="state", ordering="state")
    def state_pill(self, obj: SigningKey) -> SafeString:
        """Return what it still does."""
        return pill(*_PILLS[SigningKey.State(obj.state)])

    @admin.display(description="signs from", ordering="activates_at")
    def signs_from(self, obj: SigningKey) -> SafeString:
        """Return the day it began or begins to sign."""
        return day(obj.activated_at or obj.activates_at)

    @admin.display(description="until")
    def until(self, obj: SigningKey) -> SafeString | str:
        """Return the day it stopped signing, or is to."""
        if obj.deactivated_at is not None:
            return day(obj.deactivated_at)
        return day(timetable.ends_at(obj)) if obj.state == SigningKey.State.ACTIVE else "-"

    @admin.display(description="addresses")
    def address_list(self, obj: SigningKey) -> SafeString:
        """Return every address the key is known by."""
        rows = obj.addresses.order_by("pk").values_list("url")
        return format_html_join("", '<div dir="ltr"><code>{}</code></div>', rows)


def _moment(moment: datetime) -> str:
    return f"{date_format(moment, 'j M Y H:i')} UTC"


if isinstance(admin.site, OperatorsSite):
    admin.site.add_panel(dashboard.keys_panel, place=5)
