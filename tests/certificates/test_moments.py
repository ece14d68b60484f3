"""RFC 3339, section 5.8's examples and what is none."""

import pytest

from certificates.moments import read_time


class TestReadTime:
    @pytest.mark.parametrize(
        ("text", "iso"),
        [
            ("1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520000+00:00"),
            ("1996-12-19T16:39:57-08:00", "1996-12-19T16:39:57-08:00"),
            ("1990-12-31T15:59:60-08:00", "1990-12-31T15:59:59-08:00"),
            ("1937-01-01t12:00:27.87+00:20", "1937-01-01T12:00:27.870000+00:20"),
            ("2026-01-01T00:00:00.1234567890z", "2026-01-01T00:00:00.123456+00:00"),
        ],
    )
    def test_reads_every_form_the_standard_shows(self, text: str, iso: str) -> None:
        moment = read_time(text)
        assert moment is not None
        assert moment.isoformat() == iso

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T25:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+01:60",
            "2026-01-01",
            "01/02/2026",
            "1765432100",
            "0000-00-00 00:00:00",
            "1899-12-31T23:59:59Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "٢٠٢٦-٠١-٠١T٠٠:٠٠:٠٠Z",
            "2026-01-01T00:00:00Z\n",
        ],
    )
    def test_guesses_nothing(self, text: str) -> None:
        assert read_time(text) is None
