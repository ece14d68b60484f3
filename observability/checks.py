"""System checks of observability: a wrong setting stops the start and is named."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


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
