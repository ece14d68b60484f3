"""What is counted of a verification: never who asked, nor with what token."""

from dataclasses import dataclass
from datetime import UTC, datetime

from observability.origins import Origin
from observability.user_agents import UNKNOWN
from verification.answered import Answered

_MINUTE = 60


@dataclass(frozen=True, order=True)
class Visit:
    """Verifications that are alike. Empty ids: no certificate, or none that may be told."""

    tenant_id: str
    certificate_id: str
    minute: datetime
    result: str
    country: str = UNKNOWN
    ua_class: str = UNKNOWN


def visit(answered: Answered, *, at: float, origin: Origin) -> Visit:
    """Return what is counted of an answer given at a Unix time."""
    return Visit(
        tenant_id=answered.tenant_id,
        certificate_id="" if origin.is_private else answered.certificate_id,
        minute=datetime.fromtimestamp(at // _MINUTE * _MINUTE, UTC),
        result=answered.result,
        country=origin.country,
        ua_class=origin.ua_class,
    )
