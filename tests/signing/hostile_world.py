"""One good token, and what an attacker can get hold of."""

from dataclasses import dataclass
from typing import Any

from signing.jwk import Key
from tests.signing.tokens import token

Case = tuple[str, str]
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True)
class World:
    """One good token, and what an attacker can get hold of."""

    good: str
    payload: bytes
    header: dict[str, str]
    key: Key
    attacker: Key
    strange_key: Key
    strange_kid: str

    def signed(self, payload: bytes | None = None, **header: Any) -> str:
        """Return a token by the genuine key with some header members replaced."""
        return token({**self.header, **header}, payload or self.payload, self.key)
