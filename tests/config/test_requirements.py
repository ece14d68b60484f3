"""What is installed is what was locked, and nothing is older than its last security fix."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCK_FILES = ("requirements.txt", "requirements-dev.txt")

# The first release without a known hole that matters here.
MINIMA = {
    "django": "5.2.17",
    "xhtml2pdf": "0.2.19",
    "reportlab": "5.0",
    "pillow": "13.0.0",
    "djangorestframework": "3.15.2",
    "celery": "5.2.2",
    "cryptography": "46.0.7",
}


def _locked(name: str) -> dict[str, str]:
    return dict(
        re.findall(r"^([a-z0-9._-]+)(?:\[.*?\])?==(\S+)", (ROOT / name).read_text(), re.MULTILINE)
    )


def _asked(name: str) -> list[Requirement]:
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


class TestLock:
    @pytest.mark.parametrize("name", LOCK_FILES)
    def test_every_pin_has_a_hash_and_no_line_names_an_index(self, name: str) -> None:
        text = (ROOT / name).read_text()
        pins = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
        assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []
        assert not re.search(r"://|--index|--find-links|--trusted", text)

    @pytest.mark.parametrize("name", LOCK_FILES)
    def test_everything_asked_for_is_locked(self, name: str) -> None:
        locked = _locked(name)
        unmet = [
            str(wish)
            for wish in _asked(name.replace(".txt", ".in"))
            if (found := locked.get(wish.name.lower())) is None or found not in wish.specifier
        ]
        assert unmet == []

    def test_both_files_agree(self) -> None:
        ours, developers = (_locked(name) for name in LOCK_FILES)
        both = ours.keys() & developers.keys()
        assert [name for name in both if ours[name] != developers[name]] == []

    def test_what_is_installed_is_what_was_locked(self) -> None:
        locked = _locked("requirements.txt")
        assert [name for name, pin in locked.items() if version(name) != pin] == []


class TestMinima:
    @pytest.mark.parametrize(("name", "minimum"), MINIMA.items())
    def test_nothing_is_older_than_its_security_fix(self, name: str, minimum: str) -> None:
        assert Version(version(name)) >= Version(minimum)
