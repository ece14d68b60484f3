"""Fonts beside images, designs in HTML beside layouts."""

from importlib import import_module

from django.db import migrations, models


_frozen = import_module("templates_app.migrations.0002_published_is_frozen")


def frozen_again(apps, schema_editor):
    """SQLite writes a table anew to add a column, and forgets its triggers."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER IF EXISTS template_version_frozen")
        schema_editor.execute(_frozen.SQLITE)


class Migration(migrations.Migration):
    dependencies = [
        ("templates_app", "0002_published_is_frozen"),
    ]

    operations = [
        migrations.CreateModel(
            name="OwnFont",
            fields=[],
            options={
                "verbose_name": "font",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("templates_app.asset",),
        ),
        migrations.AddField(
            model_name="asset",
            name="facts",
            field=models.JSONField(
                editable=False, help_text="Of a font: family, weight, what it can draw.", null=True
            ),
        ),
        migrations.AddField(
            model_name="asset",
            name="kind",
            field=models.CharField(
                choices=[("image", "Image"), ("font", "Font")],
                db_default="image",
                default="image",
                editable=False,
                max_length=5,
            ),
        ),
        migrations.AddField(
            model_name="certificatetemplate",
            name="kind",
            field=models.CharField(
                choices=[("layout", "JSON layout"), ("html", "HTML and CSS")],
                db_default="layout",
                default="layout",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="html",
            field=models.TextField(
                blank=True,
                db_default="",
                help_text="The design as HTML and CSS, instead of a layout.",
                verbose_name="HTML",
            ),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="verdict",
            field=models.JSONField(
                editable=False,
                help_text="Of HTML: whether it was compiled, why not, milliseconds a certificate.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="asset",
            name="height",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AlterField(
            model_name="asset",
            name="width",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.RunPython(frozen_again, frozen_again),
    ]
