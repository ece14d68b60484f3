"""The smallest file of countries that MaxMind's format allows (MaxMind DB 2.0), for IPv4 halves."""

from pathlib import Path

_MARKER = b"\xab\xcd\xefMaxMind.com"


def write(path: Path, *, lower: str, upper: str) -> Path:
    """Write a file in which 0.0.0.0/1 lies in one country and 128.0.0.0/1 in another."""
    first, second = _country(lower), _country(upper)
    # One node: each half of the addresses points into the data, past the node and the separator.
    records = (1 + 16).to_bytes(3, "big") + (1 + 16 + len(first)).to_bytes(3, "big")
    metadata = _map(
        {
            "node_count": bytes([6 << 5 | 1, 1]),
            "record_size": _uint(24),
            "ip_version": _uint(4),
            "database_type": _text("Country"),
            "languages": b"\x00\x04",  # an empty array
            "binary_format_major_version": _uint(2),
            "binary_format_minor_version": _uint(0),
            "build_epoch": bytes([1, 9 - 7, 1]),
            "description": _map({"en": _text("for tests")}),
        }
    )
    path.write_bytes(records + bytes(16) + first + second + _MARKER + metadata)
    return path


def _country(code: str) -> bytes:
    return _map({"country": _map({"iso_code": _text(code)})})


def _map(members: dict[str, bytes]) -> bytes:
    return bytes([7 << 5 | len(members)]) + b"".join(
        _text(name) + value for name, value in members.items()
    )


def _text(text: str) -> bytes:
    if len(text) < 29:
        return bytes([2 << 5 | len(text)]) + text.encode()
    raise ValueError("longer than this file needs")


def _uint(number: int) -> bytes:
    return bytes([5 << 5 | 1, number]) if number else bytes([5 << 5])
