"""What the signed form of a certificate says, and what its signature is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from certificates import queries, theft
from certificates.credential.contexts import CREDENTIAL_TYP
from certificates.credential.read import SignedFields, signed_fields
from certificates.models import Certificate, Securing
from signing import verifier
from signing.verifier import Outcome, Verification


@dataclass(frozen=True)
class Proof:
    """The signature, and whether row and document speak of the same thing.

    `fields` is there only if all of it holds: nothing else may be shown as signed. `stolen_at`
    is there if a key that matters was stolen: beside a good outcome our record is older.
    """

    outcome: Outcome
    matches_record: bool
    issuer_matches: bool
    fields: SignedFields | None
    kid: str
    kid_url: str
    sha256: str
    stolen_at: datetime | None = None


def examine(certificate: Certificate, *, now: datetime) -> Proof:
    """Verify the newest signed form of a certificate against its row."""
    securings = queries.securings_of(certificate)
    newest = securings[-1]
    verification = verifier.verify(
        tenant=certificate.tenant, compact=newest.content, typ=CREDENTIAL_TYP, now=now
    )
    payload = verification.payload or {}
    outcome, stolen_at = _judged(verification, securings)
    matches = payload.get("jti") == payload.get("id") == certificate.credential_url
    named = _names_tenant(payload, certificate.tenant.slug)
    holds = outcome is Outcome.GOOD and matches and named
    return Proof(
        outcome=outcome,
        matches_record=matches,
        issuer_matches=named,
        fields=signed_fields(payload) if holds else None,
        kid=verification.kid,
        kid_url=verification.kid_url,
        sha256=newest.sha256,
        stolen_at=stolen_at,
    )


def _judged(
    verification: Verification, securings: Sequence[Securing]
) -> tuple[Outcome, datetime | None]:
    """Judge stolen keys by our own record: what was recorded before the theft stays good.

    A document is as old as its first signed form, under whatever key its bytes are signed now;
    and one that began under a stolen key gets no better by a good key's signature.
    """
    first, newest = securings[0], securings[-1]
    if verification.outcome is Outcome.BAD:
        return verification.outcome, None
    if verification.outcome is Outcome.GOOD and first is newest:
        return verification.outcome, None
    stolen_at = theft.thefts([first.kid]).get(first.kid)
    if stolen_at is not None and first.created_at >= stolen_at:
        return Outcome.COMPROMISED, stolen_at
    if theft.signed_part(first.content) != theft.signed_part(newest.content):
        return verification.outcome, verification.compromised_at
    return Outcome.GOOD, verification.compromised_at


def _names_tenant(payload: Mapping[str, Any], slug: str) -> bool:
    """Compare by path: a certificate stays good when the service moves to another origin."""
    issuer = payload.get("issuer")
    named = issuer.get("id") if isinstance(issuer, dict) else None
    return (
        isinstance(named, str)
        and named == payload.get("iss")
        and named.startswith("did:web:")
        and named.endswith(f":tenants:{slug}")
    )
