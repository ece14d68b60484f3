"""The memory of every process that can open a key: no core file, and no reader beside it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.processes import kill_group, stop, wait_until
from tests.service import ROOT, Service

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

# Prints which of the files it may read. The first page of memory is not mapped: whoever may read
# is told so by the system, with another error.
READS = """
import sys
for path in sys.argv[1:]:
    try:
        open(path, "rb").read(1)
    except PermissionError:
        continue
    except OSError:
        pass
    print(path)
"""


def ordinary(*command: str) -> list[str]:
    """Return the command as an ordinary user's: root without its powers is one more user."""
    if os.geteuid() != 0:
        return list(command)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("needs setpriv (apt-get install util-linux)")
    return [setpriv, "--bounding-set=-all", "--inh-caps=-all", *command]


class OrdinaryService(Service):
    """The service, run by an ordinary user."""

    def spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start Python in the service's environment, in a process group of its own."""
        with (self.folder / "processes.log").open("ab") as log:
            return subprocess.Popen(
                ordinary(sys.executable, *arguments),
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def core_limit(pid: int) -> list[str]:
    """Return the soft and the hard limit of a process's core file."""
    limits = Path(f"/proc/{pid}/limits").read_text()
    [line] = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    return line.split()[4:6]


def readable(pids: list[int]) -> list[str]:
    """Return what another process of the same user may read of what these know."""
    paths = [f"/proc/{pid}/{what}" for pid in pids for what in ("mem", "environ")]
    command = ordinary(sys.executable, "-c", READS, *paths)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.fixture
def service(migrated: Path, tmp_path: Path) -> Iterator[OrdinaryService]:
    service = OrdinaryService(shutil.copytree(migrated, tmp_path / "service"))
    yield service
    service.kill()


@pytest.fixture
def bystander() -> Iterator[int]:
    """Yield a process that guards nothing, and skip where even that cannot be read."""
    process = subprocess.Popen(
        ordinary(sys.executable, "-c", "import time; time.sleep(600)"), start_new_session=True
    )
    try:
        wait_until(lambda: "-c" in psutil.Process(process.pid).cmdline(), what="it runs")
        if len(readable([process.pid])) < len(("mem", "environ")):
            pytest.skip("this system lets no process read another's memory")
        yield process.pid
    finally:
        kill_group(process)


def assert_private(processes: list[psutil.Process]) -> None:
    """Fail for a process that may leave a core file, or be read."""
    assert {process.pid: core_limit(process.pid) for process in processes} == {
        process.pid: ["0", "0"] for process in processes
    }
    assert readable([process.pid for process in processes]) == []


@pytest.mark.usefixtures("bystander")
class TestProcesses:
    def test_web_workers_and_relay_keep_their_memory_private(
        self, service: OrdinaryService
    ) -> None:
        service.start()
        log = service.folder / "service.log"
        wait_until(lambda: "relay_started" in log.read_text(), what="the relay works")
        assert service.process is not None
        children = service.children()

        assert sum("relay" in child.cmdline() for child in children) == 1
        assert len(children) == 2, "a web worker and the relay"
        assert_private([psutil.Process(service.process.pid), *children])

    def test_celery_workers_keep_their_memory_private(self, service: OrdinaryService) -> None:
        service.variables["CELERY_BROKER_URL"] = "memory://"
        worker = service.spawn("-m", "celery", "-A", "config", "worker", "--concurrency=2")
        try:
            parent = psutil.Process(worker.pid)
            wait_until(
                lambda: len(parent.children()) == 2, what="two children work", process=worker
            )
            assert_private([parent, *parent.children()])
        finally:
            stop(worker, seconds=20)
