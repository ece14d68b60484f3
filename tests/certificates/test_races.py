"""What happens to one award at the same moment: every way ends, and one certificate stands."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from certificates import intake, issuance, reissue
from certificates.models import Certificate
from tests.certificates.world import add_course, issued, issuing_tenant, report
from tests.factories.rows import NOW


@pytest.mark.django_db(transaction=True)
def test_a_renewal_and_a_correction_of_what_expired_never_wait_for_each_other() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite takes writers one by one; needs TEST_DATABASE_URL")
    tenant = issuing_tenant()
    add_course(tenant, course_id="CPR", version_id="cpr", validity_days=1)
    for number in range(5):
        facts: dict[str, Any] = {"recipient_id": f"p{number}", "course_version_id": "cpr"}
        old = issued(tenant, f"old-{number}", **facts, now=NOW - timedelta(days=9))
        (receipt,) = intake.accept(
            tenant=tenant, reports=[report(f"new-{number}", **facts)], source="test", now=NOW
        )
        assert receipt.completion is not None
        barrier = threading.Barrier(4)

        def renew(ids: Any = (receipt.completion.pk,), barrier: Any = barrier) -> None:
            try:
                barrier.wait(timeout=30)
                issuance.issue(completion_ids=ids, now=NOW)
            finally:
                connections.close_all()

        def correct(pk: Any = old.pk, barrier: Any = barrier) -> None:
            certificate = Certificate.objects.get(pk=pk)
            try:
                barrier.wait(timeout=30)
                reissue.reissue(certificate=certificate, reason="x", actor="user:1", now=NOW)
            except reissue.NotReissuable:
                pass
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as pool:
            running = [pool.submit(call) for call in (renew, renew, correct, correct)]
            for future in running:
                future.result(timeout=60)
        in_force = Certificate.objects.in_force(now=NOW).filter(recipient=old.recipient)
        assert in_force.count() == 1
