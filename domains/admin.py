"""Operators' screen of domains: name one, see what to publish, have it checked."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from domains import proving
from domains.models import DomainProof
from domains.names import NotADomain, document_url, read_domain, record_name, record_value
from tenants.acts import Act
from tenants.pills import pill
from tenants.roles import Right
from tenants.scoped_admin import ScopedForm, TenantScopedAdmin

_PILLS = {
    DomainProof.State.PENDING: ("waiting", "not checked yet"),
    DomainProof.State.CONFIRMED: ("good", "confirmed"),
    DomainProof.State.ABSENT: ("bad", "not found"),
}


class DomainForm(ScopedForm):
    """The name of a domain."""

    class Meta:
        model = DomainProof
        fields = ()  # the admin names them

    def clean_domain(self) -> str:
        """Read it as DNS writes it."""
        try:
            return read_domain(str(self.cleaned_data["domain"]))
        except NotADomain as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(DomainProof)
class DomainProofAdmin(TenantScopedAdmin):
    """One domain a tenant; verify pages name it once it is confirmed."""

    add_right = change_right = delete_right = Right.MANAGE_TENANT
    form = DomainForm
    list_display = ("domain", "state_pill", "method", "confirmed_since", "checked_at")
    list_filter = ("state",)
    ordering = ("domain",)
    search_fields = ("domain",)
    empty_sentence = (
        "No domain yet. Add yours, and verify pages tell that your organisation is who it says."
    )
    fields = ("domain", "state_pill", "record", "document", "story", "reason")
    readonly_fields = fields[1:]
    acts = (
        Act(
            name="check",
            label="Check now",
            right=Right.MANAGE_TENANT,
            effect="The domain is looked up within seconds: first its TXT record, then its DID "
            "document. What comes out stands on its page.",
        ),
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Ask for the name first; what to publish follows from it."""
        fields = super().get_fields(request, obj)
        return fields if obj else [name for name in fields if name in {"tenant", "domain"}]

    @admin.display(description="state", ordering="state")
    def state_pill(self, obj: DomainProof) -> SafeString:
        """Return where it stands."""
        return pill(*_PILLS[DomainProof.State(obj.state)])

    @admin.display(description="publish as a TXT record")
    def record(self, obj: DomainProof) -> SafeString:
        """Return what to give to whoever looks after the domain's names."""
        return format_html(
            'Name <code dir="ltr">{}</code><br>Value <code dir="ltr">{}</code>',
            record_name(obj.domain),
            record_value(proving.did_of(obj.tenant)),
        )

    @admin.display(description="or in a DID document")
    def document(self, obj: DomainProof) -> SafeString:
        """Return the other way, for those whose web site has a DID document."""
        return format_html(
            '<code dir="ltr">{}</code> with <code dir="ltr">"alsoKnownAs": ["{}"]</code>',
            document_url(obj.domain),
            proving.did_of(obj.tenant),
        )

    @admin.display(description="since when")
    def story(self, obj: DomainProof) -> str:
        """Return what is known, and as of when."""
        asked = f"Last asked for on {obj.tried_at:%Y-%m-%d %H:%M} UTC." if obj.tried_at else ""
        if obj.confirmed_since is None or obj.checked_at is None:
            return asked or "-"
        return (
            f"By {obj.get_method_display()}, confirmed since {obj.confirmed_since:%Y-%m-%d}, "
            f"last on {obj.checked_at:%Y-%m-%d %H:%M} UTC. {asked}"
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Begin anew with another name, and have it checked at once."""
        now = timezone.now()
        is_new_name = not change or "domain" in form.changed_data
        if is_new_name:
            proving.start_over(proof=obj, now=now)
        super().save_model(request, obj, form, change)
        if is_new_name:
            proving.ask(proofs=[obj], now=now)

    def perform_check(self, request: HttpRequest, obj: DomainProof, data: Any) -> str:  # noqa: ARG002
        """Ask for it now."""
        proving.ask(proofs=[obj], now=timezone.now())
        return "The domain is being looked up. Reload this page in a few seconds."
