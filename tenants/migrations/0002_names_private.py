"""Whether a verdict names whoever shares with nobody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="names_private",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whoever checks a certificate that its holder shares with nobody is told the name too. Off: only that it was issued, for what and when.",
                verbose_name="name in private verdicts",
            ),
        ),
    ]
