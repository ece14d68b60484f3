"""A tenant's fonts in the database: uploaded, pinned by published versions, its own alone."""

import io
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from templates_app.branding import store_font
from templates_app.models import CertificateTemplate, OwnFont, TemplateVersion
from templates_app.publishing import NotPublishable, publish
from templates_app.queries import source_of
from templates_app.rendering.font_checks import BadFont
from tenants.models import Tenant
from tenants.roles import Role
from tests.factories.world import World, make_world
from tests.templates_app import typefaces
from tests.templates_app.designs import draw, layout, qr, text

pytestmark = pytest.mark.django_db
THEME = {"fonts": {"text": ["Brand", "EB Garamond"]}}


@pytest.fixture
def world() -> World:
    return make_world()


def draft(tenant: Tenant, now: datetime) -> TemplateVersion:
    template = CertificateTemplate.objects.create(tenant=tenant, name="Own", created_at=now)
    design = layout(text(lines=2), qr(), theme=THEME)
    return TemplateVersion.objects.create(
        tenant=tenant, template=template, number=1, layout=design, created_at=now
    )


def keep(tenant: Tenant, now: datetime, upload: bytes = b"", family: str = "") -> OwnFont:
    made = store_font(
        tenant=tenant,
        upload=upload or typefaces.latin(),
        file="brand.ttf",
        family=family,
        now=now,
    )
    return OwnFont.objects.get(pk=made.pk)


class TestStoreFont:
    def test_a_published_version_keeps_the_file_it_was_published_with(
        self, world: World, now: datetime
    ) -> None:
        tenant = world.here.tenant
        keep(tenant, now)
        version = publish(version=draft(tenant, now), actor="user:1", now=now)
        assert list(version.assets) == ["Brand 400"]
        before = draw(source_of(version))
        later = now + timedelta(days=1)
        keep(tenant, later, typefaces.as_cff(typefaces.latin()))
        source_of.__globals__["_published_source"].cache_clear()
        again = source_of(TemplateVersion.objects.get(pk=version.pk))
        assert draw(again) == before
        assert source_of(draft_of_the_same(version, later)).fonts != again.fonts

    def test_no_other_tenant_can_use_it(self, world: World, now: datetime) -> None:
        keep(world.here.tenant, now)
        stranger = draft(world.there.tenant, now)
        assert source_of(stranger).fonts == ()
        with pytest.raises(NotPublishable, match="there is no font “Brand”"):
            publish(version=stranger, actor="user:1", now=now)

    def test_a_name_that_everybody_s_fonts_have_is_refused(
        self, world: World, now: datetime
    ) -> None:
        with pytest.raises(BadFont, match="Type another family name"):
            keep(world.here.tenant, now, family="EB Garamond")


def draft_of_the_same(version: TemplateVersion, now: datetime) -> TemplateVersion:
    return TemplateVersion.objects.create(
        tenant=version.tenant,
        template=version.template,
        number=2,
        layout=version.layout,
        created_at=now,
    )


class TestScreens:
    @pytest.fixture
    def designer(self, world: World) -> Client:
        client = Client()
        client.force_login(world.here.members[Role.DESIGNER])
        return client

    def upload(self, world: World, client: Client, content: bytes, weight: str = "") -> str:
        form = {
            "tenant": world.here.tenant.pk,
            "family": "",
            "weight": weight,
            "file": SimpleUploadedFile("brand.ttf", content, "font/ttf"),
        }
        url = reverse("admin:templates_app_ownfont_add")
        return client.post(url, form, follow=True).content.decode()

    @pytest.mark.parametrize("kind", ["ownfont", "asset"])
    def test_an_empty_form_has_no_faults(self, kind: str, designer: Client) -> None:
        page = designer.get(reverse(f"admin:templates_app_{kind}_add")).content.decode()
        assert 'type="file"' in page
        assert "This field is required" not in page

    def test_a_variable_font_gives_the_weight_that_is_asked_for(
        self, world: World, designer: Client
    ) -> None:
        self.upload(world, designer, typefaces.variable(), "700")
        assert OwnFont.objects.filter(name="Brand 700").exists()
        page = self.upload(world, designer, typefaces.variable(), "950")
        assert "its weights go from 200 to 900" in page

    def test_an_upload_is_shown_with_what_it_draws(self, world: World, designer: Client) -> None:
        page = self.upload(world, designer, typefaces.latin())
        assert "Designs use it as “Brand”" in page
        assert "Amiri" in page
        font = OwnFont.objects.get(name="Brand 400")
        picture = designer.get(reverse("admin:templates_app_ownfont_specimen", args=[font.pk]))
        with Image.open(io.BytesIO(picture.content)) as specimen:
            shades = specimen.convert("L").histogram()
        assert shades[255] > 0.9 * sum(shades)  # letters on paper, not blots
        assert sum(shades[:64]) > 0

    def test_a_refusal_names_the_file_and_the_reason(self, world: World, designer: Client) -> None:
        page = self.upload(world, designer, typefaces.licensed(2))
        assert "brand.ttf: The font’s licence bits" in page
        assert not OwnFont.objects.filter(name="Brand 400").exists()
