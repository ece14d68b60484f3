"""The list of whoever acts for all tenants, without sorting every certificate."""

from django.db import migrations, models

from observability.indexes import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("certificates", "0007_withdrawn"),
    ]

    operations = [
        AddIndexBeside(
            model_name="certificate",
            index=models.Index(fields=["-issued_at", "-id"], name="certificate_by_time_of_all"),
        ),
    ]
