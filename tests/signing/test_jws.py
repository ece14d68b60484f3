import json
import string

import josepy.jws
import jwcrypto.jwk
import jwcrypto.jws
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from hypothesis import given
from hypothesis import strategies as st
from josepy.jwa import ES256

from signing import es256, jwk, jws
from tests.signing.arbitrary import JSON
from tests.signing.tokens import b64, twin, unb64, vector

KEYS = {algorithm: jwk.generate(algorithm) for algorithm in jwk.ALGORITHMS}
KEY = KEYS["ES256"]
SIGNATURE = jws.signature_by(KEY, algorithm="ES256")
PUBLIC = jwk.public_jwk(KEY)
KID = "https://school.example/keys/" + jwk.thumbprint(PUBLIC)
PAYLOAD = {"iss": "did:web:school.example", "name": "Zoë"}

urlsafe = st.text(string.ascii_letters + string.digits + "-_", max_size=60)


def signed(payload: bytes | None = None) -> str:
    data = json.dumps(PAYLOAD).encode() if payload is None else payload
    [token] = jws.sign(signature=SIGNATURE, algorithm="ES256", kid=KID, typ="JWT", payloads=[data])
    return token


def other_of_pair(signature: bytes) -> bytes:
    s = SECP256R1().group_order - int.from_bytes(signature[32:], "big")
    return signature[:32] + s.to_bytes(32, "big")


def josepy_believes(token: str) -> bool:
    try:
        return bool(josepy.jws.JWS.from_compact(token.encode()).verify(key=jwk.load_public(PUBLIC)))
    # It lets a dozen kinds of error out.
    except Exception:  # noqa: BLE001
        return False


def believed(token: str) -> dict[str, object]:
    return jws.verify(jws.parse(token), key=jwk.load_public(PUBLIC), algorithm="ES256", typ="JWT")


class TestVerify:
    def test_agrees_with_rfc_7515(self) -> None:
        example = vector("rfc7515-a3.json")
        header, payload, signature = example["compact"].split(".")
        token = jws.ParsedJws(
            alg="ES256",
            kid="",
            typ="",
            signing_input=f"{header}.{payload}".encode(),
            payload=unb64(payload),
            signature=unb64(signature),
        )
        key = jwk.load_public({name: example["jwk"][name] for name in ("kty", "crv", "x", "y")})

        low = token._replace(signature=es256.canonical(token.signature))

        assert jws.verify(low, key=key, algorithm="ES256", typ="") == example["payload"]
        # The example is the other one of its pair, and that one counts no more.
        with pytest.raises(jws.BadJws, match="signature"):
            jws.verify(token, key=key, algorithm="ES256", typ="")

    def test_agrees_with_rfc_8037(self) -> None:
        """The example signs a sentence, no JSON object: it gets as far as that."""
        example = vector("rfc8037-a.json")
        header, payload, signature = example["compact"].split(".")
        token = jws.ParsedJws(
            alg="EdDSA",
            kid="",
            typ="",
            signing_input=f"{header}.{payload}".encode(),
            payload=unb64(payload),
            signature=unb64(signature),
        )
        key = jwk.load_public(example["jwk"]).public_key()

        assert token.payload.decode() == example["payload"]
        with pytest.raises(jws.BadJws, match="payload"):
            jws.verify(token, key=key, algorithm="EdDSA", typ="")
        with pytest.raises(jws.BadJws, match="signature"):
            jws.verify(token._replace(signing_input=b"x"), key=key, algorithm="EdDSA", typ="")

    def test_returns_the_payload(self) -> None:
        assert believed(signed()) == PAYLOAD

    def test_refuses_another_purpose(self) -> None:
        with pytest.raises(jws.BadJws, match="typ"):
            jws.verify(jws.parse(signed()), key=KEY, algorithm="ES256", typ="vc+jwt")

    def test_goes_by_the_algorithm_of_the_key(self) -> None:
        with pytest.raises(jws.BadJws, match="alg"):
            jws.verify(jws.parse(signed()), key=KEY, algorithm="RS256", typ="JWT")

    def test_takes_one_signature_of_a_pair(self) -> None:
        """(r, n - s) is a second signature of the same bytes, which anybody can compute."""
        for token in (signed(b'{"n":%d}' % n) for n in range(20)):
            assert believed(token)
            with pytest.raises(jws.BadJws, match="signature"):
                believed(twin(token))

    @pytest.mark.parametrize(("algorithm", "other"), [("ES256", "EdDSA"), ("EdDSA", "ES256")])
    def test_takes_no_key_of_another_algorithm(self, algorithm: str, other: str) -> None:
        key = jwk.generate(other)
        token = signed().split(".")[1:]
        header = {"alg": algorithm, "kid": KID, "typ": "JWT"}
        for candidate in (key, key.public_key(), KEY):
            with pytest.raises(jws.BadJws, match="signature"):
                jws.verify(
                    jws.parse(".".join([b64(json.dumps(header).encode()), *token])),
                    key=candidate,
                    algorithm=algorithm,
                    typ="JWT",
                )

    @given(st.binary(max_size=130), st.sampled_from(jwk.ALGORITHMS))
    def test_answers_any_signature_with_one_exception(
        self, signature: bytes, algorithm: str
    ) -> None:
        header = {"alg": algorithm, "kid": KID, "typ": "JWT"}
        token = f"{b64(json.dumps(header).encode())}.{b64(b'{}')}.{b64(signature)}"
        key = jwk.load_public(jwk.public_jwk(KEYS[algorithm]))
        with pytest.raises(jws.BadJws, match="signature"):
            jws.verify(jws.parse(token), key=key, algorithm=algorithm, typ="JWT")


class TestClaims:
    """The quick reader and the strict one say the same, and the strict one's word counts."""

    @staticmethod
    def read(payload: bytes) -> dict[str, object]:
        return jws.claims(jws.ParsedJws("", "", "", b"", payload, b""))

    @given(st.dictionaries(st.text(), JSON, max_size=4), st.booleans(), st.booleans())
    def test_are_what_json_reads(
        self, document: dict[str, object], ascii_only: bool, compact: bool
    ) -> None:
        separators = (",", ":") if compact else None
        text = json.dumps(document, ensure_ascii=ascii_only, separators=separators)
        try:
            data = text.encode()
        except UnicodeEncodeError:
            return
        try:
            read = self.read(data)
        except jws.BadJws:
            # Half a surrogate pair is no character: nothing could show it.
            assert "\\ud" in text
            return
        assert read == json.loads(text)

    @pytest.mark.parametrize(
        "payload",
        [
            *(b'{"a":1,"a":1}', b'{"a":1,"a":2}', b'{"a":{"b":1,"b":1}}', b'[{"a":1,"a":1}]'),
            *(b'{"a":1,"\\u0061":1}', b'{ "a":1, "a":1 }', b'{"":0,"":0}', b'{"a":NaN}'),
            *(b'{"a":-Infinity}', b"[]", b'"a"', b"1", b"null", b"", b"\xff", b"\xef\xbb\xbf{}"),
            *(b'{"a":"\\ud800"}', b'{"a":"\xed\xa0\x80"}', b'{"a":01}', b"{}{}", b"{}\x00"),
            *(b'{"a":' + b"9" * 5_000 + b"}", b'{"a":"\x00"}', b"[" * 100_000),
            *(b'{"a":' * n + b"1" + b"}" * n for n in (300, 1_000, 5_000, 100_000)),
        ],
    )
    def test_are_refused_where_readers_might_differ(self, payload: bytes) -> None:
        with pytest.raises(jws.BadJws, match="payload"):
            self.read(payload)

    @pytest.mark.parametrize("number", ["1" * 30, "-0", "1.0", "1e3", "0.1", str(2**64)])
    def test_keep_numbers_as_json_reads_them(self, number: str) -> None:
        assert self.read(f'{{"a":{number}}}'.encode()) == json.loads(f'{{"a":{number}}}')


class TestSign:
    def test_agrees_with_rfc_8037(self) -> None:
        example = vector("rfc8037-a.json")
        signing_input, _, signature = example["compact"].rpartition(".")
        sign = jws.signature_by(jwk.load_public(example["jwk"]), algorithm="EdDSA")

        assert sign(signing_input.encode()) == unb64(signature)

    def test_protects_alg_kid_and_typ_and_nothing_else(self) -> None:
        header = json.loads(unb64(signed().split(".")[0]))

        assert header == {"alg": "ES256", "kid": KID, "typ": "JWT"}

    def test_signs_the_bytes_it_was_given(self) -> None:
        data = b'{ "b": 1,\n "a": 2 }'

        assert unb64(signed(data).split(".")[1]) == data

    def test_keeps_the_order_of_a_batch(self) -> None:
        payloads = [b'{"n":%d}' % n for n in range(5)]
        tokens = jws.sign(
            signature=SIGNATURE, algorithm="ES256", kid=KID, typ="JWT", payloads=payloads
        )

        assert [believed(token) for token in tokens] == [{"n": n} for n in range(5)]

    def test_makes_the_one_signature_of_a_pair_that_counts(self) -> None:
        """A token's own signer may make either: here, always the other one."""

        def high(message: bytes) -> bytes:
            return other_of_pair(es256.canonical(SIGNATURE(message)))

        [token] = jws.sign(signature=high, algorithm="ES256", kid=KID, typ="JWT", payloads=[b"{}"])
        assert believed(token) == {}

    @given(st.dictionaries(st.text(max_size=10), st.text(max_size=40), max_size=5))
    def test_satisfies_josepy_and_jwcrypto(self, document: dict[str, str]) -> None:
        data = json.dumps(document).encode()
        token = signed(data)
        foreign = jwcrypto.jws.JWS()
        foreign.deserialize(token, jwcrypto.jwk.JWK(**PUBLIC))

        assert foreign.payload == data
        assert josepy_believes(token)
        assert believed(token) == document

    def test_satisfies_jwcrypto_with_ed25519(self) -> None:
        key = KEYS["EdDSA"]
        [token] = jws.sign(
            signature=jws.signature_by(key, algorithm="EdDSA"),
            algorithm="EdDSA",
            kid=KID,
            typ="claim+jwt",
            payloads=[b'{"n":1}'],
        )
        foreign = jwcrypto.jws.JWS()
        foreign.deserialize(token, jwcrypto.jwk.JWK(**jwk.public_jwk(key)))

        assert foreign.payload == b'{"n":1}'


class TestJosepy:
    """The direct calls took josepy's place; it stays the judge of what they do."""

    @given(st.binary(max_size=300))
    def test_makes_signatures_that_count_once_canonical(self, message: bytes) -> None:
        made = es256.canonical(ES256.sign(KEY.key, message))

        assert es256.verify(jwk.bare(KEY.public_key()), message, made)

    @given(st.binary(max_size=300), st.data())
    def test_judges_alike(self, message: bytes, data: st.DataObject) -> None:
        signature = es256.canonical(es256.sign(jwk.bare(KEY), message))
        at, bit = data.draw(st.integers(0, 63)), data.draw(st.integers(0, 7))
        changed = bytes([*signature[:at], signature[at] ^ 1 << bit, *signature[at + 1 :]])
        public = KEY.public_key()

        for candidate, sound in (
            *((signature, True), (changed, False), (signature[1:], False), (b"", False)),
            *((signature + b"\0", False), (changed[::-1], False), (bytes(64), False)),
        ):
            assert es256.verify(jwk.bare(public), message, candidate) is sound
            assert ES256.verify(public.key, message, candidate) is sound
        # Where it is laxer by design: the other one of the pair.
        assert ES256.verify(public.key, message, other_of_pair(signature))
        assert not es256.verify(jwk.bare(public), message, other_of_pair(signature))

    @given(st.data())
    def test_refuses_what_is_refused_here(self, data: st.DataObject) -> None:
        header, payload, signature = signed().split(".")
        which = data.draw(st.integers(0, 2))
        parts = [unb64(part) for part in (header, payload, signature)]
        at = data.draw(st.integers(0, len(parts[which]) - 1))
        changed = bytearray(parts[which])
        changed[at] ^= 1 << data.draw(st.integers(0, 7))
        parts[which] = bytes(changed)
        token = ".".join(b64(part) for part in parts)

        assert not josepy_believes(token)
        with pytest.raises(jws.BadJws):
            believed(token)


class TestParse:
    def test_refuses_a_token_that_names_no_key(self) -> None:
        with pytest.raises(jws.BadJws, match="header"):
            jws.parse(vector("rfc7515-a3.json")["compact"])

    def test_measures_before_it_reads(self) -> None:
        long = signed(json.dumps({"padding": "x" * 20_000}).encode())

        with pytest.raises(jws.BadJws, match="too-long"):
            jws.parse(long)
        assert jws.parse(long, limit=len(long)).kid == KID

    @given(st.text(max_size=200))
    def test_answers_any_text_with_one_exception(self, text: str) -> None:
        with pytest.raises(jws.BadJws):
            jws.parse(text)

    @given(st.lists(urlsafe, min_size=3, max_size=3))
    def test_answers_anything_shaped_like_a_token_with_one_exception(
        self, parts: list[str]
    ) -> None:
        with pytest.raises(jws.BadJws):
            jws.parse(".".join(parts))

    @given(st.binary(max_size=200), st.binary(max_size=200), st.binary(max_size=80))
    def test_answers_any_bytes_in_its_parts_with_one_exception(
        self, header: bytes, payload: bytes, signature: bytes
    ) -> None:
        with pytest.raises(jws.BadJws):
            jws.parse(f"{b64(header)}.{b64(payload)}.{b64(signature)}")

    @given(st.binary(max_size=200), st.binary(max_size=80))
    def test_returns_what_a_good_token_holds(self, payload: bytes, signature: bytes) -> None:
        header = {"alg": "ES256", "kid": KID, "typ": "JWT"}
        head, body = b64(json.dumps(header).encode()), b64(payload)

        assert jws.parse(f"{head}.{body}.{b64(signature)}") == jws.ParsedJws(
            **header,
            signing_input=f"{head}.{body}".encode(),
            payload=payload,
            signature=signature,
        )

    @given(st.data())
    def test_lets_no_changed_character_through(self, data: st.DataObject) -> None:
        token = signed()
        at = data.draw(st.integers(0, len(token) - 1))
        character = data.draw(st.characters().filter(lambda c: c != token[at]))

        with pytest.raises(jws.BadJws):
            believed(token[:at] + character + token[at + 1 :])
