"""Wiring of the recording app: short leases where asked for, and queues no other test reads."""

import os
from datetime import timedelta

from celery import current_app
from django.apps import AppConfig
from kombu import Queue

from outbox import policy


class RecordingConfig(AppConfig):
    """Wiring."""

    name = "tests.outbox.recording"

    def ready(self) -> None:
        """Shorten the waits where things are killed or lost; keep to a queue of our own.

        On RabbitMQ the queue goes with its only worker: the broker forgets all it held.
        """
        if os.environ.get("RECORDING_IMPATIENT"):
            policy.LEASE = timedelta(seconds=1)
            policy.RESEND = timedelta(seconds=3)
        queue = os.environ.get("RECORDING_QUEUE")
        if queue:
            current_app.conf.update(
                task_queues=[Queue(queue, auto_delete=True)],
                task_default_queue=queue,
                task_routes={},
            )
