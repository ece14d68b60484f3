"""API keys as text."""

import zlib

import pytest

from tenants.api_keys import (
    MalformedApiKey,
    Scope,
    make_api_key,
    parse_api_key,
    secret_sha256,
)

BODY = "cert_live_0123456789AB_abcdefghijklmnopqrstuvwxyz012345"


def base62(number: int) -> str:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    text = ""
    for _ in range(6):
        number, place = divmod(number, 62)
        text = alphabet[place] + text
    return text


class TestMakeApiKey:
    def test_reads_back(self) -> None:
        key_id, text = make_api_key()
        assert parse_api_key(text) == (key_id, text.split("_")[3])

    def test_is_different_every_time(self) -> None:
        assert len({make_api_key()[1] for _ in range(100)}) == 100

    def test_ends_in_the_base_62_crc_of_all_before(self) -> None:
        _, text = make_api_key()
        assert text[-6:] == base62(zlib.crc32(text[:-6].encode()))


class TestParseApiKey:
    def test_takes_a_key_whose_checksum_was_computed_apart(self) -> None:
        text = BODY + base62(zlib.crc32(BODY.encode()))
        assert parse_api_key(text)[0] == "0123456789AB"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "cert_live_",
            BODY,
            BODY + "000000",
            " " + BODY + "2oEP1k",
            "cert_test_0123456789AB_abcdefghijklmnopqrstuvwxyz0123452oEP1k",
            "cert_live_0123456789Aé_abcdefghijklmnopqrstuvwxyz0123452oEP1k",
            "x" * 100_000,
        ],
    )
    def test_refuses_what_is_no_key(self, text: str) -> None:
        with pytest.raises(MalformedApiKey):
            parse_api_key(text)

    def test_finds_every_single_wrong_symbol(self) -> None:
        _, text = make_api_key()
        for place in range(len("cert_live_"), len(text)):
            wrong = "A" if text[place] != "A" else "B"
            with pytest.raises(MalformedApiKey):
                parse_api_key(text[:place] + wrong + text[place + 1 :])


class TestSecretSha256:
    def test_tells_nothing_and_is_stable(self) -> None:
        _, text = make_api_key()
        assert secret_sha256(text) == secret_sha256(text)
        assert text not in secret_sha256(text)


class TestScope:
    def test_names_the_contract_s_scopes(self) -> None:
        assert {scope.value for scope in Scope} == {
            *("completions:write", "certificates:read", "certificates:revoke", "claims:write"),
            *("claims:read", "templates:read", "webhooks:write", "webhooks:read"),
        }
