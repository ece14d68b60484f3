import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenants", "0002_names_private"),
    ]

    operations = [
        migrations.CreateModel(
            name="DomainProof",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("domain", models.CharField(help_text="Such as academy.org.", max_length=253)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "not checked yet"),
                            ("confirmed", "Confirmed"),
                            ("absent", "not found"),
                        ],
                        default="pending",
                        editable=False,
                        max_length=10,
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[("dns", "DNS record"), ("did:web", "DID document")],
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("confirmed_since", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "checked_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When an answer last came.", null=True
                    ),
                ),
                (
                    "tried_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When it was last asked for.",
                        null=True,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="Why it is not confirmed.",
                        max_length=200,
                    ),
                ),
                ("created_at", models.DateTimeField(editable=False)),
                (
                    "tenant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="domain_proof",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "domain",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_since__isnull", False),
                                ("state", "confirmed"),
                                ("checked_at__isnull", False),
                                models.Q(("method", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "confirmed"), _negated=True),
                                ("confirmed_since__isnull", True),
                                ("method", ""),
                            ),
                            _connector="OR",
                        ),
                        name="domain_confirmed_since_a_moment",
                    )
                ],
            },
        ),
    ]
