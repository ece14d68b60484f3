"""Sign again what a stolen key signed before it was stolen, in chunks that may be repeated.

A certificate whose first signed form is on our record from before the theft stays good at every
moment (certificates.proof); signing again lets strangers verify it too, whom the stolen key is
withheld from. The signed bytes stay as they are: only the header names another key.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F

from certificates import status_list, theft, topics
from certificates.credential.contexts import CREDENTIAL_TYP, STATEMENT_TYP
from certificates.models import Resigning, Securing
from certificates.recording import RENDER_CHUNK, RENDER_WEIGHT
from observability import rows
from outbox.models import OutboxMessage
from outbox.publishing import Message, publish
from signing import compromise, jwk, jws, signer
from signing.compromise import Withdrawal
from signing.models import SigningKey
from tenants.models import Tenant

CHUNK = 500
_WEIGHT = 2  # milliseconds a certificate
# Whoever took the key before it was withdrawn has ended by then (config.celeryconfig's time limit).
_ROUND, _SETTLED = timedelta(minutes=1), 3
# Files follow without haste, for the former ones verify still: about one certificate a second.
_FILES_EVERY = timedelta(seconds=RENDER_CHUNK)

_log = structlog.get_logger("certificates")


@transaction.atomic
def report_theft(
    *, thumbprint: str, since: datetime, reason: str, actor: str, now: datetime
) -> Withdrawal:
    """Withdraw a key as of `since` and queue the signing again of what it signed before.

    Raises compromise.CannotWithdraw.
    """
    # The lists before the key, as issuing takes them: nobody waits for each other.
    status_list.outdate(kid=thumbprint)
    withdrawal = compromise.withdraw(
        thumbprint=thumbprint, since=since, reason=reason, actor=actor, now=now
    )
    if withdrawal.changed:
        publish([_look(thumbprint, since.isoformat(), 0, now)], now=now)
    return withdrawal


def look(*, kid: str, since: str, number: int, now: datetime) -> None:
    """Count what waits under a stolen key, and see that somebody signs it.

    Comes back until nothing waits and nobody can still be signing with the key. An older time
    of the theft makes the rounds of the former one end.
    """
    stolen_at = theft.thefts([kid]).get(kid)
    if stolen_at is None or stolen_at.isoformat() != since:
        return
    status_list.outdate(kid=kid)
    status_list.renew(now=now)
    with transaction.atomic():
        jobs = _counted(kid, stolen_at, now)
        waits = any(job.remaining for job in jobs)
        pending = OutboxMessage.objects.pending().filter(
            task=topics.RESIGN, dedupe_key__startswith=f"{topics.RESIGN}:{kid}:"
        )
        if waits and not pending.exists():
            publish(list(_chunks(kid, number)), now=now)
        if waits or number < _SETTLED:
            publish([_look(kid, since, number + 1, now + _ROUND)], now=now)
        else:
            publish(list(_files(kid, now)), now=now)
            totals = {name: sum(getattr(job, name) for job in jobs) for name in _FIGURES}
            _log.info("resigning_finished", kid=kid, **totals)


def sign_again(*, kid: str, securing_ids: list[int], now: datetime) -> int:
    """Sign one tenant's chunk again and return how many it was. Repeating it changes nothing."""
    known = theft.thefts()
    if kid not in known:
        return 0
    with transaction.atomic():
        # Two workers with one chunk take turns; the second finds nothing left.
        chunk = Securing.objects.filter(pk__in=securing_ids).order_by("pk")
        held = list(chunk.select_for_update(no_key=True).values_list("pk", flat=True))
        due = theft.newest(theft.holding(kid, known)).filter(pk__in=held)
        forms = list(due.select_related("certificate").order_by("pk"))
        if not forms:
            return 0
        tenant = Tenant.objects.get(pk=forms[0].certificate.tenant_id)
        key = SigningKey.objects.get(thumbprint=kid)
        sound = _sound(forms, key)
        _store(tenant, sound, _sound(_codes_beside(sound), key), now)
        Resigning.objects.filter(tenant=tenant, kid=kid).update(
            done=F("done") + len(sound),
            refused=F("refused") + len(forms) - len(sound),
            updated_at=now,
        )
    return len(sound)


_FIGURES = ("total", "done", "refused", "late")


@dataclass(frozen=True)
class Progress:
    """How far the certificates of a key are signed again, all tenants together."""

    total: int
    done: int
    refused: int
    late: int
    per_second: float

    @property
    def remaining(self) -> int:
        """How many certificates wait."""
        return max(self.total - self.done - self.refused, 0)


def progress(kid: str) -> Progress | None:
    """Return how far a stolen key's certificates are; None before the first count."""
    jobs = list(Resigning.objects.filter(kid=kid))
    if not jobs:
        return None
    started, updated = min(job.started_at for job in jobs), max(job.updated_at for job in jobs)
    figures = {name: sum(getattr(job, name) for job in jobs) for name in _FIGURES}
    seconds = max((updated - started).total_seconds(), 1.0)
    return Progress(**figures, per_second=figures["done"] / seconds)


def _counted(kid: str, since: datetime, now: datetime) -> list[Resigning]:
    """Bring the figures of every tenant up to the database's, and return them."""
    known = theft.thefts()
    jobs = {
        job.tenant_id: job
        for job in Resigning.objects.select_for_update().filter(kid=kid).order_by("pk")
    }
    good = theft.holding(kid, known)
    total, waiting = Counter(theft.by_tenant(good)), theft.by_tenant(theft.newest(good))
    late = Counter(theft.by_tenant(theft.signed_by(kid))) - total
    for tenant_id in sorted(total.keys() | late.keys() | jobs.keys()):
        job = jobs.setdefault(
            tenant_id, Resigning(tenant_id=tenant_id, kid=kid, started_at=now, updated_at=now)
        )
        job.since, job.total, job.late = since, total[tenant_id], late[tenant_id]
        job.done = total[tenant_id] - waiting.get(tenant_id, 0)
        job.refused = min(job.refused, waiting.get(tenant_id, 0))
        job.save()
    return list(jobs.values())


def _chunks(kid: str, number: int) -> Iterator[Message]:
    """Yield a message for each chunk of what is to be signed again: one tenant, ids only."""
    due = theft.newest(theft.holding(kid, theft.thefts()))
    ids = due.order_by("certificate__tenant_id", "pk").values_list("certificate__tenant_id", "pk")
    for tenant_id, found in groupby(ids.iterator(), key=itemgetter(0)):
        while chunk := [pk for _, pk in islice(found, CHUNK)]:
            yield Message(
                task=topics.RESIGN,
                payload={"kid": kid, "securing_ids": chunk},
                dedupe_key=f"{topics.RESIGN}:{kid}:{number}:{chunk[0]}",
                tenant_id=tenant_id,
                weight=len(chunk) * _WEIGHT,
            )


def _files(kid: str, now: datetime) -> Iterator[Message]:
    """Yield messages that ask for new files around the new signatures, evenly over time."""
    shown = theft.signed_again(kid).filter(certificate__revoked_at__isnull=True)
    ids = shown.order_by("certificate__tenant_id", "pk").values_list(
        "certificate__tenant_id", "certificate_id"
    )
    at = now
    for tenant_id, found in groupby(ids.iterator(), key=itemgetter(0)):
        while chunk := [str(pk) for _, pk in islice(found, RENDER_CHUNK)]:
            yield Message(
                task=topics.RERENDER,
                payload={"certificate_ids": chunk},
                dedupe_key=f"{topics.RERENDER}:{kid}:{chunk[0]}",
                tenant_id=tenant_id,
                weight=len(chunk) * RENDER_WEIGHT,
                available_at=at,
            )
            at += _FILES_EVERY


def _look(kid: str, since: str, number: int, at: datetime) -> Message:
    return Message(
        task=topics.RESIGN_LOOK,
        payload={"kid": kid, "since": since, "number": number},
        dedupe_key=f"{topics.RESIGN_LOOK}:{kid}:{since}:{number}",
        available_at=at,
    )


def _sound(forms: list[Securing], key: SigningKey) -> list[tuple[Securing, bytes]]:
    """Return what the key really signed for these certificates, with the bytes it signed.

    Nothing else gets a good key's signature: a row that was tampered with stays as it is.
    """
    public = jwk.load_public(key.public_jwk)
    firsts = _firsts([form for form in forms if form.generation > 1])
    typs = {Securing.Form.VC_JWT: CREDENTIAL_TYP, Securing.Form.QR_JWT: STATEMENT_TYP}
    sound = []
    for form in forms:
        try:
            token = jws.parse(form.content)
            typ = typs[Securing.Form(form.form)]
            said = jws.verify(token, key=public, algorithm=key.algorithm, typ=typ)
        except jws.BadJws as bad:
            _log.error("not_signed_again", certificate_id=str(form.certificate_id), why=bad.reason)
            continue
        if not _is_about(form, said) or not _is_first(form, firsts):
            _log.error("not_signed_again", certificate_id=str(form.certificate_id), why="record")
            continue
        sound.append((form, token.payload))
    return sound


def _codes_beside(sound: list[tuple[Securing, bytes]]) -> list[Securing]:
    """Return the statements of codes that were signed together with these documents."""
    generations = {form.certificate_id: form.generation for form, _ in sound}
    codes = Securing.objects.filter(certificate__in=generations, form=Securing.Form.QR_JWT)
    return [
        code for code in codes.order_by("pk") if code.generation == generations[code.certificate_id]
    ]


def _is_about(form: Securing, said: dict[str, Any]) -> bool:
    """Say whether what was signed names the certificate on whose record it is."""
    if form.form == Securing.Form.QR_JWT:
        return bool(said.get("jti") == str(form.certificate_id))
    return (said.get("jti"), said.get("id")) == (form.certificate.credential_url,) * 2


def _firsts(forms: list[Securing]) -> dict[tuple[Any, str, str], str]:
    """Return the first signed form, by certificate and kind, of what was signed again before."""
    first = Securing.objects.filter(
        certificate__in=[form.certificate_id for form in forms], generation=1
    ).values_list("certificate_id", "form", "subject", "content")
    return {(pk, form, subject): content for pk, form, subject, content in first}


def _is_first(form: Securing, firsts: dict[tuple[Any, str, str], str]) -> bool:
    if form.generation == 1:
        return True
    first = firsts.get((form.certificate_id, form.form, form.subject), "")
    return theft.signed_part(first) == theft.signed_part(form.content)


def _store(
    tenant: Tenant,
    documents: list[tuple[Securing, bytes]],
    codes: list[tuple[Securing, bytes]],
    now: datetime,
) -> None:
    if not documents:
        return
    kinds = signer.sign_kinds(
        tenant=tenant,
        kinds=[
            (CREDENTIAL_TYP, [payload for _, payload in documents]),
            (STATEMENT_TYP, [payload for _, payload in codes]),
        ],
        now=now,
    )
    rows.store(
        [
            Securing(
                certificate_id=form.certificate_id,
                generation=form.generation + 1,
                form=form.form,
                kid=one.kid,
                subject=form.subject,
                content=one.compact,
                sha256=hashlib.sha256(one.compact.encode()).hexdigest(),
                created_at=now,
            )
            for (form, _), one in zip([*documents, *codes], chain(*kinds), strict=True)
        ]
    )
