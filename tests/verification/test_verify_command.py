"""`manage.py verify`: the verdict, and an exit status that agrees with it."""

import json
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from certificates import queries
from certificates.queries import securing_of
from certificates.tokens import format_token
from tests.factories.registry import Registry


def verify(evidence: str, *options: str) -> tuple[int, str]:
    """Return exit status and standard output."""
    out = StringIO()
    try:
        call_command("verify", evidence, *options, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue() or str(error)
    return 0, out.getvalue()


def verify_json(evidence: str) -> tuple[int, dict[str, Any]]:
    status, out = verify(evidence, "--json")
    return status, json.loads(out)


class TestVerify:
    def test_is_zero_for_a_certificate_in_force(self, registry: Registry) -> None:
        status, document = verify_json(format_token(registry.issue().token))
        assert (status, document["result"], document["in_force"]) == (0, "issued", True)
        assert document["certificate"]["recipient_name"] == "Ada Lovelace"

    def test_is_one_for_what_was_withdrawn_expired_or_replaced(self, registry: Registry) -> None:
        old, _ = registry.replaced()
        for certificate, result in (
            (registry.revoked(), "revoked"),
            (registry.expired(), "issued"),
            (old, "revoked"),
        ):
            status, document = verify_json(certificate.token)
            assert (status, document["result"], document["in_force"]) == (1, result, False)

    def test_is_one_for_what_is_unknown_mistyped_or_altered(self, registry: Registry) -> None:
        for code, result in (
            ("0" * 26 + "1Y", "not_found"),
            ("0" * 27 + "1", "invalid"),
            (registry.forged().token, "invalid"),
        ):
            status, document = verify_json(code)
            assert (status, document["result"]) == (1, result)
            assert "certificate" not in document

    def test_says_why_it_is_not_in_force(self, registry: Registry) -> None:
        for code, why in (
            (registry.revoked().token, "it was withdrawn"),
            (registry.expired().token, "its time is over"),
            (registry.replaced()[0].token, "replaced by a newer"),
            (registry.forged().token, "changed or damaged"),
            ("0" * 26 + "1Y", "nothing was issued"),
            ("0" * 27 + "1", "typing mistake"),
            ("nonsense", "28 letters and digits"),
        ):
            with pytest.raises(CommandError, match=f"Not in force: .*{why}"):
                call_command("verify", code, stdout=StringIO())

    @pytest.mark.usefixtures("registry")
    def test_names_a_file_that_is_absent(self) -> None:
        with pytest.raises(CommandError, match=r"^absent\.pdf: No such file"):
            call_command("verify", "absent.pdf")

    def test_reads_a_file(self, registry: Registry, tmp_path: Path) -> None:
        path = tmp_path / "credential"
        path.write_text(securing_of(registry.issue()).content)
        assert verify_json(str(path))[0] == 0

    @pytest.mark.usefixtures("registry")
    @pytest.mark.parametrize("given", ["absent.pdf", "https://elsewhere.example/verify/x"])
    def test_is_two_for_what_cannot_be_checked(self, given: str) -> None:
        status, words = verify(given, "--json")
        assert status == 2
        assert words

    def test_is_two_and_never_good_without_its_records(self, registry: Registry) -> None:
        token = registry.issue().token
        with patch.object(queries, "certificate_by_token", side_effect=OperationalError("away")):
            assert verify(token) == (2, "The records cannot be reached.")

    def test_tells_a_person_in_words(self, registry: Registry) -> None:
        status, out = verify(registry.issue().token)
        assert status == 0
        assert "result: issued" in out
        assert "recipient_name: Ada Lovelace" in out
        assert "signature: passed" in out
