"""Wiring of the template app."""

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class TemplatesConfig(AppConfig):
    """Wiring."""

    name = "templates_app"
    verbose_name = "Templates"

    def ready(self) -> None:
        """Let the renderer find an operator's fonts; it reads no settings itself."""
        from templates_app import checks  # noqa: F401, PLC0415 - registers them
        from templates_app.rendering import fonts  # noqa: PLC0415 - the renderer is heavy

        fonts.use_directories(Path(folder) for folder in settings.CERT_FONT_DIRS)
