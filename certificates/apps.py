"""Wiring of certificates."""

from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """Wiring."""

    name = "certificates"

    def ready(self) -> None:
        """Register what operators watch."""
        from certificates import announcing, checks, gauges, giving_up, topics  # noqa: F401, PLC0415 - models are ready only now
        from observability import collectors  # noqa: PLC0415
        from outbox import together  # noqa: PLC0415

        collectors.register_gauge("cert_render_queue_depth", gauges.render_queue_depth)
        collectors.register_series(gauges.start_series)
        announcing.register()
        giving_up.register()
        together.run_together(topics.ISSUE, joining="completion_ids")
