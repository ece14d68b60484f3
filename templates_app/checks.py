"""System checks of designs: a folder of fonts that cannot be used is named at the start."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def font_folders(**_: Any) -> list[CheckMessage]:
    """Check that each folder of CERT_FONT_DIRS lists its fonts."""
    return [
        Error(
            f"CERT_FONT_DIRS names {folder}, which holds no fonts.json.",
            hint="List its fonts as fonts/fonts.json does: family, weight, italic, file, scripts.",
            id="templates_app.E001",
        )
        for folder in settings.CERT_FONT_DIRS
        if not (Path(folder) / "fonts.json").is_file()
    ]
