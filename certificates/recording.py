"""Write what was issued: certificate, signed form, render job, message, audit record, news."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from certificates import announcing, topics
from certificates.attributes import event_attributes
from certificates.models import Certificate, RenderJob, Securing
from observability import audit, metrics, rows
from observability.batches import emit_many
from observability.events import Event
from outbox.publishing import Message, publish
from tenants.models import Tenant

# Small enough that a relay which is told to stop has not long to finish.
RENDER_CHUNK = 5
# Milliseconds for PDF, PNG and badge of one certificate, about.
RENDER_WEIGHT = 50
# More that are issued at once are an import's, or a backlog's.
FEW = 20


def store(
    *,
    tenant: Tenant,
    certificates: Sequence[Certificate],
    securings: Sequence[Securing],
    source_lags: Mapping[UUID, float],
    backfilled: Container[UUID],
    now: datetime,
) -> None:
    """Store certificates in the caller's transaction; the news goes out when it commits.

    `source_lags`: by certificate, the seconds from the platform's own time of the event to ours.
    `backfilled`: those that no promise of time holds for, which the audit record says of them.
    """
    rows.store(certificates)
    rows.store(securings)
    times = {"created_at": now, "updated_at": now}
    rows.store(
        [rows.new(RenderJob, {"certificate_id": one.pk, **times}, {}) for one in certificates]
    )
    ids = [str(certificate.pk) for certificate in certificates]
    publish(
        [
            Message(
                task=topics.RENDER if len(ids) <= FEW else topics.RENDER_BULK,
                payload={"certificate_ids": ids[start : start + RENDER_CHUNK]},
                dedupe_key=f"render:{ids[start]}",
                tenant_id=tenant.pk,
                weight=RENDER_WEIGHT * len(ids[start : start + RENDER_CHUNK]),
            )
            for start in range(0, len(ids), RENDER_CHUNK)
        ],
        now=now,
    )
    announcing.announce(tenant=tenant, certificates=certificates, now=now)
    news = [
        event_attributes(one) | ({"backfill": "yes"} if one.pk in backfilled else {})
        for one in certificates
    ]
    audit.record(
        tenant_id=tenant.pk,
        actor="service:issuance",
        event=Event.CERTIFICATE_ISSUED,
        payloads=news,
        now=now,
    )
    lags = [
        {"source_lag": source_lags[one.pk]} if one.pk in source_lags else {} for one in certificates
    ]
    transaction.on_commit(partial(_tell, tenant.pk, news, lags))


def _tell(tenant_id: str, news: list[dict[str, str]], lags: list[dict[str, float]]) -> None:
    for template_id, number in Counter(one["template_id"] for one in news).items():
        metrics.ISSUED.labels(tenant_id, template_id).inc(number)
    many = [{**attributes, **lag} for attributes, lag in zip(news, lags, strict=True)]
    emit_many(Event.CERTIFICATE_ISSUED, tenant_id=tenant_id, many=many)
