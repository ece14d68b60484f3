"""System checks of observability: a wrong setting stops the start and is named."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from observability import geography


@register()
def log_format(**_: Any) -> list[CheckMessage]:
    """LOG_FORMAT is one of the two forms."""
    if settings.LOG_FORMAT in {"json", "console"}:
        return []
    return [
        Error(
            f"LOG_FORMAT={settings.LOG_FORMAT!r} is not a log format.",
            hint="Set LOG_FORMAT to json or console.",
            id="observability.E001",
        )
    ]


@register()
def metrics_of_workers(**_: Any) -> list[CheckMessage]:
    """Where workers' children count apart, their parent is told where to find the counts."""
    wanted = settings.METRICS_PORT and settings.CELERY_BROKER_URL
    if not wanted or os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return []
    return [
        Error(
            "METRICS_PORT is set and PROMETHEUS_MULTIPROC_DIR is not: the counts would stay at 0.",
            hint="Set PROMETHEUS_MULTIPROC_DIR to a folder all processes of this host may write.",
            id="observability.E002",
        )
    ]


@register()
def origins(**_: Any) -> list[CheckMessage]:
    """See that a file of countries can be read, and their header comes from somebody believed."""
    errors: list[CheckMessage] = []
    if settings.COUNTRY_HEADER and not settings.TRUSTED_PROXIES:
        errors.append(
            Error(
                "COUNTRY_HEADER is set and TRUSTED_PROXIES is not: anybody could send it.",
                hint="Set TRUSTED_PROXIES to the addresses or networks of the proxies.",
                id="observability.E003",
            )
        )
    if settings.GEOIP_DATABASE:
        try:
            geography.from_file(settings.GEOIP_DATABASE)
        except geography.UnreadableDatabase as error:
            errors.append(
                Error(
                    f"GEOIP_DATABASE={settings.GEOIP_DATABASE!r} cannot be read: {error}",
                    hint="Set GEOIP_DATABASE to an mmdb file with countries, or leave it out.",
                    id="observability.E004",
                )
            )
    return errors
