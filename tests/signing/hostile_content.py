"""Hostile tokens by what they say: algorithms, keys, headers, payloads."""

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac, serialization

from signing import jwk
from tests.signing.hostile_world import Case, World
from tests.signing.tokens import b64, token, unb64


def algorithms(world: World) -> Iterator[Case]:
    body = b64(world.payload)
    algorithms: list[Any] = [
        *("none", "None", "NONE", "nOnE", "", " ", "es256", "ES256 ", "ES256\x00", "Es256"),
        *("HS256", "HS384", "HS512", "RS256", "RS512", "PS256", "ES384", "ES512", "ES256K"),
        *("EdDSA", "Ed25519", "A128KW", "dir", None, 0, 256, True, ["ES256"], {"ES256": 1}),
    ]
    for alg in algorithms:
        head = b64(json.dumps({**world.header, "alg": alg}).encode())
        yield f"{alg!r}, no signature", f"{head}.{body}."
        yield f"{alg!r}, the good signature", f"{head}.{body}.{world.good.split('.')[2]}"
        yield f"{alg!r}, signed", world.signed(alg=alg)


def macs(world: World) -> Iterator[Case]:
    """The public key, in every spelling, as the secret of an HMAC."""
    public = jwk.public_jwk(world.key)
    numbers = world.key.key.public_key()
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    secrets = {
        "PEM": numbers.public_bytes(serialization.Encoding.PEM, info),
        "DER": numbers.public_bytes(serialization.Encoding.DER, info),
        "JWK": json.dumps(public).encode(),
        "canonical JWK": json.dumps(public, sort_keys=True, separators=(",", ":")).encode(),
        "x": unb64(public["x"]),
        "thumbprint": jwk.thumbprint(public).encode(),
        "kid": world.header["kid"].encode(),
        "nothing": b"",
    }
    for (name, secret), (alg, digest) in product(
        secrets.items(), {"HS256": hashes.SHA256(), "ES256": hashes.SHA512()}.items()
    ):
        head = b64(json.dumps({**world.header, "alg": alg}).encode())
        signing_input = f"{head}.{b64(world.payload)}"
        mac = hmac.HMAC(secret, digest)
        mac.update(signing_input.encode())
        yield f"{alg} by {name}", f"{signing_input}.{b64(mac.finalize())}"


def embedded_keys(world: World) -> Iterator[Case]:
    attacker = jwk.public_jwk(world.attacker)
    members: dict[str, Any] = {
        "jwk": attacker,
        "jku": "https://attacker.example/jwks.json",
        "x5u": "https://attacker.example/chain.pem",
        "x5c": ["MIIB"],
        "x5t": "AAAA",
        "x5t#S256": "AAAA",
        "crit": ["exp"],
        "b64": False,
        "zip": "DEF",
        "cty": "JWT",
        "enc": "A128GCM",
        "epk": attacker,
        "url": "https://attacker.example/",
        "nonce": "1",
        "iss": "attacker",
        "KID": "other",
        "": "",
        "__proto__": {"alg": "none"},
    }
    for name, value in members.items():
        header = {**world.header, name: value}
        yield f"{name!r}, signed", token(header, world.payload, world.key)
        yield f"{name!r}, by the attacker", token(header, world.payload, world.attacker)
    yield "the good header, by the attacker", token(world.header, world.payload, world.attacker)
    own = {"alg": "ES256", "typ": "JWT", "jwk": attacker}
    yield "jwk in the place of kid", token(own, world.payload, world.attacker)
    critical = {**world.header, "crit": ["b64"], "b64": False}
    yield "unencoded payload", token(critical, world.payload, world.key)


def key_ids(world: World) -> Iterator[Case]:
    kid = world.header["kid"]
    origin, _, thumbprint = kid.rpartition("/keys/")
    attacker = jwk.thumbprint(jwk.public_jwk(world.attacker))
    kids: list[Any] = [
        *(thumbprint, f"/keys/{thumbprint}", f"keys/{thumbprint}", f"#{thumbprint}"),
        *(kid + "/", kid + "?", kid + "#", kid + "#0", kid + " ", " " + kid, kid + "\n"),
        *(kid + "e\u0301", kid + "\u00e9", kid + "\u212a", kid + "\u202e", f"{kid}?x=1#y"),
        *(kid + "\x00", "\x00" + kid, kid + "\u200b", kid + "\ud800", "\udfff" + kid),
        *(kid.upper(), kid.swapcase(), kid[:-1], kid + kid[-1], kid.replace("http", "https", 1)),
        *(f"{origin}//keys/{thumbprint}", f"{origin}/keys/../keys/{thumbprint}"),
        *(f"{origin}:80/keys/{thumbprint}", f"{origin}./keys/{thumbprint}"),
        f"https://attacker.example/keys/{thumbprint}",
        f"https://attacker.example/?{kid}",
        f"{origin}/keys/{attacker}",
        f"{origin}/keys/{'%41' + thumbprint[1:]}",
        *("", "%", "_", "%keys%", "' OR 1=1 --", '" OR ""="', "../../etc/passwd", "\u0410" * 43),
        *(world.strange_kid, "x" * 5000, "did:web:testserver#" + thumbprint),
        *(None, 0, -1, 1.5, True, [], {}, [kid], {"kid": kid}, [[kid]], {"$ne": ""}),
    ]
    for n, wrong in enumerate(kids):
        yield f"{n}, signed", world.signed(kid=wrong)
        yield (
            f"{n}, by the attacker",
            token({**world.header, "kid": wrong}, world.payload, world.attacker),
        )
    strange = {**world.header, "kid": world.strange_kid}
    yield "of another tenant, by that tenant", token(strange, world.payload, world.strange_key)
    yield "ours, by another tenant", token(world.header, world.payload, world.strange_key)


def purposes(world: World) -> Iterator[Case]:
    for typ in [
        *("jwt", "Jwt", "JWT ", " JWT", "application/JWT", "vc+jwt", "vc+ld+json+jwt", "at+jwt"),
        *("offline-claim+jwt", "webhook", "", "JWT\x00", None, 0, True, ["JWT"], {"JWT": "JWT"}),
    ]:
        yield repr(typ), world.signed(typ=typ)


def headers(world: World) -> Iterator[Case]:
    text = json.dumps(world.header)
    inner = text[1:-1]
    for missing in world.header:
        rest = {name: value for name, value in world.header.items() if name != missing}
        yield f"no {missing}", token(rest, world.payload, world.key)
    heads: dict[str, bytes] = {
        "alg twice": f'{{"alg":"none",{inner}}}'.encode(),
        "alg twice, the same": f'{{"alg":"ES256",{inner}}}'.encode(),
        "kid twice": f'{{{inner},"kid":"{world.strange_kid}"}}'.encode(),
        "typ twice": f'{{"typ":"vc+jwt",{inner}}}'.encode(),
        "alg twice, once escaped": f'{{"\\u0061lg":"none",{inner}}}'.encode(),
        "crit twice": f'{{"crit":[],"crit":["x"],{inner}}}'.encode(),
        "empty object": b"{}",
        "empty": b"",
        "array": f"[{text}]".encode(),
        "string": json.dumps(text).encode(),
        "null": b"null",
        "number": b"1",
        "true": b"true",
        "NaN": b"NaN",
        "two objects": (text + text).encode(),
        "trailing comma": (text[:-1] + ",}").encode(),
        "comment": (text[:-1] + "/**/}").encode(),
        "single quotes": text.replace('"', "'").encode(),
        "unclosed": text[:-1].encode(),
        "byte order mark": b"\xef\xbb\xbf" + text.encode(),
        "UTF-16": text.encode("utf-16"),
        "UTF-16 without mark": text.encode("utf-16-le"),
        "UTF-32": text.encode("utf-32"),
        "not UTF-8": text.replace("JWT", "J\xffT").encode("latin-1"),
        "overlong UTF-8": text.encode().replace(b"JWT", b"\xc1\x8aWT"),
        "surrogate": text.encode().replace(b"JWT", b"\xed\xa0\x80"),
        "raw NUL": text.encode() + b"\x00",
        "raw newline in a string": text.replace("JWT", "J\nT").encode(),
        "deep array": b"[" * 12_000,
        "deep kid": b'{"alg":"ES256","typ":"JWT","kid":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        "deep objects": b'{"kid":' * 1_500 + b"1" + b"}" * 1_500,
        "long number": b'{"alg":"ES256","typ":"JWT","kid":' + b"9" * 5_000 + b"}",
        "infinite number": b'{"alg":"ES256","typ":"JWT","kid":1e999}',
    }
    for name, head in heads.items():
        yield f"{name}, signed", token(head, world.payload, world.key)
        yield f"{name}, the good rest", f"{b64(head)}.{world.good.partition('.')[2]}"


def payloads(world: World) -> Iterator[Case]:
    text = world.payload.decode()
    for name, data in {
        "empty": b" ",
        "array": f"[{text}]".encode(),
        "string": json.dumps(text).encode(),
        "null": b"null",
        "number": b"0",
        "not JSON": b"{iss: 1}",
        "a member twice": (text[:-1] + ',"iss":"attacker"}').encode(),
        "a member twice within": (text[:-1] + ',"a":[{"b":1,"b":2}]}').encode(),
        "NaN": (text[:-1] + ',"grade":NaN}').encode(),
        "Infinity": (text[:-1] + ',"grade":-Infinity}').encode(),
        "not UTF-8": text.encode() + b"\xff",
        "UTF-16": text.encode("utf-16"),
        "byte order mark": b"\xef\xbb\xbf" + text.encode(),
        "deep": b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        "a long number": b'{"a":' + b"9" * 5_000 + b"}",
        "two objects": (text + text).encode(),
        "trailing NUL": text.encode() + b"\x00",
    }.items():
        yield name, world.signed(data)
    head, _, signature = world.good.split(".")
    for name, data in {
        "another name": text.replace("Zo", "Al").encode(),
        "another issuer": text.replace("did:web", "did:key").encode(),
        "one space more": (text + " ").encode(),
        "nothing": b"",
    }.items():
        yield f"{name}, the good signature", f"{head}.{b64(data)}.{signature}"
