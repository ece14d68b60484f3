"""Reads for pages, files and the API. Nothing here writes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, QuerySet

from certificates.models import Artifact, Certificate, Completion, Securing, Sharing
from certificates.models.certificate import CertificateQuerySet
from tenants.models import Tenant

_PAGE = (
    "tenant",
    "recipient",
    "course_version",
    "template_version",
    "completion",
    "status_list",
    "supersedes",
    "superseded_by",
    "render_job",
    "sharing",
    "tenant__domain_proof",
)


def certificate_by_token(token: str) -> Certificate | None:
    """Return the certificate of a token (without hyphens), with all a page needs, in one query."""
    found: Certificate | None = _with_page().filter(token=token).first()
    return found


def certificate_by_id(certificate_id: UUID) -> Certificate | None:
    """Return a certificate by its id, with all a page needs."""
    found: Certificate | None = _with_page().filter(pk=certificate_id).first()
    return found


def pending_completion(token: str) -> Completion | None:
    """Return the completion that will become the certificate of a token."""
    found: Completion | None = (
        Completion.objects.select_related("tenant", "recipient", "course_version")
        .filter(token=token, state__in=[Completion.State.ACCEPTED, Completion.State.HELD])
        .filter(answered_by__isnull=True)
        .first()
    )
    return found


def certificates_of(tenant: Tenant) -> CertificateQuerySet:
    """Return a tenant's certificates, newest first, ready for the API."""
    ordered: CertificateQuerySet = (
        _with_page().for_tenant(tenant).prefetch_related("artifacts").order_by("-issued_at", "-id")
    )
    return ordered


# How many were withdrawn, or shared otherwise, since a moment, and when the last was: equal
# means nothing new.
Changes = tuple[int, datetime | None, int, datetime | None]


def changes(*, since: datetime) -> Changes:
    """Return a mark that changes when a certificate is withdrawn, or shared otherwise."""
    withdrawn = _withdrawn(since).aggregate(number=Count("pk"), last=Max("revoked_at"))
    shared = _shared(since).aggregate(number=Count("pk"), last=Max("changed_at"))
    return withdrawn["number"], withdrawn["last"], shared["number"], shared["last"]


def changed_tokens(*, since: datetime, limit: int) -> list[str]:
    """Return the tokens of certificates changed since a moment, no more than `limit`."""
    tokens = list(_withdrawn(since).values_list("token", flat=True)[:limit])
    return [*tokens, *_shared(since).values_list("certificate__token", flat=True)[:limit]][:limit]


def _withdrawn(since: datetime) -> QuerySet[Any]:
    return Certificate.objects.filter(revoked_at__gte=since).order_by()


def _shared(since: datetime) -> QuerySet[Any]:
    return Sharing.objects.filter(changed_at__gte=since).order_by()


def completions_of(tenant: Tenant) -> QuerySet[Any]:
    """Return a tenant's completions with what their answer needs."""
    found: QuerySet[Any] = Completion.objects.for_tenant(tenant).select_related(
        "tenant", "recipient", "course_version", "answered_by"
    )
    return found


def securing_of(certificate: Certificate) -> Securing:
    """Return the newest signed form of a certificate."""
    return (
        Securing.objects.filter(certificate=certificate, form=Securing.Form.VC_JWT)
        .order_by("-generation")[:1]
        .get()
    )


def statement_of(certificate: Certificate) -> str:
    """Return the newest signed statement for the QR code, or nothing where its design has none."""
    newest = (
        Securing.objects.filter(certificate=certificate, form=Securing.Form.QR_JWT)
        .order_by("-generation")
        .values_list("content", flat=True)
        .first()
    )
    return newest or ""


def securings_of(certificate: Certificate) -> list[Securing]:
    """Return the newest signed form of a certificate after those it took the place of."""
    forms = list(
        Securing.objects.filter(certificate=certificate, form=Securing.Form.VC_JWT).order_by(
            "generation"
        )
    )
    return [form for form in forms if form.subject == forms[-1].subject]


def artifacts_of(certificate: Certificate, *, paper: str = "a4") -> dict[str, Artifact]:
    """Return the newest revision of each rendered file, by format."""
    newest: dict[str, Artifact] = {}
    for artifact in sorted(certificate.artifacts.all(), key=lambda a: a.revision):
        if artifact.paper == paper:
            newest[artifact.format] = artifact
    return newest


def _with_page() -> Any:
    return Certificate.objects.select_related(*_PAGE)
