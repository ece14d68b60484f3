"""A further form of securing: the signed statement in a QR code."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("certificates", "0009_fewer_indexes")]
    operations: ClassVar = [
        migrations.AlterField(
            model_name="securing",
            name="form",
            field=models.CharField(
                choices=[("vc-jwt", "Vc Jwt"), ("qr-jwt", "Qr Jwt")],
                default="vc-jwt",
                max_length=20,
            ),
        ),
    ]
