"""The screen of certificates: find, look, withdraw, correct."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from certificates import announcing, cases, theft
from certificates.addresses import page_url, verify_url
from certificates.admin.files import job_pill
from certificates.awards import NoTemplate
from certificates.credential.lint import NotLinted
from certificates.files import NAMES, SIGNED
from certificates.filters import FilesFilter, StateFilter, TrustFilter
from certificates.forms import ReissueForm, RevokeForm
from certificates.models import Artifact, Case, Certificate
from certificates.reissue import NotReissuable, reissue
from certificates.revocation import revoke
from certificates.search import find_certificates
from certificates.timeline import timeline
from tenants.acts import Act, ActRefused
from tenants.pills import bdi, day, pill
from tenants.roles import Right
from tenants.scoped_admin import TenantScopedAdmin

_CERTIFICATE_PILLS = {
    Certificate.State.ISSUED: ("good", "in force"),
    Certificate.State.EXPIRED: ("late", "expired"),
    Certificate.State.REVOKED: ("bad", "revoked"),
    Certificate.State.SUPERSEDED: ("replaced", "replaced"),
}
_FILES = (
    (NAMES[Artifact.Format.PDF], "PDF"),
    (NAMES[Artifact.Format.PNG], "PNG"),
    (NAMES[Artifact.Format.OPENBADGES], "Badge"),
    (NAMES[Artifact.Format.BADGE_SVG], "Badge (SVG)"),
    (SIGNED, "Signed data"),
)

_AS_ASKED = "The holder asked for it."


@admin.register(Certificate)
class CertificateAdmin(TenantScopedAdmin):
    """Certificates: found, looked at, withdrawn, corrected. Never edited."""

    change_form_template = "admin/certificate.html"
    list_display = ("recipient_shown", "course", "state_pill", "files", "issued_on")
    list_select_related = ("recipient", "course_version", "render_job")
    # By date through a filter: a date hierarchy reads every row to say which years there are.
    list_filter = ("issued_at", StateFilter, TrustFilter, ("render_job__state", FilesFilter))
    related_filters = ("course_version",)
    search_fields = ("token",)
    search_help_text = "Name, e-mail address, course, event id, code or a whole pasted link."
    ordering = ("-issued_at", "-id")
    empty_sentence = "No certificate yet. Report a completion and it appears here within seconds."
    fields = (
        *("recipient_shown", "course", "grade", "state_pill", "issued_at", "expires_at"),
        *("shared_with", "completion_link", "replaces", "replaced_by", "design"),
    )
    readonly_fields = fields
    acts = (
        Act(
            name="revoke",
            label="Revoke",
            right=Right.REVOKE,
            effect="The certificate is withdrawn at once, everywhere it is checked. This is final "
            "and cannot be undone: a mistaken withdrawal is mended by certifying anew, under a "
            "new event id.",
            form=RevokeForm,
            is_final=True,
        ),
        Act(
            name="reissue",
            label="Correct and re-issue",
            right=Right.REVOKE,
            effect="A new certificate with these words is signed, with its own code. This one is "
            "withdrawn for good and says that it was replaced; both link to each other.",
            form=ReissueForm,
        ),
        Act(
            name="mail",
            label="Write to the recipient",
            right=Right.RESEND,
            effect="A letter with the link to this certificate goes to the e-mail address the "
            "platform reported, within seconds.",
        ),
    )

    def find(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Understand names, addresses, ids, codes and links."""
        return find_certificates(rows, text)

    @admin.display(description="recipient")
    def recipient_shown(self, obj: Certificate) -> SafeString:
        """Return the printed name."""
        return bdi(obj.recipient_name)

    @admin.display(description="course", ordering="course_version__title")
    def course(self, obj: Certificate) -> SafeString:
        """Return the course's title."""
        return bdi(obj.course_version.title)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Mark what was first recorded when its key was already stolen."""
        late = theft.certificates_too_late(theft.thefts()).filter(pk=OuterRef("pk"))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(is_too_late=Exists(late))
        return rows

    @admin.display(description="state")
    def state_pill(self, obj: Certificate) -> SafeString:
        """Return where it stands now; whoever verifies one of a stolen key is told it is not."""
        if getattr(obj, "is_too_late", False):
            return pill("bad", "invalid: key stolen")
        return pill(*_CERTIFICATE_PILLS[obj.state(now=timezone.now())])

    @admin.display(description="files", ordering="render_job__state")
    def files(self, obj: Certificate) -> SafeString | str:
        """Return whether its files are there."""
        job = getattr(obj, "render_job", None)
        return job_pill(job) if job is not None else "-"

    @admin.display(description="issued", ordering="issued_at")
    def issued_on(self, obj: Certificate) -> SafeString:
        """Return the day; the time stands on the certificate's own page."""
        return day(obj.issued_at)

    @admin.display(description="shared with")
    def shared_with(self, obj: Certificate) -> str:
        """Return whom its holder lets see the page and the files."""
        return obj.visibility.label

    @admin.display(description="completion")
    def completion_link(self, obj: Certificate) -> SafeString:
        """Return a way to what was reported."""
        url = reverse("admin:certificates_completion_change", args=[obj.completion_id])
        return format_html('<a href="{}">{}</a>', url, obj.completion.event_id)

    @admin.display(description="replaces")
    def replaces(self, obj: Certificate) -> SafeString | str:
        """Return the certificate this one corrected."""
        return self._link(obj.supersedes)

    @admin.display(description="replaced by")
    def replaced_by(self, obj: Certificate) -> SafeString | str:
        """Return the certificate that corrected this one."""
        return self._link(obj.successor)

    @admin.display(description="design")
    def design(self, obj: Certificate) -> str:
        """Return the version of the design it was made with."""
        return str(obj.template_version)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the story, the files and the addresses."""
        obj: Certificate = kwargs["obj"]
        page = page_url(obj.token)
        context |= {
            "title": obj.recipient_name,
            "subtitle": None,
            "timeline": timeline(obj),
            "verify_url": verify_url(obj.token),
            "page_url": page,
            "files": [(f"{page}/{name}", word) for name, word in _FILES],
            "job": getattr(obj, "render_job", None),
            "job_pill": job_pill(obj.render_job) if hasattr(obj, "render_job") else "",
            "picture": not obj.is_private
            and any(file.format == Artifact.Format.PNG for file in obj.artifacts.all()),
            "picture_url": f"{page}/{NAMES[Artifact.Format.PNG]}",
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def act_applies(self, act: Act, obj: Certificate) -> bool:  # noqa: ARG002
        """Leave what is withdrawn withdrawn."""
        return obj.revoked_at is None

    def act_initial(self, act: Act, obj: Certificate) -> dict[str, Any]:
        """Start a correction from what the certificate says, or from what its holder asked for."""
        wish = cases.open_correction(obj)
        if act.name == "reissue":
            name = wish.wanted_name if wish else obj.recipient_name
            reason = _AS_ASKED if wish else ""
            return {"recipient_name": name, "grade": obj.grade, "reason": reason}
        if act.name == "revoke" and cases.open_deletion(obj):
            return {"reason": Certificate.Reason.LEARNER_REQUEST.value}
        return {}

    def perform_revoke(self, request: HttpRequest, obj: Certificate, data: dict[str, Any]) -> str:
        """Withdraw it."""
        revoke(
            certificate=obj,
            reason=Certificate.Reason(data["reason"]),
            note=data["note"],
            actor=f"user:{request.user.pk}",
            now=timezone.now(),
        )
        return "The certificate is revoked. Its verify page says so from now on."

    def perform_mail(self, request: HttpRequest, obj: Certificate, data: dict[str, Any]) -> str:  # noqa: ARG002
        """Ask for one more letter."""
        try:
            announcing.announce_again(certificate=obj, now=timezone.now())
        except announcing.NoAddress as error:
            raise ActRefused(str(error)) from error
        return "The letter goes out now. What becomes of it stands in the timeline below."

    def perform_reissue(self, request: HttpRequest, obj: Certificate, data: dict[str, Any]) -> str:
        """Sign a corrected one in its place."""
        try:
            reissue(
                certificate=obj,
                recipient_name=data["recipient_name"],
                grade=data["grade"],
                reason=data["reason"],
                actor=f"user:{request.user.pk}",
                now=timezone.now(),
            )
        except (NotReissuable, NotLinted, NoTemplate) as error:
            raise ActRefused(str(error)) from error
        wish = cases.open_correction(obj)
        if wish is not None and wish.wanted_name == data["recipient_name"]:
            actor = f"user:{request.user.pk}"
            cases.close(
                case=wish, state=Case.State.RESOLVED, note="", actor=actor, now=timezone.now()
            )
        return "The corrected certificate is issued; this one is replaced by it."

    def _link(self, other: Certificate | None) -> SafeString | str:
        if other is None:
            return "-"
        return format_html('<a href="{}">{}</a>', self.change_url(other), other.pk)
