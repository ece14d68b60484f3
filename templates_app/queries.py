"""Which design a certificate is drawn with, and the bytes that make it up. Never writes."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from templates_app.design import Content, Font, Source
from templates_app.layout import read_layout, wording_language
from templates_app.models import Asset, CertificateTemplate, TemplateVersion
from templates_app.rendering import html_compiling
from templates_app.rendering.drawing import Design
from templates_app.rendering.html_page import HtmlSource
from templates_app.uploads import font_of
from tenants.models import Tenant


def default_template(tenant: Tenant) -> CertificateTemplate | None:
    """Return the design of courses that name none."""
    return (
        CertificateTemplate.objects.for_tenant(tenant)
        .filter(is_default=True, archived_at=None)
        .first()
    )


def published_version(template: CertificateTemplate) -> TemplateVersion | None:
    """Return the newest state of a design that may be issued with."""
    return (
        template.versions.filter(state=TemplateVersion.State.PUBLISHED).order_by("-number").first()
    )


def source_of(version: TemplateVersion) -> Design:
    """Return a version with its images and fonts: pinned once published, the newest before."""
    if version.state == TemplateVersion.State.PUBLISHED:
        return _published_source(version.pk)
    newest = newest_assets(version.tenant)
    images = {name: bytes(asset.content) for name, asset in newest.items()}
    return _design(version, images, _newest_fonts(version))


def wording_of(version: TemplateVersion, language: str) -> str:
    """Return the language a version speaks to a reader of `language`; HTML has no other."""
    if version.html:
        return language
    return wording_language(read_layout(version.layout), language)


def prints_statement(version: TemplateVersion) -> bool:
    """Say whether one of a version's QR codes carries a signed statement."""
    if version.html:
        return html_compiling.has_signed_code(version.html)
    boxes = version.layout.get("boxes", [])
    return any(box.get("kind") == "qr" and box.get("content") == Content.SIGNED for box in boxes)


def named_families(layout: Any) -> frozenset[str]:
    """Return the families a layout names, which may be no layout yet."""
    try:
        lists = layout["theme"]["fonts"].values()
        return frozenset(each for families in lists for each in families if isinstance(each, str))
    except (AttributeError, KeyError, TypeError):
        return frozenset()


def newest_assets(tenant: Tenant) -> dict[str, Asset]:
    """Return a tenant's images by name, the newest of each."""
    assets = Asset.objects.for_tenant(tenant).filter(kind=Asset.Kind.IMAGE)
    return {asset.name: asset for asset in assets.order_by("created_at", "id")}


def own_families(tenant: Tenant) -> frozenset[str]:
    """Return the families of a tenant's own fonts."""
    fonts = Asset.objects.for_tenant(tenant).filter(kind=Asset.Kind.FONT)
    return frozenset(facts["family"] for facts in fonts.values_list("facts", flat=True))


def current_asset(tenant: Tenant, name: str) -> bytes | None:
    """Return a tenant's image as it is now."""
    newest = Asset.objects.for_tenant(tenant).filter(name=name).order_by("-created_at", "-id")
    content = newest.values_list("content", flat=True).first()
    return None if content is None else bytes(content)


@lru_cache(maxsize=64)
def _published_source(version_id: UUID) -> Design:
    """Read a published version once in a process: it never changes."""
    version = TemplateVersion.objects.get(pk=version_id)
    assets = Asset.objects.filter(
        tenant_id=version.tenant_id,
        name__in=version.assets.keys(),
        sha256__in=version.assets.values(),
    )
    pinned = [asset for asset in assets if version.assets[asset.name] == asset.sha256]
    images = {
        asset.name: bytes(asset.content) for asset in pinned if asset.kind == Asset.Kind.IMAGE
    }
    return _design(version, images, _fonts(pinned))


def _design(
    version: TemplateVersion, images: Mapping[str, bytes], fonts: tuple[Font, ...]
) -> Design:
    if not version.html:
        return Source(version.layout, images, fonts)
    files = sorted((f"{name}.png", content) for name, content in images.items())
    return HtmlSource(version.html, tuple(files), fonts)


def _newest_fonts(version: TemplateVersion) -> tuple[Font, ...]:
    """Return the newest file of each style of the families named; others stay in the database."""
    own = own_families(version.tenant)
    if version.html:
        text = version.html.casefold()
        named = frozenset(family for family in own if family.casefold() in text)
    else:
        named = own & named_families(version.layout)
    if not named:
        return ()
    fonts = Asset.objects.for_tenant(version.tenant).filter(
        kind=Asset.Kind.FONT, facts__family__in=named
    )
    newest = {asset.name: asset for asset in fonts.order_by("created_at", "id")}
    return _fonts(newest.values())


def _fonts(assets: Iterable[Asset]) -> tuple[Font, ...]:
    fonts = (asset for asset in assets if asset.kind == Asset.Kind.FONT)
    return tuple(
        font_of(asset.told, bytes(asset.content))
        for asset in sorted(fonts, key=lambda asset: asset.name)
    )
