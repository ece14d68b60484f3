"""On PostgreSQL the service runs as a role that cannot rewrite the audit chain."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.db import ProgrammingError, connection, transaction
from pytest_django import Settings

from config.checks import check_database_role
from observability import audit
from observability.events import Event
from observability.models import AuditRecord
from tenants.models import Tenant

SQL = Path(__file__).resolve().parents[2] / "deploy" / "postgres"


@pytest.fixture
def runtime_role(postgresql: None) -> Iterator[None]:
    """Be certification_app until the test's transaction, roles included, is rolled back."""
    with connection.cursor() as cursor:
        for script in ("roles.sql", "grants.sql"):
            cursor.execute((SQL / script).read_text())
        cursor.execute("SET LOCAL ROLE certification_app")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.mark.usefixtures("runtime_role")
class TestRuntimeRole:
    def test_the_ordinary_work_is_possible(self, now: datetime) -> None:
        tenant = Tenant.objects.create(slug="harbour", name="Harbour", created_at=now)
        _record(tenant.pk, now)
        _record(tenant.pk, now)
        Tenant.objects.filter(pk=tenant.pk).update(name="Harbour School")
        assert AuditRecord.objects.filter(tenant_id=tenant.pk).count() == 2
        tenant.delete()

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE observability_auditrecord SET actor = 'nobody'",
            "DELETE FROM observability_auditrecord",
            "TRUNCATE observability_auditrecord",
            "ALTER TABLE observability_auditrecord DISABLE TRIGGER ALL",
            "DROP TABLE observability_auditrecord",
            "CREATE TABLE somewhere_else (id int)",
            "DELETE FROM django_migrations",
        ],
    )
    def test_the_audit_chain_and_the_schema_are_out_of_reach(
        self, statement: str, now: datetime
    ) -> None:
        _record("", now)
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
        assert AuditRecord.objects.count() == 1

    def test_the_check_is_content(self, settings: Settings) -> None:
        settings.EMBEDDED = False
        assert check_database_role(databases=["default"]) == []


def _record(tenant_id: str, now: datetime) -> None:
    payload = {"template_id": "t", "version": 1}
    with transaction.atomic():
        audit.record(
            tenant_id=tenant_id,
            actor="test",
            event=Event.TEMPLATE_UPDATED,
            payloads=[payload],
            now=now,
        )
