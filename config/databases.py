"""DATABASE_URL to Django's settings, with the options each engine needs."""

from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured


def database(url: str) -> dict[str, Any]:
    """Return the settings of one database; SQLite and PostgreSQL only."""
    try:
        settings: dict[str, Any] = dict(dj_database_url.parse(url))
    except (dj_database_url.ParseError, dj_database_url.UnknownSchemeError, ValueError) as error:
        raise ImproperlyConfigured("DATABASE_URL is not sqlite:///… or postgresql://….") from error
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        settings["OPTIONS"] = {
            # IMMEDIATE locks at BEGIN: a busy writer waits instead of failing midway.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": (
                "PRAGMA journal_mode=WAL;"
                "PRAGMA synchronous=NORMAL;"
                "PRAGMA busy_timeout=30000;"
                "PRAGMA recursive_triggers=ON;"
            ),
        }
        settings["CONN_MAX_AGE"] = None
    elif settings["ENGINE"] == "django.db.backends.postgresql":
        settings["CONN_MAX_AGE"] = None
        settings["CONN_HEALTH_CHECKS"] = True
    else:
        raise ImproperlyConfigured("DATABASE_URL must name SQLite or PostgreSQL.")
    return settings
