"""System checks: a wrong setting stops the start and names its variable."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.http.request import validate_host

from config.guessable import why_guessable

_LEAST_SECRET_LENGTH = 32


@register
def check_base_url(**_: Any) -> list[CheckMessage]:
    """BASE_URL is an origin, and ALLOWED_HOSTS lets its host in."""
    parts = urlsplit(settings.BASE_URL)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return [
            Error(
                f"BASE_URL={settings.BASE_URL!r} is not an address.",
                hint="Set BASE_URL to the public origin, like https://certificates.example.org.",
                id="config.E001",
            )
        ]
    problems: list[CheckMessage] = []
    if parts.path or parts.query or parts.fragment or parts.username:
        problems.append(
            Error(
                f"BASE_URL={settings.BASE_URL!r} holds more than an origin.",
                hint="Set BASE_URL to scheme, host and port only, without a trailing slash.",
                id="config.E002",
            )
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if not validate_host(host, settings.ALLOWED_HOSTS):
        problems.append(
            Error(
                f"ALLOWED_HOSTS does not name {host}, the host of BASE_URL.",
                hint=f"Add {host} to ALLOWED_HOSTS, or correct BASE_URL.",
                id="config.E003",
            )
        )
    return problems


@register
def check_secrets(**_: Any) -> list[CheckMessage]:
    """Production runs on secrets that nobody can guess."""
    if settings.EMBEDDED:
        return []  # made at random under DATA_DIR
    problems: list[CheckMessage] = []
    folders = {Path(settings.DATA_DIR), Path(settings.ROOT) / "var"}
    reason = why_guessable(settings.KEY_ENCRYPTION_KEY, embedded_folders=folders)
    if reason:
        problems.append(
            Error(
                f"KEY_ENCRYPTION_KEY seals every signing key, and {reason}.",
                hint="Make one: openssl rand -base64 32. Where keys are sealed under this one"
                " already, give it as KEY_ENCRYPTION_KEY_PREVIOUS and run: manage.py rewrap_keys",
                id="config.E004",
            )
        )
    problems += [
        Error(
            f"{name} is shorter than {_LEAST_SECRET_LENGTH} characters.",
            hint="Make one: openssl rand -base64 48",
            id="config.E005",
        )
        for name in ("SECRET_KEY", "TOKEN_PEPPER")
        if len(getattr(settings, name)) < _LEAST_SECRET_LENGTH
    ]
    return problems


@register(Tags.database)
def check_database_role(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """In production the service can neither change the schema nor rewrite the audit chain."""
    connection = connections["default"]
    if settings.EMBEDDED or "default" not in (databases or ()):
        return []
    if connection.vendor != "postgresql":
        return [
            Error(
                "DATABASE_URL does not name PostgreSQL.",
                hint="SQLite serves one machine; several hosts need postgresql://….",
                id="config.E006",
            )
        ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid"
            " AND relkind = 'r') FROM pg_roles WHERE rolname = current_user"
        )
        role, is_superuser, owns_tables = cursor.fetchone()
    if not (is_superuser or owns_tables):
        return []
    return [
        checks.Warning(
            f"DATABASE_URL signs in as {role}, "
            f"{'a superuser' if is_superuser else 'the owner of the tables'}.",
            hint="Serve as a role that is neither: see deploy/postgres/roles.sql.",
            id="config.W007",
        )
    ]
