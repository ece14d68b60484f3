import json
from datetime import datetime
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from observability import spans
from signing import keyring, signer, vault
from signing.models import SigningKey
from tenants.models import Tenant
from tests.signing.conftest import MakeKey
from tests.signing.tokens import unb64

State = SigningKey.State


class TestSign:
    def test_names_the_key_by_its_present_address(
        self, tenant: Tenant, platform_key: SigningKey, now: datetime
    ) -> None:
        [signed] = signer.sign(tenant=tenant, payloads=[b"{}"], typ="JWT", now=now)
        url = f"http://testserver/keys/{platform_key.thumbprint}"

        assert (signed.kid, signed.kid_url) == (platform_key.thumbprint, url)
        assert json.loads(unb64(signed.compact.split(".")[0]))["kid"] == url

    def test_keeps_the_address_of_a_new_origin(
        self, tenant: Tenant, platform_key: SigningKey, settings: Any, now: datetime
    ) -> None:
        settings.BASE_URL = "https://moved.example"
        [signed] = signer.sign(tenant=tenant, payloads=[b"{}"], typ="JWT", now=now)

        assert signed.kid_url.startswith("https://moved.example/keys/")
        assert set(platform_key.addresses.values_list("url", flat=True)) == {
            f"http://testserver/keys/{platform_key.thumbprint}",
            signed.kid_url,
        }

    def test_opens_the_private_key_once_for_a_batch(
        self,
        tenant: Tenant,
        platform_key: SigningKey,
        now: datetime,
        monkeypatch: pytest.MonkeyPatch,
        django_assert_num_queries: Any,
    ) -> None:
        opened = []
        unseal = vault.unseal

        def counted(*args: Any, **kwargs: Any) -> Any:
            opened.append(kwargs["bound_to"])
            return unseal(*args, **kwargs)

        monkeypatch.setattr(vault, "unseal", counted)
        payloads = [b'{"n":%d}' % n for n in range(300)]
        with django_assert_num_queries(2):  # the key, and its address
            signed = signer.sign(tenant=tenant, payloads=payloads, typ="JWT", now=now)

        assert [unb64(one.compact.split(".")[1]) for one in signed] == payloads
        assert opened == [platform_key.bound_to]

    def test_is_one_span_a_batch(
        self,
        tenant: Tenant,
        platform_key: SigningKey,
        now: datetime,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        monkeypatch.setattr(spans, "_tracer", provider.get_tracer("test"))

        signer.sign(tenant=tenant, payloads=[b"{}", b"{}"], typ="JWT", now=now)

        [span] = exporter.get_finished_spans()
        assert span.name == "cert.sign_jws"
        assert dict(span.attributes or {}) == {
            "cert.kid": platform_key.thumbprint,
            "cert.tenant_id": tenant.pk,
            "cert.batch_size": 2,
        }

    def test_raises_where_nobody_may_sign(self, tenant: Tenant, now: datetime) -> None:
        SigningKey.objects.update(state=State.VERIFY_ONLY)

        with pytest.raises(keyring.NoActiveKey):
            signer.sign(tenant=tenant, payloads=[b"{}"], typ="JWT", now=now)

    def test_does_not_sign_with_a_key_moved_from_another_row(
        self, tenant: Tenant, platform_key: SigningKey, make_key: MakeKey, now: datetime
    ) -> None:
        """Who can write the table but lacks the key encryption key gains nothing by copying."""
        make_key(state=State.ACTIVE, tenant=tenant, sealed_private=platform_key.sealed_private)

        with pytest.raises(vault.CannotOpen):
            signer.sign(tenant=tenant, payloads=[b"{}"], typ="JWT", now=now)
