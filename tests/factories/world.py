"""The world tests live in: two tenants with people, keys, designs, courses and certificates.

Alice owns the first tenant, Bob audits it, Charlie owns the second. Rows are written straight
to the tables: fast, unsigned. Every name a tenant owns contains its marker.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from certificates.models import Certificate, Completion, CourseVersion, Recipient
from mail.models import Email, Sender
from outbox.models import OutboxMessage
from signing.models import SigningKey
from templates_app.models import Asset, CertificateTemplate, OwnFont, TemplateVersion
from templates_app.rendering.fonts import SHIPPED
from tenants import onboarding
from tenants.api_keys import Scope
from tenants.models import ApiKey, Tenant, User
from tenants.roles import Role
from tests.factories.rows import (
    NOW,
    PASSWORD,
    PIXEL,
    make_certificate,
    make_completion,
    make_course,
    make_member,
    make_message,
    make_recipient,
    make_signing_key,
    make_template,
    make_tenant,
    make_version,
)


@dataclass
class Place:
    """One tenant and a row of everything it owns."""

    marker: str
    tenant: Tenant
    owner: User
    key: ApiKey
    key_text: str
    template: CertificateTemplate
    version: TemplateVersion
    draft: TemplateVersion
    asset: Asset
    font: OwnFont
    course: CourseVersion
    recipient: Recipient
    completion: Completion
    certificate: Certificate
    signing_key: SigningKey
    message: OutboxMessage
    sender: Sender
    email: Email
    members: dict[Role, User] = field(default_factory=dict)


@dataclass
class World:
    """Alice and Bob are at `here`, Charlie is at `there`; `root` is a superuser."""

    here: Place
    there: Place
    root: User

    @property
    def alice(self) -> User:
        """The owner."""
        return self.here.owner

    @property
    def bob(self) -> User:
        """The same tenant, a lesser role."""
        return self.here.members[Role.AUDITOR]

    @property
    def charlie(self) -> User:
        """Another tenant's owner."""
        return self.there.owner


def make_world(*, now: datetime = NOW) -> World:
    """Build both tenants, a member of every role in the first, and a superuser."""
    here = make_place(slug="zephyr", marker="Zephyrine", now=now)
    there = make_place(slug="quill", marker="Quillon", now=now)
    for role in Role:
        if role is not Role.OWNER:
            here.members[role] = make_member(here.tenant, role, f"zephyrine-{role.value}", now=now)
    root = User.objects.create_superuser("root", password=PASSWORD)
    return World(here=here, there=there, root=root)


def make_place(*, slug: str, marker: str, now: datetime = NOW) -> Place:
    """Build one tenant and a row of everything."""
    tenant = make_tenant(slug=slug, name=f"{marker} Academy", now=now)
    owner = make_member(tenant, Role.OWNER, f"{marker.lower()}-owner", now=now)
    key, text = onboarding.create_api_key(
        tenant=tenant, name=f"{marker} platform", scopes=list(Scope), now=now
    )
    template = make_template(tenant, name=f"{marker} design", now=now)
    version = make_version(template, state=TemplateVersion.State.PUBLISHED, now=now)
    draft = make_version(template, number=2, now=now)
    asset = Asset.objects.create(
        tenant=tenant,
        name=f"{marker}-logo",
        sha256=hashlib.sha256(marker.encode()).hexdigest(),
        content_type="image/png",
        width=1,
        height=1,
        content=PIXEL,
        created_at=now,
    )
    font = OwnFont.objects.create(
        tenant=tenant,
        kind=OwnFont.Kind.FONT,
        name=f"{marker} Sans 400",
        sha256=hashlib.sha256(f"{marker} font".encode()).hexdigest(),
        content_type="font/sfnt",
        content=(SHIPPED / "cinzel" / "Cinzel_400Regular.ttf").read_bytes(),
        facts={
            "family": f"{marker} Sans",
            "weight": 400,
            "italic": False,
            "glyphs": 4000,
            "letters": {"Latn": 900},
            "scripts": ["Latn"],
        },
        created_at=now,
    )
    course = make_course(tenant, title=f"{marker} Course", now=now)
    recipient = make_recipient(tenant, name=f"Ada {marker}", now=now)
    completion = make_completion(recipient, course, event_id=f"{marker}-event-1", now=now)
    certificate = make_certificate(completion, version, now=now)
    return Place(
        marker=marker,
        tenant=tenant,
        owner=owner,
        key=key,
        key_text=text,
        template=template,
        version=version,
        draft=draft,
        asset=asset,
        font=font,
        course=course,
        recipient=recipient,
        completion=completion,
        certificate=certificate,
        signing_key=make_signing_key(tenant, marker=marker, now=now),
        message=make_message(tenant, marker=marker, now=now),
        sender=Sender.objects.create(tenant=tenant, name=f"{marker} desk"),
        email=Email.objects.create(
            tenant=tenant,
            kind="certificate_issued",
            subject_id=certificate.pk,
            reason=f"of {marker}",
            created_at=now,
        ),
    )
