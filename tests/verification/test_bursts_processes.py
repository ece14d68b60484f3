"""Four real processes on one database: together they notice, and one of them tells."""

import subprocess
import sys
from collections.abc import Sequence

from tests.service import ROOT, Service

_LOOK = """
import django; django.setup()
from observability import audit
from verification.models import Anomaly
print(list(Anomaly.objects.values_list("count", "top_country", "is_open")))
print(audit.verify_chain(tenant_id=""))
"""


def start(service: Service) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.verification.asking"],
        cwd=ROOT,
        env=service.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ask(processes: Sequence[subprocess.Popen[str]], number: int, *, times: int = 1) -> int:
    """Let all of them count so many at once, some times over; return how often they told so far."""
    for process in processes:
        assert process.stdin
        process.stdin.write(f"{number}\n" * times)
        process.stdin.flush()
    told = [[int(one.stdout.readline()) for _ in range(times)] for one in processes if one.stdout]
    return sum(numbers[-1] for numbers in told)


def test_four_processes_notice_what_none_of_them_sees(migrated_service: Service) -> None:
    processes = [start(migrated_service) for _ in range(4)]
    try:
        assert ask(processes, 499, times=5) == 0  # 9,980 together
        assert ask(processes, 5) == 1  # small parts, of which the last makes it 10,000
        assert ask(processes, 10_000, times=5) == 1  # all see it now, and it was told
    finally:
        for process in processes:
            process.communicate()
    assert {process.returncode for process in processes} == {0}
    anomalies, chain = migrated_service.run("-c", _LOOK).splitlines()
    assert anomalies == "[(210000, 'CH', True)]"
    assert chain == "None"
    log = (migrated_service.folder / "service.log").read_text()
    assert log.count('"event": "certification.verify.anomaly"') == 1
