"""Rows of every table, one plain function each: fast, unsigned, with sensible values."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from certificates.credential import status_bits
from certificates.models import (
    Artifact,
    Certificate,
    Completion,
    CourseVersion,
    Recipient,
    RenderJob,
    Securing,
    StatusList,
)
from certificates.tokens import new_token
from outbox.models import OutboxMessage
from signing.models import KeyAddress, SigningKey
from templates_app.models import CertificateTemplate, TemplateVersion
from tenants import onboarding
from tenants.models import Membership, Tenant, User
from tenants.roles import Role

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
# The smallest PNG: one transparent pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63"
    "000100000500010d0a2db40000000049454e44ae426082"
)


def make_tenant(*, slug: str, name: str, now: datetime = NOW, **fields: Any) -> Tenant:
    """Build a tenant."""
    return onboarding.create_tenant(slug=slug, name=name, now=now, **fields)


def make_member(tenant: Tenant, role: Role, username: str, *, now: datetime = NOW) -> User:
    """Build a person with one role."""
    user = User.objects.create_user(username, password=PASSWORD, is_staff=True)
    Membership.objects.create(tenant=tenant, user=user, role=role.value, created_at=now)
    return user


def make_template(
    tenant: Tenant, *, name: str = "Plain", is_default: bool = True, now: datetime = NOW
) -> CertificateTemplate:
    """Build a template without versions."""
    return CertificateTemplate.objects.create(
        tenant=tenant, name=name, is_default=is_default, created_at=now
    )


def make_version(
    template: CertificateTemplate,
    *,
    number: int = 1,
    state: TemplateVersion.State = TemplateVersion.State.DRAFT,
    layout: dict[str, Any] | None = None,
    now: datetime = NOW,
) -> TemplateVersion:
    """Build a version with a layout of no boxes, unless one is given."""
    return TemplateVersion.objects.create(
        tenant_id=template.tenant_id,
        template=template,
        number=number,
        state=state,
        layout=layout or {"page": {"width": 297, "height": 210}, "boxes": []},
        created_at=now,
        published_at=now if state == TemplateVersion.State.PUBLISHED else None,
    )


def make_course(
    tenant: Tenant,
    *,
    title: str = "Data Analysis",
    version_id: str = "3",
    now: datetime = NOW,
    **fields: Any,
) -> CourseVersion:
    """Build a course version."""
    return CourseVersion.objects.create(
        tenant=tenant,
        course_id=fields.pop("course_id", f"{title}-id"),
        version_id=version_id,
        title=title,
        created_at=now,
        updated_at=now,
        **fields,
    )


def make_recipient(
    tenant: Tenant, *, name: str = "Ada Lovelace", external_id: str = "", now: datetime = NOW
) -> Recipient:
    """Build a recipient."""
    return Recipient.objects.create(
        tenant=tenant,
        external_id=external_id or f"learner-{name}",
        names=[name],
        email=f"{name.rsplit(maxsplit=1)[-1].lower()}@learners.example",
        created_at=now,
    )


def make_completion(
    recipient: Recipient,
    course: CourseVersion,
    *,
    event_id: str = "",
    state: Completion.State = Completion.State.ISSUED,
    now: datetime = NOW,
    **fields: Any,
) -> Completion:
    """Build a completion."""
    return Completion.objects.create(
        tenant_id=recipient.tenant_id,
        event_id=event_id or f"event-{uuid.uuid4()}",
        content_sha256="0" * 64,
        recipient=recipient,
        name_index=len(recipient.names) - 1,
        course_version=course,
        completed_at=now - timedelta(minutes=5),
        state=state,
        certificate_id=uuid.uuid4(),
        token=new_token(),
        accepted_at=now,
        **fields,
    )


def make_certificate(
    completion: Completion,
    version: TemplateVersion,
    *,
    now: datetime = NOW,
    job: RenderJob.State = RenderJob.State.DONE,
    **fields: Any,
) -> Certificate:
    """Build an unsigned certificate with its render job and the rows of its files."""
    tenant = completion.tenant
    lists = StatusList.objects.for_tenant(tenant)
    status_list = lists.first() or StatusList.objects.create(
        tenant=tenant,
        number=1,
        url=f"http://testserver/status/{tenant.slug}/1",
        bits=status_bits.empty(StatusList.SIZE),
    )
    place = status_bits.shuffled(
        status_list.allocated, size=StatusList.SIZE, seed=bytes(status_list.seed)
    )
    status_list.allocated += 1
    status_list.save(update_fields=["allocated"])
    certificate = Certificate.objects.create(
        id=completion.certificate_id,
        tenant=tenant,
        completion=completion,
        recipient_id=completion.recipient_id,
        course_version_id=completion.course_version_id,
        template_version=version,
        name_index=completion.name_index,
        token=completion.token,
        credential_url=f"http://testserver/credentials/{completion.certificate_id}",
        status_list=status_list,
        status_index=place,
        accepted_at=completion.accepted_at,
        issued_at=fields.pop("issued_at", now),
        **fields,
    )
    RenderJob.objects.create(certificate=certificate, state=job, created_at=now, updated_at=now)
    Securing.objects.create(
        certificate=certificate,
        kid="k" * 43,
        subject=f"urn:uuid:{certificate.recipient_id}",
        content="e30.e30.e30",
        sha256="0" * 64,
        created_at=now,
    )
    if job == RenderJob.State.DONE:
        Artifact.objects.bulk_create(
            Artifact(
                certificate=certificate,
                format=kind,
                sha256="0" * 64,
                size=1024,
                path=f"artifacts/{certificate.pk}.{kind}",
                made_by="tests",
                created_at=now,
            )
            for kind in Artifact.Format.values
        )
    return certificate


def make_signing_key(tenant: Tenant, *, marker: str, now: datetime = NOW) -> SigningKey:
    """Build a key row; its private part is a marker that must never be seen."""
    key = SigningKey.objects.create(
        tenant=tenant,
        thumbprint=f"{marker}-key".ljust(43, "x"),
        algorithm="ES256",
        purpose=SigningKey.Purpose.CREDENTIAL_JWS,
        state=SigningKey.State.VERIFY_ONLY,  # the platform's key signs
        public_jwk={"kty": "EC"},
        sealed_private=b"SEALED-PRIVATE-PART",
        published_at=now,
        activates_at=now,
    )
    KeyAddress.objects.create(
        key=key, url=f"http://testserver/keys/{key.thumbprint}", first_used_at=now
    )
    return key


def make_message(tenant: Tenant, *, marker: str, now: datetime = NOW) -> OutboxMessage:
    """Build a parked message."""
    return OutboxMessage.objects.create(
        task="certificates.render",
        payload={"certificate_ids": [marker]},
        dedupe_key=f"{marker}-message",
        tenant_id=tenant.pk,
        created_at=now,
        available_at=now,
        dead_at=now,
        attempts=8,
        last_error=json.dumps({"of": marker}),
    )
