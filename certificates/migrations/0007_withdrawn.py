"""What was withdrawn lately is asked for twice a second by each web process."""

from django.db import migrations, models

from observability.indexes import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("certificates", "0006_indexes_beside"),
    ]

    operations = [
        AddIndexBeside(
            model_name="certificate",
            index=models.Index(
                condition=models.Q(("revoked_at__isnull", False)),
                fields=["revoked_at"],
                name="certificate_withdrawn",
            ),
        ),
    ]
