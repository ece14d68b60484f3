"""From "this key is stolen" to every certificate signed again: 10,000 certificates, by the relay.

On SQLite, and on PostgreSQL too if TEST_DATABASE_URL names a server. Prints the time to the first
and to the last certificate, CPU time, and what 100,000 would take. Aim: 15 minutes for those.

Run: python benchmarks/resigning.py [NUMBER]
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg2

ROOT = Path(__file__).resolve().parents[1]
AIM_SECONDS, AT = 15 * 60, 100_000
_CHILD = "RESIGNING_BENCHMARK"


@contextmanager
def throw_away(server: str) -> Iterator[str]:
    """Yield the address of a new database on a PostgreSQL server."""
    name = f"bench_resigning_{uuid4().hex[:8]}"
    with closing(psycopg2.connect(server)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
            try:
                yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
            finally:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def measure(number: int) -> None:
    """Issue, report the theft, let the relay work, and print what it took. In a child process."""
    sys.path.insert(0, str(ROOT))
    import django  # noqa: PLC0415 - settings come first

    django.setup()
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from certificates import proof, resigning, theft, topics  # noqa: PLC0415
    from certificates.models import Certificate, Securing  # noqa: PLC0415
    from outbox import relay  # noqa: PLC0415
    from signing import keyring  # noqa: PLC0415

    key = keyring.active_key(tenant=issue(number))
    if Securing.objects.filter(kid=key.thumbprint).count() != number:
        raise SystemExit("not everything was issued")
    started, cpu = time.perf_counter(), time.process_time()
    found = theft.blast_radius(key, since=timezone.now())
    listed = time.perf_counter() - started
    resigning.report_theft(
        thumbprint=key.thumbprint, since=found.since, reason="", actor="bench", now=timezone.now()
    )
    marked = time.perf_counter() - started
    again = Securing.objects.filter(generation=2)
    first = 0.0
    while (done := again.count()) < number:
        first = first or (time.perf_counter() - started if done else 0.0)
        for topic in (topics.RESIGN, topics.RESIGN_LOOK):
            if relay.deliver(now=timezone.now(), only=topic):
                break
        else:
            raise SystemExit(f"{done} of {number}, and nothing is due")
    seconds, spent = time.perf_counter() - started, time.process_time() - cpu
    one = Certificate.objects.order_by("?").first()
    if one is None or proof.examine(one, now=timezone.now()).stolen_at is not None:
        raise SystemExit("a certificate does not verify under the new key")
    expected = seconds / number * AT
    print(f"{connection.vendor}, {number:,} certificates, one worker")
    print(f"  blast radius listed         {listed:8.2f} s")
    print(f"  key withdrawn and replaced  {marked:8.2f} s")
    print(f"  first {resigning.CHUNK} signed again      {first or seconds:8.2f} s")
    print(f"  all signed again            {seconds:8.2f} s, CPU {spent:.2f} s")
    print(f"  a second                    {number / seconds:8.0f} certificates")
    print(f"  {AT:,} would take        {expected:8.0f} s (aim {AIM_SECONDS})")
    passed = expected < AIM_SECONDS
    print("PASS" if passed else "FAIL", flush=True)
    if not passed:
        raise SystemExit(1)


def issue(number: int) -> Any:
    """Return a tenant with so many certificates of different people."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from certificates import issuance  # noqa: PLC0415
    from certificates.models import Completion, CourseVersion  # noqa: PLC0415
    from ingest.imports import import_file  # noqa: PLC0415
    from templates_app.starters import create_starter  # noqa: PLC0415
    from tenants.onboarding import create_tenant  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    now = timezone.now()
    tenant = create_tenant(slug="bench", name="Bench", now=now)
    create_starter(tenant=tenant, signers=[{"name": "A. Signer", "title": "Director"}], now=now)
    CourseVersion.objects.create(
        tenant=tenant, course_id="knots", version_id="knots-1", title="Knots", created_at=now,
        updated_at=now,
    )  # fmt: skip
    head = (
        "event_id,recipient_id,recipient_name,recipient_email,course_id,course_version_id,"
        "course_title,completed_at,grade,language"
    )
    people = [
        f"e{n},p{n},Títílayọ̀ Ọdúnsì {n},p{n}@example.org,knots,knots-1,Knots,"
        "2026-02-27T09:00:00+01:00,Merit,en"
        for n in range(number)
    ]
    import_file(
        content="\n".join([head, *people]).encode(), tenant=tenant, source="bench", now=now,
        backfill=False, dry_run=False,
    )  # fmt: skip
    ids = list(Completion.objects.values_list("pk", flat=True))
    for start in range(0, number, 500):
        issuance.issue(completion_ids=ids[start : start + 500], now=now)
    return tenant


def main() -> None:
    """Measure in a child process for each database."""
    number = sys.argv[1] if len(sys.argv) > 1 else "10000"
    server = os.environ.get("TEST_DATABASE_URL", "")
    run(number, "")
    if server.startswith("postgres"):
        with throw_away(server) as database:
            run(number, database)


def run(number: str, database: str) -> None:
    """Run the measurement on one database; empty: SQLite in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="certification-bench-") as folder:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.embedded",
            "DATA_DIR": folder,
            "LOG_FILE": str(Path(folder) / "log"),
            _CHILD: number,
            **({"DATABASE_URL": database} if database else {}),
        }
        subprocess.run([sys.executable, __file__], env=environment, check=True)


if __name__ == "__main__":
    if os.environ.get(_CHILD):
        measure(int(os.environ[_CHILD]))
    else:
        main()
