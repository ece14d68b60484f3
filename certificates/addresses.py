"""The public addresses of a certificate under the present origin."""

from django.conf import settings

from certificates.tokens import format_token


def verify_url(token: str) -> str:
    """Return where anybody may check the certificate."""
    return f"{settings.BASE_URL}/verify/{format_token(token)}"


def page_url(token: str) -> str:
    """Return the learner's page."""
    return f"{settings.BASE_URL}/certificates/{format_token(token)}"
