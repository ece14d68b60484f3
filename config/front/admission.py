"""Which requests may be answered from memory: Host, method and headers as Django judges them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from config.front.store import Headers

# What is longer may hold more fields than Django reads, which is its refusal to make.
_LONGEST_QUERY = 512
_MOST_HOSTS = 1_000
_ETAG = re.compile(r'(?:W/)?"[^"]*"')


@dataclass(frozen=True)
class Rules:
    """What Django's settings say of every answer."""

    admits: Callable[[dict[str, Any]], bool]  # whether the Host is ours
    everywhere: Headers  # headers of every answer
    https_only: Headers  # further ones when the reader came by https
    proxy_header: tuple[str, str] = ("", "")  # by which the proxy says so
    preflight: Headers = field(default_factory=list)


class Admission:
    """Judges requests by the rules, and remembers which Hosts were good."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._hosts: set[str] = set()
        self._proxy_header, self._proxy_value = rules.proxy_header

    def takes(self, environ: dict[str, Any]) -> bool:
        """Say whether the answer follows from path and language; whatever is odd is Django's."""
        return (
            environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS")
            and (environ.get("HTTP_HOST") in self._hosts or self._admits(environ))
            and len(environ.get("QUERY_STRING", "")) <= _LONGEST_QUERY
            and "HTTP_IF_MATCH" not in environ
            and "HTTP_IF_UNMODIFIED_SINCE" not in environ
        )

    def is_secure(self, environ: dict[str, Any]) -> bool:
        """Say whether the reader came by https."""
        said = environ.get(self._proxy_header)
        if said is None:
            return environ.get("wsgi.url_scheme") == "https"
        return bool(said.partition(",")[0].strip() == self._proxy_value)

    def _admits(self, environ: dict[str, Any]) -> bool:
        host = environ.get("HTTP_HOST")
        if not host or not self._rules.admits(environ):
            return False
        if len(self._hosts) >= _MOST_HOSTS:  # a wildcard admits any number of names
            self._hosts.clear()
        self._hosts.add(host)
        return True


def has_already(environ: dict[str, Any], etag: str) -> bool:
    """Say whether the reader has this version (RFC 9110 section 13.1.2, as Django reads it)."""
    said = environ.get("HTTP_IF_NONE_MATCH")
    if said is None:
        return False
    if said == etag or said.strip() == "*":
        return True
    listed = (_ETAG.fullmatch(one.strip()) for one in said.split(","))
    return any(one and one[0].removeprefix("W/") == etag for one in listed)
