"""Compact JWS, signed and verified strictly.

josepy never sees a token. Its own reader trusts keys inside the token and raises a dozen kinds of
error (RFC 8725 tells why that matters), so tokens are read here: compact form only, three header
members, and one exception for everything bad.
"""

import binascii
import json
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple, NoReturn, Protocol

import orjson

from signing import eddsa, es256, jwk

MAX_LENGTH = 16 * 1024


class _Algorithm(Protocol):
    def sign(self, key: Any, message: bytes, /) -> bytes: ...
    def canonical(self, signature: bytes, /) -> bytes: ...
    def verify(self, key: Any, message: bytes, signature: bytes, /) -> bool: ...


# The allow-list. The key decides which of them counts, the header only has to agree.
_ALGORITHMS: dict[str, _Algorithm] = {jwk.ES256: es256, jwk.EDDSA: eddsa}
# To the alphabet that Python decodes; its own last two symbols and "=" become errors.
_STANDARD = bytes.maketrans(b"-_+/=", b"+/   ")
# The symbols that leave no bit unused at the end, by how many symbols stand there.
_LAST = {1: b"", 2: b"AQgw", 3: b"AEIMQUYcgkosw048"}
_PADDING = (b"", b"", b"==", b"=")
_HEADER_MEMBERS = frozenset({"alg", "kid", "typ"})


class BadJws(Exception):
    """A token that must not be believed; `reason` is a short code that is safe to log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ParsedJws(NamedTuple):
    """A well-formed token. Nothing in it is believed before `verify`."""

    alg: str
    kid: str
    typ: str
    signing_input: bytes
    payload: bytes
    signature: bytes


def signature_by(key: jwk.Key, *, algorithm: str) -> Callable[[bytes], bytes]:
    """Return what turns a signing input into its signature under a private key."""
    return partial(_ALGORITHMS[algorithm].sign, jwk.bare(key))


def sign(
    *,
    signature: Callable[[bytes], bytes],
    algorithm: str,
    kid: str,
    typ: str,
    payloads: Sequence[bytes],
) -> list[str]:
    """Return one compact JWS per payload, all under one key and one protected header."""
    canonical = _ALGORITHMS[algorithm].canonical
    prefix = _prefix(algorithm, kid, typ)
    tokens = []
    for payload in payloads:
        signing_input = prefix + _encode(payload)
        made = canonical(signature(signing_input))
        tokens.append((signing_input + b"." + _encode(made)).decode("ascii"))
    return tokens


def parse(compact: str, *, limit: int = MAX_LENGTH) -> ParsedJws:
    """Take a token apart without believing it, or raise BadJws."""
    if len(compact) > limit:
        raise BadJws("too-long")
    try:
        parts = compact.encode("ascii").split(b".")
    except UnicodeEncodeError:
        raise BadJws("not-compact") from None
    if len(parts) != 3:  # noqa: PLR2004 - header, payload, signature
        raise BadJws("not-compact")
    head, payload, signature = parts
    alg, kid, typ = _read_header(head)
    return ParsedJws(
        alg=alg,
        kid=kid,
        typ=typ,
        signing_input=head + b"." + payload,
        payload=_decode(payload),
        signature=_decode(signature),
    )


def verify(token: ParsedJws, *, key: jwk.Key, algorithm: str, typ: str) -> dict[str, Any]:
    """Return what a token says if `key` signed it for this purpose, or raise BadJws."""
    if token.typ != typ:
        raise BadJws("typ")
    if token.alg != algorithm:
        raise BadJws("alg")
    trusted = _ALGORITHMS.get(algorithm)
    if not (trusted and trusted.verify(jwk.bare(key), token.signing_input, token.signature)):
        raise BadJws("signature")
    return claims(token)


def claims(token: ParsedJws) -> dict[str, Any]:
    """Return what a token says, not believed yet: to find the record it speaks of.

    Raises BadJws.
    """
    return _read_object(token.payload, reason="payload")


@lru_cache(maxsize=256)
def _read_header(head: bytes) -> tuple[str, str, str]:
    """Return alg, kid and typ of an encoded header. All that a key signed have the same one."""
    header = _read_object(_decode(head), reason="header")
    if header.keys() != _HEADER_MEMBERS or not all(isinstance(v, str) for v in header.values()):
        raise BadJws("header")
    return header["alg"], header["kid"], header["typ"]


@lru_cache(maxsize=256)
def _prefix(algorithm: str, kid: str, typ: str) -> bytes:
    """Return the protected header and its dot: the same for all that a key signs."""
    header = json.dumps({"alg": algorithm, "kid": kid, "typ": typ}, separators=(",", ":"))
    return _encode(header.encode()) + b"."


def _encode(data: bytes) -> bytes:
    return (
        binascii.b2a_base64(data, newline=False)
        .replace(b"+", b"-")
        .replace(b"/", b"_")
        .rstrip(b"=")
    )


def _decode(part: bytes) -> bytes:
    """Return the bytes of the one canonical spelling; every other is refused."""
    over = len(part) % 4
    # Python's decoder ignores loose last bits.
    if over and part[-1:] not in _LAST[over]:
        raise BadJws("base64")
    try:
        return binascii.a2b_base64(part.translate(_STANDARD) + _PADDING[over], strict_mode=True)
    except binascii.Error:
        raise BadJws("base64") from None


def _read_object(data: bytes, *, reason: str) -> dict[str, Any]:
    try:
        document = orjson.loads(data)
        # The quick reader keeps the last of two equal members. What it writes as it was read had
        # none; all else, which is nothing this service signs, is read again by the strict one.
        if orjson.dumps(document) != data:
            document = _STRICT.decode(data.decode())
    # ValueError: not JSON, not UTF-8, a member twice, NaN, a number of thousands of digits.
    # TypeError: deeper than orjson writes, which is 254 levels.
    except (ValueError, TypeError, RecursionError):
        raise BadJws(reason) from None
    if not isinstance(document, dict):
        raise BadJws(reason)
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
