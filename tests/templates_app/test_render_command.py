"""`manage.py render`: one certificate from files, and nothing of this machine in it."""

import json
import socket
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from templates_app.rendering import placing
from tests.templates_app import hostile, typefaces
from tests.templates_app.designs import VALUES, layout, png, qr, text, text_of

PAGE = "<style>@page{size:a4 landscape;margin:2cm}</style>"
FLOWING = "<p>{{ recipient_name }} has finished. " + "And more words. " * 40 + "</p>"


class Desk:
    """A folder to render in, with a file nobody may see."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "assets").mkdir()
        (folder / "assets" / "logo.png").write_bytes(png(60, 30))
        (folder / "secret.txt").write_text(hostile.PLANTED)

    def render(self, design: Any, out: str = "out.pdf", **values: str) -> bytes:
        kind = "template" if isinstance(design, str) else "layout"
        file = self.folder / f"design.{'html' if kind == 'template' else 'json'}"
        file.write_text(design if kind == "template" else json.dumps(design))
        (self.folder / "values.json").write_text(json.dumps(VALUES | values))
        self.errors = StringIO()
        call_command(
            "render",
            f"--{kind}={file}",
            f"--assets={self.folder / 'assets'}",
            f"--values={self.folder / 'values.json'}",
            f"--out={self.folder / out}",
            stderr=self.errors,
        )
        return (self.folder / out).read_bytes()

    def refuses(self, design: Any, **values: str) -> str:
        with pytest.raises(CommandError) as refusal:
            self.render(design, **values)
        assert refusal.value.returncode == 1
        assert not (self.folder / "out.pdf").exists()
        return str(refusal.value)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture(scope="module")
def canary() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        yield listening


class TestRender:
    def test_draws_a_layout(self, desk: Desk) -> None:
        logo = {"kind": "image", "asset": "logo", "x": 10, "y": 5, "w": 30, "h": 15}
        assert VALUES["recipient_name"] in text_of(desk.render(layout(text(), qr(), logo)))

    def test_names_a_folder_of_images_that_is_absent(self, desk: Desk) -> None:
        (desk.folder / "assets" / "logo.png").unlink()
        (desk.folder / "assets").rmdir()
        assert "assets: there is no such folder" in desk.refuses(layout(text(), qr()))

    def test_draws_html_with_names_that_stock_would_get_wrong(self, desk: Desk) -> None:
        page = f"{PAGE}<h1>Certificate</h1><p>for {{{{ recipient_name }}}}</p>"
        made = desk.render(page, recipient_name="فاطمة الزهراء النجار")
        assert "فاطمة الزهراء النجار" in text_of(made)
        assert "Certificate" in text_of(made)

    def test_makes_a_png_too(self, desk: Desk) -> None:
        assert desk.render(layout(text()), out="out.png").startswith(b"\x89PNG")

    def test_a_png_of_html_stands_on_white_paper(self, desk: Desk) -> None:
        made = desk.render(f"{PAGE}<h1>Certificate</h1>{{{{ recipient_name }}}}", out="out.png")
        with Image.open(BytesIO(made)) as picture:
            shades = picture.convert("L").histogram()
        assert sum(shades[:128]) < sum(shades) * 0.01
        assert shades[255] > sum(shades) * 0.9

    def test_says_when_a_template_is_laid_out_anew_each_time(self, desk: Desk) -> None:
        made = desk.render(PAGE + FLOWING)
        assert VALUES["recipient_name"] in text_of(made)
        assert "laid out anew for each certificate" in desk.errors.getvalue()

    def test_a_name_such_a_template_cannot_draw_is_held_back(self, desk: Desk) -> None:
        assert "recipient_name" in desk.refuses(PAGE + FLOWING, recipient_name="فاطمة")

    def test_a_field_nobody_knows_is_named(self, desk: Desk) -> None:
        assert "there is no field “nonsense”" in desk.refuses(layout(text()), nonsense="1")

    def test_a_layout_with_a_fault_is_named_by_pointer(self, desk: Desk) -> None:
        assert "/boxes/0/size" in desk.refuses(layout(text(size=1)))


class TestHostile:
    def test_none_is_drawn_reads_or_calls(
        self, desk: Desk, canary: socket.socket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        port = canary.getsockname()[1]
        planted = desk.folder / "secret.txt"
        targets = [
            str(planted),
            planted.as_uri(),
            "../secret.txt",
            "/proc/self/environ",
            f"http://127.0.0.1:{port}/x.png",
        ]
        for _, template in hostile.refused(targets):
            said = desk.refuses(PAGE + template)
            assert hostile.PLANTED not in said
        with pytest.raises(BlockingIOError):
            canary.accept()

    @pytest.mark.parametrize("template", hostile.STOPPED.values(), ids=hostile.STOPPED.keys())
    def test_what_will_not_lay_out_ends_with_a_reason(self, desk: Desk, template: str) -> None:
        assert desk.refuses(template).startswith("design.html: ")

    def test_behind_the_door_there_is_still_nothing_to_read_or_call(
        self, desk: Desk, canary: socket.socket
    ) -> None:
        planted = desk.folder / "secret.txt"
        port = canary.getsockname()[1]
        page = (
            f'<img src="{planted}"><img src="http://127.0.0.1:{port}/a.png">'
            f"<style>@import url({planted.as_uri()}); @import url(http://127.0.0.1:{port}/b.css);"
            f"@page {{ background-image: url({planted}) }}</style><p>text</p>"
        )
        made = placing.place(page, {})
        assert hostile.PLANTED.encode() not in made
        assert hostile.PLANTED not in text_of(made)
        with pytest.raises(BlockingIOError):
            canary.accept()

    def test_an_image_bomb_is_named(self, desk: Desk) -> None:
        (desk.folder / "assets" / "bomb.png").write_bytes(png(12_000, 12_000, mode="1", colour=0))
        assert "bomb.png: The file is not" in desk.refuses(PAGE + "<p>x</p>")

    def test_a_file_that_is_no_image_is_named(self, desk: Desk) -> None:
        (desk.folder / "assets" / "lie.png").write_bytes(b"SIMPLE  =                    T")
        assert "lie.png" in desk.refuses(PAGE + "<p>x</p>")

    def test_a_good_template_renders_after_all_that(self, desk: Desk) -> None:
        made = desk.render(f'{PAGE}<p>{{{{ recipient_name }}}}</p><img src="logo.png">')
        assert VALUES["recipient_name"] in text_of(made)


class TestFonts:
    @pytest.mark.parametrize("form", ["glyf", "CFF"])
    def test_a_folders_font_is_used_by_name(self, desk: Desk, form: str) -> None:
        font = typefaces.latin() if form == "glyf" else typefaces.as_cff(typefaces.latin())
        (desk.folder / "assets" / "brand.otf").write_bytes(font)
        for page in (
            f"{PAGE}<p style='font-family:Brand'>For {{{{ recipient_name }}}}</p>",
            layout(text("For {{ recipient_name }}"), qr(), theme={"fonts": {"text": ["Brand"]}}),
        ):
            made = desk.render(page)
            assert f"For {VALUES['recipient_name']}" in text_of(made)
            assert b"+Own" in made

    def test_one_that_lies_is_named(self, desk: Desk) -> None:
        (desk.folder / "assets" / "liar.ttf").write_bytes(typefaces.made_of_itself())
        assert "liar.ttf: The font is damaged" in desk.refuses(PAGE + "<p>x</p>")
