"""Verification tokens: 27 random symbols and a check symbol (contract, section 4)."""

import hashlib
import hmac
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 28
_BASE = len(ALPHABET)
_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
# Two digits, to the base, of twice the value: Luhn adds them up.
_DOUBLED = {symbol: sum(divmod(2 * value, _BASE)) for symbol, value in _VALUE.items()}
# What people write for what is printed; ZWSP and the like come with text pasted from a PDF.
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_IGNORED = frozenset("- \t\r\n\u00a0\u00ad\u2010\u2011\u2012\u2013\u200b\u2060\ufeff")


class MalformedToken(ValueError):
    """A text that is no token. `mistyped`: right form, but the check symbol fails."""

    def __init__(self, *, mistyped: bool) -> None:
        super().__init__("mistyped" if mistyped else "malformed")
        self.mistyped = mistyped


def new_token() -> str:
    """Return a fresh token of 135 random bits, without hyphens."""
    # 256 is a multiple of 32, so the low five bits of a random byte are a fair symbol.
    body = "".join([ALPHABET[byte & 31] for byte in secrets.token_bytes(LENGTH - 1)])
    return body + check_symbol(body)


def read_token(text: str) -> str:
    """Return the token a person wrote, scanned or pasted, without hyphens.

    Case, hyphens and spaces do not count; O is read as 0, I and L as 1.
    Raises MalformedToken for anything that is no token.
    """
    if len(text) > 4 * LENGTH:
        raise MalformedToken(mistyped=False)
    token = "".join(symbol for symbol in text if symbol not in _IGNORED).upper()
    token = token.translate(_READ_AS)
    if len(token) != LENGTH or any(symbol not in _VALUE for symbol in token):
        raise MalformedToken(mistyped=False)
    if check_symbol(token[:-1]) != token[-1]:
        raise MalformedToken(mistyped=True)
    return token


def format_token(token: str) -> str:
    """Return a token in seven groups of four, as it is printed and linked."""
    return "-".join(token[start : start + 4] for start in range(0, LENGTH, 4))


def check_symbol(body: str) -> str:
    """Return the Luhn mod 32 symbol of 27 symbols: finds one wrong symbol, most swaps."""
    # From the right: the first symbol counts twice, the next once, and so on.
    twice, once = map(_DOUBLED.__getitem__, body[::-2]), map(_VALUE.__getitem__, body[-2::-2])
    return ALPHABET[-(sum(twice) + sum(once)) % _BASE]


def fingerprint(token: str, *, pepper: str) -> str:
    """Return what logs may carry: 16 hex digits of HMAC-SHA256(pepper, token)."""
    return hmac.digest(pepper.encode(), token.encode(), hashlib.sha256).hex()[:16]
