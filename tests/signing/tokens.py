"""The spelling of tokens, written apart from the code under test; and others' examples."""

import base64
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from signing.jwk import Key

ORDER = SECP256R1().group_order
_VECTORS = Path(__file__).parents[1] / "vectors" / "signing"


def vector(name: str) -> Any:
    """Return an example of an RFC."""
    return json.loads((_VECTORS / name).read_text(encoding="utf-8"))


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def es256(key: Key, signing_input: str) -> bytes:
    """Return the one signature of a pair that counts."""
    r, s = decode_dss_signature(key.key.sign(signing_input.encode(), ECDSA(SHA256())))
    return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")


def twin(compact: str) -> str:
    """Return a token with the other signature of its pair, (r, n - s), over the same bytes."""
    signing_input, _, signature = compact.rpartition(".")
    raw = unb64(signature)
    other = ORDER - int.from_bytes(raw[32:], "big")
    return f"{signing_input}.{b64(raw[:32] + other.to_bytes(32, 'big'))}"


def token(header: Any, payload: bytes, key: Key) -> str:
    """Return a token by any header, given as bytes or as something JSON can say."""
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    signing_input = f"{b64(head)}.{b64(payload)}"
    return f"{signing_input}.{b64(es256(key, signing_input))}"
