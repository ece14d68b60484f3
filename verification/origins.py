"""Whose something is, by the address it names. Nothing is ever fetched to find out."""

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from django.conf import settings

from certificates.models import Certificate

_DID_WEB = "did:web:"
_HOST = re.compile(r"[0-9A-Za-z.:\[\]-]{1,255}")


def host_of(address: str) -> str:
    """Return the host an address or a did:web names, if it has the form of one, else nothing."""
    if address.startswith(_DID_WEB):
        host = unquote(address.removeprefix(_DID_WEB).split(":", 1)[0])
    else:
        try:
            host = urlsplit(address).netloc.rpartition("@")[2]
        except ValueError:
            return ""
    return host.lower() if _HOST.fullmatch(host) else ""


def foreign_host(named: Iterable[str]) -> str:
    """Return the first host that is named, if it is none of ours, else nothing."""
    host = next(filter(None, map(host_of, named)), "")
    return "" if not host or is_ours(host) else host


def is_ours(host: str) -> bool:
    """Say whether this installation issues, or ever issued, at a host."""
    return host == host_of(settings.BASE_URL) or any(
        Certificate.objects.filter(credential_url__startswith=f"{scheme}://{host}/").exists()
        for scheme in ("https", "http")
    )
