"""No byte of a private key, or of what seals it, is anywhere but in the vault."""

import base64
import json
import logging
import secrets
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.views.debug import ExceptionReporter
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pytest_django import Settings

from observability import spans
from signing import custody, rewrapping, signer, vault
from signing.models import SigningKey
from tenants import onboarding
from tenants.api_keys import Scope
from tenants.models import User
from tests.factories.registry import Registry, registry
from tests.factories.rows import PASSWORD
from tests.security.key_forms import forms, found, secrets_of
from tests.softhsm import PIN, Hsm

__all__ = ["registry"]

MOMENTS = ("published_at", "activates_at", "activated_at")


@pytest.fixture
def kek(settings: Settings, db: None) -> bytes:
    """A random key encryption key, under which the platform's key is now."""
    settings.KEY_ENCRYPTION_KEY_PREVIOUS = settings.KEY_ENCRYPTION_KEY
    settings.KEY_ENCRYPTION_KEY = key = secrets.token_bytes(32)
    rewrapping.rewrap()
    settings.KEY_ENCRYPTION_KEY_PREVIOUS = None
    return key


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Callable[[], bytes]:
    """Log all there is, and return what returns it, with what only a handler would see."""
    for name in ("", *logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name or None)
    caplog.handler.setLevel(logging.DEBUG)

    def written() -> bytes:
        return "\n".join(
            [caplog.text, *(repr(record.__dict__) for record in caplog.records)]
        ).encode()

    return written


@pytest.fixture
def spans_seen(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(spans, "_tracer", provider.get_tracer("test"))
    return exporter


def proof_key(now: datetime) -> SigningKey:
    """Return the platform's key for Data Integrity proofs: on Ed25519."""
    purpose = SigningKey.Purpose.CREDENTIAL_DI
    made = custody.make(tenant_id=None, purpose=purpose)
    return SigningKey.objects.create(
        **asdict(made), purpose=purpose, state="active", **dict.fromkeys(MOMENTS, now)
    )


def all_secrets() -> list[bytes]:
    """Return the bytes of every private key, of its data key, and of what wraps that."""
    found: list[bytes] = [vault._present()]
    for key in SigningKey.objects.filter(sealed_private__isnull=False):
        sealed = bytes(key.sealed_private or b"")
        found.append(vault._unwrapped(sealed, key.bound_to))
        found += secrets_of(vault.unseal(sealed, bound_to=key.bound_to))
    return [bytes(secret) for secret in found]


def database() -> dict[str, bytes]:
    """Return every table, as the database holds it."""
    tables = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a table's own name
            values = [value for row in cursor.fetchall() for value in row]
            tables[table] = b"\n".join(
                bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                for value in values
            )
    return tables


def pages(registry: Registry) -> dict[str, bytes]:
    """Return what people and programs are shown of keys, and of what they sign."""
    certificate = registry.issue()
    key = SigningKey.objects.get(purpose=SigningKey.Purpose.CREDENTIAL_JWS)
    slug = registry.tenant.slug
    addresses = [
        "/.well-known/jwks.json",
        "/.well-known/did.json",
        f"/tenants/{slug}/jwks.json",
        f"/tenants/{slug}/did.json",
        f"/keys/{key.thumbprint}",
        f"/verify/{certificate.token}",
        f"/certificates/{certificate.token}",
        f"/credentials/{certificate.pk}",
        f"/status/{slug}/1",
        "/api/v1/certificates",
        f"/api/v1/certificates/{certificate.pk}",
    ]
    _, text = onboarding.create_api_key(
        tenant=registry.tenant, name="all", scopes=list(Scope), now=registry.now
    )
    client = Client(headers={"Authorization": f"Bearer {text}"})
    people = Client()
    people.force_login(User.objects.create_superuser("root", password=PASSWORD))
    answers = {address: client.get(address) for address in addresses}
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        answers[name] = people.get(reverse(f"{name}_changelist"))
    for page in ("change", "history"):
        answers[page] = people.get(reverse(f"admin:signing_signingkey_{page}", args=[key.pk]))
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(
        answers, 200
    )
    return {name: answer.getvalue() for name, answer in answers.items()}


def reports_of(act: Callable[[], object]) -> dict[str, bytes]:
    """Return what is shown of a failure: Django's pages, and a traceback with its locals."""
    try:
        act()
    except Exception:  # noqa: BLE001 - whatever it is
        kind, error, trace = sys.exc_info()
        reporter = ExceptionReporter(None, kind, error, trace)
        shown = traceback.TracebackException(kind, error, trace, capture_locals=True)  # type: ignore[arg-type]
        return {
            "page": reporter.get_traceback_html().encode(),
            "text": reporter.get_traceback_text().encode(),
            "locals": "".join(shown.format()).encode(),
        }
    raise AssertionError("it did not fail")


class TestForms:
    @given(before=st.binary(max_size=5), after=st.binary(max_size=5))
    def test_are_found_wherever_they_stand(self, before: bytes, after: bytes) -> None:
        secret = bytes(range(100, 132))
        text = base64.b64encode(before + secret + after)
        for place in (before + secret + after, secret.hex().encode(), text):
            assert found([secret], {"here": place}) == ["here"]
        assert found([secret], {"here": base64.urlsafe_b64encode(bytes(60))}) == []

    def test_are_all_different_and_none_is_short(self) -> None:
        assert len(forms(secrets.token_bytes(32))) >= 10
        assert min(map(len, forms(secrets.token_bytes(32)))) >= 32


class TestVault:
    def test_lets_no_key_into_database_dump_logs_spans_pages_or_answers(
        self,
        kek: bytes,
        registry: Registry,
        everything_logged: Callable[[], bytes],
        spans_seen: InMemorySpanExporter,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        key = proof_key(registry.now)
        custody.opened(key)(b"a proof")
        places = pages(registry) | database()
        capsys.readouterr()
        call_command("dumpdata", "--verbosity=0")
        places["dumpdata"] = capsys.readouterr().out.encode()
        places["spans"] = b"".join(
            span.to_json().encode() for span in spans_seen.get_finished_spans()
        )
        places["logs"] = everything_logged()

        hidden = all_secrets()
        assert kek in hidden
        assert len(hidden) == 1 + 2 * 3
        assert found(hidden, places) == []
        for place in ("dumpdata", "spans", "logs", "signing_signingkey"):
            assert key.thumbprint.encode() in places[place] or place in {"spans", "logs"}, place
            assert len(places[place]) > 500, place

    @pytest.mark.parametrize("debug", [True, False])
    def test_shows_no_key_in_the_reports_of_a_failing_signature(
        self, debug: bool, kek: bytes, registry: Registry, settings: Settings
    ) -> None:
        settings.DEBUG = debug
        key = SigningKey.objects.get()
        unsignable: Any = [b"{}", None]
        failures = {
            "batch": lambda: signer.sign(
                tenant=registry.tenant, payloads=unsignable, typ="JWT", now=registry.now
            ),
            "primitive": lambda: custody.opened(key)(unsignable),
        }
        places = {
            f"{failure} {name}": report
            for failure, act in failures.items()
            for name, report in reports_of(act).items()
        }

        assert len(places) == 6
        assert found(all_secrets(), places) == []

    def test_shows_no_key_where_it_does_not_open(
        self, kek: bytes, registry: Registry, settings: Settings
    ) -> None:
        settings.DEBUG = True
        key = SigningKey.objects.get()
        hidden = all_secrets()
        key.sealed_private = bytes(key.sealed_private or b"")[:-1] + b"!"

        assert found(hidden, reports_of(lambda: custody.opened(key))) == []

    def test_repeats_no_key_in_its_own_words(self, kek: bytes, registry: Registry) -> None:
        key = SigningKey.objects.get()
        private = vault.unseal(key.sealed_private, bound_to=key.bound_to)
        made = custody.make(tenant_id=None, purpose=SigningKey.Purpose.SERVICE)
        objects = [private, private.key, custody.opened(key), made, key, vault._present()]
        places = {
            f"{type(one).__name__} {number}": f"{one!r} {one!s} {one}".encode()
            for number, one in enumerate(objects)
        }

        assert found(all_secrets(), places) == []


class TestToken:
    def test_keeps_its_pin_out_of_logs_pages_and_reports(
        self,
        hsm: Hsm,
        registry: Registry,
        settings: Settings,
        everything_logged: Callable[[], bytes],
    ) -> None:
        settings.DEBUG = True
        wrong = "wrong-pin-55501"
        made = custody.make(tenant_id=None, purpose=SigningKey.Purpose.SERVICE)
        key = SigningKey(
            **asdict(made), purpose="service", state="next", **dict.fromkeys(MOMENTS, registry.now)
        )
        sign = custody.opened(key)
        sign(b"message")
        hsm.unplug()
        places = {f"away {name}": text for name, text in reports_of(lambda: sign(b"m")).items()}
        hsm.plug_in()
        settings.PKCS11_PIN = wrong
        places |= {f"wrong {name}": text for name, text in reports_of(lambda: sign(b"m")).items()}
        places["logs"] = everything_logged()

        assert "PKCS11_PIN does not open" in places["wrong text"].decode()
        for pin in (PIN, wrong):
            assert not [name for name, text in places.items() if pin.encode() in text], pin
        assert json.dumps(asdict(made))  # nothing in it is bytes: there is no private part
