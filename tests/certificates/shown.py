"""Files of a certificate as renderers leave them, and the page that shows them."""

import gzip
import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from certificates.models import Artifact, Certificate, RenderJob
from certificates.tokens import format_token

HTML = {"accept": "text/html"}
FILES = {
    "certificate.pdf": ("pdf", "application/pdf"),
    "certificate.png": ("png", "image/png"),
    "badge.png": ("openbadges", "image/png"),
    "badge.svg": ("badge-svg", "image/svg+xml"),
}


def path_of(certificate: Certificate) -> str:
    return f"/certificates/{format_token(certificate.token)}"


def render(certificate: Certificate, *, revision: int = 1) -> None:
    """Store a file of each format, and say that the job is done."""
    for kind, _ in FILES.values():
        keep(certificate, kind, f"{kind} {revision}".encode(), revision=revision)
    RenderJob.objects.filter(certificate=certificate).update(state="done")


def keep(
    certificate: Certificate, kind: str, content: bytes, *, revision: int = 1, paper: str = "a4"
) -> None:
    """Store one file."""
    digest = hashlib.sha256(content).hexdigest()
    Artifact.objects.create(
        certificate=certificate,
        format=kind,
        paper=paper,
        revision=revision,
        sha256=digest,
        size=len(content),
        path=default_storage.save(f"{certificate.pk}/{digest}", ContentFile(content)),
        made_by="test",
        created_at=certificate.issued_at,
    )


def page_of(client: Client, certificate: Certificate) -> str:
    response = client.get(path_of(certificate), headers=HTML)
    assert response.status_code == 200
    assert not response.cookies
    assert response["X-Robots-Tag"] == "noindex"
    assert len(response.content) <= 14 * 1024
    assert len(gzip.compress(response.content)) <= 5 * 1024
    return str(response.content.decode())
