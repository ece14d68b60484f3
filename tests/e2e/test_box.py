"""The box of the verify page in a real browser: every kind of file, chosen, dropped and pasted."""

import base64
import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.e2e.conftest import Open
from tests.service import Service
from tests.verification import paper
from verification.unpacking.pdf import Pages

Certificate = dict[str, Any]
Files = dict[str, tuple[bytes, str]]

LOOKS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "small and dark": {"viewport": {"width": 320, "height": 568}, "color_scheme": "dark"},
    "without scripts": {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False},
}
VALID, ALTERED, UNREAD = "is valid", "cannot be confirmed", "cannot be checked"


@pytest.fixture(scope="module")
def certificate(demo: dict[str, Any]) -> Certificate:
    """Return a certificate in force."""
    certificates: list[Certificate] = demo["tenants"][0]["certificates"]
    return next(one for one in certificates if one["state"] == "issued" and one["files"]["pdf"])


@pytest.fixture(scope="module")
def files(demo_service: Service, certificate: Certificate) -> Files:
    """Return what an employer may hold, by name, with what the page says of it."""

    def download(kind: str) -> bytes:
        path: str = certificate["files"][kind].removeprefix(demo_service.base_url)
        return demo_service.request("GET", path).body

    pdf, png = download("pdf"), download("png")
    photo = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(photo, "JPEG", quality=80)
    painted = paper.overlaid(pdf, b"BT /Over 14 Tf 80 500 Td (with distinction) Tj ET")
    return {
        "certificate.pdf": (pdf, VALID),
        "anew.pdf": (paper.rewritten(pdf), VALID),
        "badge.png": (download("badge"), VALID),
        "credential.jws": (download("jws"), VALID),
        "photo.jpg": (photo.getvalue(), VALID),
        "code.webp": (paper.photo_of(certificate["verify_url"], kind="WEBP"), VALID),
        "painted.pdf": (painted, ALTERED),
        "elsewhere.json": (b'{"id": "https://elsewhere.example/1"}', "not issued here"),
        "locked.pdf": (paper.locked(pdf), UNREAD),
        "cut.pdf": (pdf[: len(pdf) // 3], UNREAD),
        "letter.docx": (b"PK\x03\x04" + bytes(999), UNREAD),
        "empty.pdf": (b"", UNREAD),
        "film.pdf": (b"%PDF-" + bytes(50_000_000), UNREAD),
    }


def _submit(page: Page) -> str:
    page.click("main [type=submit]")
    page.wait_for_selector(".verdict h1")
    return page.inner_text("h1")


def _reflows(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


class TestFiles:
    @pytest.mark.parametrize("look", LOOKS)
    def test_of_every_kind_get_an_answer_in_words(
        self,
        demo: dict[str, Any],
        open_page: Open,
        files: Files,
        tmp_path: Path,
        look: str,
    ) -> None:
        # The browser logs an error for each answer of 4xx, which these are meant to be.
        page = open_page(f"{demo['base_url']}/verify", **LOOKS[look], quiet=True)
        told = {}
        for name, (content, _) in files.items():
            path = tmp_path / name
            path.write_bytes(content)
            page.goto(f"{demo['base_url']}/verify")
            page.fill("#code", "0123-4567")
            page.set_input_files("#file", path)
            told[name] = _submit(page)
            if look != "without scripts":
                assert _reflows(page), name
            # What is too long is not read, so the code beside it is not known either.
            if name != "film.pdf" and page.query_selector("#code"):
                assert page.input_value("#code") == "0123-4567", name
        assert [name for name, (_, said) in files.items() if said not in told[name]] == []

    def test_that_differ_show_print_and_signature_side_by_side(
        self, demo: dict[str, Any], open_page: Open, files: Files, tmp_path: Path
    ) -> None:
        path = tmp_path / "painted.pdf"
        path.write_bytes(files["painted.pdf"][0])
        page = open_page(f"{demo['base_url']}/verify", quiet=True)
        page.set_input_files("#file", path)
        _submit(page)
        row = page.locator("tr.failed")
        assert "differs" in row.inner_text()
        assert "with distinction" in row.inner_text()
        assert row.locator("svg").count() == 1
        page.click("text=See the certificate as it was issued")
        page.wait_for_selector(".verdict h1")
        assert VALID in page.inner_text("h1")


class TestBox:
    @pytest.mark.parametrize("event", ["drop", "paste"])
    def test_takes_a_file_that_is_dropped_or_pasted(
        self, demo: dict[str, Any], open_page: Open, files: Files, event: str
    ) -> None:
        page = open_page(f"{demo['base_url']}/verify")
        page.evaluate(
            """([event, content]) => {
                const carried = new DataTransfer();
                const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
                carried.items.add(new File([bytes], "certificate.pdf"));
                document.querySelector("main").dispatchEvent(event === "drop"
                    ? new DragEvent("drop", {dataTransfer: carried, bubbles: true})
                    : new ClipboardEvent("paste", {clipboardData: carried, bubbles: true}));
            }""",
            [event, base64.b64encode(files["certificate.pdf"][0]).decode()],
        )
        assert page.evaluate("document.querySelector('#file').files[0].name") == "certificate.pdf"
        page.keyboard.press("Enter")  # the button has the focus
        page.wait_for_selector(".verdict h1")
        assert VALID in page.inner_text("h1")

    def test_is_complete_by_keyboard(self, demo: dict[str, Any], open_page: Open) -> None:
        page = open_page(f"{demo['base_url']}/verify")
        reached = []
        for _ in range(6):
            page.keyboard.press("Tab")
            reached.append(
                page.evaluate("document.activeElement.id || document.activeElement.type")
            )
        assert [each for each in reached if each in {"code", "file", "submit"}] == [
            "code",
            "file",
            "submit",
        ]

    def test_offers_a_camera_where_there_is_one(
        self, demo: dict[str, Any], open_page: Open
    ) -> None:
        page = open_page(f"{demo['base_url']}/verify", **LOOKS["phone"])
        assert "image/*" in str(page.get_attribute("#file", "accept"))
        assert page.get_attribute("#file", "capture") is None  # a stored file may be chosen too


class TestPrint:
    def test_is_a_record_of_the_check(
        self, open_page: Open, certificate: Certificate, tmp_path: Path
    ) -> None:
        page = open_page(certificate["verify_url"])
        path = tmp_path / "record.pdf"
        page.pdf(path=path, format="A4")
        with Pages(path.read_bytes()) as pages:
            words = " ".join(" ".join(pages.texts()).split())
        assert "Record of a check on" in words
        assert certificate["verify_url"] in words.replace(" ", "")
        assert "Nothing was changed since it was signed." in words  # details are open
        assert "What this does not prove" in words
        assert "Open the certificate" not in words  # no buttons
        with pikepdf.open(path) as document:
            assert len(document.pages) <= 2
