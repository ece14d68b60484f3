"""What may be signed: the official schema, and the rules it does not state."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from certificates.credential.compose import add_claims, compose
from certificates.credential.lint import NotLinted, lint, schema
from certificates.credential.read import signed_fields
from tests.certificates.credential.awards import award

SAMPLES = Path(__file__).parents[2] / "vectors" / "ob30"
REFERENCE = jsonschema.Draft201909Validator(
    schema(), format_checker=jsonschema.Draft201909Validator.FORMAT_CHECKER
)

VARIANTS: list[dict[str, Any]] = [
    {},
    {"grade": ""},
    {"email": ""},
    {"valid_until": datetime(2027, 3, 1, 12, 0, tzinfo=UTC)},
    {"evidence": [{"id": "https://example.org/thesis", "name": "Thesis"}]},
    {"recipient_name": "X"},
    {"recipient_name": "null", "grade": "[]"},
    {"recipient_name": '<b>"أحمد" (Ahmed) & 𠮷野</b>'},
]


def claims(**changes: Any) -> dict[str, Any]:
    return add_claims(compose(award(**changes)))


class TestLint:
    @pytest.mark.parametrize("changes", VARIANTS)
    def test_passes_what_compose_makes_and_so_does_the_reference(
        self, changes: dict[str, Any]
    ) -> None:
        REFERENCE.validate(compose(award(**changes)))
        linted = lint(claims(**changes))
        assert json.loads(linted.payload) == claims(**changes)

    @pytest.mark.parametrize("member", ["@context", "id", "type", "issuer", "validFrom"])
    def test_refuses_a_missing_member_as_the_reference_does(self, member: str) -> None:
        broken = claims()
        del broken[member]
        assert not REFERENCE.is_valid(broken)
        with pytest.raises(NotLinted, match=member):
            lint(broken)

    @pytest.mark.parametrize(
        ("path", "value", "reason"),
        [
            (("@context",), ["https://example.org/x"], "@context"),
            (("issuer", "type"), ["Organization"], "issuer"),
            (("issuer", "name"), "", "issuer/name"),
            (("credentialSubject", "id"), "mailto:a@example.org", "credentialSubject/id"),
            (("credentialSubject", "achievement", "name"), " ", "achievement/name"),
            (("credentialSubject", "achievement", "criteria"), {}, "criteria"),
            (("validFrom",), "2026-03-01T12:00:00.5Z", "whole seconds"),
            (("credentialStatus", "id"), "https://certs.example/status/1", "credentialStatus/id"),
            (("evidence",), [], "null or empty"),
            (("iss",), "did:web:other.example", "iss"),
            (("nbf",), 1, "nbf"),
            (("exp",), 4102444800, "exp"),
            (("sub",), "urn:uuid:0", "sub"),
            (("jti",), "https://certs.example/other", "jti"),
        ],
    )
    def test_refuses_each_broken_rule_with_its_reason(
        self, path: tuple[str, ...], value: Any, reason: str
    ) -> None:
        broken = json.loads(json.dumps(claims()))
        member = broken
        for step in path[:-1]:
            member = member[step]
        member[path[-1]] = value
        with pytest.raises(NotLinted, match=reason):
            lint(broken)

    def test_collects_all_reasons(self) -> None:
        broken = claims()
        broken |= {"iss": "x", "sub": "y"}
        with pytest.raises(NotLinted) as caught:
            lint(broken)
        assert len(caught.value.reasons) == 2


class TestSchema:
    @pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
    def test_the_quick_validator_agrees_with_the_reference(self, sample: Path) -> None:
        document = json.loads(sample.read_bytes())
        quick = jsonschema_rs.Draft201909Validator(schema(), validate_formats=True)
        assert quick.is_valid(document) == REFERENCE.is_valid(document)

    def test_the_samples_hold_both_kinds(self) -> None:
        verdicts = {REFERENCE.is_valid(json.loads(p.read_bytes())) for p in SAMPLES.glob("*.json")}
        assert verdicts == {True, False}


class TestSignedFields:
    def test_reads_back_what_was_composed(self) -> None:
        fields = signed_fields(claims())
        assert fields.recipient_name == "Títílayọ̀ Ọdúnsì"
        assert fields.achievement_name == "First Aid at Work"
        assert fields.grade == "Merit"
        assert fields.expires_at is None

    def test_keeps_the_day_of_completion_where_the_learner_was(self) -> None:
        completed = signed_fields(claims()).completed_at
        assert completed is not None
        assert completed.date().isoformat() == "2026-02-28"


class TestPersonalData:
    def test_holds_the_address_only_as_a_salted_hash(self) -> None:
        text = json.dumps(claims())
        assert "example.org" not in text.lower()
        assert "sha256$" in text
