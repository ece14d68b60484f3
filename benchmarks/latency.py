"""From a reported completion to its visible certificate: 50 a second for five minutes.

PostgreSQL and a broker; the web with its relay, a worker that issues, and one that renders, in its
own queue and at a lower priority. Each completion is one POST, sent when its time has come, however
late earlier answers are; its clock starts then. A certificate is visible when another session of
the database sees its row, which is looked for twenty times a second: asking the verify address for
each would cost the very CPU that is measured. Every fiftieth is asked for there too.

Prints p50, p95 and p99, what was lost or made twice, and each process's CPU time.

Servers: TEST_DATABASE_URL and TEST_AMQP_URL or TEST_REDIS_URL; what is not given is started here.

Run: python benchmarks/latency.py [SECONDS [A_SECOND]]    (300 seconds, 50 a second)
"""

import http.client
import json
import os
import platform
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import psycopg2

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from _served import (  # noqa: E402 - found by the line above
    SERVED,
    Place,
    Watched,
    children,
    number_of,
    sessions,
    throw_away,
    watching,
)

from tests.processes import free_port, stop, wait_until  # noqa: E402
from tests.servers import given_or_started  # noqa: E402

AIM_SECONDS = 2.0
CONNECTIONS, LOOKS_A_SECOND, ASKED_EVERY = 16, 20, 50
# How long after the last completion a certificate that is not there counts as lost.
PATIENCE = 60.0
_VISIBLE = "SELECT id::text FROM certificates_certificate WHERE id = ANY(%s::uuid[])"
_TWICE = (
    "SELECT count(*) FROM (SELECT 1 FROM certificates_certificate "
    "GROUP BY completion_id HAVING count(*) > 1) AS twice"
)


@dataclass
class Platform:
    """Reports completions, and notes when each was due and when its certificate was seen."""

    port: int
    key: str
    due: dict[str, float] = field(default_factory=dict)  # by certificate
    seen: dict[str, float] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._of_thread = threading.local()

    def report(self, number: int, due: float) -> None:
        """Report one completion of a new person."""
        completion = {
            "event_id": f"event-{number}",
            "recipient": {"id": f"person-{number}", "name": f"Títílayọ̀ Ọdúnsì {number}"},
            "course": {"version_id": "knots-1"},
            "completed_at": "2026-02-27T09:00:00+01:00",
            "grade": "Merit",
        }
        try:
            status, body = self._send(json.dumps(completion).encode())
        except (OSError, http.client.HTTPException) as error:
            self._of_thread.connection = None
            self.failed.append(type(error).__name__)
            return
        if status != 202:
            self.failed.append(str(status))
            return
        self.answered.append(time.monotonic() - due)
        answer = json.loads(body)
        self.due[answer["certificate_id"]] = due
        if number % ASKED_EVERY == 0:
            self.links.append(answer["verify_url"])

    def unseen(self) -> list[str]:
        """Return the certificates that were promised and are not there."""
        return [one for one in list(self.due) if one not in self.seen]

    def asked(self) -> int:
        """Ask the verify address for some; return how many it does not call issued."""
        wrong = 0
        for link in self.links:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as one:
                one.request("GET", urlsplit(link).path, headers={"Accept": "application/json"})
                wrong += json.loads(one.getresponse().read()).get("result") != "issued"
        return wrong

    def _send(self, body: bytes) -> tuple[int, bytes]:
        connection = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            self._of_thread.connection = connection
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/completions", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


def main() -> int:
    """Serve, report, and print; return 1 where the aim is missed."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 300.0
    rate = float(sys.argv[2]) if len(sys.argv) > 2 else 50.0
    load = os.getloadavg()[0]
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="latency-bench-")))
        servers = given_or_started(stack, folder=folder, environ=os.environ)
        url = stack.enter_context(throw_away(servers["TEST_DATABASE_URL"], "latency"))
        broker = servers.get("TEST_AMQP_URL") or servers["TEST_REDIS_URL"]
        port = free_port()
        place = Place(
            folder / "served",
            {
                "DATABASE_URL": url,
                "CELERY_BROKER_URL": broker,
                "BASE_URL": f"http://127.0.0.1:{port}",
            },
        )
        place.set_up()
        place.empty_queues()
        stack.callback(place.empty_queues)
        served = {
            "web and relay": place.start("manage.py", "serve", "--port", str(port)),
            "issuing": place.worker(renders=False, children=2),
            "rendering": place.worker(renders=True, children=1, nice=10),
        }
        for process in served.values():
            stack.callback(stop, process)
        key = place.run(SERVED, "key").strip()
        wait_until(lambda: answers(port), what="the web answers", process=served["web and relay"])
        wait_until(lambda: len(children(served["issuing"])) >= 2, what="workers")
        connection = stack.enter_context(closing(psycopg2.connect(url)))
        connection.autocommit = True

        def look(watched: Watched) -> None:
            for name, process in served.items():
                for one in family(process.pid):
                    watched.look(name, one)
            for one in sessions(connection):
                watched.look("database", one)

        platform_ = Platform(port, key)
        for number in range(CONNECTIONS):  # all is loaded and connected when the clock starts
            platform_.report(-1 - number, time.monotonic())
        wait_until(lambda: not looked(platform_, connection), what="the first certificates")
        for noted in (platform_.due, platform_.seen):
            noted.clear()
        platform_.answered.clear()
        with closing(psycopg2.connect(url)) as other, watching(look) as watched:
            other.autocommit = True
            run(platform_, other, count=int(seconds * rate), rate=rate)
        return told(
            platform_, watched, broker.partition(":")[0], rate, number_of(connection, _TWICE)
        )


def run(platform_: Platform, connection: Any, *, count: int, rate: float) -> None:
    """Report at the given rate, and look for certificates until all are there or time is up."""
    started = time.monotonic()
    with ThreadPoolExecutor(CONNECTIONS) as pool:

        def send_all() -> None:
            for number in range(1, count + 1):
                due = started + number / rate
                time.sleep(max(0.0, due - time.monotonic()))
                pool.submit(platform_.report, number, due)

        sender = threading.Thread(target=send_all)
        sender.start()
        ended = None
        while True:
            time.sleep(1 / LOOKS_A_SECOND)
            missing = looked(platform_, connection)
            if not sender.is_alive():
                ended = ended or time.monotonic()
                done = len(platform_.due) + len(platform_.failed) >= count and not missing
                if done or time.monotonic() > ended + PATIENCE:
                    return


def looked(platform_: Platform, connection: Any) -> int:
    """Note which certificates another session sees; return how many are missing."""
    unseen = platform_.unseen()
    if not unseen:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_VISIBLE, [unseen])
        now = time.monotonic()
        for (one,) in cursor.fetchall():
            platform_.seen[one] = now
    return len(platform_.unseen())


def told(platform_: Platform, watched: Watched, broker: str, rate: float, twice: int) -> int:
    """Print what was found; return the exit status."""
    latencies = [platform_.seen[one] - platform_.due[one] for one in platform_.seen]
    lost, wrong = len(platform_.unseen()), platform_.asked()
    print(f"{broker}, PostgreSQL: {len(platform_.due):,} completions, {rate:g} a second")
    watched.print(len(platform_.due) or 1)
    for name, found in (("answer to the POST", platform_.answered), ("visible", latencies)):
        cuts = statistics.quantiles(found, n=100)
        print(f"  {name:<20}p50 {cuts[49]:.3f} s, p95 {cuts[94]:.3f} s, p99 {cuts[98]:.3f} s, "
              f"at most {max(found):.3f} s")  # fmt: skip
    print(f"  {lost} lost, {twice} twice, {len(platform_.failed)} not accepted, "
          f"{wrong} of {len(platform_.links)} verify addresses wrong")  # fmt: skip
    p95 = statistics.quantiles(latencies, n=100)[94]
    good = p95 < AIM_SECONDS and not (lost or twice or wrong or platform_.failed)
    print(f"{'PASS' if good else 'FAIL'}: aim p95 < {AIM_SECONDS:g} s, none lost, none twice")
    return 0 if good else 1


def family(pid: int) -> list[psutil.Process]:
    """Return a process and all below it."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return []


def answers(port: int) -> bool:
    """Say whether the web answers."""
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/livez")
            return connection.getresponse().status == 200
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
