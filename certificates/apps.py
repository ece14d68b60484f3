"""Wiring of certificates."""

from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """Wiring."""

    name = "certificates"

    def ready(self) -> None:
        """Register what operators watch."""
        from certificates import (  # noqa: PLC0415 - models are ready only now
            announcing,
            checks,  # noqa: F401
            gauges,
            giving_up,
            ownership,
            topics,
        )
        from observability import collectors  # noqa: PLC0415
        from outbox import together  # noqa: PLC0415

        collectors.register_gauge("cert_render_queue_depth", gauges.render_queue_depth)
        collectors.register_series(gauges.start_series)
        announcing.register()
        ownership.register()
        giving_up.register()
        together.run_together(topics.ISSUE, joining="completion_ids")
