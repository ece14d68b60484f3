"""A throw-away PKCS #11 token, made of SoftHSM2 (Debian: softhsm2)."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from pytest_django import Settings

from signing import pkcs11_session

PIN = "correct-pin-93817"
_MODULES = [
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/pkcs11/libsofthsm2.so"),
    Path("/opt/homebrew/lib/softhsm/libsofthsm2.so"),
]


@dataclass(frozen=True)
class Hsm:
    """A token of its own folder."""

    module: str
    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        """Return what a process needs to use it."""
        return {
            "SOFTHSM2_CONF": str(self.folder / "softhsm2.conf"),
            "PKCS11_MODULE": self.module,
            "PKCS11_TOKEN": "certification",
            "PKCS11_PIN": PIN,
        }

    def objects(self) -> list[Any]:
        """Return all it holds, private keys too."""
        return pkcs11_session.in_session(lambda session: list(session.get_objects()))

    def labels(self) -> set[str]:
        """Return the labels of all it holds."""
        return {found[pkcs11.Attribute.LABEL] for found in self.objects()}

    def unplug(self) -> None:
        """Take it away, as the process that has it open sees it."""
        pkcs11_session.close()
        (self.folder / "tokens").rename(self.folder / "unplugged")
        (self.folder / "tokens").mkdir()

    def plug_in(self) -> None:
        """Bring it back."""
        pkcs11_session.close()
        (self.folder / "tokens").rmdir()
        (self.folder / "unplugged").rename(self.folder / "tokens")


@pytest.fixture
def hsm_at_hand(tmp_path: Path) -> Hsm:
    """Return a token that no settings name yet, or skip."""
    module = next((str(path) for path in _MODULES if path.exists()), "")
    program = shutil.which("softhsm2-util")
    if not (module and program):
        pytest.skip("needs SoftHSM2 (apt-get install softhsm2)")
    hsm = Hsm(module, tmp_path / "hsm")
    (hsm.folder / "tokens").mkdir(parents=True)
    (hsm.folder / "softhsm2.conf").write_text(f"directories.tokendir = {hsm.folder}/tokens\n")
    subprocess.run(
        [
            *(program, "--init-token", "--free", "--label", "certification"),
            *("--pin", PIN, "--so-pin", "officer-pin"),
        ],
        env={**os.environ, **hsm.variables},
        check=True,
        capture_output=True,
    )
    return hsm


@pytest.fixture
def hsm(hsm_at_hand: Hsm, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hsm]:
    """Yield a token in which this test's new keys are made."""
    for name, value in hsm_at_hand.variables.items():
        if name.startswith("PKCS11_"):
            setattr(settings, name, value)
        else:
            monkeypatch.setenv(name, value)
    yield hsm_at_hand
    pkcs11_session.close()
