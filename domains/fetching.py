"""Fetch a domain's DID document from outside: only https, only that host, little and soon.

The host's addresses are asked for once, each must be a public one, and the connection goes to
the very address that was judged: no second look-up can lead elsewhere. Redirects are not followed.
"""

import io
import json
import socket
import ssl
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from time import monotonic
from typing import Any

from domains.dns_lookup import AskAddresses, Away, addresses_of
from domains.outside import is_outside

PORT = 443
MOST_BYTES = 64 * 1024
_MOST_HEADERS = 16 * 1024
_SECONDS = 3.0
_PATH = "/.well-known/did.json"

# Takes an address and the seconds left; returns a connected socket.
Connect = Callable[[str, float], socket.socket]


class NoDocument(Exception):
    """The host answered, and there is no DID document to be had from it; the message says why."""


def did_document(
    domain: str,
    *,
    ask: AskAddresses = addresses_of,
    connect: Connect | None = None,
    context: ssl.SSLContext | None = None,
) -> dict[str, Any]:
    """Return the DID document of did:web:<domain>. Raises Away or NoDocument."""
    addresses = ask(domain)
    if not addresses:
        raise NoDocument("the domain has no web address")
    if not all(map(is_outside, addresses)):
        raise NoDocument("the domain leads to an address that is not public")
    try:
        raw = _exchange(domain, addresses[0], connect or _connect, context)
    except OSError as error:  # ssl.SSLError and timeouts are some
        raise Away(f"the web server cannot be reached ({type(error).__name__})") from error
    return _document(_body(raw))


def _exchange(domain: str, address: str, connect: Connect, context: ssl.SSLContext | None) -> bytes:
    """Return what the host says to one request, no more than we take, within the time."""
    deadline = monotonic() + _SECONDS
    with connect(address, _SECONDS) as plain:
        context = context or ssl.create_default_context()
        plain.settimeout(_left(deadline))
        with context.wrap_socket(plain, server_hostname=domain) as secure:
            secure.settimeout(_left(deadline))
            secure.sendall(
                f"GET {_PATH} HTTP/1.1\r\nHost: {domain}\r\nAccept: application/did+json, "
                "application/json\r\nAccept-Encoding: identity\r\n"
                "User-Agent: certification-service\r\nConnection: close\r\n\r\n".encode()
            )
            raw = bytearray()
            while len(raw) <= MOST_BYTES + _MOST_HEADERS:
                secure.settimeout(_left(deadline))
                piece = secure.recv(16 * 1024)
                if not piece:
                    break
                raw += piece
    return bytes(raw)


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connect(address: str, seconds: float) -> socket.socket:
    return socket.create_connection((address, PORT), timeout=seconds)


class _Said:
    """What the library reads an answer from, in place of a socket."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, *_: Any, **__: Any) -> io.BytesIO:
        return io.BytesIO(self._raw)


def _body(raw: bytes) -> bytes:
    try:
        response = HTTPResponse(_Said(raw), method="GET")  # type: ignore[arg-type]
        response.begin()
        if response.status != 200:  # noqa: PLR2004 - redirects are some of the others
            raise NoDocument(f"the web server answers {response.status}")
        body = response.read(MOST_BYTES + 1)
        is_whole = not response.length
    except (HTTPException, ValueError) as error:
        raise NoDocument("the web server's answer cannot be read") from error
    if len(body) > MOST_BYTES or not is_whole:
        raise NoDocument("the DID document is too long")
    return body


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NoDocument("the DID document is no JSON") from error
    if not isinstance(document, dict):
        raise NoDocument("the DID document is no JSON object")
    return document
