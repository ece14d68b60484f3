"""The screens of stolen keys: reporting one, and how far its certificates are signed again."""

from datetime import datetime

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from certificates import resigning, theft
from certificates.forms import StolenForm, StolenSinceForm
from certificates.models import Resigning
from signing import compromise
from signing.compromise import CannotWithdraw
from signing.models import SigningKey
from tenants.acting import acting
from tenants.acts import posted
from tenants.pills import pill
from tenants.roles import Right
from tenants.scoped_admin import TenantScopedAdmin


@admin.register(Resigning)
class ResigningAdmin(TenantScopedAdmin):
    """What stolen keys signed: how much is signed again, and how much is invalid."""

    list_display = ("key_shown", "state_pill", "progress", "speed", "invalid", "since")
    ordering = ("-started_at", "-pk")
    empty_sentence = (
        "No key was ever reported stolen. A superuser reports one on its own page, under "
        "Signing keys."
    )
    fields = (
        *("key_shown", "since", "state_pill", "progress", "speed", "refused", "invalid"),
        *("started_at", "updated_at"),
    )
    readonly_fields = fields

    @admin.display(description="key", ordering="kid")
    def key_shown(self, obj: Resigning) -> SafeString:
        """Return the thumbprint."""
        return format_html('<code dir="ltr">{}</code>', obj.kid)

    @admin.display(description="state")
    def state_pill(self, obj: Resigning) -> SafeString:
        """Return whether it is done."""
        if obj.remaining:
            return pill("waiting", "signing again")
        return pill("held", "some need a look") if obj.refused else pill("good", "done")

    @admin.display(description="signed again")
    def progress(self, obj: Resigning) -> SafeString:
        """Return how many of how many."""
        return format_html(
            '<progress max="{}" value="{}"></progress> {} of {}',
            max(obj.total, 1),
            obj.done if obj.total else 1,
            f"{obj.done:,}",
            f"{obj.total:,}",
        )

    @admin.display(description="a second")
    def speed(self, obj: Resigning) -> str:
        """Return how fast it went."""
        return f"{obj.per_second:,.0f}" if obj.done else "-"

    @admin.display(description="invalid", ordering="late")
    def invalid(self, obj: Resigning) -> SafeString | str:
        """Return how many were recorded after the theft, and a way to them."""
        if not obj.late:
            return "0"
        url = f"{reverse('admin:certificates_certificate_changelist')}?trust=stolen"
        return format_html('<a href="{}">{}</a>', url, f"{obj.late:,}")

    def get_urls(self) -> list[URLPattern]:
        """Add the page that reports a key."""
        page = path(
            "report/<int:key_id>/",
            self.admin_site.admin_view(self.report_view),
            name="certificates_resigning_report",
        )
        return [page, *super().get_urls()]

    def report_view(self, request: HttpRequest, key_id: int) -> HttpResponseBase:
        """List what lies under a key, were it stolen at a time, and withdraw it when confirmed."""
        key = SigningKey.objects.select_related("tenant").filter(pk=key_id).first()
        who = acting(request)
        if not who.is_superuser or not who.may(Right.MANAGE_KEYS, key.tenant_id if key else None):
            raise PermissionDenied
        if key is None:
            raise Http404
        asked = StolenSinceForm(request.GET if "since" in request.GET else None)
        since = asked.cleaned_data["since"] if asked.is_bound and asked.is_valid() else None
        since = since or key.compromised_at or timezone.now().replace(microsecond=0)
        form = StolenForm(posted(request), initial={"at": since.isoformat()}, key=key)
        if form.is_valid():
            try:
                return self._withdraw(request, key, **form.cleaned_data)
            except CannotWithdraw as error:
                form.add_error(None, str(error))
        if form.is_bound:
            since = form.cleaned_data.get("at") or since
        return self._report_page(request, key, since, asked, form)

    def _withdraw(
        self, request: HttpRequest, key: SigningKey, *, at: datetime, reason: str, ending: str
    ) -> HttpResponseBase:
        del ending  # the form has compared it
        done = resigning.report_theft(
            thumbprint=key.thumbprint,
            since=at,
            reason=reason,
            actor=f"user:{request.user.pk}",
            now=timezone.now(),
        )
        for problem in done.problems:
            messages.error(request, problem)
        if done.changed:
            self.log_change(request, key, f"Reported stolen at {at.isoformat()}.")
            messages.success(
                request,
                "The key is withdrawn. What it signed before is being signed again; this list "
                "shows how far, within a minute.",
            )
        else:
            messages.info(request, "There is nothing to do: this was done before.")
        return HttpResponseRedirect(reverse("admin:certificates_resigning_changelist"))

    def _report_page(
        self,
        request: HttpRequest,
        key: SigningKey,
        since: datetime,
        asked: StolenSinceForm,
        form: StolenForm,
    ) -> HttpResponseBase:
        page = self.form_page(
            request,
            form,
            title="Report this key stolen",
            effect="The key leaves every published set at once, and its private part is destroyed. "
            "Certificates recorded before the theft stay good and are signed again; those "
            "recorded after it become invalid. This is final: the time may later move to an "
            "earlier one only.",
            submit="Withdraw the key",
            is_final=True,
        )
        page.template_name = "admin/stolen_key.html"
        page.context_data = {
            **(page.context_data or {}),
            "key": key,
            "refusal": _refusal(key, since),
            "asked": asked if asked.is_bound else StolenSinceForm(initial={"since": since}),
            "found": theft.blast_radius(key, since=since),
            "back_url": reverse("admin:signing_signingkey_change", args=[key.pk]),
        }
        return page


def _refusal(key: SigningKey, since: datetime) -> str:
    """Return why the key cannot be withdrawn as of this moment, were a reason given."""
    try:
        compromise.check(key, since=since, reason="given", now=timezone.now())
    except CannotWithdraw as error:
        return str(error)
    return ""
