"""Questions to a name server of this machine."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from dns.resolver import Resolver

from domains.dns_lookup import Away, addresses_of, texts_of

ZONE = {
    ("_certificates.academy.org.", "TXT"): ['"issuer=did:" "web:x"', '"other"'],
    ("academy.org.", "A"): ["93.184.215.14"],
    ("academy.org.", "AAAA"): ["2606:2800:21f::1"],
    ("plain.org.", "A"): ["93.184.215.15"],
}


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        threading.Thread(target=answer, args=(server,), daemon=True).start()
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.getsockname()[1]
        yield resolver


def answer(server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            wire, asker = server.recvfrom(4096)
            query = dns.message.from_wire(wire)
            (question,) = query.question
            name, kind = str(question.name), question.rdtype.name
            response = dns.message.make_response(query)
            response.flags |= dns.flags.RA
            known = {known for known, _ in ZONE}
            if name.startswith("broken."):
                response.set_rcode(dns.rcode.SERVFAIL)
            elif name not in known:
                response.set_rcode(dns.rcode.NXDOMAIN)
            elif (name, kind) in ZONE:
                records = ZONE[name, kind]
                response.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *records))
            server.sendto(response.to_wire(), asker)


class TestTextsOf:
    def test_joins_the_pieces_of_a_record(self, resolver: Resolver) -> None:
        texts = texts_of("_certificates.academy.org", resolver=resolver)
        assert sorted(texts) == ["issuer=did:web:x", "other"]

    @pytest.mark.parametrize("name", ["_certificates.plain.org", "academy.org"])
    def test_finds_none_where_there_is_none(self, resolver: Resolver, name: str) -> None:
        assert texts_of(name, resolver=resolver) == []

    def test_is_away_where_no_server_knows(self, resolver: Resolver) -> None:
        with pytest.raises(Away):
            texts_of("broken.org", resolver=resolver)


class TestAddressesOf:
    def test_returns_both_kinds(self, resolver: Resolver) -> None:
        addresses = addresses_of("academy.org", resolver=resolver)
        assert addresses == ["93.184.215.14", "2606:2800:21f::1"]
        assert addresses_of("plain.org", resolver=resolver) == ["93.184.215.15"]
        assert addresses_of("nowhere.org", resolver=resolver) == []
