"""Rendered files and the jobs that make them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from certificates.models.certificate import Certificate


class Artifact(models.Model):
    """A finished file of a certificate. Append-only: rendering again adds a revision."""

    class Format(models.TextChoices):
        PDF = "pdf"
        PNG = "png"
        OPENBADGES = "openbadges"
        BADGE_SVG = "badge-svg", "Open Badge, SVG"
        THUMBNAIL = "thumbnail"
        CARD = "card", "picture of shared links"

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="artifacts")
    format = models.CharField(max_length=12, choices=Format)
    paper = models.CharField(max_length=10, default="a4")
    revision = models.PositiveIntegerField(default=1)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="Bytes.")
    path = models.CharField(max_length=200, help_text="Where storage keeps it.")
    made_by = models.CharField(max_length=100, help_text="Process kind and id, for operators.")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["certificate", "format", "paper", "revision"],
                name="artifact_once_per_revision",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            # A file somebody holds, looked up by its very bytes.
            models.Index(fields=["sha256"], name="artifact_by_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.format}"


class RenderJob(models.Model):
    """The making of one certificate's files: where it stands, and why it does not go on."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        HELD = "held", "held back"
        FAILED = "failed"

    certificate = models.OneToOneField(
        Certificate, on_delete=models.PROTECT, primary_key=True, related_name="render_job"
    )
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    reason = models.TextField(blank=True, help_text="Why files are held back or failed.")
    fonts = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="Digest of the fonts there were when the files were held back.",
    )
    attempts = models.PositiveIntegerField(default=0)
    unfinished = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Tries in a row that came to no end: their process died."
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[Any]] = [
            # The queue-depth gauge counts what is queued or running.
            models.Index(
                fields=["state"],
                condition=Q(state__in=["queued", "running"]),
                name="render_job_open",
            ),
            # What is held back is asked for again when a font comes.
            models.Index(fields=["fonts"], condition=Q(state="held"), name="render_job_held"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.state}"
