"""Render the files of certificates and keep them: hashed, never changed, made by workers."""

import hashlib
import os
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction

from certificates import keeping, render_jobs
from certificates.credential.baking import bake, bake_svg
from certificates.files import A4, LETTER, NAMES, SIGNED
from certificates.models import Artifact, Certificate, RenderJob
from certificates.printing import printed_values
from certificates.queries import artifacts_of, securing_of
from certificates.render_jobs import move, tell, tell_failure
from observability import metrics
from observability.events import Event
from observability.spans import Span, span
from sandbox.bounds import bounded
from templates_app.queries import current_asset, source_of
from templates_app.rendering.badge import draw_badge
from templates_app.rendering.badge_svg import draw_badge_svg
from templates_app.rendering.drawing import draw_pictures, render_pdf
from templates_app.rendering.fonts import font_set
from templates_app.rendering.og import Card
from templates_app.rendering.still import CannotLayOut
from templates_app.rendering.text import CannotDraw

_BADGES = ("openbadges", "badge-svg")
_PICTURES = ("png", "thumbnail", "card")
# Of the processor, for all files of one certificate; a quarter of one is usual.
_MOST_SECONDS = 10.0


def render(
    *,
    certificate_ids: Sequence[UUID | str],
    now: datetime,
    anew: bool = False,
    paper: str = A4,
) -> None:
    """Make what is missing of each certificate's PDF, pictures and badges, or is damaged.

    A name the renderer cannot draw holds PDF and pictures back, with the reason on the job; the
    badges carry no name and are made all the same. Running it twice makes nothing twice.
    `anew` draws everything once more and keeps what differs as a further revision. `paper` is
    "letter" where the PDF is wanted on that, too.
    """
    failures: list[Exception] = []
    for certificate_id in certificate_ids:
        certificate = (
            Certificate.objects.select_related(
                "tenant", "recipient", "course_version", "template_version", "completion"
            )
            .prefetch_related("artifacts")
            .get(pk=certificate_id)
        )
        try:
            job = render_jobs.begin(certificate=certificate, now=now)
            if job is not None:
                with bounded(seconds=_MOST_SECONDS, error=_took_too_long):
                    _render_one(certificate, job, now, anew=anew, paper=paper)
        except Exception as error:  # noqa: BLE001 - whatever one file raises, the others are made
            failures.append(error)
            if isinstance(error, DatabaseError):
                render_jobs.unwritten.add(certificate.pk)
    if failures:
        # The message comes back; by then only what is missing is made. What waits for storage is
        # not given up, so it goes first.
        raise min(failures, key=lambda error: not isinstance(error, keeping.StorageAway))


def _render_one(
    certificate: Certificate, job: RenderJob, now: datetime, *, anew: bool, paper: str
) -> None:
    credential = securing_of(certificate).content
    kind = "openbadges"
    try:
        made = set() if anew else _whole(certificate)
        if not made.issuperset(_BADGES):
            _badges(certificate, credential, made, now)
        kind = "pdf"
        _pdfs(certificate, credential, made, now, anew=anew, asked=paper)
        kind = "png"
        if not made.issuperset(_PICTURES):
            _pictures(certificate, made, now)
    except keeping.StorageAway as error:
        metrics.RENDER_FAILURES.labels(kind, "storage").inc()
        tell_failure(certificate, kind=kind, reason=f"storage: {error}")
        # Still queued: the message comes back until storage does.
        move(job, RenderJob.State.QUEUED, now=now, reason=f"{kind}: storage: {error}")
        raise
    except CannotDraw as error:
        for missing in sorted({"pdf", "png"} - made):
            metrics.RENDER_FAILURES.labels(missing, "font").inc()
        tell_failure(certificate, kind=kind, reason=str(error))
        job.fonts = font_set().digest
        move(job, RenderJob.State.HELD, now=now, reason=str(error))
    except CannotLayOut as error:
        metrics.RENDER_FAILURES.labels(kind, error.cause).inc()
        tell_failure(certificate, kind=kind, reason=f"{error.cause}: {error}")
        move(job, RenderJob.State.FAILED, now=now, reason=f"{kind}: {error}")
        # A design at fault fails the same way again; one that was stopped may have met a busy hour.
        if not error.is_final and job.attempts < render_jobs.MOST_TRIES:
            raise
    except Exception as error:
        name = type(error).__name__
        metrics.RENDER_FAILURES.labels(kind, "other").inc()
        tell_failure(certificate, kind=kind, reason=name)
        move(
            job,
            RenderJob.State.FAILED,
            now=now,
            reason=f"{kind}: {name}; the files are tried again",
        )
        raise
    else:
        move(job, RenderJob.State.DONE, now=now)


def _took_too_long() -> CannotLayOut:
    return CannotLayOut(f"drawing took more than {_MOST_SECONDS:g} seconds", "timeout")


def _whole(certificate: Certificate, *, paper: str = A4) -> set[str]:
    """Return the formats that are there with the bytes they were kept with."""
    newest = artifacts_of(certificate, paper=paper)
    return {form for form, artifact in newest.items() if keeping.is_whole(artifact)}


def _pdfs(
    certificate: Certificate,
    credential: str,
    made: set[str],
    now: datetime,
    *,
    anew: bool,
    asked: str,
) -> None:
    """Draw the PDF, and that on other paper where it is asked for or was made before."""
    if "pdf" not in made:
        _pdf(certificate, credential, now)
    has_letter = "pdf" in artifacts_of(certificate, paper=LETTER)
    if asked != LETTER and not has_letter:
        return
    if anew or "pdf" not in _whole(certificate, paper=LETTER):
        _pdf(certificate, credential, now, paper=LETTER)


def _pdf(certificate: Certificate, credential: str, now: datetime, *, paper: str = A4) -> None:
    started = _started(certificate, "pdf")
    with span(Span.RENDER_PDF, format="pdf", **_span_attributes(certificate)):
        pdf = render_pdf(
            design=source_of(certificate.template_version),
            values=printed_values(certificate),
            attachments={SIGNED: credential.encode()},
            language=certificate.course_version.language,
            recipient_language=certificate.completion.language,
            issued_at=certificate.issued_at,
            paper=LETTER if paper == LETTER else "",
        )
    _keep(certificate, "pdf", {"pdf": pdf}, started, now, paper=paper)


def _pictures(certificate: Certificate, made: set[str], now: datetime) -> None:
    """Draw the PNG and, in the same go, what pages and links show of it."""
    started = _started(certificate, "png")
    tenant = certificate.tenant
    with span(Span.RENDER_PNG, format="png", **_span_attributes(certificate)):
        drawn = draw_pictures(
            design=source_of(certificate.template_version),
            values=printed_values(certificate),
            language=certificate.course_version.language,
            recipient_language=certificate.completion.language,
            card=Card(
                issuer=tenant.name,
                host=urlsplit(settings.BASE_URL).netloc,
                colours=tuple(sorted(tenant.colours.items())),
            ),
            wanted=[each for each in _PICTURES if each not in made],
        )
    _keep(certificate, "png", drawn, started, now)


def _span_attributes(certificate: Certificate) -> dict[str, str]:
    template_id = certificate.template_version.template_id
    return {"certificate_id": str(certificate.pk), "template_id": template_id}


def _badges(certificate: Certificate, credential: str, made: set[str], now: datetime) -> None:
    """Bake the credential into the course's badge, as PNG and as SVG."""
    started = _started(certificate, "openbadges")
    with span(Span.RENDER_OPENBADGES, format="openbadges", **_span_attributes(certificate)):
        title, colours = certificate.course_version.title, certificate.tenant.colours
        mark = current_asset(certificate.tenant, "mark")
        picture = draw_badge(title=title, colours=colours, mark=mark)
        drawing = draw_badge_svg(title=title, colours=colours, mark=mark)
        drawn = {
            "openbadges": bake(picture, credential),
            "badge-svg": bake_svg(drawing, credential).encode(),
        }
    missing = {kind: content for kind, content in drawn.items() if kind not in made}
    _keep(certificate, "openbadges", missing, started, now)


def _keep(
    certificate: Certificate,
    kind: str,
    files: Mapping[str, bytes],
    started: float,
    now: datetime,
    *,
    paper: str = A4,
) -> None:
    """Store files by format, then their rows: a row never names a missing file.

    Bytes that come out as they were before lie at the same place: what was damaged is mended.
    """
    newest, rows = artifacts_of(certificate, paper=paper), []
    for form, content in files.items():
        digest = hashlib.sha256(content).hexdigest()
        path = keeping.keep(content, digest=digest, suffix=Path(NAMES[form]).suffix)
        before = newest.get(form)
        if before is not None and before.sha256 == digest:
            continue
        rows.append(
            Artifact(
                certificate=certificate,
                format=form,
                paper=paper,
                revision=before.revision + 1 if before else 1,
                sha256=digest,
                size=len(content),
                path=path,
                made_by=f"{Path(sys.argv[0]).name}:{os.getpid()}",
                created_at=now,
            )
        )
    with transaction.atomic():
        Artifact.objects.bulk_create(rows, ignore_conflicts=True)
        transaction.on_commit(partial(_completed, certificate, kind, time.monotonic() - started))


def _started(certificate: Certificate, kind: str) -> float:
    tell(Event.RENDER_STARTED, certificate, kind=kind)
    return time.monotonic()


def _completed(certificate: Certificate, kind: str, seconds: float) -> None:
    metrics.RENDER_DURATION.labels(kind).observe(seconds)
    tell(Event.RENDER_COMPLETED, certificate, kind=kind)
