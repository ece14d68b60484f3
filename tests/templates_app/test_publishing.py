"""Publishing freezes a design with its images, once, and tells the audit chain."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from observability.events import Event
from observability.models import AuditRecord
from templates_app import starters
from templates_app.branding import load_branding, store_asset
from templates_app.design import Source
from templates_app.models import Asset, CertificateTemplate, TemplateVersion
from templates_app.preview import CannotPreview, preview_png
from templates_app.publishing import NotPublishable, publish
from templates_app.queries import current_asset, default_template, published_version, source_of
from templates_app.samples import SAMPLES
from tenants.models import Tenant
from tests.templates_app.designs import BRANDING, draw, layout, png, qr, text

pytestmark = pytest.mark.django_db
LOGO = {"kind": "image", "asset": "logo", "x": 10, "y": 10, "w": 40, "h": 20}
SIGNERS = [{"name": "Imogen Hartley", "title": "Principal"}]


@pytest.fixture
def tenant(now: datetime) -> Tenant:
    return Tenant.objects.create(slug="harbourline", name="Harbourline Academy", created_at=now)


def draft(tenant: Tenant, now: datetime, *boxes: dict[str, Any]) -> TemplateVersion:
    template = CertificateTemplate.objects.create(tenant=tenant, name="Plain", created_at=now)
    return TemplateVersion.objects.create(
        tenant=tenant, template=template, number=1, layout=layout(*boxes), created_at=now
    )


class TestPublish:
    def test_freezes_the_images_it_uses(self, tenant: Tenant, now: datetime) -> None:
        store_asset(tenant=tenant, name="logo", upload=png(colour="teal"), now=now)
        store_asset(tenant=tenant, name="seal", upload=png(), now=now)
        version = draft(tenant, now, text(lines=2), qr(), LOGO)
        published = publish(version=version, actor="user:1", now=now)
        before = draw(source_of(published))
        later = now + timedelta(days=1)
        store_asset(tenant=tenant, name="logo", upload=png(colour="maroon"), now=later)
        assert list(published.assets) == ["logo"]
        again = TemplateVersion.objects.get(pk=published.pk)
        source_of.__globals__["_published_source"].cache_clear()
        assert draw(source_of(again)) == before
        pinned = source_of(again)
        assert isinstance(pinned, Source)
        assert current_asset(tenant, "logo") != pinned.assets["logo"]

    def test_tells_the_audit_chain_and_the_log(
        self,
        tenant: Tenant,
        now: datetime,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        version = draft(tenant, now, text(lines=2), qr())
        with django_capture_on_commit_callbacks(execute=True) as callbacks:
            publish(version=version, actor="user:1", now=now)
        (record,) = AuditRecord.objects.all()
        assert (record.event, record.actor) == (Event.TEMPLATE_UPDATED.value, "user:1")
        assert version.template_id in record.payload
        assert len(callbacks) == 1

    def test_publishing_twice_changes_nothing(self, tenant: Tenant, now: datetime) -> None:
        version = draft(tenant, now, text(lines=2), qr())
        first = publish(version=version, actor="user:1", now=now)
        second = publish(version=version, actor="user:2", now=now + timedelta(days=1))
        assert second.published_at == first.published_at
        assert AuditRecord.objects.count() == 1

    def test_refuses_a_design_with_faults_and_lists_them(
        self, tenant: Tenant, now: datetime
    ) -> None:
        version = draft(tenant, now, text(lines=2), LOGO)
        with pytest.raises(NotPublishable) as caught:
            publish(version=version, actor="user:1", now=now)
        assert {problem.pointer for problem in caught.value.problems} == {
            "/boxes",
            "/boxes/1/asset",
        }
        version.refresh_from_db()
        assert version.state == TemplateVersion.State.DRAFT
        assert not AuditRecord.objects.exists()

    def test_a_published_version_refuses_edits(self, tenant: Tenant, now: datetime) -> None:
        version = publish(version=draft(tenant, now, text(lines=2), qr()), actor="user:1", now=now)
        with pytest.raises(ValidationError, match="cannot change"):
            version.clean()
        with pytest.raises(DatabaseError, match="never change"), transaction.atomic():
            TemplateVersion.objects.filter(pk=version.pk).update(layout={})


class TestStoreAsset:
    def test_an_image_that_comes_back_is_the_newest_again(
        self, tenant: Tenant, now: datetime
    ) -> None:
        for day, colour in enumerate(["teal", "maroon", "teal"]):
            moment = now + timedelta(days=day)
            store_asset(tenant=tenant, name="mark", upload=png(colour=colour), now=moment)
        assert Asset.objects.count() == 2
        newest = Asset.objects.order_by("-created_at")[0]
        assert current_asset(tenant, "mark") == bytes(newest.content)
        assert newest.created_at == now + timedelta(days=2)


class TestLoadBranding:
    def test_takes_what_the_folder_has(self, tenant: Tenant, now: datetime, tmp_path: Path) -> None:
        (tmp_path / "logo.png").write_bytes(png())
        (tmp_path / "logo-mark.png").write_bytes(png())
        (tmp_path / "notes.txt").write_text("not an image")
        loaded = load_branding(tenant=tenant, directory=tmp_path, now=now)
        assert [asset.name for asset in loaded] == ["logo", "mark"]


class TestCreateStarter:
    @pytest.mark.parametrize(
        ("slug", "direction", "name"),
        [("harbourline", "ltr", "Harbour"), ("alnahr", "rtl", "Mashrabiya")],
    )
    def test_gives_a_published_default_in_the_tenants_direction(
        self, slug: str, direction: str, name: str, tenant: Tenant, now: datetime
    ) -> None:
        tenant.direction = direction
        tenant.save()
        load_branding(tenant=tenant, directory=BRANDING / slug, now=now)
        version = starters.create_starter(tenant=tenant, signers=SIGNERS, now=now)
        template = default_template(tenant)
        assert template is not None
        assert template.name == name
        assert published_version(template) == version
        assert starters.create_starter(tenant=tenant, signers=SIGNERS, now=now) == version

    @pytest.mark.parametrize("direction", ["ltr", "rtl"])
    def test_needs_no_branding(self, direction: str, tenant: Tenant, now: datetime) -> None:
        tenant.direction = direction
        tenant.save()
        version = starters.create_starter(tenant=tenant, signers=[], now=now)
        assert version.state == TemplateVersion.State.PUBLISHED
        assert version.assets == {}


class TestPreviewPng:
    def test_shows_each_sample_and_makes_no_rows(self, tenant: Tenant, now: datetime) -> None:
        version = draft(tenant, now, text(lines=2), qr())
        pictures = {preview_png(version, sample, width=300) for sample in SAMPLES}
        assert len(pictures) == len(SAMPLES)
        assert all(picture.startswith(b"\x89PNG") for picture in pictures)

    def test_says_why_a_draft_cannot_be_shown(self, tenant: Tenant, now: datetime) -> None:
        version = draft(tenant, now, text(colour="gold"))
        with pytest.raises(CannotPreview, match="/boxes/0/colour"):
            preview_png(version)
