"""Render one certificate from files, with the production renderer, its sandbox and its limits."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from templates_app.design import FIELDS, STATEMENT, Font, Source
from templates_app.images import MOST_BYTES, BadImage
from templates_app.layout import BadLayout
from templates_app.rendering.compiling import CannotLayOut
from templates_app.rendering.font_checks import BadFont
from templates_app.rendering.html_door import BadTemplate
from templates_app.rendering.html_page import HtmlSource, render_html, why_not_compiled
from templates_app.rendering.pdf import render_pdf
from templates_app.rendering.png import render_png
from templates_app.rendering.text import CannotDraw
from templates_app.uploads import MOST_FONT_BYTES, font_of, take_font, take_images

_MOST_VALUES = 64 * 1024
_MOST_LAYOUT = 1024 * 1024
_MOST_IMAGES, _MOST_FONTS = 40, 12
_IMAGES = frozenset({".png", ".jpg", ".jpeg"})
_FONTS = frozenset({".ttf", ".otf", ".woff"})


class Command(BaseCommand):
    """The command."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a design, values and a place to write to."""
        design = parser.add_mutually_exclusive_group(required=True)
        design.add_argument("--template", type=Path, metavar="FILE.html")
        design.add_argument("--layout", type=Path, metavar="FILE.json")
        parser.add_argument(
            "--assets", type=Path, metavar="DIR", help="folder of PNG, JPEG, TTF, OTF, WOFF"
        )
        parser.add_argument("--values", type=Path, required=True, metavar="FILE.json")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE(.pdf|.png)")
        parser.add_argument("--language", default="en")

    def handle(self, **options: Any) -> None:
        """Render, or say why not and exit with 1."""
        if options["out"].suffix.lower() not in {".pdf", ".png"}:
            raise CommandError("--out must end in .pdf or .png", returncode=2)
        try:
            pdf = self._pdf(options)
        except (BadTemplate, BadLayout, BadImage, BadFont, CannotLayOut, CannotDraw) as refusal:
            design = options["template"] or options["layout"]
            raise CommandError(f"{design.name}: {refusal}") from refusal
        is_picture = options["out"].suffix.lower() == ".png"
        content = render_png(pdf=pdf) if is_picture else pdf
        try:
            options["out"].write_bytes(content)
        except OSError as error:
            raise CommandError(f"{options['out']}: {error.strerror}", returncode=2) from error

    def _pdf(self, options: dict[str, Any]) -> bytes:
        values = _values(options["values"])
        known = {"attachments": {}, "language": options["language"], "issued_at": timezone.now()}
        if options["layout"]:
            layout = _json(options["layout"], most=_MOST_LAYOUT)
            images = {Path(n).stem: image for n, image in _images(options["assets"])}
            design = Source(layout, images, _fonts(options["assets"]))
            return render_pdf(design=design, values=values, **known)
        template = _read(options["template"], most=_MOST_LAYOUT)
        source = HtmlSource(template, _images(options["assets"]), _fonts(options["assets"]))
        pdf = render_html(source=source, values=values, **known)
        if reason := why_not_compiled(source, values):
            self.stderr.write(
                f"{options['template'].name}: laid out anew for each certificate, about sixty "
                f"times the work, because {reason}"
            )
        return pdf


def _values(file: Path) -> dict[str, str]:
    values = _json(file, most=_MOST_VALUES)
    for name, value in values.items():
        if name not in FIELDS | {STATEMENT} and not name.startswith("custom."):
            raise CommandError(f"{file.name}: there is no field “{name}”")
        if not isinstance(value, str | int | float):
            raise CommandError(f"{file.name}: {name} must be text")
    return {name: str(value) for name, value in values.items()}


def _json(file: Path, *, most: int) -> dict[str, Any]:
    try:
        document = json.loads(_read(file, most=most))
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{file.name}: no JSON: {error}") from error
    if not isinstance(document, dict):
        raise CommandError(f"{file.name}: must be a JSON object")
    return document


def _read(file: Path, *, most: int) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(most + 1)
        if len(content) > most:
            raise CommandError(f"{file.name}: larger than {most // 1024} KiB")
        return content.decode("utf-8")
    except OSError as error:
        raise CommandError(f"{file.name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file.name}: not UTF-8 at byte {error.start}") from error


def _images(folder: Path | None) -> tuple[tuple[str, bytes], ...]:
    """Return the images of a folder, each checked and written anew in the sandbox."""
    found = _files(folder, _IMAGES, most=MOST_BYTES, count=_MOST_IMAGES)
    taken = take_images(found, untrimmed=frozenset(found))
    return tuple((name, picture.content) for name, picture in taken.items())


def _fonts(folder: Path | None) -> tuple[Font, ...]:
    """Return the fonts of a folder, each built anew in the sandbox."""
    found = _files(folder, _FONTS, most=MOST_FONT_BYTES, count=_MOST_FONTS)
    return tuple(font_of(*take_font(upload, name=name)) for name, upload in found.items())


def _files(
    folder: Path | None, endings: frozenset[str], *, most: int, count: int
) -> dict[str, bytes]:
    if folder is None:
        return {}
    if not folder.is_dir():
        raise CommandError(f"{folder}: there is no such folder")
    found = {}
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() in endings and not file.is_symlink():
            with file.open("rb") as opened:
                found[file.name] = opened.read(most + 1)
    if len(found) > count:
        raise CommandError(f"{folder.name}: more than {count} of {', '.join(sorted(endings))}")
    return found
