"""Old code goes on working on the newest tables: docs/migrations.md, as a test.

While a release is rolled out, the code before it and the code after it run side by side on the
schema after it. So of every migration but a room's first, the models before it are tried here.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader

from certificates.models import Artifact, Certificate
from mail.models import Email
from templates_app.models import Asset
from tests.factories.registry import Registry, registry
from tests.factories.rows import NOW, make_version

__all__ = ["registry"]

ROOMS = {
    config.label
    for config in apps.get_app_configs()
    if config.name.split(".")[0] not in {"django", "rest_framework"}
}
HARMLESS = {
    *("CreateModel", "RemoveConstraint", "RemoveIndex", "AddIndexBeside"),
    *("RunPython", "RunSQL", "AlterModelOptions", "AlterModelManagers"),
}
# What takes something from the code before it, and why that harmed nobody.
EXCEPTIONS = {
    ("certificates", "0004_render_job_fonts", "AddIndex"): "of held files only: few, or none",
    ("signing", "0002_custody_and_trigger", "AddConstraint"): "a few rows, one for a key",
}
# How a second row of a table differs from the first; None: it takes the first one's place.
SECOND_ROWS: dict[str, dict[str, Any] | None] = {
    "certificates.artifact": {"revision": 99, "path": "elsewhere"},
    "certificates.certificate": {
        "token": "SECOND",
        "status_index": 99,
        "revoked_at": NOW,
        "revocation_reason": "other",
    },
    "certificates.completion": {"event_id": "second", "state": "refused"},
    "certificates.recipient": {"external_id": "second"},
    "certificates.renderjob": None,
    "certificates.securing": {"generation": 99},
    "certificates.statuslist": {"number": 99, "url": "https://example.org/status/99"},
    "mail.email": {"copy": 2},
    "outbox.outboxmessage": {"dedupe_key": "second"},
    "signing.signingkey": {"thumbprint": "second", "state": "destroyed", "sealed_private": None},
    "templates_app.asset": {"name": "second"},
    "templates_app.certificatetemplate": {"name": "second", "is_default": False},
    "templates_app.templateversion": {"number": 99},
    "tenants.tenant": {"slug": "second"},
}
# Which row of a table is the one to try, where not any will do.
CHANGEABLE = {"templates_app.templateversion": {"state": "draft"}}


class Step(NamedTuple):
    """One operation of a migration on a table that was there before it."""

    app: str
    name: str
    operation: Any

    def __str__(self) -> str:
        return f"{self.app}.{self.name} {type(self.operation).__name__}"


def steps() -> Iterator[Step]:
    """Return what migrations do to tables that the code before them knows."""
    for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items()):
        made = {
            operation.name_lower
            for operation in migration.operations
            if isinstance(operation, migrations.CreateModel)
        }
        for operation in migration.operations:
            is_new = getattr(operation, "model_name_lower", "") in made
            if app in ROOMS and not migration.initial and name[:4] != "0001" and not is_new:
                yield Step(app, name, operation)


def is_harmless(operation: Any) -> bool:
    """Say whether code that knows nothing of it goes on, and no big table is held for long."""
    match operation:
        case migrations.AddField():
            field = operation.field
            return bool(field.null or field.has_db_default() or field.many_to_many)
        case migrations.AlterField():
            return True  # looked at with the models before it
        case migrations.SeparateDatabaseAndState():
            return all(is_harmless(one) for one in operation.database_operations)
    return type(operation).__name__ in HARMLESS


class TestEveryMigration:
    def test_takes_nothing_from_the_code_before_it(self) -> None:
        refused = [
            str(step)
            for step in steps()
            if not is_harmless(step.operation)
            and (step.app, step.name, type(step.operation).__name__) not in EXCEPTIONS
        ]
        assert refused == [], "see docs/migrations.md"

    def test_is_excepted_only_if_it_exists(self) -> None:
        found = {(step.app, step.name, type(step.operation).__name__) for step in steps()}
        assert EXCEPTIONS.keys() - found == set()


def touched() -> list[tuple[str, str, str]]:
    """Return app, migration and model of each table that a migration changes."""
    found = {
        (step.app, step.name, step.operation.model_name_lower)
        for step in steps()
        if hasattr(step.operation, "model_name_lower")
    }
    return sorted(found)


@pytest.fixture
def issued(registry: Registry) -> Certificate:
    certificate = registry.issue()
    Artifact.objects.create(
        certificate=certificate,
        format="pdf",
        path="somewhere",
        sha256="0" * 64,
        size=1,
        created_at=registry.now,
    )
    Email.objects.create(
        tenant=registry.tenant,
        kind="certificate_issued",
        subject_id=certificate.pk,
        created_at=registry.now,
    )
    Asset.objects.create(
        tenant=registry.tenant,
        name="logo",
        sha256="0" * 64,
        content_type="image/png",
        content=b"png",
        created_at=registry.now,
    )
    make_version(registry.version.template, number=2, now=registry.now)
    return certificate


class TestTheCodeBefore:
    @pytest.mark.parametrize(("app", "name", "model"), touched())
    def test_inserts_reads_and_updates_beside_the_present(
        self, issued: Certificate, app: str, name: str, model: str
    ) -> None:
        before = MigrationLoader(connection).project_state((app, name), at_end=False).apps
        old, new = before.get_model(app, model), apps.get_model(app, model)
        differs = SECOND_ROWS.get(f"{app}.{model}", {})
        chosen = CHANGEABLE.get(f"{app}.{model}", {})
        present = new._default_manager.filter(**chosen).first()
        assert present is not None, f"this test needs a row of {model}"

        row = old._default_manager.get(pk=present.pk)
        row.save()
        assert same(new._default_manager.get(pk=present.pk), present), "an update changed more"

        if differs is None:
            present.delete()
        elif isinstance(row._meta.pk, models.AutoField):
            row.pk = None
        else:
            row.pk = row._meta.pk.get_default()
        for field, value in (differs or {}).items():
            setattr(row, field, value)
        row.save(force_insert=True)
        found = new._default_manager.get(pk=row.pk)
        found.save()
        assert old._default_manager.filter(pk=row.pk).exists()


def same(one: models.Model, other: models.Model) -> bool:
    """Say whether two rows hold the same."""

    def values(row: models.Model) -> dict[str, Any]:
        fields = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
        return {k: bytes(v) if isinstance(v, memoryview) else v for k, v in fields.items()}

    return values(one) == values(other)
