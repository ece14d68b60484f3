from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signing import jwk
from tests.signing.tokens import vector

P256 = jwk.public_jwk(jwk.generate(jwk.ES256))
ED25519 = jwk.public_jwk(jwk.generate(jwk.EDDSA))


class TestThumbprint:
    def test_agrees_with_rfc_7638(self) -> None:
        example = vector("rfc7638-3-1.json")

        assert jwk.thumbprint(example["jwk"]) == example["thumbprint"]

    def test_agrees_with_rfc_8037(self) -> None:
        example = vector("rfc8037-a.json")

        assert jwk.thumbprint(example["jwk"]) == example["thumbprint"]

    def test_is_the_same_for_private_and_public_form(self) -> None:
        key = vector("rfc7515-a3.json")["jwk"]
        public = {name: key[name] for name in ("kty", "crv", "x", "y")}

        assert jwk.thumbprint(key) == jwk.thumbprint(public)

    @pytest.mark.parametrize("text", ["", "a" * 42, "a" * 44, "a" * 42 + "\n", "é" * 43])
    def test_knows_what_is_none(self, text: str) -> None:
        assert not jwk.is_thumbprint(text)


class TestGenerate:
    def test_makes_a_key_for_each_algorithm(self) -> None:
        assert isinstance(jwk.generate().key._wrapped, EllipticCurvePrivateKey)
        assert isinstance(jwk.generate(jwk.EDDSA).key, Ed25519PrivateKey)

    def test_makes_none_for_an_algorithm_it_does_not_know(self) -> None:
        with pytest.raises(ValueError, match="RS256"):
            jwk.generate("RS256")


class TestLoadPublic:
    @pytest.mark.parametrize("algorithm", jwk.ALGORITHMS)
    def test_returns_the_key_that_was_published(self, algorithm: str) -> None:
        public = jwk.public_jwk(jwk.generate(algorithm))

        assert jwk.load_public(public).to_json() == public

    def test_knows_a_private_ed25519_key_by_both_its_parts(self) -> None:
        example = vector("rfc8037-a.json")["jwk"]
        other = jwk.public_jwk(jwk.generate(jwk.EDDSA))["x"]

        assert jwk.load_public(example).to_json() == example
        with pytest.raises(jwk.BadKey):
            jwk.load_public({**example, "x": other})

    @pytest.mark.parametrize(
        "wrong",
        [
            *(
                {},
                {"kty": "OKP"},
                {"kty": "oct", "k": "AAAA"},
                {"kty": "RSA", "n": "AQ", "e": "AQ"},
            ),
            *({**ED25519, "crv": "X25519"}, {**ED25519, "crv": "Ed448"}, {**ED25519, "x": "AAAA"}),
            *({**ED25519, "x": 1}, {**ED25519, "x": None}, {**ED25519, "x": "\u00e9"}),
            *({**P256, "y": P256["x"]}, {**P256, "x": "A" * 43, "y": "A" * 43}),
            *({**P256, "crv": "P-384"}, {**P256, "crv": "secp256k1"}, {**P256, "x": "_" * 43}),
            *({**P256, "x": []}, {**P256, "kty": "OKP"}, {**ED25519, "kty": "EC"}, [], "EC", None),
        ],
    )
    def test_refuses_what_is_no_key_of_ours(self, wrong: Any) -> None:
        with pytest.raises(jwk.BadKey):
            jwk.load_public(wrong)


class TestPublicForm:
    def test_holds_public_members_only(self) -> None:
        public = jwk.public_jwk(jwk.generate())

        assert public.keys() == {"kty", "crv", "x", "y"}
        assert (public["kty"], public["crv"]) == ("EC", "P-256")
        assert jwk.is_thumbprint(jwk.thumbprint(public))

    def test_of_ed25519_has_one_coordinate(self) -> None:
        public = jwk.public_jwk(jwk.generate(jwk.EDDSA))

        assert public.keys() == {"kty", "crv", "x"}
        assert (public["kty"], public["crv"]) == ("OKP", "Ed25519")

    def test_says_in_a_key_set_what_it_is_for(self) -> None:
        public = jwk.public_jwk(jwk.generate())

        assert jwk.published(public, algorithm="ES256", kid="https://x.example/keys/a") == {
            **public,
            "kid": "https://x.example/keys/a",
            "use": "sig",
            "alg": "ES256",
        }


class TestPrivateBytes:
    @pytest.mark.parametrize("algorithm", jwk.ALGORITHMS)
    def test_come_back_as_the_same_key(self, algorithm: str) -> None:
        key = jwk.generate(algorithm)

        assert jwk.load_private(jwk.private_bytes(key)).to_json() == key.to_json()
