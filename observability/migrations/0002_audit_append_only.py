"""Refuse UPDATE, DELETE and TRUNCATE of audit records in the database itself."""

from django.db import migrations

SQLITE = (
    """
    CREATE TRIGGER audit_record_no_update BEFORE UPDATE ON observability_auditrecord
    BEGIN SELECT RAISE(ABORT, 'audit records are append-only'); END
    """,
    """
    CREATE TRIGGER audit_record_no_delete BEFORE DELETE ON observability_auditrecord
    BEGIN SELECT RAISE(ABORT, 'audit records are append-only'); END
    """,
)
POSTGRESQL = (
    """
    CREATE FUNCTION audit_record_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'audit records are append-only'; END $$
    """,
    """
    CREATE TRIGGER audit_record_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON observability_auditrecord FOR EACH STATEMENT EXECUTE FUNCTION audit_record_append_only()
    """,
)


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in SQLITE if vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER audit_record_no_update")
        schema_editor.execute("DROP TRIGGER audit_record_no_delete")
    else:
        schema_editor.execute("DROP FUNCTION audit_record_append_only() CASCADE")


class Migration(migrations.Migration):
    dependencies = [("observability", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
