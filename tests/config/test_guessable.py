"""Keys that must not guard production."""

import base64
import re
import secrets
from pathlib import Path

import pytest

from config.env import env_secret, make_key
from config.guessable import why_guessable

ROOT = Path(__file__).resolve().parents[2]
READ_BY_OPERATORS = [
    ROOT / "README.md",
    *(path for path in (ROOT / "docs").rglob("*") if path.suffix in {".md", ".txt"}),
    *(path for path in (ROOT / "deploy").rglob("*") if path.is_file()),
]


class TestWhyGuessable:
    @pytest.mark.parametrize(
        ("key", "reason"),
        [
            (bytes(32), "repeats"),
            (b"k" * 32, "repeats"),
            (b"0123" * 8, "repeats"),
            (bytes(range(16)) * 2, "repeats"),
            (bytes.fromhex("9ef91290cd3e52b204c5a80656a5322f") * 2, "repeats"),
            (bytes(range(32)), "counts"),
            (bytes(range(255, 223, -1)), "counts"),
            (b"correct horse battery staple 123", "text"),
            (b"f7819fa0b5086dd113fec4019daaa2f8", "repeats|text"),
        ],
    )
    def test_refuses_what_was_typed(self, key: bytes, reason: str) -> None:
        assert re.search(reason, why_guessable(key, embedded_folders=[]))

    def test_refuses_the_key_that_embedded_mode_made(self, tmp_path: Path) -> None:
        made = env_secret("KEY_ENCRYPTION_KEY", kept_in=tmp_path / "secrets", make=make_key)
        reason = why_guessable(base64.b64decode(made), embedded_folders=[tmp_path])

        assert reason.startswith("embedded mode made it for a demo, in")

    def test_takes_random_keys(self, tmp_path: Path) -> None:
        env_secret("KEY_ENCRYPTION_KEY", kept_in=tmp_path / "secrets", make=make_key)
        (tmp_path / "unreadable" / "secrets" / "key_encryption_key").mkdir(parents=True)
        folders = [tmp_path, tmp_path / "nowhere", tmp_path / "unreadable"]

        for _ in range(1000):
            assert why_guessable(secrets.token_bytes(32), embedded_folders=folders) == ""

    def test_refuses_every_example_that_operators_read(self) -> None:
        """Somebody will paste it."""
        text = "\n".join(path.read_text(encoding="utf-8") for path in READ_BY_OPERATORS)
        examples = re.findall(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=", text)

        keys = [base64.b64decode(example) for example in examples]
        assert [key for key in keys if not why_guessable(key, embedded_folders=[])] == []
