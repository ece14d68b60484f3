"""Certificate templates, their frozen versions, the images and fonts they use."""

import uuid
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from tenants.models import short_id
from tenants.scoping import TenantOwned


class CertificateTemplate(TenantOwned):
    """A design a tenant issues with."""

    class Kind(models.TextChoices):
        LAYOUT = "layout", "JSON layout"
        HTML = "html", "HTML and CSS"

    id = models.CharField(primary_key=True, max_length=10, default=short_id, editable=False)
    name = models.CharField(max_length=100)
    kind = models.CharField(
        max_length=6, choices=Kind, default=Kind.LAYOUT, db_default=Kind.LAYOUT.value
    )
    is_default = models.BooleanField(default=False, help_text="Used by courses that name none.")
    created_at = models.DateTimeField(editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["tenant"],
                condition=Q(is_default=True),
                name="template_one_default_per_tenant",
            ),
            models.UniqueConstraint(
                fields=["tenant", "name"], name="template_name_once_per_tenant"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(TenantOwned):
    """One state of a design. Published versions never change."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    template = models.ForeignKey(
        CertificateTemplate, on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField(editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, editable=False)
    layout = models.JSONField(help_text="The design as a JSON layout, in millimetres.")
    html = models.TextField(
        "HTML",
        blank=True,
        db_default="",
        help_text="The design as HTML and CSS, instead of a layout.",
    )
    verdict = models.JSONField(
        null=True,
        editable=False,
        help_text="Of HTML: whether it was compiled, why not, milliseconds a certificate.",
    )
    assets = models.JSONField(
        default=dict, editable=False, help_text="Asset name to SHA-256, frozen when published."
    )
    layout_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["template", "number"], name="template_version_number_once"
            ),
        ]
        ordering: ClassVar[list[str]] = ["template", "-number"]

    def __str__(self) -> str:
        return f"{self.template} v{self.number}"

    def clean(self) -> None:
        """Refuse any change to a published version."""
        if TemplateVersion.objects.filter(pk=self.pk, state="published").exists():
            raise ValidationError("A published version cannot change; make a new draft.")


class Asset(TenantOwned):
    """An image of a tenant, such as logo, seal or signature, or one of its fonts; written anew.

    Rows are never changed: a new file under an old name is a new row, and the newest one is
    what drafts use. A published version pins the digests it was published with.
    """

    class Kind(models.TextChoices):
        IMAGE = "image"
        FONT = "font"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(
        max_length=5,
        choices=Kind,
        default=Kind.IMAGE,
        db_default=Kind.IMAGE.value,
        editable=False,
    )
    name = models.CharField(max_length=100, help_text="What layouts call it, such as logo.")
    sha256 = models.CharField(max_length=64, editable=False)
    content_type = models.CharField(max_length=32, editable=False)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    facts = models.JSONField(
        null=True, editable=False, help_text="Of a font: family, weight, what it can draw."
    )
    content = models.BinaryField(editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["tenant", "name", "sha256"], name="asset_content_once_per_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def told(self) -> dict[str, Any]:
        """What is known of a font; of an image nothing is."""
        return self.facts or {}


class OwnFont(Asset):
    """A font of a tenant's own, as the operators' screens show it."""

    class Meta:
        proxy = True
        verbose_name = "font"
