"""Refuse changes to published versions in the database itself."""

from django.db import migrations

SQLITE = """
    CREATE TRIGGER template_version_frozen BEFORE UPDATE ON templates_app_templateversion
    WHEN OLD.state = 'published'
    BEGIN SELECT RAISE(ABORT, 'published versions never change'); END
"""
POSTGRESQL = (
    """
    CREATE FUNCTION template_version_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'published versions never change'; END $$
    """,
    """
    CREATE TRIGGER template_version_frozen BEFORE UPDATE ON templates_app_templateversion
    FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION template_version_frozen()
    """,
)


def create(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in (SQLITE,) if is_sqlite else POSTGRESQL:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER template_version_frozen")
    else:
        schema_editor.execute("DROP FUNCTION template_version_frozen() CASCADE")


class Migration(migrations.Migration):
    dependencies = [("templates_app", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
