"""RED metrics for every answer, and request logs that name the route instead of the path."""

import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware
from structlog.contextvars import get_contextvars

from observability import metrics

_EXCLUDED = frozenset({"metrics", "livez", "readyz"})


class MetricsMiddleware:
    """Count and time each response by URL name, never by path (outermost)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        started = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        endpoint = (match.url_name or "unnamed") if match else "unmatched"
        if endpoint not in _EXCLUDED:
            metrics.API_REQUESTS.labels(endpoint, str(response.status_code)).inc()
            metrics.API_DURATION.labels(endpoint).observe(time.perf_counter() - started)
        return response


class RequestLogMiddleware(RequestMiddleware):
    """One line a request, without path, query, address or user agent; X-Request-ID in answers."""

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        """Tell the caller the id that support can search the logs for."""
        response["X-Request-ID"] = str(get_contextvars().get("request_id", ""))
        super().handle_response(request, response)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Return method and route: a path may hold a verification token."""
        match = request.resolver_match
        return f"{request.method} {match.route if match else '[unmatched]'}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Name the user only where the view looked at the session: public pages must not."""
        session: Any = getattr(request, "session", None)
        if session is not None and session.accessed:
            RequestMiddleware.bind_user_id(request)
