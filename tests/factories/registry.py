"""Certificates in every state, issued and signed for real."""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from certificates import issuance, reissue, revocation
from certificates.models import Certificate, Completion, RenderJob, Securing
from signing import rotation
from templates_app.models import TemplateVersion
from tenants.models import Tenant
from tests.factories import rows


@dataclass
class Registry:
    """One tenant that issues."""

    now: datetime
    tenant: Tenant
    version: TemplateVersion = field(init=False)

    def __post_init__(self) -> None:
        template = rows.make_template(self.tenant, now=self.now)
        self.version = rows.make_version(
            template, state=TemplateVersion.State.PUBLISHED, now=self.now
        )

    def completion(self, name: str = "Ada Lovelace", **course: Any) -> Completion:
        """Return a completion that waits to be issued."""
        course.setdefault("title", f"Course {Completion.objects.count()}")
        course.setdefault("version_id", f"v{Completion.objects.count()}")
        return rows.make_completion(
            rows.make_recipient(
                self.tenant, name=name, external_id=f"p{Completion.objects.count()}", now=self.now
            ),
            rows.make_course(self.tenant, now=self.now, **course),
            state=Completion.State.ACCEPTED,
            now=self.now,
        )

    def issue(
        self, name: str = "Ada Lovelace", *, at: datetime | None = None, **course: Any
    ) -> Certificate:
        """Return a certificate that was composed, linted and signed."""
        completion = self.completion(name, **course)
        (certificate,) = issuance.issue(completion_ids=[completion.pk], now=at or self.now)
        return certificate

    def expired(self) -> Certificate:
        """Return one whose time is over."""
        return self.issue(at=self.now - timedelta(days=400), validity_days=365)

    def revoked(
        self, reason: Certificate.Reason = Certificate.Reason.ISSUED_IN_ERROR
    ) -> Certificate:
        """Return one that was withdrawn."""
        certificate = self.issue()
        revocation.revoke(
            certificate=certificate,
            reason=reason,
            note="never public",
            actor="service:test",
            now=self.now,
        )
        certificate.refresh_from_db()
        return certificate

    def replaced(self) -> tuple[Certificate, Certificate]:
        """Return one that was corrected, and the one that counts."""
        old = self.issue("ADA LOVELACE")
        new = reissue.reissue(
            certificate=old,
            recipient_name="Ada Lovelace",
            reason="capitals",
            actor="service:test",
            now=self.now,
        )
        old.refresh_from_db()
        return old, new

    def forged(self) -> Certificate:
        """Return one whose stored document was changed after it was signed."""
        certificate = self.issue()
        securing = Securing.objects.get(certificate=certificate)
        header, payload, signature = securing.content.split(".")
        text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        changed = base64.urlsafe_b64encode(text.replace(b"Ada", b"Eve")).rstrip(b"=").decode()
        Securing.objects.filter(pk=securing.pk).update(content=f"{header}.{changed}.{signature}")
        return certificate

    def swapped(self) -> Certificate:
        """Return one whose stored document is another certificate's, soundly signed."""
        certificate, other = self.issue("Ada Lovelace"), self.issue("Eve Other")
        content = Securing.objects.get(certificate=other).content
        Securing.objects.filter(certificate=certificate).update(content=content)
        return certificate

    def held(self, reason: str) -> Certificate:
        """Return one whose picture cannot be drawn."""
        certificate = self.issue()
        RenderJob.objects.filter(certificate=certificate).update(state="held", reason=reason)
        return certificate


@pytest.fixture
def registry(db: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Return a tenant that issues, in a world whose clock stands at `now`."""
    monkeypatch.setattr(timezone, "now", lambda: now)
    rotation.ensure_first_key(now=now - timedelta(days=500))
    tenant = rows.make_tenant(
        slug="harbourline",
        name="Harbourline Academy",
        website="https://harbourline.example",
        email="certificates@harbourline.example",
        now=now,
    )
    return Registry(now=now, tenant=tenant)
