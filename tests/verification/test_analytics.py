"""The figures of a period: complete, in order, and no country of a few."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories.registry import Registry
from verification import analytics, charts
from verification.analytics import figures, fold
from verification.countries import country_name
from verification.models import Rollup
from verification.periods import PERIODS, USUAL


def add(registry: Registry, **values: Any) -> None:
    plain = {"result": "issued", "country": "CH", "ua_class": "browser_desktop", "count": 1}
    Rollup.objects.create(**{"tenant": registry.tenant, "hour": registry.now, **plain, **values})


class TestFold:
    def test_puts_countries_of_fewer_than_five_together(self) -> None:
        counts = [("CH", 9), ("DE", 5), ("FR", 4), ("unknown", 3), ("US", 1)]
        assert fold(counts) == [("CH", 9), ("DE", 5), ("unknown", 3), ("other", 5)]

    def test_says_nothing_of_others_where_there_are_none(self) -> None:
        assert fold([("CH", 5)]) == [("CH", 5)]
        assert fold([]) == []


class TestFigures:
    def test_add_up_by_every_side(self, registry: Registry, now: datetime) -> None:
        one, other = registry.issue(), registry.issue()
        add(registry, certificate=one, count=6)
        add(registry, certificate=one, count=3, country="DE", ua_class="monitor")
        add(registry, certificate=other, count=20, result="revoked")
        add(registry, count=7, country="unknown")
        found = figures(Rollup.objects.all(), period=USUAL, now=now)
        assert found.total == 36
        assert found.results == [("revoked", 20), ("issued", 16)]
        assert found.countries == [("CH", 26), ("unknown", 7), ("other", 3)]
        assert found.classes == [("browser_desktop", 33), ("monitor", 3)]
        assert found.certificates == [(other, 20), (one, 9)]

    @pytest.mark.parametrize(
        ("key", "first", "parts"),
        [
            ("24h", datetime(2026, 2, 28, 13, tzinfo=UTC), 24),
            ("7d", datetime(2026, 2, 23, tzinfo=UTC), 7),
            ("30d", datetime(2026, 1, 31, tzinfo=UTC), 30),
            ("12m", datetime(2025, 4, 1, tzinfo=UTC), 12),
        ],
    )
    def test_begin_with_the_period_s_first_part(
        self, registry: Registry, now: datetime, key: str, first: datetime, parts: int
    ) -> None:
        add(registry, hour=first, count=2)
        add(registry, hour=first - timedelta(hours=1), count=50)
        add(registry, hour=now, count=3)
        found = figures(Rollup.objects.all(), period=PERIODS[key], now=now)
        assert len(found.series) == parts
        assert found.series[0] == (first, 2)
        assert found.series[-1][1] == 3
        assert found.total == 5

    def test_name_ten_certificates_at_most(self, registry: Registry, now: datetime) -> None:
        for number in range(12):
            add(registry, certificate=registry.issue(), count=number + 1)
        found = figures(Rollup.objects.all(), period=USUAL, now=now)
        assert [number for _, number in found.certificates] == list(range(12, 2, -1))

    def test_of_nothing_are_empty(self, db: None, now: datetime) -> None:
        found = figures(Rollup.objects.all(), period=USUAL, now=now)
        assert (found.total, found.results, found.certificates) == (0, [], [])

    def test_cost_as_many_queries_however_many_rows(
        self, registry: Registry, now: datetime, django_assert_num_queries: Any
    ) -> None:
        for number in range(5):
            add(registry, certificate=registry.issue(), country=f"C{number}")
        with django_assert_num_queries(6):
            figures(Rollup.objects.all(), period=USUAL, now=now)


class TestPeriods:
    @pytest.mark.parametrize("month", range(1, 13))
    def test_twelve_months_are_all_different(self, month: int) -> None:
        starts = PERIODS["12m"].starts(datetime(2028, month, 28, 23, 59, tzinfo=UTC))
        assert len({(start.year, start.month) for start in starts}) == 12
        assert starts == sorted(starts)
        assert starts[-1] == datetime(2028, month, 1, tzinfo=UTC)


class TestCharts:
    def test_columns_fill_the_ground_from_zero(self, now: datetime) -> None:
        series = [(now + timedelta(hours=n), value) for n, value in enumerate((0, 5, 10, 1))]
        columns = charts.columns(series, unit="hour")
        assert [column.height for column in columns] == [0, 50, 100, 10]
        assert [column.y for column in columns] == [100, 50, 0, 90]
        assert columns[-1].x + columns[-1].width <= 100
        assert columns[0].label == "1 Mar 12:00"

    def test_nothing_is_a_line_of_zeros(self, now: datetime) -> None:
        assert [one.height for one in charts.columns([(now, 0)] * 3, unit="month")] == [0] * 3
        assert charts.columns([], unit="day") == []

    def test_rows_say_their_share(self) -> None:
        rows = charts.table([("a", 150, ""), ("b", 50, "x"), ("c", 1, "")], total=201)
        assert [row.length for row in rows] == [100, 33.33, 0.67]
        assert [row.share for row in rows] == ["75 %", "25 %", "under 1 %"]


def test_country_names_are_read_whole() -> None:
    assert [country_name(code) for code in ("AD", "CI", "ZW", "GB", "QQ")] == [
        "Andorra",
        "Côte d’Ivoire",
        "Zimbabwe",
        "United Kingdom",
        "QQ",
    ]


def test_at_least_is_what_was_promised() -> None:
    assert analytics.AT_LEAST == 5
