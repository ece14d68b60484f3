"""Sign and verify a credential as a compact JWS (ES256) beside `cryptography` alone.

Our side does all that the service does: header, base64, the form of the signature; and on the way
back the strict reading and the JSON. The other side signs and verifies the same signing input,
with nothing around it. josepy, whose place the direct calls took, stands beside without a limit.

Run: python benchmarks/jws.py
"""

import gc
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA  # noqa: E402 - the path comes first
from cryptography.hazmat.primitives.hashes import SHA256  # noqa: E402
from josepy.jwa import ES256  # noqa: E402

from certificates.credential.compose import (  # noqa: E402
    Achieved,
    Award,
    add_claims,
    compose,
)
from signing import es256, jwk, jws  # noqa: E402

ROUNDS, CALLS, LIMIT = 81, 100, 1.3
ORIGIN = "https://certificates.school.example"
KID = f"{ORIGIN}/keys/NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def small() -> bytes:
    """Return a credential of the size the limit is set for: a 1EdTech sample with its claims."""
    sample = json.loads((ROOT / "tests/vectors/ob30/simple-noproof.json").read_text("utf-8"))
    sample["validFrom"] = sample.pop("issuanceDate")
    return _bytes(add_claims(sample))


def full() -> bytes:
    """Return a credential of the service itself, with all left out that may be."""
    award = Award(
        achieved=Achieved(
            url=f"{ORIGIN}/achievements/8b0c3a3e-6f5b-4d59-9a53-7f0f3f1f0a11",
            name="First Aid",
            description="First aid at work.",
            version="1",
            course_id="FA-1",
            criteria="Pass the test.",
            language="en",
        ),
        credential_url=f"{ORIGIN}/credentials/0d9e7c52-40c5-4a39-8c1d-0a5f8a6f3f10",
        issuer={
            "id": "did:web:certificates.school.example:tenants:school",
            "type": ["Profile"],
            "name": "School",
            "url": "https://school.example",
        },
        subject_id="urn:uuid:1f2f3f4f-5a5b-4c5d-8e5f-606162636465",
        recipient_name="Zo\u00eb \u00c5ngstr\u00f6m",
        email="",
        email_salt="",
        completed_at=MOMENT,
        valid_from=MOMENT,
        awarded_at=MOMENT,
        valid_until=None,
        grade="",
        status_list_url=f"{ORIGIN}/status/school/1",
        status_index=4711,
    )
    return _bytes(add_claims(compose(award)))


def _bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def measure(sides: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median CPU time of each side in microseconds; the sides take turns."""
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(-2, ROUNDS):
        for name, call in sides.items():
            started = time.process_time()
            for _ in range(CALLS):
                call()
            if turn >= 0:
                spent[name].append((time.process_time() - started) / CALLS * 1e6)
    return {name: statistics.median(times) for name, times in spent.items()}


def compare(payload: bytes) -> dict[str, dict[str, float]]:
    """Return the median microseconds of every side, for signing and for verifying a payload."""
    key, ecdsa = jwk.generate(), ECDSA(SHA256())
    private, signature_of = jwk.bare(key), jws.signature_by(key, algorithm="ES256")
    public = jwk.load_public(jwk.public_jwk(key))
    bare_public = jwk.bare(public)

    def sign() -> str:
        [token] = jws.sign(
            signature=signature_of, algorithm="ES256", kid=KID, typ="JWT", payloads=[payload]
        )
        return token

    def verify() -> object:
        return jws.verify(jws.parse(token), key=public, algorithm="ES256", typ="JWT")

    token = sign()
    parsed = jws.parse(token)
    signed, der = parsed.signing_input, private.sign(parsed.signing_input, ecdsa)
    # Both sides do work that holds.
    assert verify() == json.loads(payload)  # noqa: S101
    assert ES256.verify(public.key, signed, parsed.signature)  # noqa: S101
    return {
        "sign": measure(
            {
                "raw": lambda: private.sign(signed, ecdsa),
                "ours": sign,
                "josepy": lambda: ES256.sign(key.key, signed),
                "es256": lambda: signature_of(signed),
            }
        ),
        "verify": measure(
            {
                "raw": lambda: bare_public.verify(der, signed, ecdsa),
                "ours": verify,
                "josepy": lambda: ES256.verify(public.key, signed, parsed.signature),
                "es256": lambda: es256.verify(bare_public, signed, parsed.signature),
            }
        ),
    }


def main() -> int:
    """Measure both ways; fail where the small credential costs more than the limit."""
    gc.disable()
    print(
        f"cryptography {version('cryptography')}, josepy {version('josepy')}, "
        f"Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"{ROUNDS} rounds of {CALLS}, medians of CPU time"
    )
    passed = True
    for what, payload, limit in (("sample", small(), LIMIT), ("our smallest", full(), None)):
        for name, median in compare(payload).items():
            ratio = median["ours"] / median["raw"]
            passed &= limit is None or ratio <= limit
            print(
                f"{what:<12} {len(payload):>5} bytes  {name:<6} raw {median['raw']:6.1f} us  "
                f"ours {median['ours']:6.1f} us  ratio {ratio:.2f} "
                f"({f'limit {limit}' if limit else 'no limit'})  "
                f"signature alone: es256 {median['es256']:.1f}, josepy {median['josepy']:.1f} us"
            )
    print("PASS" if passed else "FAIL")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
