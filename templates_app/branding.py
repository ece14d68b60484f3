"""A tenant's images and fonts: taken in one by one or from a folder, each written anew."""

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from templates_app.images import Picture
from templates_app.models import Asset
from templates_app.rendering.font_checks import BadFont
from templates_app.rendering.fonts import font_set
from templates_app.uploads import font_of, take_font, take_images
from tenants.models import Tenant

ASSET_FILES = {
    "logo": "logo.png",
    "logo-on-dark": "logo-on-dark.png",
    "mark": "logo-mark.png",
    "seal": "seal.png",
    "signature-1": "signature-1.png",
    "signature-2": "signature-2.png",
    "background": "background.png",
}
_UNTRIMMED = frozenset({"background"})


def store_asset(*, tenant: Tenant, name: str, upload: bytes, now: datetime) -> Asset:
    """Keep an image under a name; drafts use it from now on. Raises BadImage."""
    picture = take_images({name: upload}, untrimmed=_UNTRIMMED)[name]
    return _keep(tenant, name, picture, now)


def store_font(
    *,
    tenant: Tenant,
    upload: bytes,
    file: str,
    family: str = "",
    weight: int = 0,
    now: datetime,
) -> Asset:
    """Keep a font; drafts that name its family use it from now on. Raises BadFont.

    Without `family` it is called what it calls itself; `weight` is taken of a variable one.
    """
    facts, content = take_font(upload, name=file, family=family, weight=weight)
    if facts["family"] in font_set().families():
        raise BadFont(
            f"{file}: There is a font “{facts['family']}” for everybody. Type another family name."
        )
    return _newest(
        tenant,
        font_of(facts, content).name,
        content,
        now,
        kind=Asset.Kind.FONT,
        content_type="font/sfnt",
        facts=facts,
    )


def _keep(tenant: Tenant, name: str, picture: Picture, now: datetime) -> Asset:
    return _newest(
        tenant,
        name,
        picture.content,
        now,
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
    )


def _newest(tenant: Tenant, name: str, content: bytes, now: datetime, **facts: Any) -> Asset:
    asset, _ = Asset.objects.update_or_create(
        tenant=tenant,
        name=name,
        sha256=sha256(content).hexdigest(),
        # What comes back after another one is the newest again.
        defaults={"created_at": now},
        create_defaults={"created_at": now, "content": content, **facts},
    )
    return asset


def load_branding(*, tenant: Tenant, directory: Path, now: datetime) -> list[Asset]:
    """Keep every image of a branding folder that is there."""
    uploads = {
        name: (directory / file).read_bytes()
        for name, file in ASSET_FILES.items()
        if (directory / file).is_file()
    }
    pictures = take_images(uploads, untrimmed=_UNTRIMMED)
    return [_keep(tenant, name, picture, now) for name, picture in pictures.items()]
