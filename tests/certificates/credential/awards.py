"""Awards for the tests of the pure core."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from certificates.credential.compose import Achieved, Award


def award(**changes: Any) -> Award:
    """Return an award that makes a valid credential, with some facts changed."""
    facts: dict[str, Any] = {
        "credential_url": "https://certs.example/credentials/5e9d3c5a-1111-4222-8333-444455556666",
        "issuer": {
            "id": "did:web:certs.example:tenants:harbourline",
            "type": ["Profile"],
            "name": "Harbourline Academy",
            "url": "https://harbourline.example",
        },
        "subject_id": "urn:uuid:0b0e9c1c-aaaa-4bbb-8ccc-ddddeeeeffff",
        "recipient_name": "Títílayọ̀ Ọdúnsì",
        "email": "Learner@Example.org",
        "email_salt": "0badcafe",
        "achieved": Achieved(
            url="https://certs.example/achievements/77777777-1111-4222-8333-999999999999",
            name="First Aid at Work",
            description="First aid for the workplace.",
            version="2026.1",
            course_id="HL-FA1",
            criteria="Pass the final test.",
            language="en",
        ),
        "completed_at": datetime(2026, 2, 28, 23, 30, tzinfo=timezone(timedelta(hours=-5))),
        "valid_from": datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        "awarded_at": datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        "valid_until": None,
        "grade": "Merit",
        "status_list_url": "https://certs.example/status/harbourline/1",
        "status_index": 4711,
        "evidence": [],
    }
    return Award(**{**facts, **changes})
