"""Tokens: the contract's vectors, what people type, and what is no token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.tokens import (
    ALPHABET,
    MalformedToken,
    fingerprint,
    format_token,
    new_token,
    read_token,
)

VECTORS = ["0123-4567-89AB-CDEF-GHJK-MNPQ-RST5", "0000-0000-0000-0000-0000-0000-001Y"]


class TestReadToken:
    @pytest.mark.parametrize("vector", VECTORS)
    def test_reads_the_vectors_of_the_contract(self, vector: str) -> None:
        assert format_token(read_token(vector)) == vector

    @pytest.mark.parametrize("vector", VECTORS)
    def test_ignores_case_hyphens_and_spaces(self, vector: str) -> None:
        written = f"  {vector.lower().replace('-', ' ')}\n"
        assert read_token(written) == vector.replace("-", "")

    def test_takes_o_as_zero_and_i_and_l_as_one(self) -> None:
        assert read_token("oooo-OOOO-0000-0000-0000-0000-OOIY") == read_token(VECTORS[1])
        assert read_token("0l23-4567-89AB-CDEF-GHJK-MNPQ-RST5") == read_token(VECTORS[0])

    @given(st.integers(0, 27), st.sampled_from(ALPHABET))
    def test_finds_every_single_wrong_symbol(self, place: int, symbol: str) -> None:
        token = read_token(VECTORS[0])
        wrong = token[:place] + symbol + token[place + 1 :]
        if wrong == token:
            return
        with pytest.raises(MalformedToken) as caught:
            read_token(wrong)
        assert caught.value.mistyped

    @pytest.mark.parametrize(
        "text", ["", "0" * 27, "0" * 29, "U" * 28, "ü" * 28, "0" * 10_000, "../" * 10, "\x00" * 28]
    )
    def test_calls_anything_else_malformed(self, text: str) -> None:
        with pytest.raises(MalformedToken) as caught:
            read_token(text)
        assert not caught.value.mistyped

    @given(st.text(max_size=60))
    def test_answers_any_text_with_a_token_or_malformed(self, text: str) -> None:
        try:
            token = read_token(text)
        except MalformedToken:
            return
        assert read_token(format_token(token)) == token


class TestNewToken:
    def test_makes_readable_tokens_that_differ(self) -> None:
        tokens = {new_token() for _ in range(200)}
        assert len(tokens) == 200
        assert all(read_token(token) == token for token in tokens)


class TestFingerprint:
    def test_depends_on_the_pepper_and_shows_no_part_of_the_token(self) -> None:
        token = new_token()
        one, other = fingerprint(token, pepper="a"), fingerprint(token, pepper="b")
        assert len(one) == 16
        assert one != other
        assert int(one, 16) >= 0
