"""A tenant whose platform's key is stolen, and the relay at work after it."""

from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone

from certificates import artifacts, proof, queries, resigning
from certificates.models import Certificate, Securing
from observability import database_clock
from outbox import policy, relay
from signing import keyring
from signing.models import SigningKey
from signing.verifier import Outcome
from tenants.models import Tenant
from tests.certificates.world import issuing_tenant
from tests.factories.rows import NOW

DAY = timedelta(days=1)


HOUR = timedelta(hours=1)


STOLEN = NOW + DAY


LATER = NOW + 2 * DAY


@pytest.fixture
def tenant(db: None) -> Tenant:
    return issuing_tenant()


@pytest.fixture
def platform_key(tenant: Tenant) -> SigningKey:
    return keyring.active_key(tenant=tenant)


def report(
    key: SigningKey, *, since: datetime = STOLEN, now: datetime = LATER, reason: str = "r"
) -> Any:
    return resigning.report_theft(
        thumbprint=key.thumbprint, since=since, reason=reason, actor="user:1", now=now
    )


def deliver(at: datetime, *, only: str = "") -> int:
    """Let the relay run one due message, in a world whose clock stands at `at`."""
    with (
        patch.object(timezone, "now", lambda: at),
        patch.object(database_clock, "now", lambda: at),
        patch.object(policy, "BUNDLE", 1),
    ):
        return relay.deliver(now=at, only=only)


def work(start: datetime = LATER, *, minutes: int = 10, drawing: bool = False) -> None:
    """Let the relay run what is due, minute after minute; draw files only if asked to."""
    with nullcontext() if drawing else patch.object(artifacts, "render"):
        for at in (start + timedelta(minutes=minute) for minute in range(minutes)):
            while deliver(at):
                pass


def forms(certificate: Certificate) -> list[Securing]:
    return queries.securings_of(certificate)


def outcome(certificate: Certificate) -> Outcome:
    return proof.examine(Certificate.objects.get(pk=certificate.pk), now=LATER).outcome
