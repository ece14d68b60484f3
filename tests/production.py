"""Run a management command under production settings with made-up secrets (`make check`)."""

import base64
import os
import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def environment() -> dict[str, str]:
    """Return the least that production settings start with."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "BASE_URL": "https://certificates.example.org",
        "DATABASE_URL": "postgresql://certification_app@127.0.0.1/certification",
        "KEY_ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "TOKEN_PEPPER": secrets.token_urlsafe(48),
        "CELERY_BROKER_URL": "amqp://127.0.0.1",
        "METRICS_TOKEN": secrets.token_urlsafe(32),
    }


if __name__ == "__main__":
    command = [sys.executable, str(ROOT / "manage.py"), *sys.argv[1:]]
    os.execve(sys.executable, command, os.environ | environment())
