"""A tenant's public issuer profile: its did:web and its Open Badges Profile document."""

from typing import Any
from urllib.parse import quote, urlsplit


def platform_did(base_url: str) -> str:
    """Return the platform's own id; a port's colon is written %3A (did:web, section 3.1)."""
    return "did:web:" + quote(urlsplit(base_url).netloc.lower(), safe="")


def issuer_did(*, base_url: str, slug: str) -> str:
    """Return the issuer's id."""
    return f"{platform_did(base_url)}:tenants:{slug}"


def issuer_profile(
    *, base_url: str, slug: str, name: str, website: str, email: str
) -> dict[str, Any]:
    """Return the Profile that credentials carry as their issuer (OB 3.0, Profile).

    Validators fetch `url`, so it is never empty; an empty member is left out, never null.
    """
    profile: dict[str, Any] = {
        "id": issuer_did(base_url=base_url, slug=slug),
        "type": ["Profile"],
        "name": name,
        "url": website or f"{base_url}/tenants/{slug}",
    }
    if email:
        profile["email"] = email
    return profile
