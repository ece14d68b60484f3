"""Two indexes on tables of every certificate, made beside those who write."""

from django.db import migrations, models

from observability.indexes import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("certificates", "0005_promises_and_deaths"),
    ]

    operations = [
        AddIndexBeside(
            model_name="completion",
            index=models.Index(
                condition=models.Q(("state", "issued"), _negated=True),
                fields=["certificate_id"],
                name="completion_unissued_by_promise",
            ),
        ),
        AddIndexBeside(
            model_name="securing",
            index=models.Index(fields=["kid", "created_at"], name="securing_by_key"),
        ),
    ]
