"""The world every test may use: the clock, the database at hand, no network, files of its own."""

import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import hypothesis
import psycopg2
import pytest
from django.db import connection
from pytest_django import Settings

from tests.service import Service
from verification import buffer, bursts

_SERVERS = ("TEST_DATABASE_URL", "TEST_REDIS_URL", "TEST_AMQP_URL")
_folders = count()


def pytest_report_header() -> list[str]:
    """Say which servers this run uses."""
    return [f"{name}: {'given' if os.environ.get(name) else 'none'}" for name in _SERVERS]


pytest_plugins = ["tests.audit", "tests.disk", "tests.s3", "tests.softhsm", "tests.tally"]

# A property is tried with few examples while one works and with many before a change lands.
hypothesis.settings.register_profile("quick", max_examples=25, deadline=None)
hypothesis.settings.register_profile("thorough", max_examples=300, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


# Tests with real processes take seconds each; begun first, they leave no worker waiting at the end.
_SLOW = (
    "tests/reliability/",
    "tests/journeys/",
    "tests/outbox/test_processes",
    "tests/config/test_serve",
    "tests/security/test_private_memory",
)


_SERVED = frozenset({"db", "transactional_db", "database_url", "migrated_service", "broker_url"})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of the second run."""
    parser.addoption(
        "--only-servers",
        action="store_true",
        help="leave out the tests that no database server and no broker can change",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the slow tests go first, and leave out what another run has shown already."""
    items.sort(key=lambda item: not item.nodeid.startswith(_SLOW))
    if config.getoption("--only-servers"):
        others = [item for item in items if not _is_worth_another_run(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if _is_worth_another_run(item)]


def _is_worth_another_run(item: pytest.Item) -> bool:
    return _uses_servers(item) and item.get_closest_marker("once") is None


def _uses_servers(item: pytest.Item) -> bool:
    names = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(names & _SERVED)


@pytest.fixture
def now() -> datetime:
    """Return the moment tests live in."""
    return datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def postgresql(db: None) -> None:
    """Skip a test that only PostgreSQL can run."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL (TEST_DATABASE_URL; `make test` brings one)")


@pytest.fixture
def database_url() -> Iterator[str]:
    """Yield a new PostgreSQL database on the server of this run; empty: SQLite, the default."""
    with _new_database() as url:
        yield url


@contextmanager
def _new_database(like: str = "") -> Iterator[str]:
    """Make a database, empty or like another one that nobody uses just now; yield its address."""
    server = os.environ.get("TEST_DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield ""
        return
    name = f"test_service_{uuid4().hex[:12]}"
    template = urlsplit(like).path.strip("/") or "template1"
    with closing(psycopg2.connect(server)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a service that was migrated once, on SQLite: for copies of it."""
    folder = tmp_path_factory.mktemp("migrated")
    Service(folder).manage("migrate", "--verbosity=0")
    return folder


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Yield a service that was migrated once, on the database of this run."""
    with _new_database() as url:
        service = Service(tmp_path_factory.mktemp("migrated"), {"DATABASE_URL": url} if url else {})
        service.manage("migrate", "--verbosity=0")
        yield service


@pytest.fixture
def migrated_service(migrated_database: Service, tmp_path: Path) -> Iterator[Service]:
    """Yield a migrated service of its own, not started, on the database of this run."""
    folder = shutil.copytree(migrated_database.folder, tmp_path / "service")
    with _new_database(like=migrated_database.variables.get("DATABASE_URL", "")) as url:
        service = Service(folder, {"DATABASE_URL": url} if url else {})
        yield service
        service.kill()


@pytest.fixture(scope="session")
def broker_url() -> str:
    """Return the address of a real message broker, or skip."""
    if os.environ.get("TEST_AMQP_URL"):
        return os.environ["TEST_AMQP_URL"]
    redis = urlsplit(os.environ.get("TEST_REDIS_URL", ""))
    if not redis.netloc:
        pytest.skip("needs a broker (TEST_AMQP_URL or TEST_REDIS_URL; `make test` brings one)")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return urlunsplit(redis._replace(path=f"/{int(worker) + 1}"))


@pytest.fixture(autouse=True)
def turn_at_the_broker(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let tests of a broker take turns: RabbitMQ has one virtual host for all test processes.

    Redis has a database for each of them.
    """
    if not os.environ.get("TEST_AMQP_URL") or not request.node.get_closest_marker("broker"):
        yield
        return
    with (Path(gettempdir()) / "certification-tests-broker.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(autouse=True)
def nothing_waits() -> None:
    """Forget what earlier tests of this process looked at: it would be counted in this one."""
    buffer.clear()
    bursts.clear()


@pytest.fixture(autouse=True)
def own_media(request: pytest.FixtureRequest) -> None:
    """Give each test with a database an empty MEDIA_ROOT; the folder is made when a file is."""
    if _uses_servers(request.node):
        settings: Settings = request.getfixturevalue("settings")
        settings.MEDIA_ROOT = request.getfixturevalue("media_folder") / str(next(_folders))


@pytest.fixture(scope="session")
def media_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the tests of this process keep files."""
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse connections and look-ups beyond this machine and the servers the run was given."""
    allowed = {"localhost", *(urlsplit(os.environ.get(name, "")).hostname for name in _SERVERS)}
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def near(host: object) -> bool:
        if host in allowed or not isinstance(host, str):
            return True
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return False

    def guarded_connect(this: socket.socket, address: Any) -> None:
        if this.family != socket.AF_UNIX and not near(address[0]):
            raise RuntimeError(f"a test tried to reach {address[0]}: tests use no network")
        connect(this, address)

    def guarded_look_up(host: Any, *arguments: Any, **keywords: Any) -> Any:
        if not near(host):
            raise RuntimeError(f"a test tried to look up {host}: tests use no network")
        return look_up(host, *arguments, **keywords)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(scope="session")
def demo_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Yield a migrated service, not started."""
    service = Service(tmp_path_factory.mktemp("service"))
    service.manage("migrate", "--verbosity=0")
    yield service
    service.kill()


@pytest.fixture(scope="session")
def demo(demo_service: Service) -> dict[str, Any]:
    """Return what `demo --json` says of a service that runs."""
    document: dict[str, Any] = json.loads(demo_service.manage("demo", "--json"))
    demo_service.start()
    return document
