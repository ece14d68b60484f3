"""Status bits: order, encoding, and indexes that never repeat."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.credential import status_bits

SIZE = 131_072


class TestBits:
    def test_index_0_is_the_left_most_bit(self) -> None:
        assert status_bits.with_bits(bytes(2), [0, 15]) == b"\x80\x01"

    @given(st.sets(st.integers(0, SIZE - 1), max_size=20), st.integers(0, SIZE - 1))
    def test_sets_what_it_is_asked_and_nothing_else(self, chosen: set[int], other: int) -> None:
        bits = status_bits.with_bits(status_bits.empty(SIZE), sorted(chosen))
        assert all(status_bits.is_set(bits, index) for index in chosen)
        assert status_bits.is_set(bits, other) == (other in chosen)


class TestEncode:
    def test_round_trips_and_is_the_same_every_time(self) -> None:
        bits = status_bits.with_bits(status_bits.empty(SIZE), [7, 99_999])
        assert status_bits.decode(status_bits.encode(bits)) == bits
        assert status_bits.encode(bits) == status_bits.encode(bits)

    def test_is_at_least_16_kib_before_compression(self) -> None:
        assert len(status_bits.decode(status_bits.encode(status_bits.empty(SIZE)))) == 16 * 1024

    def test_needs_the_multibase_letter(self) -> None:
        with pytest.raises(ValueError, match="multibase"):
            status_bits.decode("H4sI")

    def test_reads_the_example_of_the_specification(self) -> None:
        # Bitstring Status List 1.0, example 2: a list of 131,072 zeros.
        text = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
        assert status_bits.decode(text) == bytes(16 * 1024)


class TestShuffled:
    def test_hands_out_every_index_once(self) -> None:
        seed = b"0123456789abcdef"
        seen = {status_bits.shuffled(place, size=4096, seed=seed) for place in range(4096)}
        assert seen == set(range(4096))

    def test_differs_by_seed_and_hides_the_order(self) -> None:
        first = [status_bits.shuffled(n, size=SIZE, seed=b"a" * 16) for n in range(50)]
        other = [status_bits.shuffled(n, size=SIZE, seed=b"b" * 16) for n in range(50)]
        assert first != other
        steps = {later - earlier for earlier, later in pairwise(first)}
        assert len(steps) > 45
