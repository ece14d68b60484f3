"""Everything that is published, prepared at once, is what each address answers."""

import json
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from signing import publication, rotation
from signing.models import KeyAddress, SigningKey
from tenants.models import Tenant
from tests.signing.conftest import MakeKey

State = SigningKey.State

pytestmark = pytest.mark.urls("signing.urls")


@pytest.fixture
def keys(
    tenant: Tenant, stranger: Tenant, platform_key: SigningKey, make_key: MakeKey, now: datetime
) -> dict[str, SigningKey]:
    """The platform's keys in every state, and one tenant's own."""
    states = {
        "next": make_key(state=State.NEXT),
        "retired": make_key(state=State.DESTROYED, sealed_private=None),
        "lost": make_key(state=State.COMPROMISED, compromised_at=now),
        "own": make_key(state=State.ACTIVE, tenant=tenant),
        "own-lost": make_key(state=State.COMPROMISED, compromised_at=now, tenant=tenant),
    }
    return {"active": platform_key, **states}


class TestEverything:
    def test_is_what_the_addresses_answer(
        self, client: Client, keys: dict[str, SigningKey]
    ) -> None:
        everything = list(publication.everything())

        for one in everything:
            response = client.get(one.path)
            assert response.content == one.document.body, one.path
            assert response["Content-Type"] == one.document.content_type
            assert response["ETag"] == one.document.etag
        assert {one.path for one in everything} == {
            "/.well-known/jwks.json",
            "/.well-known/did.json",
            *(f"/tenants/{t}/{d}.json" for t in ("harbour", "strange") for d in ("jwks", "did")),
            *(f"/keys/{keys[name].thumbprint}" for name in ("active", "next", "retired", "own")),
        }

    def test_of_a_tenant_without_keys_of_its_own_costs_no_query(
        self, keys: dict[str, SigningKey], now: datetime, django_assert_num_queries: Any
    ) -> None:
        for number in range(20):
            Tenant.objects.create(slug=f"t{number}", name="T", created_at=now)

        # Whose keys, the platform's with addresses, the tenants, one tenant's own with addresses.
        with django_assert_num_queries(6):
            list(publication.everything())


class TestGone:
    def test_names_what_answers_410(self, client: Client, keys: dict[str, SigningKey]) -> None:
        gone = publication.gone()

        assert sorted(gone) == sorted(f"/keys/{keys[n].thumbprint}" for n in ("lost", "own-lost"))
        assert {client.get(path).status_code for path in gone} == {410}


def retire(key: SigningKey, now: datetime) -> None:
    SigningKey.objects.filter(pk=key.pk).update(state=State.VERIFY_ONLY, deactivated_at=now)


def lose(key: SigningKey, now: datetime) -> None:
    SigningKey.objects.filter(pk=key.pk).update(state=State.COMPROMISED, compromised_at=now)


def retire_without_a_time(key: SigningKey, now: datetime) -> None:
    SigningKey.objects.filter(pk=key.pk).update(state=State.VERIFY_ONLY)


def add_address(key: SigningKey, now: datetime) -> None:
    KeyAddress.objects.create(key=key, url="https://moved.example/keys/x", first_used_at=now)


def add_tenant(key: SigningKey, now: datetime) -> None:
    Tenant.objects.create(slug="new", name="New", created_at=now)


def add_key(key: SigningKey, now: datetime) -> None:
    SigningKey.objects.filter(pk=key.pk).update(state=State.VERIFY_ONLY, deactivated_at=now)
    rotation.ensure_first_key(now=now)


class TestMark:
    def test_stays_while_nothing_changes(self, keys: dict[str, SigningKey]) -> None:
        assert publication.mark() == publication.mark()

    @pytest.mark.parametrize(
        "change", [retire, lose, retire_without_a_time, add_address, add_tenant, add_key]
    )
    def test_differs_after(
        self,
        change: Callable[[SigningKey, datetime], None],
        keys: dict[str, SigningKey],
        now: datetime,
    ) -> None:
        before = publication.mark()
        change(keys["active"], now)
        assert publication.mark() != before

    def test_takes_three_queries_however_many_keys(
        self, keys: dict[str, SigningKey], django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(3):
            publication.mark()


class TestExport:
    def test_holds_what_is_served(
        self, client: Client, keys: dict[str, SigningKey], tmp_path: Path
    ) -> None:
        call_command("export_jwks", str(tmp_path / "keys"))
        index = json.loads((tmp_path / "keys/index.json").read_text())

        for document in index["documents"]:
            response = client.get(document["path"])
            file = tmp_path / "keys" / document["path"].lstrip("/")
            assert file.read_bytes() == response.content
            assert stat.S_IMODE(file.stat().st_mode) == 0o644
            for name, value in document["headers"].items():
                assert response[name] == value
        assert len(index["documents"]) == len(list(publication.everything()))
        assert index["gone"] == publication.gone()

    def test_again_takes_away_what_is_published_no_more(
        self, keys: dict[str, SigningKey], tmp_path: Path, now: datetime
    ) -> None:
        call_command("export_jwks", str(tmp_path))
        lost = tmp_path / "keys" / keys["active"].thumbprint
        assert lost.is_file()
        lose(keys["active"], now)
        call_command("export_jwks", str(tmp_path))

        assert not lost.exists()
        assert keys["active"].thumbprint not in (tmp_path / ".well-known/jwks.json").read_text()

    def test_leaves_a_folder_of_somebody_else_alone(self, tmp_path: Path, db: None) -> None:
        (tmp_path / "thesis.txt").write_text("mine")

        with pytest.raises(CommandError, match="something else than an export"):
            call_command("export_jwks", str(tmp_path))
        assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]

    def test_names_a_folder_that_cannot_be_written(self, tmp_path: Path, db: None) -> None:
        (tmp_path / "file").touch()

        with pytest.raises(CommandError, match="cannot be written"):
            call_command("export_jwks", str(tmp_path / "file" / "below"))
