"""Wiring of the poison: one learner's pictures end the process that draws them."""

import os
import signal
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.apps import AppConfig

from outbox import policy

POISONOUS = "Poison Ivy"


class PoisonedConfig(AppConfig):
    """Wiring."""

    name = "tests.reliability.poisoned"

    def ready(self) -> None:
        """Poison the drawing; what a dead process held comes back sooner than usual."""
        from certificates import artifacts
        from templates_app.rendering.picture import draw_pictures

        policy.LEASE = timedelta(seconds=2)

        def draw(**facts: Any) -> Any:
            if facts["values"]["recipient_name"] == POISONOUS:
                os.kill(os.getpid(), signal.SIGSEGV)
            return draw_pictures(**facts)

        patch.object(artifacts, "draw_pictures", draw).start()
