"""The files of a certificate, read by tools that know nothing of us (Debian packages)."""

import shutil
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from tests.service import Service


@pytest.fixture(scope="module")
def certificate(demo: dict[str, Any]) -> dict[str, Any]:
    """Return a certificate in force with a Latin name."""
    certificates: list[dict[str, Any]] = demo["tenants"][0]["certificates"]
    return next(
        one
        for one in certificates
        if one["state"] == "issued" and one["files"]["pdf"] and one["recipient_name"].isascii()
    )


@pytest.fixture
def download(demo_service: Service, certificate: dict[str, Any], tmp_path: Path) -> dict[str, Path]:
    """Return the downloaded files by what they are."""
    files = {}
    for name in ("pdf", "png", "jws"):
        address: str = certificate["files"][name]
        answer = demo_service.request("GET", address.removeprefix(demo_service.base_url))
        assert answer.status == 200, address
        files[name] = tmp_path / f"certificate.{name}"
        files[name].write_bytes(answer.body)
    return files


def _run(tool: str, package: str, *arguments: str | Path) -> str:
    if shutil.which(tool) is None:
        pytest.skip(f"needs {tool}: apt-get install {package}")
    done = subprocess.run([tool, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class TestPdf:
    def test_is_sound(self, download: dict[str, Path]) -> None:
        assert "No syntax or stream encoding errors" in _run(
            "qpdf", "qpdf", "--check", download["pdf"]
        )

    def test_holds_the_name_and_the_code_as_text(
        self, download: dict[str, Path], certificate: dict[str, Any]
    ) -> None:
        text = _run("pdftotext", "poppler-utils", download["pdf"], "-")
        words = " ".join(unicodedata.normalize("NFC", text).split())
        assert certificate["recipient_name"] in words
        assert certificate["token"].replace("-", "") in words.replace("-", "").replace(" ", "")

    def test_carries_the_signed_credential(self, download: dict[str, Path], tmp_path: Path) -> None:
        target = tmp_path / "attached"
        target.mkdir()
        _run("pdfdetach", "poppler-utils", "-saveall", "-o", target, download["pdf"])
        assert (target / "credential.jws").read_bytes() == download["jws"].read_bytes()


class TestPng:
    def test_its_code_leads_to_the_verify_page(
        self, download: dict[str, Path], certificate: dict[str, Any]
    ) -> None:
        options = ("--quiet", "--raw", "-Sdisable", "-Sqrcode.enable")
        read = _run("zbarimg", "zbar-tools", *options, download["png"])
        assert read.strip() == certificate["verify_url"]
