"""How quick the tests of the pure core are: tests per CPU second, without a database.

Run: python benchmarks/pure_core.py
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
AIM = 300
CORE = [
    "tests/certificates/credential",
    "tests/certificates/test_completion.py",
    "tests/certificates/test_moments.py",
    "tests/certificates/test_names.py",
    "tests/certificates/test_tokens.py",
    "tests/ingest/formats",
    "tests/outbox/test_policy.py",
    "tests/outbox/test_turns.py",
    "tests/signing/test_jwk.py",
    "tests/signing/test_jws.py",
    "tests/tenants/test_api_keys.py",
    "tests/tenants/test_issuer_profile.py",
    "tests/tenants/test_roles.py",
    "tests/verification/test_verdict.py",
]


class Stopwatch:
    """Counts tests and the CPU time they run for; start-up and collection are not theirs."""

    def __init__(self) -> None:
        self.tests = 0
        self.seconds = 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        """Time one test with its set-up and tear-down."""
        started = time.process_time()
        result = yield
        self.seconds += time.process_time() - started
        self.tests += 1
        return result


if __name__ == "__main__":
    watch = Stopwatch()
    options = [
        "-q",
        "-n0",
        "--no-header",
        "--durations=0",
        "--durations-min=1",
        "-p",
        "no:cacheprovider",
    ]
    status = pytest.main([*options, f"--rootdir={ROOT}", *CORE], plugins=[watch])
    rate = watch.tests / watch.seconds
    print(
        f"{watch.tests} tests in {watch.seconds:.2f} CPU seconds: {rate:.0f} a second (aim {AIM})"
    )
    passed = status == 0 and rate >= AIM
    print("PASS" if passed else "FAIL")
    sys.exit(0 if passed else 1)
