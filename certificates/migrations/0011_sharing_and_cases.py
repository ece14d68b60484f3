"""What holders choose and ask for from the pages of their certificates."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0010_statements_of_codes"),
        ("tenants", "0002_names_private"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sharing",
            fields=[
                (
                    "certificate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="sharing",
                        serialize=False,
                        to="certificates.certificate",
                    ),
                ),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("public", "public"),
                            ("unlisted", "whoever has the link"),
                            ("private", "nobody"),
                        ],
                        max_length=10,
                    ),
                ),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "sharing",
                "indexes": [models.Index(fields=["changed_at"], name="sharing_by_change")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("visibility__in", ["public", "unlisted", "private"])),
                        name="sharing_visibility_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("correction", "name correction"),
                            ("deletion", "deletion"),
                            ("report", "report of a problem"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("wrong", "something on it is wrong"),
                            ("misused", "somebody else uses it"),
                            ("forged", "it does not look genuine"),
                            ("other", "something else"),
                        ],
                        help_text="Of a report: what it is about.",
                        max_length=10,
                    ),
                ),
                (
                    "wanted_name",
                    models.CharField(
                        blank=True,
                        help_text="Of a correction: the name as it should be.",
                        max_length=1000,
                    ),
                ),
                ("text", models.TextField(blank=True, help_text="In the words of whoever wrote.")),
                (
                    "contact",
                    models.CharField(
                        blank=True,
                        help_text="Where a reader who reported may be answered.",
                        max_length=254,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("resolved", "Resolved"),
                            ("declined", "Declined"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("note", models.TextField(blank=True, help_text="For operators; never public.")),
                ("created_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "closed_by",
                    models.CharField(blank=True, help_text="A kind and an id.", max_length=100),
                ),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="certificates.certificate",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "request",
                "indexes": [
                    models.Index(fields=["tenant", "state", "-created_at"], name="case_by_state")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state", "open"), models.Q(("kind", "report"), _negated=True)
                        ),
                        fields=("certificate", "kind"),
                        name="case_one_open_request_of_a_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("closed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="case_closed_with_its_time",
                    ),
                ],
            },
        ),
    ]
