"""Serve the web and, in embedded mode, the outbox relay in one process group."""

import errno
import os
import socket
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from config.env import env_int
from config.front import assembly

_LOOK_AGAIN_SECONDS = 0.2


class Command(BaseCommand):
    """`manage.py serve`: stops cleanly on SIGTERM and SIGINT, replaces its workers on SIGHUP."""

    help = "Serve the web and, in embedded mode, the outbox relay."
    # Workers of a parent that was killed finish their requests before they let go of the port.
    patience_seconds = 12.0

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read where to listen and with how many processes."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=env_int("PORT", 8000))
        parser.add_argument("--workers", type=int, default=1 if settings.EMBEDDED else 2)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Become the server: a new program in this process, which has not imported Django."""
        self._await_port(options["host"], options["port"])
        try:
            self.check(databases=["default"])
            self.check_migrations()
        except OperationalError as error:
            # Keys are served from the copy on disk; everything else waits for the database.
            self.stderr.write(f"Starting without the database, which does not answer: {error}")
        assembly.generation()  # there before any worker looks for it
        port = str(options["port"])
        os.environ["PORT"] = port  # the embedded BASE_URL follows it
        os.environ["DJANGO_SETTINGS_MODULE"] = settings.SETTINGS_MODULE
        # prometheus_client chooses how it counts when it is imported.
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(_emptied_metrics_folder()))
        address = f"http://{options['host']}:{port}"
        self.stdout.write(f"Starting on {address}: a second or two (stop with Ctrl-C)")
        self.stdout.flush()
        command = [sys.executable, "-m", "config.server", "--host", options["host"]]
        command += ["--port", port, "--workers", str(options["workers"])]
        if settings.EMBEDDED:
            command.append("--relay")
        # Found from any working directory, which stays: paths in the environment may be relative.
        os.environ["PYTHONPATH"] = str(settings.ROOT)
        os.execv(sys.executable, command)  # noqa: S606

    def _await_port(self, host: str, port: int) -> None:
        """Refuse a port that another service has: the kernel would share it out among the two."""
        until = time.monotonic() + self.patience_seconds
        waits = False
        while (problem := _why_not(host, port)) is not None:
            if problem.errno != errno.EADDRINUSE:
                raise CommandError(f"Cannot listen on {host}, port {port}: {problem.strerror}.")
            if time.monotonic() >= until:
                raise CommandError(
                    f"Port {port} is taken by another program. Stop that one, or give another port "
                    "with --port or PORT."
                )
            if not waits:
                self.stderr.write(f"Port {port} is taken: waiting a few seconds for it.")
            waits = True
            time.sleep(_LOOK_AGAIN_SECONDS)


def _why_not(host: str, port: int) -> OSError | None:
    """Return why nobody could listen there alone; None where one could."""
    try:
        # Without SO_REUSEPORT, which the server sets: with it, a taken port looks free.
        socket.create_server((host, port), family=_family(host)).close()
    except OSError as error:
        return error
    return None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _emptied_metrics_folder() -> Path:
    # Only the service's own folder is emptied: one that the environment names may be shared
    # with Celery workers that are counting in it now.
    folder = Path(settings.DATA_DIR) / "metrics"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in folder.glob("*.db"):
        file.unlink()
    return folder
