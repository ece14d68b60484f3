"""Sign what was linted, and what the designs' codes carry, and store it with all that follows."""

import hashlib
from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from certificates import statements
from certificates.credential import contexts
from certificates.credential.lint import LintedCredential
from certificates.models import Certificate, Securing
from certificates.recording import store
from observability import rows
from signing import signer
from signing.signer import Signed
from tenants.models import Tenant


def sign_and_store(
    *,
    tenant: Tenant,
    certificates: Sequence[Certificate],
    linted: Sequence[LintedCredential],
    now: datetime,
    source_lags: Mapping[UUID, float] = MappingProxyType({}),
    backfilled: Container[UUID] = (),
) -> None:
    """Sign what was linted and store it with everything that follows from it."""
    subjects = {
        certificate.pk: credential.subject
        for certificate, credential in zip(certificates, linted, strict=True)
    }
    printed = statements.wanted(certificates)
    credentials, codes = signer.sign_kinds(
        tenant=tenant,
        kinds=[
            (contexts.CREDENTIAL_TYP, [one.payload for one in linted]),
            (
                contexts.STATEMENT_TYP,
                [statements.payload_of(one, slug=tenant.slug) for one in printed],
            ),
        ],
        now=now,
    )
    store(
        tenant=tenant,
        certificates=certificates,
        securings=[
            _securing(certificate.pk, form, subjects[certificate.pk], one, now)
            for form, secured, signed in (
                (Securing.Form.VC_JWT, certificates, credentials),
                (Securing.Form.QR_JWT, printed, codes),
            )
            for certificate, one in zip(secured, signed, strict=True)
        ],
        source_lags=source_lags,
        backfilled=backfilled,
        now=now,
    )


def _securing(
    certificate_id: UUID, form: Securing.Form, subject: str, signed: Signed, now: datetime
) -> Securing:
    return rows.new(
        Securing,
        {
            "certificate_id": certificate_id,
            "form": form.value,
            "kid": signed.kid,
            "subject": subject,
            "content": signed.compact,
            "sha256": hashlib.sha256(signed.compact.encode()).hexdigest(),
            "created_at": now,
        },
        {},
    )
