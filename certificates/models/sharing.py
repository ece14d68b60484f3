"""Who may see a certificate's page and files: its holder's choice."""

from typing import Any, ClassVar

from django.db import models

from certificates.models.certificate import Certificate


class Sharing(models.Model):
    """What a holder chose for one certificate. Without a row it is unlisted."""

    certificate = models.OneToOneField(
        Certificate, on_delete=models.PROTECT, primary_key=True, related_name="sharing"
    )
    visibility = models.CharField(max_length=10, choices=Certificate.Visibility)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "sharing"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(visibility__in=Certificate.Visibility.values),
                name="sharing_visibility_known",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            # What was changed lately: asked twice a second by each web process.
            models.Index(fields=["changed_at"], name="sharing_by_change"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.visibility}"
