"""Bitstring Status List 1.0: bits, their encoding, and the order indexes are handed out in."""

import base64
import gzip
import hashlib

_ROUNDS = 4


def empty(size: int) -> bytes:
    """Return `size` bits, all 0."""
    return bytes(size // 8)


def with_bits(bits: bytes, indexes: list[int]) -> bytes:
    """Return the bits with those at `indexes` set. Index 0 is the left-most bit (section 3)."""
    changed = bytearray(bits)
    for index in indexes:
        changed[index // 8] |= 0x80 >> index % 8
    return bytes(changed)


def is_set(bits: bytes, index: int) -> bool:
    """Say whether the bit at `index` is 1."""
    return bool(bits[index // 8] & 0x80 >> index % 8)


def encode(bits: bytes) -> str:
    """Return `u` + unpadded base64url of the GZIP form (section 3.3), the same for same bits."""
    packed = gzip.compress(bits, compresslevel=9, mtime=0)
    return "u" + base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def decode(text: str) -> bytes:
    """Return the bits of an encoded list."""
    if not text.startswith("u"):
        raise ValueError("an encodedList starts with the multibase letter u")
    body = text[1:]
    return gzip.decompress(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def shuffled(place: int, *, size: int, seed: bytes) -> int:
    """Return the index that comes at `place` in the list's own random order.

    A keyed Feistel permutation with cycle walking: no index twice, no table to keep, and
    neighbours in a list tell nothing about who was certified together.
    """
    half = (max(size - 1, 1).bit_length() + 1) // 2
    mask = (1 << half) - 1
    index = place
    while True:
        left, right = index >> half, index & mask
        for turn in range(_ROUNDS):
            digest = hashlib.blake2b(
                right.to_bytes(4, "big"), key=seed, salt=bytes([turn]), digest_size=4
            ).digest()
            left, right = right, left ^ (int.from_bytes(digest, "big") & mask)
        index = left << half | right
        if index < size:
            return index
