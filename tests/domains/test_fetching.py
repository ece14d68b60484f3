"""A request that strangers can make us send: to whom, how much, and for how long."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from domains import fetching
from domains.dns_lookup import Away
from domains.fetching import MOST_BYTES, NoDocument, did_document

DOMAIN, OUTSIDE = "academy.org", "93.184.215.14"
DOCUMENT = {"id": f"did:web:{DOMAIN}", "alsoKnownAs": ["did:web:x"]}
Answer = Callable[[ssl.SSLSocket], None]


class Host:
    """A web server on this machine, with a certificate of its own, that stands for the domain."""

    def __init__(self, folder: Path, name: str = DOMAIN) -> None:
        self.asked: list[bytes] = []
        self.connected: list[str] = []
        self.answer: bytes | Answer = b""
        certificate = _certificate(folder, name)
        self.trusting = ssl.create_default_context(cafile=str(certificate))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def connect(self, address: str, seconds: float) -> socket.socket:
        self.connected.append(address)
        return socket.create_connection(self._listener.getsockname(), timeout=seconds)

    def fetch(self, addresses: list[str] | None = None) -> dict[str, object]:
        return did_document(
            DOMAIN,
            ask=lambda _: [OUTSIDE] if addresses is None else addresses,
            connect=self.connect,
            context=self.trusting,
        )

    def says(self, status: str, body: bytes, *headers: str) -> None:
        head = "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""])
        self.answer = head.encode() + body

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                with suppress(OSError), self._context.wrap_socket(plain, server_side=True) as link:
                    self.asked.append(link.recv(4096))
                    if callable(self.answer):
                        self.answer(link)
                    else:
                        link.sendall(self.answer)


def _certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "host.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path)
    yield host
    host.close()


class TestDidDocument:
    @pytest.mark.parametrize("chunked", [False, True])
    def test_is_read_over_https_from_the_address_that_was_judged(
        self, host: Host, chunked: bool
    ) -> None:
        body = json.dumps(DOCUMENT).encode()
        if chunked:
            pieces = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
            host.says("200 OK", pieces, "Transfer-Encoding: chunked")
        else:
            host.says("200 OK", body, f"Content-Length: {len(body)}")
        assert host.fetch([OUTSIDE, "1.1.1.1"]) == DOCUMENT
        assert host.connected == [OUTSIDE]
        (asked,) = host.asked
        assert asked.startswith(b"GET /.well-known/did.json HTTP/1.1\r\nHost: academy.org\r\n")
        assert b"Cookie" not in asked

    @pytest.mark.parametrize(
        "addresses",
        [
            ["127.0.0.1"],
            ["169.254.169.254"],
            ["10.0.0.1"],
            ["::1"],
            ["::ffff:10.0.0.1"],
            ["64:ff9b::a9fe:a9fe"],
            ["93.184.215.14", "192.168.0.1"],
            ["fd00::1", "93.184.215.14"],
        ],
    )
    def test_is_never_asked_of_our_own_network(self, host: Host, addresses: list[str]) -> None:
        with pytest.raises(NoDocument, match="not public"):
            host.fetch(addresses)
        assert host.connected == []

    def test_needs_an_address(self, host: Host) -> None:
        with pytest.raises(NoDocument, match="no web address"):
            host.fetch([])

    @pytest.mark.parametrize(
        "status", ["301 Moved", "302 Found", "307 Temporary", "404 Gone", "500 Oh"]
    )
    def test_follows_no_redirect(self, host: Host, status: str) -> None:
        host.says(status, b"", "Location: https://127.0.0.1/secret", "Content-Length: 0")
        with pytest.raises(NoDocument, match=f"answers {status[:3]}"):
            host.fetch()
        assert host.connected == [OUTSIDE]

    @pytest.mark.parametrize(
        ("body", "why"),
        [
            (b"x" * (MOST_BYTES + 1), "too long"),
            (b"[" * 50_000, "no JSON"),
            (b"[]", "no JSON object"),
            (b"\xff\xfe", "no JSON"),
            (b"<html>", "no JSON"),
        ],
    )
    def test_refuses_what_is_none(self, host: Host, body: bytes, why: str) -> None:
        host.says("200 OK", body, f"Content-Length: {len(body)}")
        with pytest.raises(NoDocument, match=why):
            host.fetch()

    @pytest.mark.parametrize(
        "answer",
        [b"", b"HTTP/1.1 200", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200],
    )
    def test_survives_an_answer_that_is_no_http(self, host: Host, answer: bytes) -> None:
        host.answer = answer
        with pytest.raises(NoDocument):
            host.fetch()

    def test_takes_no_more_than_a_little(self, host: Host) -> None:
        sent = 0

        def flood(link: ssl.SSLSocket) -> None:
            nonlocal sent
            link.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while sent < 64 * 1024 * 1024:
                sent += link.send(b"x" * 65536)

        host.answer = flood
        with pytest.raises((NoDocument, Away)):
            host.fetch()
        assert sent < 32 * 1024 * 1024, "the rest was not waited for"

    def test_waits_no_longer_than_its_time(
        self, host: Host, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ticks = iter(range(0, 20_000, 20))
        monkeypatch.setattr(fetching, "monotonic", lambda: float(next(ticks)))

        def drip(link: ssl.SSLSocket) -> None:
            while True:
                link.sendall(b"H")

        host.answer = drip
        with pytest.raises(Away, match="TimeoutError"):
            host.fetch()
        assert next(ticks) < 200, "each look at the clock takes twenty seconds here"

    def test_trusts_no_certificate_of_another_name(self, tmp_path: Path) -> None:
        host = Host(tmp_path, "other.org")
        with pytest.raises(Away, match="SSLCertVerificationError"):
            host.fetch()
        assert host.asked in ([], [b""])
        host.close()

    def test_that_cannot_be_reached_is_away(self) -> None:
        def refuse(*_: object) -> socket.socket:
            raise ConnectionRefusedError

        with pytest.raises(Away):
            did_document(DOMAIN, ask=lambda _: [OUTSIDE], connect=refuse)
