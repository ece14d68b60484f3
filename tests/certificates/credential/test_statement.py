"""What a signed code says: short, strict, and read back as it was written."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from certificates.credential.statement import (
    NotAStatement,
    Statement,
    read_statement,
    statement_bytes,
)

SAID = Statement(
    certificate_id=UUID("01890f2e-7d3c-7cc0-98c4-dc0c0c07398f"),
    issuer="harbourline",
    recipient_name="Siân “Ada” Cadwaladr",
    course_title="Data Analysis",
    completed_on=date(2026, 11, 12),
    expires_at=datetime(2029, 11, 12, 10, tzinfo=UTC),
)
CLAIMS = json.loads(statement_bytes(SAID))


class TestStatementBytes:
    def test_are_claims_without_blanks(self) -> None:
        assert statement_bytes(replace(SAID, recipient_name="Ada", expires_at=None)) == (
            b'{"jti":"01890f2e-7d3c-7cc0-98c4-dc0c0c07398f","iss":"harbourline","name":"Ada",'
            b'"course":"Data Analysis","completed":"2026-11-12"}'
        )
        assert CLAIMS["exp"] == 1889172000


class TestReadStatement:
    @pytest.mark.parametrize("said", [SAID, replace(SAID, expires_at=None)])
    def test_returns_what_was_written(self, said: Statement) -> None:
        assert read_statement(json.loads(statement_bytes(said))) == said

    @pytest.mark.parametrize("name", ["jti", "iss", "name", "course", "completed"])
    @pytest.mark.parametrize("value", [None, 1, ["x"], {}])
    def test_refuses_a_member_that_is_no_text(self, name: str, value: Any) -> None:
        with pytest.raises(NotAStatement):
            read_statement(CLAIMS | {name: value})
        with pytest.raises(NotAStatement):
            read_statement({key: each for key, each in CLAIMS.items() if key != name})

    @pytest.mark.parametrize(
        "changes",
        [
            {"jti": "01890f2e"},
            {"completed": "12.11.2026"},
            {"completed": "20261112"},
            {"completed": "2026-13-12"},
            {"exp": "1889172000"},
            {"exp": True},
            {"exp": 10**400},
            {"grade": "A"},
        ],
    )
    def test_refuses_what_it_does_not_understand(self, changes: dict[str, Any]) -> None:
        with pytest.raises(NotAStatement):
            read_statement(CLAIMS | changes)
