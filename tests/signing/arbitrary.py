"""Tokens of any content, most of them nearly right: each part is the right one in most of them."""

import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from signing.jwk import Key
from tests.signing.tokens import b64, es256, twin

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
# A string of JSON may hold what no text may: half a surrogate pair.
TEXT = st.text(st.characters())
_SYMBOLS = st.sampled_from(string.ascii_letters + string.digits + "-_.= \n\x00é")
_ALGORITHMS = st.sampled_from(["none", "HS256", "RS256", "ES384", "EdDSA", "es256", ""])


@dataclass(frozen=True)
class Token:
    """A token, the key it names, and what it says; or no name where nobody may believe it."""

    compact: str
    believable_as: str
    payload: dict[str, Any] | None


@st.composite
def tokens(draw: st.DrawFn, keys: Mapping[str, Key], kids: Mapping[str, str]) -> Token:
    """Draw a token around one of the keys, told apart by their names, and their addresses."""

    def mostly(right: Any, *others: st.SearchStrategy[Any]) -> Any:
        return right if draw(st.integers(0, 7)) < 7 else draw(st.one_of(others))

    named = draw(st.sampled_from(sorted(keys)))
    right = {"alg": "ES256", "kid": kids[named], "typ": "JWT"}
    header: Any = {
        "alg": mostly("ES256", _ALGORITHMS, TEXT, JSON),
        "kid": mostly(kids[named], st.sampled_from(sorted(kids.values())), TEXT, JSON),
        "typ": mostly("JWT", st.sampled_from(["vc+jwt", "jwt", ""]), TEXT, JSON),
        **mostly({}, st.dictionaries(TEXT, JSON, max_size=2)),
    }
    header = mostly(header, JSON)
    claims = draw(st.dictionaries(st.text(), JSON, max_size=4))
    said: Any = mostly(claims, JSON)
    data: bytes = mostly(
        json.dumps(said).encode(), st.binary(max_size=200).filter(lambda data: b"{" not in data)
    )
    signer = mostly(named, st.sampled_from(sorted(keys)))
    signing_input = f"{b64(json.dumps(header).encode())}.{b64(data)}"
    genuine = es256(keys[signer], signing_input)
    signature = mostly(genuine, st.binary(min_size=64, max_size=64), st.binary(max_size=80))
    signed = f"{signing_input}.{b64(signature)}"
    compact = mostly(signed, st.just(twin(f"{signing_input}.{b64(genuine)}")), _respelled(signed))
    believable = (
        header == right
        and data == json.dumps(said).encode()
        and isinstance(said, dict)
        and (signer, signature, compact) == (named, genuine, signed)
    )
    return Token(compact, named if believable else "", said if believable else None)


def _respelled(compact: str) -> st.SearchStrategy[str]:
    """Return the token with a few symbols of it replaced by others, by none or by more."""
    return st.tuples(
        st.integers(0, len(compact)), st.integers(0, 3), st.text(_SYMBOLS, max_size=3)
    ).map(lambda change: compact[: change[0]] + change[2] + compact[change[0] + change[1] :])
