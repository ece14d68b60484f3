"""The badge as SVG, drawn by a browser: the same picture as the PNG."""

import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from templates_app.rendering.badge import draw_badge
from templates_app.rendering.badge_svg import draw_badge_svg
from tests.templates_app.designs import BRANDING


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
@pytest.mark.parametrize("title", ["First Aid at Work", "مبادئ إدارة المشاريع"])
@pytest.mark.parametrize("slug", ["harbourline", "alnahr"])
def test_looks_like_the_png(slug: str, title: str, tmp_path: Path) -> None:
    colours = json.loads((BRANDING / slug / "tenant.json").read_text())["colours"]
    mark = (BRANDING / slug / "logo-mark.png").read_bytes()
    (tmp_path / "badge.svg").write_text(
        draw_badge_svg(title=title, colours=colours, mark=mark), encoding="utf-8"
    )
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run")
    subprocess.run(
        [
            "chromium",
            *flags,
            f"--user-data-dir={tmp_path}",
            "--window-size=600,800",
            f"--screenshot={tmp_path / 'shot.png'}",
            f"file://{tmp_path / 'badge.svg'}",
        ],
        check=True,
        capture_output=True,
    )
    shot = Image.open(tmp_path / "shot.png").convert("RGB").crop((0, 0, 600, 600))
    opened = Image.open(io.BytesIO(draw_badge(title=title, colours=colours, mark=mark)))
    picture = Image.alpha_composite(Image.new("RGBA", (600, 600), "white"), opened.convert("RGBA"))
    difference = ImageChops.difference(shot, picture.convert("RGB"))
    assert max(ImageStat.Stat(difference).mean) <= 5
