"""100,000 completions to visible certificates, through real processes; and `issue` on SQLite.

PostgreSQL and a broker: `manage.py issue FILE` takes the file in, `manage.py relay` hands chunks
to two Celery workers, which sign and store them. A certificate is visible when its row with its
signed form is committed; files are made later and are not counted. Prints certificates a second,
each process's CPU time a certificate and its memory: at a tenth of the way, at the end, at most.

Beside it, in CPU time, what the same costs the common ways: one transaction for each completion,
and `bulk_create` for the rows.

Servers: TEST_DATABASE_URL and TEST_AMQP_URL or TEST_REDIS_URL; what is not given is started here.

Run: python benchmarks/bulk.py [NUMBER]    (100,000: about four minutes)
"""

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg2

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from _served import (  # noqa: E402 - found by the line above
    Place,
    Watched,
    children,
    number_of,
    sessions,
    throw_away,
    watching,
)

from tests.processes import stop, wait_until  # noqa: E402
from tests.servers import given_or_started  # noqa: E402

AIM, ROW_RATIO = 1_500, 3.0
WORKERS, SINGLY, ROUNDS = 2, 200, 12
_WHOLE = (
    "SELECT count(*) FROM certificates_certificate AS one "
    "JOIN certificates_securing AS signed ON signed.certificate_id = one.id"
)


def main() -> int:
    """Measure each way; return 1 where an aim is missed."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    load = os.getloadavg()[0]
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bulk-bench-")))
        servers = given_or_started(stack, folder=folder, environ=os.environ)
        broker = servers.get("TEST_AMQP_URL") or servers["TEST_REDIS_URL"]
        file = folder / "completions.csv"
        write_file(file, number)
        with throw_away(servers["TEST_DATABASE_URL"], "bulk") as url:
            place = Place(folder / "served", {"DATABASE_URL": url, "CELERY_BROKER_URL": broker})
            reached = [through_workers(place, file, number), beside_the_common_ways(place)]
        reached.append(alone(Place(folder / "embedded", {}), file, number))
    return 0 if all(reached) else 1


def through_workers(place: Place, file: Path, number: int) -> bool:
    """Run the whole chain on PostgreSQL and a broker; say whether it is quick enough."""
    place.set_up()
    place.empty_queues()
    broker = place.variables["CELERY_BROKER_URL"].partition(":")[0]
    with ExitStack() as stack:
        stack.callback(place.empty_queues)
        relay = place.start("manage.py", "relay")
        stack.callback(stop, relay)
        worker = place.worker(renders=False, children=WORKERS)
        stack.callback(stop, worker)
        wait_until(lambda: len(children(worker)) >= WORKERS, what="workers", process=worker)
        connection = stack.enter_context(closing(psycopg2.connect(place.variables["DATABASE_URL"])))
        connection.autocommit = True
        issuing: list[psutil.Process] = []

        def look(watched: Watched) -> None:
            watched.look("relay", psutil.Process(relay.pid))
            watched.look("worker, parent", psutil.Process(worker.pid))
            for one in children(worker):
                watched.look("worker, children", one)
            for one in issuing:
                watched.look("issue", one, whole=True)
            for one in sessions(connection):
                watched.look("database", one)

        with watching(look) as watched:
            started = time.perf_counter()
            command = place.start("manage.py", "issue", str(file), "--tenant", "bench")
            issuing.append(psutil.Process(command.pid))
            status = command.wait()
            seconds = time.perf_counter() - started
        whole = number_of(connection, _WHOLE)
    print(f"{broker}, PostgreSQL, {WORKERS} workers: {number:,} completions")
    watched.print(number)
    return verdict(number, seconds, status, whole)


def alone(place: Place, file: Path, number: int) -> bool:
    """Run `issue` on SQLite, in one process."""
    place.set_up()
    started = time.perf_counter()
    command = place.start("manage.py", "issue", str(file))
    process = psutil.Process(command.pid)
    with watching(lambda watched: watched.look("issue", process, whole=True)) as watched:
        status = command.wait()
        seconds = time.perf_counter() - started
    whole = int(place.run(__file__, "--child", "count"))
    print(f"SQLite, one process: {number:,} completions")
    watched.print(number)
    return verdict(number, seconds, status, whole)


def verdict(number: int, seconds: float, status: int, whole: int) -> bool:
    """Print the rate against the aim."""
    if status or whole != number:
        print(f"FAIL: status {status}, {whole:,} of {number:,} are there")
        return False
    rate = number / seconds
    print(f"  {rate:,.0f} certificates a second, {seconds:.1f} s with start and end of `issue`; "
          f"{'PASS' if rate >= AIM else 'FAIL'}: aim {AIM:,}", flush=True)  # fmt: skip
    return rate >= AIM


def beside_the_common_ways(place: Place) -> bool:
    """Compare CPU time with one transaction each, and rows with `bulk_create`'s."""
    found = json.loads(place.run(__file__, "--child", "compare"))
    print(f"one process, CPU of the client, medians of {ROUNDS} rounds in turn")
    print(f"  issued in chunks of 500  {found['chunks']:7.0f} µs a certificate")
    print(f"  in a transaction each    {found['singly']:7.0f} µs, "
          f"{found['singly'] / found['chunks']:.1f} times as much")  # fmt: skip
    ratio = float(found["bulk_create"] / found["rows"])
    print(f"  a row of certificates    {found['rows']:7.1f} µs, by bulk_create "
          f"{found['bulk_create']:.1f} µs: {ratio:.1f} times as much; "
          f"{'PASS' if ratio >= ROW_RATIO else 'FAIL'}: aim {ROW_RATIO:.0f}")  # fmt: skip
    return ratio >= ROW_RATIO


def write_file(file: Path, number: int) -> None:
    """Write completions of different people."""
    with file.open("w", encoding="utf-8") as text:
        text.write("event_id,recipient_id,recipient_name,recipient_email,course_id,"
                   "course_version_id,course_title,completed_at,grade,language\n")  # fmt: skip
        for place in range(number):
            text.write(f"event-{place},person-{place},Títílayọ̀ Ọdúnsì {place},"
                       f"p{place}@example.org,knots,knots-1,Knots,2026-02-27T09:00:00+01:00,"
                       "Merit,en\n")  # fmt: skip


def count() -> None:
    """Print how many certificates have a signed form."""
    from certificates.models import Securing  # noqa: PLC0415

    print(Securing.objects.count())


def compare() -> None:
    """Print, as JSON, microseconds of CPU time a certificate or row, each way."""
    found: dict[str, list[float]] = {"chunks": [], "singly": [], "rows": [], "bulk_create": []}
    for turn in range(ROUNDS + 1):
        for name, seconds in {**_issuing(turn), **_inserting()}.items():
            if turn:  # the first warms up
                found[name].append(seconds * 1e6)
    print(json.dumps({name: statistics.median(each) for name, each in found.items()}))


def _issuing(turn: int) -> dict[str, float]:
    from django.utils import timezone  # noqa: PLC0415

    from certificates import issuance  # noqa: PLC0415
    from certificates.completion import ReportedCompletion  # noqa: PLC0415
    from certificates.intake import accept  # noqa: PLC0415
    from tenants.models import Tenant  # noqa: PLC0415

    tenant, now, taken = Tenant.objects.get(slug="bench"), timezone.now(), {}
    for name, number, chunk in (("chunks", 500, 500), ("singly", SINGLY // ROUNDS, 1)):
        reports = [
            ReportedCompletion(
                event_id=f"{name}-{turn}-{place}", recipient_id=f"{name}-{turn}-{place}",
                recipient_name="Ada Lovelace", course_version_id="knots-1", completed_at=now,
            )
            for place in range(number)
        ]  # fmt: skip
        started = time.process_time()
        for start in range(0, number, chunk):
            receipts = accept(
                tenant=tenant, reports=reports[start : start + chunk], source="bench", now=now
            )
            ids = [receipt.completion.pk for receipt in receipts if receipt.completion]
            issuance.issue(completion_ids=ids, now=now)
        taken[name] = (time.process_time() - started) / number
    return taken


def _inserting() -> dict[str, float]:
    """Insert 500 certificates each way, and take them back: no row they point to is needed."""
    from django.db import transaction  # noqa: PLC0415
    from django.db.models import Max  # noqa: PLC0415

    from certificates.models import Certificate  # noqa: PLC0415
    from observability import rows  # noqa: PLC0415

    pattern = Certificate.objects.order_by("pk").first()
    if pattern is None:
        raise SystemExit("there is no certificate to copy")
    index = Certificate.objects.aggregate(most=Max("status_index"))["most"]
    values = {field.attname: getattr(pattern, field.attname) for field in Certificate._meta.fields}  # noqa: SLF001
    taken = {}
    for name, write in (("rows", rows.store), ("bulk_create", Certificate.objects.bulk_create)):
        certificates = [
            Certificate(**values | {
                "id": uuid4(), "completion_id": uuid4(), "recipient_id": uuid4(),
                "token": uuid4().hex[:28], "status_index": index + 1 + place,
            })
            for place in range(500)
        ]  # fmt: skip
        with transaction.atomic():
            started = time.process_time()
            write(certificates)
            taken[name] = (time.process_time() - started) / len(certificates)
            transaction.set_rollback(True)
    return taken


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        import django

        django.setup()
        {"count": count, "compare": compare}[sys.argv[2]]()
    else:
        sys.exit(main())
