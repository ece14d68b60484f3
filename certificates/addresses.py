"""The public addresses of a certificate under the present origin."""

from django.conf import settings
from django.urls import reverse

from certificates.tokens import format_token

DIGEST_LENGTH = 16


def verify_url(token: str) -> str:
    """Return where anybody may check the certificate."""
    return f"{settings.BASE_URL}/verify/{format_token(token)}"


def page_url(token: str) -> str:
    """Return the learner's page."""
    return f"{settings.BASE_URL}/certificates/{format_token(token)}"


def embed_url(token: str) -> str:
    """Return the small card that other sites may show in a frame."""
    return f"{settings.BASE_URL}/embed/{format_token(token)}"


def file_path(token: str, name: str, sha256: str) -> str:
    """Return where a file is found by its content: under this address it never changes."""
    digest = sha256[:DIGEST_LENGTH]
    return reverse("certificate_content", args=[format_token(token), digest, name])
