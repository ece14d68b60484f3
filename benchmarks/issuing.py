"""Issue 2,000 completions from CSV to visible certificates on SQLite, without rendering.

Two sides in one run, in CPU time: batches of 500, and one at a time (the way peers do it).
Prints certificates per CPU second, where the time goes, and the ratio.

Run: python benchmarks/issuing.py
"""

import csv
import io
import os
import platform
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
_folder = tempfile.TemporaryDirectory(prefix="certification-bench-")
os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings.embedded", "DATA_DIR": _folder.name}

import django  # noqa: E402 - settings come first

django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from certificates import issuance, recording, securing  # noqa: E402
from certificates.models import Certificate, Completion, CourseVersion  # noqa: E402
from ingest.imports import import_file  # noqa: E402
from signing import signer  # noqa: E402
from templates_app.starters import create_starter  # noqa: E402
from tenants.models import Tenant  # noqa: E402
from tenants.onboarding import create_tenant  # noqa: E402

BATCHED, SINGLY, ROUNDS = 2_000, 200, 5
AIM = 1_000
_spent: dict[str, float] = defaultdict(float)


def watch(name: str, module: ModuleType, attribute: str) -> None:
    """Count the CPU time of a module's function under a name."""
    call = getattr(module, attribute)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with counted(name):
            return call(*args, **kwargs)

    setattr(module, attribute, wrapped)


@contextmanager
def counted(name: str) -> Iterator[None]:
    """Add the CPU time of a block to its name's sum."""
    started = time.process_time()
    yield
    _spent[name] += time.process_time() - started


def csv_of(number: int, prefix: str) -> bytes:
    """Return a file of `number` completions of different people."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["event_id", "recipient_id", "recipient_name", "recipient_email", "course_id",
         "course_version_id", "course_title", "completed_at", "grade", "language"]
    )  # fmt: skip
    for place in range(number):
        writer.writerow(
            [f"{prefix}-{place}", f"{prefix}-person-{place}", f"Títílayọ̀ Ọdúnsì {place}",
             f"{prefix}{place}@example.org", "knots", "knots-1", "Knots",
             "2026-02-27T09:00:00+01:00", "Merit", "en"]
        )  # fmt: skip
    return text.getvalue().encode()


def run(tenant: Tenant, number: int, prefix: str, *, batch: int) -> float:
    """Import a file and issue everything of it; return CPU seconds a certificate."""
    content = csv_of(number, prefix)
    started = time.process_time()
    with counted("read, check, take in"):
        import_file(
            content=content, tenant=tenant, source="bench", now=timezone.now(), backfill=False,
            dry_run=False,
        )  # fmt: skip
    reading = time.process_time() - started
    waiting = Completion.objects.filter(event_id__startswith=f"{prefix}-", state="accepted")
    ids = list(waiting.values_list("pk", flat=True))  # the relay gets them with its messages
    started = time.process_time()
    with counted("issue, all"):
        for start in range(0, len(ids), batch):
            issuance.issue(completion_ids=ids[start : start + batch], now=timezone.now())
    spent = reading + time.process_time() - started
    issued = Certificate.objects.filter(completion__event_id__startswith=f"{prefix}-")
    if issued.count() != number:
        raise SystemExit(f"{issued.count()} of {number} were issued")
    return spent / number


def main() -> None:
    """Run both sides in turn and print medians, split, ratio and verdict."""
    call_command("migrate", verbosity=0)
    now = timezone.now()
    tenant = create_tenant(slug="bench", name="Bench", now=now)
    create_starter(tenant=tenant, signers=[{"name": "A. Signer", "title": "Director"}], now=now)
    CourseVersion.objects.create(
        tenant=tenant, course_id="knots", version_id="knots-1", title="Knots", created_at=now,
        updated_at=now,
    )  # fmt: skip
    run(tenant, 500, "warm", batch=500)
    watch("  compose and lint", issuance, "prepare")
    watch("  sign", signer, "sign_kinds")
    watch("  insert (rows, messages, audit)", securing, "store")
    watch("  log", recording, "emit_many")
    together, alone = [], []
    _spent.clear()
    split: dict[str, float] = defaultdict(float)
    for turn in range(ROUNDS):
        together.append(run(tenant, BATCHED, f"many{turn}", batch=500))
        for name, seconds in _spent.items():
            split[name] += seconds / (ROUNDS * BATCHED)
        _spent.clear()
        alone.append(run(tenant, SINGLY, f"one{turn}", batch=1))
        _spent.clear()
    quick, slow = statistics.median(together), statistics.median(alone)
    print(f"Python {platform.python_version()}, Django {django.__version__}, SQLite, "
          f"{os.cpu_count()} cores, {ROUNDS} rounds, medians of CPU time")  # fmt: skip
    for name, seconds in split.items():
        print(f"{name:<34}{seconds * 1e6:8.0f} µs a certificate")
    print(f"batches of 500   {1 / quick:8.0f} certificates per CPU second (aim {AIM})")
    print(f"one at a time    {1 / slow:8.0f} certificates per CPU second")
    print(f"ratio            {slow / quick:8.1f} times less CPU in batches")
    passed = 1 / quick >= AIM
    print("PASS" if passed else "FAIL")
    if not passed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
    _folder.cleanup()
