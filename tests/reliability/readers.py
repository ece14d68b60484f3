"""Strangers who read published keys without pause, over connections that stay open."""

import asyncio
import hashlib
import socket
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle

# Longer than any pause a busy machine makes; an answer that takes longer has failed.
PATIENCE_SECONDS = 60.0
_MOST_KEPT = 20


@dataclass
class Tally:
    """What the readers saw."""

    answered: int = 0
    refused: int = 0
    retried: int = 0
    failures: list[str] = field(default_factory=list)  # the first few
    failed: int = 0
    slowest_seconds: float = 0.0
    bodies: Counter[str] = field(default_factory=Counter)  # by path and digest

    def fail(self, reason: str) -> None:
        """Count a request that got no good answer."""
        self.failed += 1
        if len(self.failures) < _MOST_KEPT:
            self.failures.append(reason)

    def __str__(self) -> str:
        return (
            f"{self.answered} requests answered, {self.failed} failed, {self.refused} refused, "
            f"{self.retried} sent again after their connection was cut, "
            f"slowest {self.slowest_seconds:.2f} s"
        )


class Readers:
    """Ask for the paths in turn, each reader over one connection, until stopped.

    A GET whose connection ends before the first byte of an answer is sent again, once and at once,
    as HTTP clients do (RFC 9110 section 9.2.2); it counts as retried. Nothing else is forgiven.
    """

    def __init__(self, *, port: int, host: str, paths: list[str], readers: int) -> None:
        self.tally = Tally()
        self._port = port
        self._requests = [
            (path, f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()) for path in paths
        ]
        self._readers = readers
        self._stopping = False

    def stop(self) -> None:
        """Let each reader finish its request and end."""
        self._stopping = True

    async def read(self) -> None:
        """Read until stopped."""
        await asyncio.gather(*(self._read(place) for place in range(self._readers)))

    async def _read(self, place: int) -> None:
        turn = place % len(self._requests)
        connection = _Connection(self._port)
        for path, request in cycle(self._requests[turn:] + self._requests[:turn]):
            if self._stopping:
                break
            started = time.monotonic()
            await self._ask(connection, path, request)
            taken = time.monotonic() - started
            self.tally.slowest_seconds = max(self.tally.slowest_seconds, taken)
        connection.close()

    async def _ask(self, connection: "_Connection", path: str, request: bytes) -> None:
        tally = self.tally
        for again in (False, True):
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    status, etag, body = await connection.exchange(request)
            except ConnectionRefusedError:
                tally.refused += 1
                return
            except _CutShort as cut:
                if again or cut.began:
                    tally.fail(f"{path}: the connection ended, began={cut.began}")
                    return
                tally.retried += 1
                continue
            except TimeoutError:
                connection.close()
                tally.fail(f"{path}: no answer in time")
                return
            digest = hashlib.sha256(body).hexdigest()
            if status != 200 or etag != f'"{digest}"':
                tally.fail(f"{path}: {status} {body[:200]!r}")
                return
            tally.answered += 1
            tally.bodies[f"{path} {digest[:8]}"] += 1
            return


class _CutShort(Exception):
    def __init__(self, *, began: bool) -> None:
        super().__init__()
        self.began = began


class _Connection:
    """One connection, opened when needed and kept while the server keeps it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    async def exchange(self, request: bytes) -> tuple[int, str, bytes]:
        """Return status, ETag and body of the answer."""
        loop = asyncio.get_running_loop()
        received = b""
        try:
            if self._socket is None:
                await self._open(loop)
            assert self._socket is not None
            await loop.sock_sendall(self._socket, request)
            while b"\r\n\r\n" not in received:
                received += await self._receive(loop)
            head, _, body = received.partition(b"\r\n\r\n")
            line, *lines = head.decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value for name, _, value in (at.partition(": ") for at in lines)
            }
            while len(body) < int(headers["content-length"]):
                body += await self._receive(loop)
        except ConnectionRefusedError:
            self.close()
            raise
        except OSError as error:
            self.close()
            if isinstance(error, TimeoutError):
                raise
            raise _CutShort(began=bool(received)) from error
        if headers.get("connection") == "close":
            self.close()
        return int(line.split()[1]), headers.get("etag", ""), body

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
            self._socket = None

    async def _open(self, loop: asyncio.AbstractEventLoop) -> None:
        self._socket = socket.socket()
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.sock_connect(self._socket, ("127.0.0.1", self._port))

    async def _receive(self, loop: asyncio.AbstractEventLoop) -> bytes:
        assert self._socket is not None
        received = await loop.sock_recv(self._socket, 65_536)
        if not received:
            raise ConnectionResetError("closed by the server")
        return received
