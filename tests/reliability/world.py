"""What a reliability test needs inside a running service's database, as a program of its own.

`python -m tests.reliability.world make` prints a key, and so does `… plain`, for designs that are
drawn quickly; `… inspect` prints what became of it all;
`… issue FILE` issues and writes each one's path into a file until it is ended;
`… rotate N` rotates the keys N times; `… keys` prints them.
"""

import hashlib
import json
import os
import sys
from typing import Any

import django

# Two processes issue twenty a second where issuing takes as long again.
_PERIOD_SECONDS = 0.05


def make() -> dict[str, Any]:
    """Create one tenant with a design, a course and a platform's key."""
    from django.utils import timezone

    from certificates.models import CourseVersion
    from templates_app.starters import create_starter
    from tenants.onboarding import create_api_key, create_tenant

    now = timezone.now()
    tenant = create_tenant(slug="harbour", name="Harbour School", now=now)
    create_starter(tenant=tenant, signers=[{"name": "A. Signer", "title": "Director"}], now=now)
    CourseVersion.objects.create(
        tenant=tenant,
        course_id="knots",
        version_id="knots-1",
        title="Knots",
        created_at=now,
        updated_at=now,
    )
    scopes = ["completions:write", "certificates:read", "certificates:revoke"]
    _, text = create_api_key(tenant=tenant, name="platform", scopes=scopes, now=now)
    return {"api_key": text, "course_version_id": "knots-1"}


def plain() -> dict[str, Any]:
    """Make that tenant with a design of words and codes alone: no sandbox lays it out.

    Its clock would stop the layout on a machine that is busy with everything else, too.
    """
    from django.utils import timezone

    from templates_app.drafting import start_draft
    from templates_app.models import TemplateVersion
    from templates_app.publishing import publish

    made, now = make(), timezone.now()
    starter = TemplateVersion.objects.get()
    boxes = [box for box in starter.layout["boxes"] if box["kind"] not in {"image", "shape"}]
    draft = start_draft(
        template=starter.template, layout={**starter.layout, "boxes": boxes}, now=now
    )
    publish(version=draft, actor="system", now=now)
    return made


def inspect() -> dict[str, Any]:
    """Return each event's number of certificates, the files that differ, and the chain's state."""
    from django.core.files.storage import default_storage
    from django.db import connection
    from django.db.models import Count, Max

    from certificates.models import Artifact, Certificate, Completion, RenderJob

    certificates = Certificate.objects.values("completion").annotate(number=Count("pk"))
    numbers = {row["completion"]: row["number"] for row in certificates}
    damaged = [
        artifact.path
        for artifact in Artifact.objects.all()
        if hashlib.sha256(default_storage.open(artifact.path).read()).hexdigest() != artifact.sha256
    ]
    integrity = "ok"
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            integrity = cursor.execute("PRAGMA integrity_check").fetchone()[0]
    latest = Certificate.objects.aggregate(latest=Max("issued_at"))["latest"]
    return {
        "last_issued_at": latest.timestamp() if latest else None,
        "certificates_by_event": {
            event_id: numbers.get(pk, 0)
            for pk, event_id in Completion.objects.values_list("pk", "event_id")
        },
        "damaged_files": damaged,
        "jobs": dict(RenderJob.objects.values_list("certificate__completion__event_id", "state")),
        "makers": sorted(set(Artifact.objects.values_list("format", "made_by"))),
        "integrity": integrity,
    }


def issue(file: str) -> int:
    """Issue as workers do, one certificate in a transaction; return how many."""
    import signal
    import threading
    from itertools import count
    from pathlib import Path

    from django.utils import timezone

    from tenants.models import Tenant
    from tests.certificates.world import issued

    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    tenant = Tenant.objects.get()
    with Path(file).open("a", buffering=1) as paths:
        for number in count():
            certificate = issued(
                tenant,
                f"event-{os.getpid()}-{number}",
                course_version_id="knots-1",
                now=timezone.now(),
            )
            paths.write(f"/credentials/{certificate.pk}\n")
            if ended.wait(_PERIOD_SECONDS):
                return number + 1
    raise AssertionError("unreachable")


def rotate(times: str) -> list[str]:
    """Rotate by command, again and again; return what the command printed."""
    from io import StringIO

    from django.core.management import call_command

    printed = StringIO()
    for _ in range(int(times)):
        call_command("rotate_keys", now=True, wait=True, stdout=printed)
    return printed.getvalue().splitlines()


def keys() -> dict[str, Any]:
    """Return the state of each key, and for how long it was published before it first signed."""
    from django.db.models import Min

    from certificates.models import Securing
    from signing.models import SigningKey

    first = dict(Securing.objects.values_list("kid").annotate(first=Min("created_at")))
    return {
        key.thumbprint: {
            "state": key.state,
            "waited": (first[key.thumbprint] - key.published_at).total_seconds()
            if key.thumbprint in first
            else None,
        }
        for key in SigningKey.objects.order_by("published_at", "pk")
    }


def issue_one() -> str:
    """Issue one certificate with a row of every kind; return its id."""
    from django.utils import timezone

    from certificates import artifacts
    from tenants.models import Tenant
    from tests.certificates.world import issued

    now = timezone.now()
    certificate = issued(Tenant.objects.get(), "one", course_version_id="knots-1", now=now)
    artifacts.render(certificate_ids=[certificate.pk], now=now)
    return str(certificate.pk)


def verifications() -> int:
    """Return how many verifications were written down."""
    from django.db.models import Sum

    from verification.models import Rollup

    return Rollup.objects.aggregate(total=Sum("count"))["total"] or 0


if __name__ == "__main__":
    django.setup()
    name, *arguments = sys.argv[1:]
    named = (make, plain, inspect, issue, issue_one, rotate, keys, verifications)
    actions: dict[str, Any] = {one.__name__: one for one in named}
    sys.stdout.write(json.dumps(actions[name](*arguments)))
