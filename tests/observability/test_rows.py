"""The fast insert writes what Django's own would."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observability import rows
from outbox.models import OutboxMessage
from signing.models import KeyAddress, SigningKey

pytestmark = pytest.mark.django_db

FIELDS = ("task", "payload", "dedupe_key", "tenant_id", "headers")
TIMES = ("created_at", "available_at")


def insert(keys: list[str], now: datetime, **options: Any) -> None:
    at = rows.timestamp(now)
    rows.insert(
        model=OutboxMessage,
        fields=(*FIELDS, *TIMES, "attempts", "last_error"),
        rows=[("t", '{"name":"زوي 100%"}', key, "", "{}", at, at, 2, "") for key in keys],
        **options,
    )


class TestInsert:
    def test_writes_the_same_rows_as_bulk_create(self, now: datetime) -> None:
        now += timedelta(microseconds=123_456)
        insert(["fast"], now)
        OutboxMessage.objects.bulk_create(
            [
                OutboxMessage(
                    task="t",
                    payload={"name": "زوي 100%"},
                    dedupe_key="slow",
                    created_at=now,
                    available_at=now,
                    attempts=2,
                )
            ]
        )
        fast, slow = (
            {**OutboxMessage.objects.values().get(dedupe_key=key), "id": 0, "dedupe_key": ""}
            for key in ("fast", "slow")
        )
        assert fast == slow

    def test_writes_more_rows_than_one_statement_takes(self, now: datetime) -> None:
        insert([str(number) for number in range(1_201)], now)
        assert OutboxMessage.objects.count() == 1_201

    def test_skips_conflicts_only_when_told(self, now: datetime) -> None:
        insert(["one"], now)
        insert(["one", "two"], now, skip_conflicts=True)
        assert OutboxMessage.objects.count() == 2
        with pytest.raises(IntegrityError), transaction.atomic():
            insert(["one"], now)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
            min_size=9,
            max_size=12,
        )
    )
    def test_keeps_any_text_whichever_way_it_goes_in(self, texts: list[str]) -> None:
        # Many rows go by COPY on PostgreSQL, whose text form gives some symbols a meaning.
        texts += ["\\N", "\\.", "a\tb\nc\rd\\", "\\x41", ""]
        OutboxMessage.objects.all().delete()
        at = rows.timestamp(datetime(2026, 3, 1, tzinfo=UTC))
        rows.insert(
            model=OutboxMessage,
            fields=(*FIELDS, *TIMES, "attempts", "last_error"),
            rows=[
                ("t", "{}", str(number), "", "{}", at, at, 0, text)
                for number, text in enumerate(texts)
            ],
        )
        stored = OutboxMessage.objects.order_by("id").values_list("last_error", flat=True)
        assert list(stored) == texts

    def test_refuses_a_batch_whole_for_one_row(self, now: datetime) -> None:
        insert(["5"], now)
        with pytest.raises(IntegrityError), transaction.atomic():
            insert([str(number) for number in range(20)], now)
        assert OutboxMessage.objects.count() == 1


class TestNew:
    def test_makes_the_object_that_the_constructor_makes(self, now: datetime) -> None:
        key = SigningKey(pk=7, thumbprint="t" * 43, activates_at=now)
        quick = rows.new(
            KeyAddress,
            {"key_id": 7, "url": "https://x.example", "first_used_at": now},
            {"key": key},
        )
        slow = KeyAddress(key=key, url="https://x.example", first_used_at=now)
        assert _facts(quick) == _facts(slow)
        assert quick._state.fields_cache == slow._state.fields_cache
        assert quick._state.adding
        plain = rows.new(OutboxMessage, {"task": "t", "created_at": now}, {})
        assert _facts(plain) == _facts(OutboxMessage(task="t", created_at=now))
        assert plain.headers is not rows.new(OutboxMessage, {}, {}).headers

    def test_makes_what_can_be_saved_and_read(self, now: datetime) -> None:
        made = rows.new(
            OutboxMessage,
            {"task": "t", "payload": {}, "dedupe_key": "k", "created_at": now, "available_at": now},
            {},
        )
        made.save()
        assert OutboxMessage.objects.get(dedupe_key="k") == made


def _facts(one: Model) -> dict[str, Any]:
    return {name: value for name, value in vars(one).items() if name != "_state"}


class TestStore:
    def test_writes_many_rows_with_bytes_nulls_and_references(self, now: datetime) -> None:
        keys = [
            SigningKey(
                thumbprint=f"{number:043}",
                algorithm="ES256",
                purpose=SigningKey.Purpose.CREDENTIAL_JWS,
                state=SigningKey.State.VERIFY_ONLY,
                public_jwk={"kty": "EC", "x": '"\\\n'},
                sealed_private=bytes([number, 0, 92, 255]) if number % 2 else None,
                published_at=now,
                activates_at=now,
            )
            for number in range(20)
        ]
        rows.store(keys)
        stored = {key.thumbprint: key for key in SigningKey.objects.all()}
        for key in keys:
            twin = stored[key.thumbprint]
            assert twin.public_jwk == key.public_jwk
            sealed = twin.sealed_private
            assert (None if sealed is None else bytes(sealed)) == key.sealed_private
            assert twin.published_at == now

    def test_writes_the_same_rows_as_bulk_create(self, now: datetime) -> None:
        def message(key: str) -> OutboxMessage:
            return OutboxMessage(
                task="t",
                payload={"name": "زوي", "list": [1, None]},
                dedupe_key=key,
                created_at=now,
                available_at=now,
                done_at=now + timedelta(microseconds=1),
            )

        rows.store([message("fast")])
        OutboxMessage.objects.bulk_create([message("slow")])
        fast, slow = (
            {**OutboxMessage.objects.values().get(dedupe_key=key), "id": 0, "dedupe_key": ""}
            for key in ("fast", "slow")
        )
        assert fast == slow
        assert fast["dead_at"] is None

    def test_keeps_references_and_bytes(self, now: datetime) -> None:
        key = SigningKey.objects.create(
            thumbprint="t" * 43,
            algorithm="ES256",
            purpose=SigningKey.Purpose.CREDENTIAL_JWS,
            state=SigningKey.State.VERIFY_ONLY,
            public_jwk={"kty": "EC"},
            sealed_private=b"sealed",
            published_at=now,
            activates_at=now,
        )
        twin = SigningKey.objects.get(pk=key.pk)
        twin.pk, twin.thumbprint, twin.sealed_private = None, "u" * 43, b"\x00\xff"
        rows.store([twin])
        stored = SigningKey.objects.get(thumbprint="u" * 43)
        assert bytes(stored.sealed_private or b"") == b"\x00\xff"
        assert stored.tenant is None
        rows.store([KeyAddress(key=stored, url="https://x.example/keys/u", first_used_at=now)])
        assert KeyAddress.objects.get(url="https://x.example/keys/u").key == stored

    def test_of_nothing_writes_nothing(self, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(0):
            rows.store([])
