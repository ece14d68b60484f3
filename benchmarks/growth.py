"""What work costs as the tables grow: issuing, verifying, the operators' list.

On SQLite and PostgreSQL. The tables are filled to each size with rows like those that issuing
writes, of people with names of their own, over three years; then each thing is done ROUNDS times.
Printed is the quickest of them, in milliseconds: what it costs when nothing else runs. At no size
may it be more than 1.5 times what it is at the first.

PostgreSQL: TEST_DATABASE_URL; a throw-away server is started where it is not given.

Run: python benchmarks/growth.py [SIZE …]    (10000 100000 1000000: about a quarter of an hour;
SQLite stops at 100,000. 2000 10000 runs in a minute.)
"""

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from _served import Place, throw_away  # noqa: E402 - found by the line above

from tests.servers import given_or_started  # noqa: E402

SIZES = [10_000, 100_000, 1_000_000]
SQLITE_UP_TO = 100_000
FLAT, ROUNDS, CHUNK = 1.5, 15, 500
# Below this, in milliseconds, a difference is noise.
NOISE = 1.0
_FILLED_AT_ONCE = 5_000


def main() -> int:
    """Measure in a child process for each database; return 1 where something is not flat."""
    sizes = [int(one) for one in sys.argv[1:]] or SIZES
    load = os.getloadavg()[0]
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}", flush=True
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="growth-bench-")))
        small = [one for one in sizes if one <= SQLITE_UP_TO]
        good = [measured(Place(folder / "sqlite", {}), small)] if small else []
        servers = given_or_started(stack, folder=folder, environ=os.environ)
        with throw_away(servers["TEST_DATABASE_URL"], "growth") as url:
            good.append(measured(Place(folder / "postgresql", {"DATABASE_URL": url}), sizes))
    return 0 if all(good) else 1


def measured(place: Place, sizes: list[int]) -> bool:
    """Run the measurement on one database; say whether everything is flat."""
    place.set_up()
    printed = place.run(__file__, "--child", *map(str, sizes))
    print(printed, end="", flush=True)
    return "FAIL" not in printed


def child(sizes: list[int]) -> None:
    """Fill, measure and print, size by size."""
    from django.db import connection  # noqa: PLC0415 - settings come first

    found: dict[str, list[float]] = {}
    issue(CHUNK)  # what the fill copies
    for size in sizes:
        fill(size)
        for name, work in things().items():
            found.setdefault(name, []).append(min(timed(work) for _ in range(ROUNDS)))
    print(connection.vendor)
    print(f"  {'certificates':<34}" + "".join(f"{size:>12,}" for size in sizes))
    for name, milliseconds in found.items():
        first = max(milliseconds[0], NOISE)
        is_flat = max(milliseconds) <= FLAT * first
        line = "".join(f"{one:>12.2f}" for one in milliseconds)
        growth = max(milliseconds) / first
        print(f"  {name:<34}{line}   × {growth:.2f} {'PASS' if is_flat else 'FAIL'}")


def timed(work: Callable[[], object]) -> float:
    """Return milliseconds of wall time: most of the work is the database's."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def things() -> dict[str, Callable[[], object]]:
    """Return what is measured, by name."""
    from django.test import Client  # noqa: PLC0415

    from certificates.models import Certificate  # noqa: PLC0415
    from tenants.models import User  # noqa: PLC0415

    tokens = iter(issue(ROUNDS * 2))
    user = User.objects.filter(username="bench").first() or User.objects.create_superuser("bench")
    admin, anybody = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    admin.force_login(user)
    code = Certificate.objects.latest("issued_at").token

    def operators_list(query: str) -> Callable[[], None]:
        def read() -> None:
            answer = admin.get(f"/admin/certificates/certificate/?{query}")
            if answer.status_code != 200:
                raise SystemExit(f"the list answers {answer.status_code} to {query!r}")

        return read

    def verify() -> None:
        answer = anybody.get(f"/verify/{next(tokens)}", headers={"Accept": "application/json"})
        if answer.json()["result"] != "issued":
            raise SystemExit("a certificate does not verify")

    return {
        f"take in and issue {CHUNK}": lambda: issue(CHUNK),
        "take in and issue 1": lambda: issue(1),
        "verify, not in the cache": verify,
        "list, first page": operators_list(""),
        "list, by name": operators_list("q=Ọdúnsì+77"),
        "list, by code": operators_list(f"q={code}"),
        "list, revoked": operators_list("state=revoked"),
    }


def issue(number: int) -> list[str]:
    """Report and issue completions of new people; return the tokens."""
    from django.utils import timezone  # noqa: PLC0415

    from certificates import issuance  # noqa: PLC0415
    from certificates.completion import ReportedCompletion  # noqa: PLC0415
    from certificates.intake import accept  # noqa: PLC0415
    from tenants.models import Tenant  # noqa: PLC0415

    tenant, now = Tenant.objects.get(slug="bench"), timezone.now()
    people = [str(uuid4()) for _ in range(number)]
    reports = [
        ReportedCompletion(
            event_id=one, recipient_id=one, recipient_name=f"Títílayọ̀ Ọdúnsì {one}",
            course_version_id="knots-1", completed_at=now, recipient_email=f"{one}@example.org",
        )
        for one in people
    ]  # fmt: skip
    receipts = accept(tenant=tenant, reports=reports, source="bench", now=now)
    ids = [receipt.completion.pk for receipt in receipts if receipt.completion]
    return [one.token for one in issuance.issue(completion_ids=ids, now=now)]


def fill(size: int) -> None:
    """Add rows up to a size."""
    from django.db import connection, transaction  # noqa: PLC0415

    from certificates.models import Certificate  # noqa: PLC0415
    from observability import rows  # noqa: PLC0415

    while (there := Certificate.objects.count()) < size:
        number = min(_FILLED_AT_ONCE, size - there)
        with transaction.atomic():
            for objects in filler(there, number):
                rows.store(objects)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as autovacuum has done by then


def filler(start: int, number: int) -> Iterator[list[Any]]:
    """Yield copies of what issuing wrote, table by table: other people, days and codes."""
    from django.db import models  # noqa: PLC0415

    from certificates.models import (  # noqa: PLC0415
        Certificate,
        Completion,
        Recipient,
        RenderJob,
        Securing,
        StatusList,
    )
    from certificates.tokens import new_token  # noqa: PLC0415

    def values(one: models.Model) -> dict[str, Any]:
        return {field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields}  # noqa: SLF001

    signed = Securing.objects.order_by("pk").first()
    if signed is None:
        raise SystemExit("there is no certificate to copy")
    of = signed.certificate
    full = StatusList.objects.create(**values(of.status_list) | {
        "id": None, "number": start + 1_000, "url": f"http://x.example/{start}",
        "allocated": number,
    })  # fmt: skip
    ids = [(uuid4(), uuid4(), uuid4(), new_token()) for _ in range(number)]
    days = [timedelta(minutes=1.5 * (start + place)) for place in range(number)]
    person, said, job = values(of.recipient), values(of.completion), values(of.render_job)
    certified, secured = values(of), values(signed)
    yield [
        Recipient(**person | {
            "id": one, "external_id": f"filler-{one}", "email": f"{one}@example.org",
            "names": [f"Learner {one} {start + place}"],
        })
        for place, (one, *_) in enumerate(ids)
    ]  # fmt: skip
    yield [
        Completion(**said | {
            "id": completion, "event_id": f"filler-{completion}", "recipient_id": one,
            "certificate_id": certificate, "token": token, "accepted_at": said["accepted_at"] - ago,
            "completed_at": said["completed_at"] - ago,
        })
        for (one, completion, certificate, token), ago in zip(ids, days, strict=True)
    ]  # fmt: skip
    yield [
        Certificate(**certified | {
            "id": certificate, "recipient_id": one, "completion_id": completion, "token": token,
            "status_list_id": full.pk, "status_index": place,
            "accepted_at": certified["accepted_at"] - ago,
            "issued_at": certified["issued_at"] - ago,
        })
        for place, ((one, completion, certificate, token), ago) in enumerate(
            zip(ids, days, strict=True)
        )
    ]  # fmt: skip
    yield [
        Securing(**secured | {"id": None, "certificate_id": certificate})
        for _, _, certificate, _ in ids
    ]
    yield [
        RenderJob(**job | {"certificate_id": certificate, "state": "done"})
        for _, _, certificate, _ in ids
    ]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        import django

        django.setup()
        child([int(one) for one in sys.argv[2:]])
    else:
        sys.exit(main())
