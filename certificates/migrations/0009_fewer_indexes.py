"""Drop indexes that no query needs: each row that issuing writes paid for all of them.

By name and not by altering the field, which would drop the foreign key, make it again, and read
both tables through while nobody may write. Code from before runs beside it: it asks as it did.
"""

import django.db.models.deletion
from django.db import migrations, models

DROPPED = {
    "Certificate": ["tenant", "status_list"],
    "Completion": ["tenant", "template"],
    "Recipient": ["tenant"],
    "Securing": ["certificate"],
}


def drop(apps, schema_editor):
    for model, column in _columns(apps):
        table = model._meta.db_table
        with schema_editor.connection.cursor() as cursor:
            found = schema_editor.connection.introspection.get_constraints(cursor, table)
        for name, one in found.items():
            # The index that a foreign key comes with; of text, PostgreSQL has a second one.
            if one["index"] and one["columns"] == [column] and not one["unique"]:
                schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


def make(apps, schema_editor):
    for model, column in _columns(apps):
        fields = [one for one in model._meta.concrete_fields if one.column == column]
        for statement in schema_editor._field_indexes_sql(model, fields[0]):
            schema_editor.execute(statement)


def _columns(apps):
    for model_name, fields in DROPPED.items():
        model = apps.get_model("certificates", model_name)
        for name in fields:
            yield model, model._meta.get_field(name).column


def key(to, *, related_name, **options):
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to=to,
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0008_list_of_all"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, make)],
            state_operations=[
                *(
                    migrations.AlterField(name, "tenant", key("tenants.tenant", related_name="+"))
                    for name in ("certificate", "completion", "recipient")
                ),
                migrations.AlterField(
                    "certificate", "status_list", key("certificates.statuslist", related_name="+")
                ),
                migrations.AlterField(
                    "completion",
                    "template",
                    key(
                        "templates_app.certificatetemplate",
                        related_name="+",
                        blank=True,
                        null=True,
                    ),
                ),
                migrations.AlterField(
                    "securing",
                    "certificate",
                    key("certificates.certificate", related_name="securings"),
                ),
            ],
        ),
    ]
