"""Addresses for tests of middleware: one of each kind of answer."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from django.utils import timezone

from outbox.publishing import Message, publish


def verdict(_request: HttpRequest, token: str) -> HttpResponse:
    """Answer by the token's first letter."""
    match token[0]:
        case "N":
            raise Http404(f"no certificate {token}")
        case "E":
            raise RuntimeError(f"cannot look up {token}")
        case _:
            return HttpResponse("issued")


def report(_request: HttpRequest) -> HttpResponse:
    """Publish a message, as taking a completion does."""
    with transaction.atomic():
        publish([Message("tests.traced", {}, dedupe_key="traced")], now=timezone.now())
    return HttpResponse(status=202)


urlpatterns: list[Any] = [
    path("verify/<str:token>", verdict, name="public_verify"),
    path("api/v1/report", report, name="report"),
    path("", include("observability.urls")),
]
