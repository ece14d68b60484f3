"""EMAIL_URL: where letters are handed over, as one address."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_BACKENDS = "django.core.mail.backends"
_PORTS = {"smtp": 25, "smtps": 465, "submission": 587}
_FORMS = "smtp://, submission:// (STARTTLS), smtps://, console: or file:///folder"


def email_settings(url: str) -> dict[str, Any]:
    """Return Django's EMAIL_* settings of an address.

    `submission://user:password@host` is port 587 with STARTTLS, `smtps://` TLS from the start
    (RFC 8314), `smtp://` neither. Passwords are percent-encoded.
    """
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": f"{_BACKENDS}.console.EmailBackend"}
    if parts.scheme == "file" and parts.path:
        return {
            "EMAIL_BACKEND": f"{_BACKENDS}.filebased.EmailBackend",
            "EMAIL_FILE_PATH": parts.path,
        }
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ImproperlyConfigured(f"EMAIL_URL is none of {_FORMS}.")
    try:
        port = parts.port or _PORTS[parts.scheme]
        timeout = int(parse_qs(parts.query).get("timeout", ["10"])[0])
    except ValueError as error:
        raise ImproperlyConfigured(f"EMAIL_URL: {error}.") from error
    return {
        "EMAIL_BACKEND": f"{_BACKENDS}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "submission",
        "EMAIL_TIMEOUT": timeout,
    }
