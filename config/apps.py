"""The composition root as a Django app, so that its commands and checks are found."""

from django.apps import AppConfig

from config import hardening


class ConfigConfig(AppConfig):
    """Wiring."""

    name = "config"

    def ready(self) -> None:
        """Register the system checks, listen for changes, and guard this process's memory.

        Here, because every process that can open a key comes by: web workers, relay, Celery's
        workers and clock, and each command.
        """
        from certificates.signals import certificate_changed  # noqa: PLC0415
        from config import checks  # noqa: F401, PLC0415
        from config.front import assembly  # noqa: PLC0415 - models are ready only now
        from signing.signals import keys_changed  # noqa: PLC0415

        hardening.keep_memory_private()
        keys_changed.connect(assembly.announce)
        certificate_changed.connect(assembly.forget)
