"""Whichever statement or commit fails, or is a process's last: in the end all is there, once.

The short form tries each sixteenth place, in a manner that changes; FAULTS=long tries each place in
all four manners: the statement fails, its answer is lost, the process dies before it, or after it.
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection, transaction

from certificates import artifacts, intake, issuance, promised
from certificates.models import Certificate, Completion
from observability import audit
from observability.models import AuditRecord
from tests.certificates.drawing import drawn_quickly
from tests.certificates.world import issuing_tenant, report
from tests.factories.rows import NOW
from tests.service import Service
from tests.tally import Tally

LONG = os.environ.get("FAULTS") == "long"
STRIDE = 1 if LONG else 16
# A completion passes at least this many statements and commits on its way to its files.
LEAST_PLACES = 50


class TestEachStatement:
    @pytest.mark.parametrize("way", ["process", "broker"] if LONG else ["process"])
    def test_is_mended_by_the_next_sweeps(
        self, migrated_service: Service, way: str, told: Callable[[Tally], Tally]
    ) -> None:
        printed = migrated_service.run("-m", "tests.reliability.stumbling", way, str(STRIDE))
        found = json.loads(printed)
        assert len(found["tried"]) == 4
        assert sum(found["tried"].values()) >= 4 * LEAST_PLACES // STRIDE
        events = found["certificates_by_event"]
        told(Tally.of(sent=set(events), acknowledged=set(events), certificates=events))
        assert found["failures"] == {}
        assert found["damaged_files"] == []
        assert found["broken_chains"] == 0


# Each insert of an issue and of what follows it: the table, and which of its rows.
INSERTS = {
    "certificates_certificate": "TRUE",
    "certificates_securing": "TRUE",
    "certificates_renderjob": "TRUE",
    "outbox_outboxmessage": "NEW.task = 'certificates.render'",
    "observability_auditrecord": "NEW.event = 'certification.certificate.issued'",
    "certificates_artifact": "TRUE",
}


@pytest.mark.django_db
class TestRefusedInsert:
    @pytest.mark.parametrize("table", INSERTS)
    def test_what_stays_half_made_can_be_withdrawn(self, table: str) -> None:
        tenant = issuing_tenant()
        (receipt,) = intake.accept(tenant=tenant, reports=[report()], source="test", now=NOW)
        assert receipt.completion is not None
        refuse(table, INSERTS[table])
        with suppress(DatabaseError, ObjectDoesNotExist), transaction.atomic():
            issuance.issue(completion_ids=[receipt.completion.pk], now=NOW)
        is_issued = Certificate.objects.exists()
        assert is_issued == (table == "certificates_artifact")
        if is_issued:
            with pytest.raises(DatabaseError), transaction.atomic(), drawn_quickly():
                artifacts.render(certificate_ids=[receipt.completion.certificate_id], now=NOW)
        for _ in range(2):
            promised.withdraw(
                tenant=tenant,
                certificate_id=receipt.completion.certificate_id,
                reason=Certificate.Reason.ISSUED_IN_ERROR,
                actor="user:1",
                now=NOW,
            )
        assert issuance.issue(completion_ids=[receipt.completion.pk], now=NOW) == []
        assert not Certificate.objects.in_force(now=NOW).exists()
        assert Completion.objects.get().state == ("issued" if is_issued else "refused")
        assert AuditRecord.objects.filter(event="certification.certificate.revoked").count() == 1
        assert audit.verify_chain(tenant_id=tenant.pk) is None


def refuse(table: str, rows: str) -> None:
    """Let the database refuse to insert such rows, until the test's transaction ends."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                f"CREATE TRIGGER refuse_one BEFORE INSERT ON {table} WHEN {rows} "
                "BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
            return
        cursor.execute(
            "CREATE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$"
        )
        cursor.execute(
            f"CREATE TRIGGER refuse_one BEFORE INSERT ON {table} FOR EACH ROW WHEN ({rows}) "
            "EXECUTE FUNCTION refuse_one()"
        )
