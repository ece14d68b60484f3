"""The operators' screens of figures and anomalies: own rows only, and nobody singled out."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate
from tenants.models import User
from tests.factories.world import Place, World, make_world
from verification.models import Anomaly, Rollup

pytestmark = pytest.mark.django_db
SCREEN = "admin:verification_rollup_changelist"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, now: datetime) -> World:
    world = make_world()
    monkeypatch.setattr(timezone, "now", lambda: now)
    return world


def add(place: Place, *, certificate: Certificate | None = None, **values: Any) -> Rollup:
    plain = {"result": "issued", "country": "CH", "ua_class": "browser_mobile", "count": 1}
    values = {"hour": timezone.now().replace(minute=0), **plain, **values}
    return Rollup.objects.create(tenant=place.tenant, certificate=certificate, **values)


def look(user: User, **query: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(reverse(SCREEN), query)


def csv(user: User, **query: str) -> list[list[str]]:
    answer = look(user, **query)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return [line.split(",") for line in answer.content.decode().strip().split("\r\n")]


class TestScreen:
    def test_shows_every_side_as_words_and_numbers(self, world: World) -> None:
        add(world.here, certificate=world.here.certificate, count=40)
        add(world.here, count=9, country="BR", result="revoked", ua_class="ai_bot")
        page = look(world.alice).content.decode()
        for said in (
            *("49", "Switzerland", "Brazil", "Valid", "Withdrawn"),
            *("Browser on a phone", "AI crawler", world.here.certificate.recipient_name),
            "which need not be where somebody is",
        ):
            assert said in page

    def test_is_for_whoever_may_view_and_shows_them_their_own(self, world: World) -> None:
        add(world.here, count=1_234)
        add(world.there, count=777, country="JP")
        for user in world.here.members.values():
            page = look(user).content.decode()
            assert "1234" in page
            assert "Japan" not in page
        nobody = User.objects.create_user("nobody", is_staff=True)
        assert look(nobody).status_code == 403

    def test_adds_up_all_tenants_for_a_superuser_until_acting_for_one(self, world: World) -> None:
        add(world.here, count=1_000)
        add(world.there, count=234)
        Rollup.objects.create(
            hour=timezone.now(), result="invalid", country="CH", ua_class="monitor", count=5
        )
        client = Client()
        client.force_login(world.root)
        assert "1239 verifications" in client.get(reverse(SCREEN)).content.decode()
        client.post(reverse("admin:acting"), {"tenant": world.there.tenant.pk})
        assert "234 verifications" in client.get(reverse(SCREEN)).content.decode()

    def test_says_so_where_nobody_looked(self, world: World) -> None:
        add(world.here, hour=timezone.now() - timedelta(days=10))
        page = look(world.alice, period="7d").content.decode()
        assert "Nobody verified a certificate in this time." in page
        assert "Nobody verified" not in look(world.alice, period="30d").content.decode()

    def test_narrows_to_one_certificate_of_one_s_own(self, world: World) -> None:
        mine, other = world.here.certificate, world.there.certificate
        add(world.here, certificate=mine, count=11)
        add(world.here, count=99)
        page = look(world.alice, certificate=str(mine.pk)).content.decode()
        assert "11 verifications" in page
        for wrong in (str(other.pk), "x", "0" * 32, "é"):
            assert look(world.alice, certificate=wrong).status_code == 404

    @pytest.mark.parametrize("query", [{"period": "x"}, {"csv": "x"}, {"period": "", "csv": ""}])
    def test_takes_an_unknown_wish_for_none(self, world: World, query: dict[str, str]) -> None:
        add(world.here)
        answer = look(world.alice, **query)
        assert answer.status_code == 200
        assert b"7 days" in answer.content

    def test_never_tells_of_a_single_row(self, world: World) -> None:
        row = add(world.here, certificate=world.here.certificate, country="IS")
        client = Client()
        client.force_login(world.alice)
        for path in (
            reverse("admin:verification_rollup_change", args=[row.pk]),
            f"{reverse(SCREEN)}?certificate={row.certificate_id}",
            reverse(SCREEN),
        ):
            page = client.get(path).content.decode()
            assert "Iceland" not in page
            assert "Other countries" in page
        Rollup.objects.filter(pk=row.pk).update(count=5)
        assert "Iceland" in look(world.alice).content.decode()


class TestCsv:
    def test_holds_what_the_screen_shows(self, world: World, now: datetime) -> None:
        certificate = world.here.certificate
        add(world.here, certificate=certificate, count=40)
        add(world.here, count=9, country="BR", result="revoked", ua_class="ai_bot")
        add(world.here, count=2, country="FR")
        add(world.there, count=500)
        asked = {
            "results": [["result", "verifications"], ["issued", "42"], ["revoked", "9"]],
            "countries": [["country", "verifications"], ["CH", "40"], ["BR", "9"], ["other", "2"]],
            "classes": [["ua_class", "verifications"], ["browser_mobile", "42"], ["ai_bot", "9"]],
            "certificates": [["certificate_id", "verifications"], [str(certificate.pk), "40"]],
        }
        for wanted, rows in asked.items():
            assert csv(world.alice, csv=wanted) == rows
        series = csv(world.alice, csv="time", period="24h")
        assert len(series) == 25
        assert series[-1] == [f"{now:%Y-%m-%dT%H}:00:00Z", "51"]

    def test_is_a_file_with_a_name(self, world: World) -> None:
        answer = look(world.alice, csv="countries", period="12m")
        assert answer["Content-Disposition"] == (
            'attachment; filename="verifications-countries-12m.csv"'
        )


class TestAnomalies:
    def test_are_shown_with_the_certificate_and_on_the_overview(self, world: World) -> None:
        now = timezone.now()
        for place, last in ((world.here, now), (world.there, now)):
            Anomaly.objects.create(
                tenant=place.tenant,
                certificate=place.certificate,
                kind="token_burst",
                fingerprint="f" * 16,
                is_open=place is world.here,
                started_at=now,
                last_seen_at=last,
                count=31_240,
                top_country="BR",
                top_ua_class="http_library",
            )
        client = Client()
        client.force_login(world.alice)
        listed = client.get(reverse("admin:verification_anomaly_changelist")).content.decode()
        assert world.here.certificate.recipient_name in listed
        assert world.there.certificate.recipient_name not in listed
        for said in ("31240", "Brazil", "Program", "Going on"):
            assert said in listed
        overview = client.get(reverse("admin:index")).content.decode()
        assert "<b>1</b> <span>codes asked for very often</span>" in overview
        Anomaly.objects.update(last_seen_at=now - timedelta(minutes=11))
        listed = client.get(reverse("admin:verification_anomaly_changelist")).content.decode()
        assert "Going on" not in listed
