"""Take steps of the rotation, and look at what they did."""

from datetime import datetime
from typing import Any

from prometheus_client import REGISTRY

from signing import rotation
from signing.models import SigningKey
from signing.rotation import Done

State = SigningKey.State


def advance(now: datetime, **options: Any) -> list[tuple[Done, str]]:
    """Take the due steps; return what was done with which key."""
    steps = rotation.advance(now=now, **options)
    return [(step.done, step.key.thumbprint) for step in steps]


def states() -> dict[str, str]:
    return dict(SigningKey.objects.values_list("thumbprint", "state"))


def waiting_key() -> SigningKey:
    return SigningKey.objects.get(state=State.NEXT)


def rotations(trigger: str) -> float:
    return REGISTRY.get_sample_value("cert_kid_rotations_total", {"trigger": trigger}) or 0.0
