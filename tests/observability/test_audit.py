"""The audit chain: appended in the caller's transaction, refused to change, tampering named."""

from collections.abc import Callable
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from observability import audit
from observability.audit import Break, Wrong
from observability.events import Event
from observability.models import AuditHead, AuditRecord
from tests.audit import around

TENANT = "tenant0001"

pytestmark = pytest.mark.django_db


def append(now: datetime, count: int = 1, tenant_id: str = TENANT) -> None:
    with transaction.atomic():
        audit.record(
            tenant_id=tenant_id,
            actor="service:issuance",
            event=Event.CERTIFICATE_ISSUED,
            payloads=[{"certificate_id": f"c{number}", "größe": 1} for number in range(count)],
            now=now,
        )


@pytest.fixture
def tamper(now: datetime) -> Callable[[str, list[Any]], None]:
    """Return a hand that changes records as the database's owner could: with the triggers off."""
    append(now, 4)

    def change(statement: str, values: list[Any]) -> None:
        lift, restore = around()
        with transaction.atomic(), connection.cursor() as cursor:
            for line in lift:
                cursor.execute(line)
            cursor.execute(statement, values)
            for line in restore:
                cursor.execute(line)

    return change


class TestRecord:
    def test_links_each_record_to_the_one_before(self, now: datetime) -> None:
        append(now)
        append(now, 2)
        records = list(AuditRecord.objects.filter(tenant_id=TENANT))
        assert [record.sequence for record in records] == [1, 2, 3]
        assert [record.prev_hash for record in records] == [
            audit.GENESIS,
            records[0].hash,
            records[1].hash,
        ]
        head = AuditHead.objects.get(pk=TENANT)
        assert (head.sequence, head.hash) == (3, records[2].hash)

    def test_keeps_one_chain_a_tenant(self, now: datetime) -> None:
        append(now)
        append(now, tenant_id="other00001")
        append(now, tenant_id="")
        assert set(audit.chains()) == {"", TENANT, "other00001"}
        assert set(AuditRecord.objects.values_list("sequence", flat=True)) == {1}

    def test_falls_with_the_change_it_tells_of(self, now: datetime) -> None:
        with transaction.atomic():
            append(now)
            transaction.set_rollback(True)
        assert not AuditRecord.objects.exists()
        assert audit.verify_chain(tenant_id=TENANT) is None

    def test_refuses_an_event_that_is_not_audited(self, now: datetime) -> None:
        with pytest.raises(ValueError, match="not audited"):
            audit.record(
                tenant_id=TENANT, actor="x", event=Event.RENDER_STARTED, payloads=[{}], now=now
            )

    def test_costs_no_more_statements_for_many_records(
        self, now: datetime, django_assert_num_queries: Any
    ) -> None:
        append(now)
        with CaptureQueriesContext(connection) as one:
            append(now)
        with django_assert_num_queries(len(one)):
            append(now, 500)


@pytest.mark.django_db(transaction=True)
def test_record_needs_a_transaction(now: datetime) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        audit.record(
            tenant_id=TENANT, actor="x", event=Event.CERTIFICATE_ISSUED, payloads=[{}], now=now
        )


class TestTheDatabase:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE observability_auditrecord SET actor = 'nobody'",
            "DELETE FROM observability_auditrecord",
        ],
    )
    def test_refuses_to_change_records(self, statement: str, now: datetime) -> None:
        append(now)
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
        assert AuditRecord.objects.get().actor == "service:issuance"

    def test_refuses_to_truncate(self, now: datetime) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("SQLite has no TRUNCATE")
        append(now)
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("TRUNCATE observability_auditrecord")

    def test_refuses_to_replace_a_record(self, now: datetime) -> None:
        if connection.vendor != "sqlite":
            pytest.skip("only SQLite has REPLACE")
        append(now)
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "REPLACE INTO observability_auditrecord SELECT * FROM observability_auditrecord"
            )


@pytest.mark.django_db(transaction=True)
class TestTheFlush:
    """Two tests in a row: the first leaves records, the flush between them takes them away."""

    def test_leaves_records(self, now: datetime) -> None:
        assert not AuditRecord.objects.exists()
        append(now, 2)

    def test_finds_none_and_the_triggers_in_place(self, now: datetime) -> None:
        assert not AuditRecord.objects.exists()
        append(now)
        with pytest.raises(DatabaseError, match="append-only"):
            AuditRecord.objects.all().delete()


Tamper = Callable[[str, list[Any]], None]


class TestVerifyChain:
    def test_passes_what_was_appended(self, now: datetime) -> None:
        append(now, 3)
        append(now, 3)
        assert audit.verify_chain(tenant_id=TENANT) is None

    def test_passes_a_tenant_without_records(self) -> None:
        assert audit.verify_chain(tenant_id=TENANT) is None

    @pytest.mark.parametrize(
        "column", ["actor = 'operator:7'", "payload = '{}'", "event = 'x'", "hash = 'ff'"]
    )
    def test_names_an_altered_record(self, column: str, tamper: Tamper) -> None:
        statement = f"UPDATE observability_auditrecord SET {column} WHERE sequence = %s"  # noqa: S608
        tamper(statement, [2])
        assert audit.verify_chain(tenant_id=TENANT) == Break(TENANT, 2, Wrong.ALTERED)

    def test_names_a_record_with_another_time(self, tamper: Tamper, now: datetime) -> None:
        tamper(
            "UPDATE observability_auditrecord SET recorded_at = %s WHERE sequence = 3",
            [now.replace(year=2020).isoformat(" ")],
        )
        assert audit.verify_chain(tenant_id=TENANT) == Break(TENANT, 3, Wrong.ALTERED)

    def test_names_a_deleted_record(self, tamper: Tamper) -> None:
        tamper("DELETE FROM observability_auditrecord WHERE sequence = %s", [2])
        assert audit.verify_chain(tenant_id=TENANT) == Break(TENANT, 2, Wrong.DELETED)

    def test_names_records_that_changed_places(self, tamper: Tamper) -> None:
        tamper("UPDATE observability_auditrecord SET sequence = 99 WHERE sequence = %s", [2])
        tamper("UPDATE observability_auditrecord SET sequence = 2 WHERE sequence = %s", [3])
        tamper("UPDATE observability_auditrecord SET sequence = 3 WHERE sequence = %s", [99])
        assert audit.verify_chain(tenant_id=TENANT) == Break(TENANT, 2, Wrong.REORDERED)

    def test_names_a_chain_that_was_cut(self, tamper: Tamper) -> None:
        tamper("DELETE FROM observability_auditrecord WHERE sequence > %s", [2])
        assert audit.verify_chain(tenant_id=TENANT) == Break(TENANT, 3, Wrong.TRUNCATED)

    def test_names_a_chain_that_was_emptied(self, tamper: Tamper) -> None:
        tamper("DELETE FROM observability_auditrecord WHERE tenant_id = %s", [TENANT])
        assert audit.verify_chain(tenant_id=TENANT) == Break(TENANT, 1, Wrong.TRUNCATED)

    def test_names_a_chain_whose_head_is_gone(self, now: datetime) -> None:
        append(now, 2)
        AuditHead.objects.all().delete()
        assert audit.verify_chain(tenant_id=TENANT) == Break(TENANT, 3, Wrong.TRUNCATED)

    def test_names_a_record_moved_to_another_tenant(self, tamper: Tamper, now: datetime) -> None:
        append(now, tenant_id="other00001")
        tamper("DELETE FROM observability_auditrecord WHERE tenant_id = %s", ["other00001"])
        tamper(
            "UPDATE observability_auditrecord SET tenant_id = 'other00001'"
            " WHERE tenant_id = %s AND sequence = 1",
            [TENANT],
        )
        assert audit.verify_chain(tenant_id="other00001") == Break("other00001", 1, Wrong.ALTERED)
        assert audit.verify_chain(tenant_id=TENANT) == Break(TENANT, 1, Wrong.DELETED)


class TestTheCommand:
    def test_says_what_is_intact(self, now: datetime) -> None:
        append(now)
        append(now, tenant_id="")
        out = StringIO()
        call_command("verify_audit_chain", stdout=out)
        assert out.getvalue() == "Intact: 2 audit chain(s).\n"

    def test_names_the_first_broken_record(self, tamper: Tamper) -> None:
        tamper("DELETE FROM observability_auditrecord WHERE sequence = %s", [2])
        with pytest.raises(CommandError, match=f"{TENANT} is broken: record 2 is deleted") as error:
            call_command("verify_audit_chain")
        assert error.value.returncode == 1

    def test_refuses_a_tenant_that_is_none(self) -> None:
        with pytest.raises(CommandError, match="no tenant 'nobody'"):
            call_command("verify_audit_chain", tenant="nobody")
