"""See whether a domain says what its issuer says: by a TXT record or its DID document.

Either names the issuer's own DID, so it is no secret, proves nothing for another tenant, and
anybody can look it up again. Where nobody answers, the last known state stays, with its time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from domains import topics
from domains.dns_lookup import AskTexts, Away, texts_of
from domains.fetching import NoDocument, did_document
from domains.models import DomainProof
from domains.names import record_name, record_value
from outbox.publishing import Message, publish
from tenants.issuer_profile import issuer_did
from tenants.models import Tenant

_DAILY = timedelta(days=1)
# While somebody is publishing the record, they wait for it.
_SOON, _SOON_FOR = timedelta(minutes=10), timedelta(days=1)
# Some wait for their network's time to end; the relay has other work too.
_AT_ONCE = 10
_WEIGHT = 1000

Fetch = Callable[[str], dict[str, Any]]


@dataclass(frozen=True)
class _Found:
    """What was found. Without a method nothing was; `is_away`: nor can it be ruled out."""

    method: str = ""
    reason: str = ""
    is_away: bool = False


def did_of(tenant: Tenant) -> str:
    """Return what a domain has to name."""
    return issuer_did(base_url=settings.BASE_URL, slug=tenant.slug)


def start_over(*, proof: DomainProof, now: datetime) -> None:
    """Begin anew with a domain that was just named; nothing is shown until it is confirmed."""
    proof.state, proof.method, proof.reason = DomainProof.State.PENDING, "", ""
    proof.confirmed_since = proof.checked_at = proof.tried_at = None
    proof.created_at = now


@transaction.atomic
def ask(*, proofs: list[DomainProof], now: datetime) -> None:
    """Have domains checked in the background; within a minute once, however often it is asked."""
    publish(
        [
            Message(
                task=topics.CHECK,
                payload={"proof_id": proof.pk},
                dedupe_key=f"domain:{proof.pk}:{proof.domain[:60]}:{now:%Y%m%d%H%M}",
                tenant_id=proof.tenant_id,
                weight=_WEIGHT,
            )
            for proof in proofs
        ],
        now=now,
    )


def ask_for_due(*, now: datetime) -> int:
    """Have the domains checked whose turn it is, and return how many."""
    new = Q(created_at__gt=now - _SOON_FOR) & ~Q(state=DomainProof.State.CONFIRMED)
    due = Q(tried_at__isnull=True) | Q(tried_at__lte=now - _DAILY)
    due |= new & Q(tried_at__lte=now - _SOON)
    waiting = DomainProof.objects.filter(due).order_by(F("tried_at").asc(nulls_first=True), "pk")
    proofs = list(waiting[:_AT_ONCE])
    ask(proofs=proofs, now=now)
    return len(proofs)


def check(
    *, proof_id: int, now: datetime, texts: AskTexts = texts_of, fetch: Fetch = did_document
) -> None:
    """Look a domain up, and write down what came out."""
    proof = DomainProof.objects.select_related("tenant").filter(pk=proof_id).first()
    if proof is None:
        return
    found = _look(proof, texts, fetch)
    # Not another domain that was named in the meantime.
    row = DomainProof.objects.filter(pk=proof.pk, domain=proof.domain)
    if found.method:
        row.update(
            state=DomainProof.State.CONFIRMED,
            method=found.method,
            confirmed_since=proof.confirmed_since or now,
            checked_at=now,
            tried_at=now,
            reason="",
        )
    elif found.is_away:
        row.update(tried_at=now, reason=found.reason[:200])
    else:
        row.update(
            state=DomainProof.State.ABSENT,
            method="",
            confirmed_since=None,
            checked_at=now,
            tried_at=now,
            reason=found.reason[:200],
        )


def _look(proof: DomainProof, texts: AskTexts, fetch: Fetch) -> _Found:
    did = did_of(proof.tenant)
    by_text = _by_text(proof.domain, did, texts)
    # While DNS is away, so is its web server: nobody waits for both.
    if by_text.method or by_text.is_away:
        return by_text
    by_document = _by_document(proof.domain, did, fetch)
    if by_document.method:
        return by_document
    # Most domains have no web server with a DID document: it is missed only where it was.
    had_document = proof.method == DomainProof.Method.DID_WEB
    return _Found(
        reason=f"{by_text.reason}; {by_document.reason}",
        is_away=by_document.is_away and had_document,
    )


def _by_text(domain: str, did: str, texts: AskTexts) -> _Found:
    try:
        said = texts(record_name(domain))
    except Away as error:
        return _Found(reason=str(error), is_away=True)
    if record_value(did) in [text.strip() for text in said]:
        return _Found(method=DomainProof.Method.DNS)
    return _Found(reason="the TXT record says something else" if said else "there is no TXT record")


def _by_document(domain: str, did: str, fetch: Fetch) -> _Found:
    """Look for our issuer among the names its subject goes by (DID Core, section 5.1.3)."""
    try:
        document = fetch(domain)
    except Away as error:
        return _Found(reason=str(error), is_away=True)
    except NoDocument as error:
        return _Found(reason=str(error))
    names = document.get("alsoKnownAs")
    if document.get("id") == f"did:web:{domain}" and isinstance(names, list) and did in names:
        return _Found(method=DomainProof.Method.DID_WEB)
    return _Found(reason="the DID document does not name this issuer")
