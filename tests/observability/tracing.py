"""A program that traces into memory, takes a few requests and prints its spans as JSON.

A process of its own: a tracer provider can be set once in a process.
"""

import json
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"

import django
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from config import celery_app, telemetry

exporter = InMemorySpanExporter()
telemetry.install(SimpleSpanProcessor(exporter))
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from observability import context  # noqa: E402
from observability.spans import Span, span  # noqa: E402
from outbox import relay  # noqa: E402

TOKEN, PARENT, OTHER = sys.argv[1:]

settings.ROOT_URLCONF = "tests.observability.addresses"
call_command("migrate", verbosity=0)
exporter.clear()


@celery_app.task(name="tests.traced")
def traced() -> None:
    """Do what issuing does: open our span, ask the database."""
    with span(Span.ISSUE, batch_size=1), connection.cursor() as cursor:
        cursor.execute(f"SELECT '{TOKEN}'")


client = Client(raise_request_exception=False)
for path in (f"/verify/{TOKEN}", f"/verify/N{TOKEN[1:]}", f"/verify/E{TOKEN[1:]}", f"/no/{TOKEN}"):
    client.get(path, {"code": TOKEN}, HTTP_TRACEPARENT=PARENT)
client.post("/api/v1/report", HTTP_TRACEPARENT=PARENT)
relay.drain(clock=timezone.now)
with context.carried({"traceparent": PARENT}, {"traceparent": OTHER}), span(Span.SIGN_JWS):
    pass

json.dump([json.loads(one.to_json()) for one in exporter.get_finished_spans()], sys.stdout)
