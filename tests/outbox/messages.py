"""A program that publishes messages, or prints where they all stand as JSON."""

import json
import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.outbox.settings")
django.setup()

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from structlog.contextvars import bind_contextvars  # noqa: E402

from outbox.models import OutboxMessage  # noqa: E402
from outbox.publishing import Message, publish  # noqa: E402


def main(what: str, task: str = "", count: str = "1", tenants: str = "1", first: str = "0") -> None:
    """Publish `count` messages for a task in one transaction, or print."""
    if what == "publish":
        bind_contextvars(request_id="from-the-publisher")
        with transaction.atomic():
            publish(
                [
                    Message(
                        task, {"number": n}, f"{task}-{n}", tenant_id=f"{first}-{n % int(tenants)}"
                    )
                    for n in range(int(first), int(first) + int(count))
                ],
                now=timezone.now(),
            )
    rows = OutboxMessage.objects.all()
    json.dump(
        {
            "committed_at": time.time(),
            "all": rows.count(),
            "pending": rows.pending().count(),
            "dead": rows.dead().count(),
            "held": rows.pending().filter(available_at__gt=timezone.now()).count(),
            "attempts": list(rows.order_by("pk").values_list("attempts", flat=True)),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
