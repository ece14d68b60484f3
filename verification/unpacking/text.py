"""What a text carries: a compact JWS, a credential as JSON, a link or a code."""

import base64
import binascii
import json
import re
from typing import Any

from certificates import tokens
from verification.refusals import Refused, Why
from verification.unpacking.served import served

MOST_CREDENTIAL = 16 * 1024  # of a compact JWS; what is longer none of our keys signed
MOST_JSON = 256 * 1024
_MOST_NAMES = 20
_GROUP = "[0-9A-Za-z]{4}"
_CODE = re.compile(
    rf"(?<![0-9A-Za-z])(?:{_GROUP}[-\u2010\u2011\u00ad]\s*){{6}}{_GROUP}(?![0-9A-Za-z])"
)
_JWS_PARTS = 3


def unpack_text(content: bytes) -> dict[str, Any]:
    """Return what a text file holds; one that is no text is of no known kind."""
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise Refused(Why.UNKNOWN_KIND) from error
    if any(ord(letter) < ord(" ") and letter not in "\t\r\n" for letter in text):
        raise Refused(Why.UNKNOWN_KIND)
    if not text:
        raise Refused(Why.EMPTY)
    if text.startswith("{") or _is_compact(text):
        return read_credential(text.encode())
    # A single word is taken as it stands: a link may have a signed statement behind it.
    found = codes_printed(text) if text.split()[1:] else []
    return {"texts": found or [text[:MOST_CREDENTIAL]]}


def read_credential(content: bytes) -> dict[str, Any]:
    """Return a credential, compact or as JSON, and whom it names as its origin, not believed."""
    try:
        text = content.decode().strip()
    except UnicodeDecodeError as error:
        raise Refused(Why.DAMAGED) from error
    if text.startswith("{"):
        if len(content) > MOST_JSON:
            raise Refused(Why.TOO_MUCH_WORK)
        document = _object(text)
        return {"document": document, "origins": _origins(document)}
    if text.startswith(("https://", "http://")):  # a hosted badge of Open Badges 2
        return {"compact": "", "origins": [text[:2000]]}
    if len(content) > MOST_CREDENTIAL:
        raise Refused(Why.TOO_MUCH_WORK)
    return {"compact": text, "origins": _origins(_claims(text))}


def codes_printed(text: str) -> list[str]:
    """Return the codes a text shows, each once: those that are sound, else those that are not."""
    sound: dict[str, str] = {}
    mistyped: list[str] = []
    for found in _CODE.findall(text):
        code = "".join(found.split())
        try:
            sound.setdefault(tokens.read_token(code), code)
        except tokens.MalformedToken as error:
            if error.mistyped:
                mistyped.append(code)
    return list(sound.values()) or mistyped[:1]


def _is_compact(text: str) -> bool:
    return text.count(".") == _JWS_PARTS - 1 and not re.search(r"\s|:", text)


def _claims(compact: str) -> dict[str, Any]:
    """Read a payload without any check, for the one question of whose it is."""
    parts = compact.split(".")
    if len(parts) != _JWS_PARTS:
        return {}
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        return _object(payload.decode())
    except (binascii.Error, UnicodeError, ValueError, Refused):
        return {}


def _object(text: str) -> dict[str, Any]:
    """Return a JSON object in which no member stands twice (RFC 8259 section 4 warns of them)."""
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused(Why.DAMAGED) from error
    if not isinstance(value, dict):
        raise Refused(Why.DAMAGED)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _origins(document: dict[str, Any]) -> list[str]:
    """Return what a credential says of where it comes from: its own id, then its issuer's."""
    badge = document.get("badge")
    issuer = document.get("issuer") or (badge.get("issuer") if isinstance(badge, dict) else badge)
    named = [document.get("jti"), document.get("id"), document.get("iss"), issuer]
    named += [issuer.get("id"), issuer.get("url")] if isinstance(issuer, dict) else []
    return [name[:2000] for name in named if isinstance(name, str) and name][:_MOST_NAMES]


unpack = served(unpack_text)
