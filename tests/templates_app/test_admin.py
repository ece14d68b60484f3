"""Designers' screens."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from observability.models import AuditRecord
from templates_app.gallery import harbour
from templates_app.models import Asset, CertificateTemplate, TemplateVersion
from tenants.roles import Role
from tests.factories.rows import (
    make_template,
)
from tests.factories.world import World, make_world

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "branding" / "harbourline"


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def designer(world: World) -> Client:
    client = Client()
    client.force_login(world.here.members[Role.DESIGNER])
    return client


class TestVersions:
    def test_a_faulty_draft_says_what_is_wrong_and_is_not_published(
        self, world: World, designer: Client
    ) -> None:
        page = designer.get(
            reverse("admin:templates_app_templateversion_change", args=[world.here.draft.pk])
        )
        assert b"Before this can be published" in page.content
        url = reverse("admin:templates_app_templateversion_publish", args=[world.here.draft.pk])
        assert b"Not published" in designer.post(url).content
        assert TemplateVersion.objects.get(pk=world.here.draft.pk).state == "draft"

    def test_a_draft_that_cannot_be_read_has_no_picture(
        self, world: World, designer: Client
    ) -> None:
        TemplateVersion.objects.filter(pk=world.here.draft.pk).update(layout={"boxes": "none"})
        url = reverse("admin:templates_app_templateversion_preview", args=[world.here.draft.pk])
        assert designer.get(url).status_code == 404
        assert designer.get(url, {"sample": "nobody"}).status_code == 404

    def test_a_published_version_is_only_looked_at(self, world: World, designer: Client) -> None:
        url = reverse("admin:templates_app_templateversion_change", args=[world.here.version.pk])
        assert b"<textarea" not in designer.get(url).content
        assert designer.post(url, {"layout": "{}"}).status_code == 403

    def test_a_draft_is_saved_as_json(self, world: World, designer: Client) -> None:
        url = reverse("admin:templates_app_templateversion_change", args=[world.here.draft.pk])
        assert b"Enter a valid JSON" in designer.post(url, {"layout": "{"}).content
        designer.post(url, {"layout": '{"boxes": [], "note": "é"}'})
        layout = TemplateVersion.objects.get(pk=world.here.draft.pk).layout
        assert layout == {"boxes": [], "note": "é"}

    def test_a_sound_draft_is_seen_and_published(self, world: World, designer: Client) -> None:
        layout = harbour(colours={}, signers=[{"name": "Z", "title": "Head"}], assets=[])
        TemplateVersion.objects.filter(pk=world.here.draft.pk).update(layout=layout)
        change = reverse("admin:templates_app_templateversion_change", args=[world.here.draft.pk])
        assert b"Before this can be published" not in designer.get(change).content
        picture = reverse("admin:templates_app_templateversion_preview", args=[world.here.draft.pk])
        assert designer.get(picture).content.startswith(b"\x89PNG")
        designer.post(
            reverse("admin:templates_app_templateversion_publish", args=[world.here.draft.pk])
        )
        assert TemplateVersion.objects.get(pk=world.here.draft.pk).state == "published"
        assert AuditRecord.objects.get().actor == f"user:{world.here.members[Role.DESIGNER].pk}"


class TestTemplates:
    def test_a_new_draft_copies_the_newest(self, world: World, designer: Client) -> None:
        url = reverse(
            "admin:templates_app_certificatetemplate_draft", args=[world.here.template.pk]
        )
        designer.post(url)
        numbers = list(world.here.template.versions.values_list("number", "state"))
        assert numbers == [(3, "draft"), (2, "draft"), (1, "published")]

    def test_the_default_moves(self, world: World, designer: Client) -> None:
        other = make_template(world.here.tenant, name="Zephyrine other", is_default=False)
        url = reverse("admin:templates_app_certificatetemplate_default", args=[other.pk])
        designer.post(url)
        own = CertificateTemplate.objects.for_tenant(world.here.tenant)
        assert own.get(is_default=True) == other
        assert CertificateTemplate.objects.get(pk=world.there.template.pk).is_default


class TestAssets:
    def upload(self, world: World, client: Client, content: bytes) -> bytes:
        url = reverse("admin:templates_app_asset_add")
        file = SimpleUploadedFile("logo.png", content, "image/png")
        form = {"tenant": world.here.tenant.pk, "name": "logo", "file": file}
        return bytes(client.post(url, form, follow=True).content)

    def test_an_upload_is_kept_and_shown(self, world: World, designer: Client) -> None:
        page = self.upload(world, designer, (SAMPLES / "logo.png").read_bytes())
        assert b"The image is stored" in page
        asset = Asset.objects.get(name="logo")
        image = designer.get(reverse("admin:templates_app_asset_image", args=[asset.pk]))
        assert image["Content-Type"] == "image/png"

    @pytest.mark.parametrize("content", [b"<svg/>", b"%PDF-1.7", b"\x89PNG\r\n\x1a\nrubbish"])
    def test_what_is_no_picture_is_refused(
        self, world: World, designer: Client, content: bytes
    ) -> None:
        self.upload(world, designer, content)
        assert not Asset.objects.filter(name="logo").exists()


class TestNewDesign:
    @pytest.mark.parametrize(("name", "wide"), [("Meridian", 210), ("Mashrabiya", 297)])
    def test_begins_with_one_of_the_house(
        self, name: str, wide: int, world: World, designer: Client
    ) -> None:
        url = reverse("admin:templates_app_certificatetemplate_add")
        assert name in designer.get(url).content.decode()
        form = {"tenant": world.here.tenant.pk, "name": "Ours", "begin_with": name}
        designer.post(url, form)
        draft = TemplateVersion.objects.get(template__name="Ours")
        assert (draft.state, draft.layout["page"]["width"]) == ("draft", wide)
        assert draft.layout["theme"]["colours"].items() >= world.here.tenant.colours.items()
        page = designer.get(reverse("admin:templates_app_templateversion_change", args=[draft.pk]))
        assert b"Before this can be published" not in page.content
        picture = reverse("admin:templates_app_templateversion_preview", args=[draft.pk])
        assert designer.get(picture).content.startswith(b"\x89PNG")

    def test_may_be_empty(self, world: World, designer: Client) -> None:
        url = reverse("admin:templates_app_certificatetemplate_add")
        designer.post(url, {"tenant": world.here.tenant.pk, "name": "Ours", "begin_with": ""})
        assert CertificateTemplate.objects.filter(name="Ours").exists()
        assert not TemplateVersion.objects.filter(template__name="Ours").exists()

    def test_is_asked_for_once(self, world: World, designer: Client) -> None:
        url = reverse(
            "admin:templates_app_certificatetemplate_change", args=[world.here.template.pk]
        )
        assert b"begin_with" not in designer.get(url).content


class TestFonts:
    def test_lists_every_script_with_its_fonts(self, designer: Client) -> None:
        listed = designer.get(reverse("admin:templates_app_certificatetemplate_changelist"))
        url = reverse("admin:templates_app_certificatetemplate_fonts")
        assert url in listed.content.decode()
        page = designer.get(url).content.decode()
        for word in ("Tibetan", "Noto Serif Tibetan", "Han", "Noto Sans SC, Noto Sans TC"):
            assert word in page

    def test_is_for_people_who_may_see_designs(self) -> None:
        url = reverse("admin:templates_app_certificatetemplate_fonts")
        assert Client().get(url).status_code == 302
