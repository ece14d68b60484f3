"""Signed forms of certificates. Append-only: signing again adds a row, the same bytes inside."""

from typing import Any, ClassVar

from django.db import models

from certificates.models.certificate import Certificate


class Securing(models.Model):
    """The bytes that were signed, as they were signed."""

    class Form(models.TextChoices):
        VC_JWT = "vc-jwt"
        # The statement in a QR code; of the same key and generation as the credential beside it.
        QR_JWT = "qr-jwt"

    # Without an index of its own: that of its constraint begins with it.
    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, related_name="securings", db_index=False
    )
    generation = models.PositiveIntegerField(default=1)
    form = models.CharField(max_length=20, choices=Form, default=Form.VC_JWT)
    kid = models.CharField(max_length=43, help_text="RFC 7638 thumbprint of the key.")
    subject = models.CharField(max_length=500)
    content = models.TextField(editable=False)
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["certificate", "form", "subject", "generation"],
                name="securing_once_per_generation",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            # What a stolen key signed, and what of it was recorded before the theft.
            models.Index(fields=["kid", "created_at"], name="securing_by_key"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.form} {self.generation}"
