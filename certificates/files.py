"""The file behind a name of a certificate's page, or why there is none."""

import re
from dataclasses import dataclass

import structlog
from django.utils.translation import gettext_noop
from rest_framework.exceptions import APIException

from certificates import keeping
from certificates.credential.read import SignedFields
from certificates.models import Artifact, Certificate, RenderJob, Securing
from observability import metrics

SIGNED = "credential.jws"
A4, LETTER = "a4", "letter"
# Made when somebody asks for it; all else is made at once.
ON_DEMAND = "certificate-letter.pdf"
RENDERED = {
    "certificate.pdf": (Artifact.Format.PDF, "application/pdf"),
    "certificate-letter.pdf": (Artifact.Format.PDF, "application/pdf"),
    "certificate.png": (Artifact.Format.PNG, "image/png"),
    "badge.png": (Artifact.Format.OPENBADGES, "image/png"),
    "badge.svg": (Artifact.Format.BADGE_SVG, "image/svg+xml"),
    "thumbnail.png": (Artifact.Format.THUMBNAIL, "image/png"),
    "card.png": (Artifact.Format.CARD, "image/png"),
}
# Made for pages to show; everything else is made to be kept.
SHOWN = frozenset({"thumbnail.png", "card.png"})
NAMES: dict[str, str] = {form: name for name, (form, _) in RENDERED.items() if name != ON_DEMAND}
_log = structlog.get_logger("files")
_UNFIT = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|]+')


class NoSuchFile(APIException):
    """No file goes by that name, or none of that content."""

    status_code = 404
    title = gettext_noop("There is no such file")
    default_detail = gettext_noop("This certificate has no file of that name.")


_SUPERSEDED = gettext_noop(
    "This form of the file was damaged. The certificate's page has a newer one."
)


class HeldBack(APIException):
    """The file could not be made as it should be, and a wrong one is not given out."""

    status_code = 404
    title = gettext_noop("The file is held back")


class NotReady(APIException):
    """The file is still being made."""

    status_code = 503
    title = gettext_noop("The file is being prepared")
    default_detail = gettext_noop("It takes a few seconds. Try again.")
    headers = {"Retry-After": "5"}


class Damaged(APIException):
    """What is stored is not what was kept. It is not given out; the same can be made again."""

    status_code = 503
    title = gettext_noop("The file is being restored")
    default_detail = gettext_noop(
        "The stored file was damaged, so it is made again. Try again in a minute."
    )
    headers = {"Retry-After": "15"}


class OutOfReach(APIException):
    """Storage does not answer; whether the file is whole cannot be said."""

    status_code = 503
    title = gettext_noop("The file cannot be reached just now")
    default_detail = gettext_noop(
        "The place where files are kept does not answer. Nothing is lost. Try again in a minute."
    )
    headers = {"Retry-After": "30"}


@dataclass(frozen=True)
class File:
    """The bytes that were stored, and their hash."""

    content: bytes
    content_type: str
    sha256: str


def find(certificate: Certificate, name: str, *, digest: str = "") -> File:
    """Return a file: its newest form, or the one whose SHA-256 begins with `digest`.

    Raises NoSuchFile, HeldBack, NotReady, Damaged or OutOfReach.
    """
    if name == SIGNED:
        return _signed(certificate, digest)
    if name not in RENDERED:
        raise NoSuchFile
    kind, content_type = RENDERED[name]
    paper = LETTER if name == ON_DEMAND else A4
    found = certificate.artifacts.filter(format=kind, paper=paper, sha256__startswith=digest)
    artifact = found.order_by("-revision").first()
    if artifact is None:
        raise NoSuchFile if digest else why_missing(certificate)
    return File(_content(artifact), content_type, artifact.sha256)


def _content(artifact: Artifact) -> bytes:
    """Read once, and tell the operator what is wrong where something is."""
    about = {"certificate_id": str(artifact.certificate_id), "sha256": artifact.sha256}
    try:
        return keeping.recall(artifact)
    except keeping.StorageAway as error:
        _log.warning("files.storage_away", reason=str(error), **about)
        raise OutOfReach from error
    except keeping.Unfit as error:
        metrics.ARTIFACTS_DAMAGED.labels(artifact.format, str(error)).inc()
        _log.error("files.damaged", format=artifact.format, reason=str(error), **about)
        # Making it again makes the newest form; of a former one, there are no bytes any more.
        newer = artifact.certificate.artifacts.filter(
            format=artifact.format, paper=artifact.paper, revision__gt=artifact.revision
        )
        if newer.exists():
            raise NoSuchFile(_SUPERSEDED) from error
        raise Damaged from error


def why_missing(certificate: Certificate) -> APIException:
    """Return the reason for which a rendered file is not there."""
    job: RenderJob | None = getattr(certificate, "render_job", None)
    if job is not None and job.state == RenderJob.State.HELD:
        return HeldBack(job.reason)
    return NotReady()


def download_name(fields: SignedFields, name: str, sha256: str) -> str:
    """Return the name a file is saved under: whose, for what, and which revision."""
    stem, _, extension = name.rpartition(".")
    words = " - ".join((fields.recipient_name[:60], fields.achievement_name[:60], stem))
    return f"{_UNFIT.sub(' ', words).strip('. ')} {sha256[:8]}.{extension}"


def _signed(certificate: Certificate, digest: str) -> File:
    found = Securing.objects.filter(
        certificate=certificate, form=Securing.Form.VC_JWT, sha256__startswith=digest
    )
    securing = found.order_by("-generation").first()
    if securing is None:
        raise NoSuchFile
    return File(securing.content.encode(), "text/plain; charset=utf-8", securing.sha256)
