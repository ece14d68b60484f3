"""Vacuum the outbox by the number of its dead rows, not by their share.

Each message leaves three dead rows at the head of the relay's index. By the default, a fifth of a
table that keeps two weeks of messages would have to be dead before they are cleared away.
"""

from django.db import migrations


def vacuum_often(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "ALTER TABLE outbox_outboxmessage SET ("
            "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, "
            "autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000)"
        )


def as_usual(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "ALTER TABLE outbox_outboxmessage RESET ("
            "autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, "
            "autovacuum_analyze_scale_factor, autovacuum_analyze_threshold)"
        )


class Migration(migrations.Migration):
    dependencies = [("outbox", "0003_scheduled_run")]

    operations = [migrations.RunPython(vacuum_often, as_usual)]
