"""The Celery application. Without a broker the relay runs the same tasks in its own process."""

import os
import sys
from typing import Any

from celery import Celery, signals
from django.conf import settings
from django.core.management.base import BaseCommand, SystemCheckError
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections
from django_structlog.celery.steps import DjangoStructLogInitStep

from config import telemetry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.embedded")

app = Celery("certification")
app.config_from_object("config.celeryconfig")
app.set_default()
# Celery's own wiring would close the connection before and after each task: to connect anew costs
# more than most queries of a task together.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Answer Celery's question who configures the logs: Django's set-up has done it."""


@signals.beat_init.connect
@signals.worker_init.connect
def refuse_wrong_settings(**_: Any) -> None:
    """Stop where a system check finds an error: Celery runs the checks and drops what they say."""
    try:
        BaseCommand().check(databases=[DEFAULT_DB_ALIAS])
    except SystemCheckError as error:
        raise SystemExit(str(error)) from error
    finally:
        connections.close_all()  # no child may inherit one


@signals.worker_init.connect
def serve_metrics(**_: Any) -> None:
    """Serve the counts of all children from their parent: each child knows only its own."""
    from observability import exposition  # noqa: PLC0415 - models load after this module

    if settings.METRICS_PORT:
        exposition.serve(port=settings.METRICS_PORT)


@signals.task_prerun.connect
def keep_good_connections(**_: Any) -> None:
    """Let go of a broken connection before a task wants it; a good one stays."""
    close_old_connections()


@signals.worker_process_init.connect
def start_tracing(**_: Any) -> None:
    """Trace in each child: an exporter's thread does not survive the fork."""
    telemetry.start()


@signals.worker_process_shutdown.connect
def flush_traces(**_: Any) -> None:
    """Send what the exporter still holds."""
    telemetry.stop()
