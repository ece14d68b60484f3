"""A real service for tests: `manage.py serve` with a folder, a database and a port of its own."""

import http.client
import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.processes import free_port, kill_group, stop, wait_until

ROOT = Path(__file__).resolve().parents[1]
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Answer:
    """What a request got."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body, parsed."""
        return json.loads(self.body)


@dataclass
class Service:
    """The embedded service in `folder`. Nothing of the test's own environment reaches it."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        """Return its public origin."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return what its processes run with."""
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return passed_on | {
            "DJANGO_SETTINGS_MODULE": "config.settings.embedded",
            "DATA_DIR": str(self.folder),
            "PORT": str(self.port),
            "BASE_URL": self.base_url,
            "PYTHONPATH": str(ROOT),
            **self.variables,
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end; return its standard output."""
        return self.run("manage.py", *arguments)

    def run(self, *arguments: str) -> str:
        """Run Python in the service's environment to its end; return its standard output."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{arguments} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def start(self) -> None:
        """Start it in a process group of its own and wait until it answers."""
        self.process = self.spawn("manage.py", "serve", "--port", str(self.port))
        wait_until(self.is_alive, what="the service answers", process=self.process)

    def spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start Python in the service's environment, in a process group of its own."""
        with (self.folder / "processes.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Ask it to end; return its exit status."""
        if self.process is None:
            return 0
        return stop(self.process, how)

    def kill(self) -> None:
        """Kill the whole process group at once, as a power cut would."""
        if self.process is not None:
            kill_group(self.process)

    def children(self) -> list[psutil.Process]:
        """Return every process below the serving one."""
        if self.process is None:
            return []
        children: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return children

    def is_alive(self) -> bool:
        """Say whether it answers at all."""
        try:
            return self.request("GET", "/livez").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def request(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, body: Any = None
    ) -> Answer:
        """Send one request; `body` goes as JSON. No answer is OSError or HTTPException."""
        payload = None if body is None else json.dumps(body)
        typed = {} if body is None else {"Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with closing(connection):
            connection.request(method, path, payload, typed | (headers or {}))
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers), response.read())
