"""A font file as its tables and back (OpenType 1.9, the OpenType font file)."""

import struct
from collections.abc import Mapping

TRUETYPE, CFF = 0x00010000, 0x4F54544F  # the first is a number, the second says OTTO
_MAGIC = 0xB1B0AFBA  # what the checksum of a whole font comes to


def read_tables(font: bytes) -> dict[str, bytes]:
    """Return the tables by tag; of a file that is known to be sound."""
    count = struct.unpack_from(">H", font, 4)[0]
    found = {}
    for at in range(12, 12 + 16 * count, 16):
        tag, _, offset, length = struct.unpack_from(">4sLLL", font, at)
        found[tag.decode("latin-1")] = font[offset : offset + length]
    return found


def write_tables(tables: Mapping[str, bytes]) -> bytes:
    """Return the file of these tables, with its checksums."""
    power = len(tables).bit_length() - 1
    reach = 16 << power
    version = CFF if tables.keys() & {"CFF ", "CFF2"} else TRUETYPE
    header = struct.pack(">LHHHH", version, len(tables), reach, power, 16 * len(tables) - reach)
    offset, head, records, body = 12 + 16 * len(tables), 0, b"", b""
    for tag in sorted(tables):
        data = tables[tag]
        if tag == "head":  # its own checksum is counted as nought
            head, data = offset, data[:8] + bytes(4) + data[12:]
        padded = data + b"\0" * (-len(data) % 4)
        records += struct.pack(">4sLLL", tag.encode("latin-1"), checksum(data), offset, len(data))
        body += padded
        offset += len(padded)
    font = bytearray(header + records + body)
    struct.pack_into(">L", font, head + 8, (_MAGIC - checksum(bytes(font))) & 0xFFFFFFFF)
    return bytes(font)


def checksum_of(tag: str, data: bytes) -> int:
    """Return the sum of a table; that of head leaves out the field for the sum of the whole."""
    return checksum(data[:8] + bytes(4) + data[12:] if tag == "head" else data)


def checksum(data: bytes) -> int:
    """Return the sum of a table's words."""
    padded = data + b"\0" * (-len(data) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}L", padded)
    return sum(words) & 0xFFFFFFFF
