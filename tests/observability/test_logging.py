"""Lines as they reach the file: one JSON object each, from whoever logs, without secrets."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TOKEN = "0123-4567-89AB-CDEF-GHJK-MNPQ-RST5"

# A process of its own: the suite's logging must stay as it is.
PROGRAM = """
import logging, sys
import structlog
from observability.logging import configure

configure(log_format=sys.argv[1], log_file=sys.argv[2])
token = sys.argv[3]
ours, theirs = structlog.get_logger("certification"), logging.getLogger("somebody.else")
with structlog.contextvars.bound_contextvars(request_id="r-1"):
    ours.info("an event", deep={"link": [f"/verify/{token}"]}, **{token: 1})
    theirs.warning("asked for %s by %s", token, "zoë@example.org")
try:
    raise ValueError(token)
except ValueError:
    ours.exception("failed")
    theirs.exception("failed too")
ours.debug("too fine")
"""


def run(tmp_path: Path, log_format: str, log_file: str = "") -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, log_format, log_file, TOKEN],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""  # belongs to what commands answer
    return done.stderr, Path(log_file).read_text() if log_file else ""


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("logs")
    errors, text = run(folder, "json", str(folder / "service.log"))
    assert errors == ""
    return [json.loads(line) for line in text.splitlines()]


class TestConfigure:
    def test_writes_one_object_a_line_from_every_logger(self, lines: list[dict[str, Any]]) -> None:
        assert [line["logger"] for line in lines] == ["certification", "somebody.else"] * 2
        for line in lines:
            assert line["timestamp"].endswith("Z")
            assert line["level"] in {"info", "warning", "error"}

    def test_redacts_values_keys_messages_and_tracebacks(self, lines: list[dict[str, Any]]) -> None:
        first, second, third, fourth = lines
        assert first["deep"] == {"link": ["/verify/[token]"]}
        assert first["[token]"] == 1
        assert second["event"] == "asked for [token] by [e-mail]"
        for line in (third, fourth):
            assert line["exception"].endswith("ValueError: [token]")
        assert TOKEN not in json.dumps(lines)

    def test_adds_the_request(self, lines: list[dict[str, Any]]) -> None:
        assert [line.get("request_id") for line in lines] == ["r-1", "r-1", None, None]

    def test_writes_for_the_eye_to_standard_error(self, tmp_path: Path) -> None:
        errors, _ = run(tmp_path, "console")
        assert "an event" in errors
        assert TOKEN not in errors
        assert not errors.startswith("{")
