"""`manage.py serve`, started for real."""

import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command

from config.management.commands import serve
from config.server import METRICS_BYTES, Relay, reserve_metrics_files
from tests import production
from tests.processes import DEADLINE_SECONDS, wait_until
from tests.service import Service


@pytest.fixture
def service(migrated: Path, tmp_path: Path) -> Iterator[Service]:
    """Yield a service of its own, not started yet."""
    service = Service(shutil.copytree(migrated, tmp_path / "service"))
    yield service
    service.kill()


class TestServe:
    def test_serves_web_and_relay_in_one_group_and_stops_cleanly(self, service: Service) -> None:
        service.start()
        assert service.process is not None
        children = service.children()

        assert any("relay" in child.cmdline() for child in children)
        assert {os.getpgid(child.pid) for child in children} == {service.process.pid}
        assert service.request("GET", "/static/admin/css/base.css").status == 200

        assert service.stop(signal.SIGTERM) == 0
        assert not [child for child in children if child.is_running()]

    def test_ctrl_c_reaches_the_whole_group_and_ends_it_at_once(self, service: Service) -> None:
        service.start()
        assert service.process is not None
        children = service.children()
        log = service.folder / "service.log"
        wait_until(lambda: "relay_started" in log.read_text(), what="the relay listens to signals")
        os.killpg(service.process.pid, signal.SIGINT)
        assert service.process.wait(timeout=DEADLINE_SECONDS) == 0
        assert "relay_stopped" in log.read_text(), "it was not killed: it ended"
        assert not [child for child in children if child.is_running()]
        assert "starts again" not in (service.folder / "processes.log").read_text()

    def test_refuses_a_port_that_another_service_has(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(serve.Command, "patience_seconds", 0)
        with socket.create_server(("127.0.0.1", 0), reuse_port=True) as other:
            port = other.getsockname()[1]
            with pytest.raises(CommandError, match=rf"^Port {port} is taken.* PORT\.$"):
                call_command("serve", port=port)

    def test_says_why_it_cannot_listen(self) -> None:
        with pytest.raises(CommandError, match=r"192\.0\.2\.1, port 8000: Cannot assign"):
            call_command("serve", host="192.0.2.1", port=8000)

    @pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
    def test_leaves_ctrl_c_to_the_parent(self, service: Service) -> None:
        service.start()
        children = service.children()
        assert len(children) == 2, "a web worker and the relay"
        for child in children:
            status = Path(f"/proc/{child.pid}/status").read_text()
            blocked = int(status.split("SigBlk:")[1].split()[0], 16)
            assert blocked & 1 << (signal.SIGINT - 1), child.cmdline()

    def test_a_relay_that_dies_comes_back(self, service: Service) -> None:
        service.start()
        first = _relay(service)
        assert first is not None
        first.kill()
        wait_until(
            lambda: (now := _relay(service)) is not None and now.pid != first.pid,
            what="the relay comes back",
        )

    def test_nothing_outlives_a_parent_that_is_killed(self, service: Service) -> None:
        service.start()
        assert service.process is not None
        children = service.children()
        service.process.kill()
        service.process.wait()
        wait_until(
            lambda: not any(child.is_running() for child in children), what="the children end"
        )

    def test_counts_are_kept_by_process_from_zero(self, service: Service) -> None:
        leftover = service.folder / "metrics" / "counter_1.db"
        leftover.parent.mkdir()
        leftover.touch()
        service.start()
        service.request("GET", "/no-such-page")
        files = {path.name for path in leftover.parent.glob("*.db")}
        assert files - {leftover.name}
        assert leftover.name not in files


class TestWebWorkers:
    def test_are_replaced_on_sighup(self, service: Service) -> None:
        service.start()
        former = _web_worker(service)
        _hang_up(service)
        wait_until(lambda: not former.is_running(), what="the former worker ends")
        assert service.request("GET", "/.well-known/jwks.json").status == 200
        assert _web_worker(service).pid != former.pid

    def test_stay_when_the_new_code_does_not_start(self, service: Service) -> None:
        service.start()
        former = _web_worker(service)
        (service.folder / "secrets" / "key_encryption_key").write_text("not base64")
        _hang_up(service)
        log = service.folder / "processes.log"
        wait_until(lambda: "workers stay" in log.read_text(), what="the new code was tried")
        assert service.request("GET", "/.well-known/jwks.json").status == 200
        assert _web_worker(service).pid == former.pid

    def test_that_are_killed_refuse_nobody(self, service: Service) -> None:
        service.start()
        former = _web_worker(service)
        former.kill()
        # Accepted by the shared socket, and answered by the worker that is not there yet.
        assert service.request("GET", "/.well-known/jwks.json").status == 200
        assert _web_worker(service).pid != former.pid

    def test_serve_the_published_keys_without_a_database(self, service: Service) -> None:
        service.start()
        copy = service.folder / "published" / "keys.json"
        wait_until(copy.exists, what="the copy is written")
        published = service.request("GET", "/.well-known/jwks.json")
        assert service.stop() == 0
        service.variables["DATABASE_URL"] = f"sqlite:///{service.folder}/absent/db.sqlite3"
        service.start()
        again = service.request("GET", "/.well-known/jwks.json")
        assert (again.status, again.body) == (200, published.body)
        assert service.request("GET", f"/keys/{'A' * 43}").status == 503
        assert "Starting without the database" in (service.folder / "processes.log").read_text()


class TestReserveMetricsFiles:
    def test_takes_their_place_on_the_disk(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
        reserve_metrics_files()
        sizes = {file.name: file.stat().st_blocks * 512 for file in tmp_path.iterdir()}
        assert sizes.keys() == {f"counter_{os.getpid()}.db", f"histogram_{os.getpid()}.db"}
        assert min(sizes.values()) >= METRICS_BYTES

    def test_lets_a_process_without_place_count_for_itself(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / "absent"))
        reserve_metrics_files()
        assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
        assert "are not shared" in capsys.readouterr().err


class TestRelay:
    def test_is_there_when_start_returns(self) -> None:
        # A web worker forked before that would keep the relay from ever being watched.
        relay = Relay([sys.executable, "-c", "import signal; signal.pause()"])
        relay.start()
        try:
            assert psutil.Process().children()
        finally:
            relay.stop()


class TestServeInProduction:
    def test_serves_the_web_alone(self, tmp_path: Path, database_url: str) -> None:
        if not database_url:
            pytest.skip("needs PostgreSQL (TEST_DATABASE_URL; `make test` brings one)")
        variables = production.environment() | {
            "DATABASE_URL": database_url,
            "ALLOWED_HOSTS": "certificates.example.org,127.0.0.1",
        }
        service = Service(tmp_path, variables)
        service.manage("migrate", "--verbosity=0")
        service.start()
        try:
            assert _relay(service) is None
            assert service.request("GET", "/livez").status == 200
            assert service.stop() == 0
        finally:
            service.kill()


def _hang_up(service: Service) -> None:
    assert service.process is not None
    service.process.send_signal(signal.SIGHUP)


def _web_worker(service: Service) -> psutil.Process:
    (worker,) = (
        child
        for child in service.children()
        if child.status() != psutil.STATUS_ZOMBIE and "--relay" in child.cmdline()
    )
    return worker


def _relay(service: Service) -> psutil.Process | None:
    for child in service.children():
        try:
            if "relay" in child.cmdline():
                return child
        except psutil.NoSuchProcess:  # ended between being listed and being read
            continue
    return None
