"""Names of domains, however they are typed."""

import pytest

from domains.names import NotADomain, read_domain


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("academy.org", "academy.org"),
        (" https://Academy.ORG/ ", "academy.org"),
        ("certs.academy.org.", "certs.academy.org"),
        ("bücher.de", "xn--bcher-kva.de"),
    ],
)
def test_are_read_as_dns_writes_them(typed: str, name: str) -> None:
    assert read_domain(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "academy",
        "localhost",
        "printer.local",
        "db.internal",
        "1.2.3.4",
        "0x7f.1",
        "127.1",
        "[::1]",
        "academy.org/path",
        "academy.org:8443",
        "user@academy.org",
        "-academy.org",
        "aca demy.org",
        "academy.org\r\nHost: other",
        "a" * 64 + ".org",
        ".".join(["a" * 60] * 5) + ".org",
        "academy..org",
        "http://academy.org",
    ],
)
def test_are_refused_where_they_are_none(typed: str) -> None:
    with pytest.raises(NotADomain):
        read_domain(typed)
