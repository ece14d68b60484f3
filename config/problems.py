"""The one table from exceptions to problem+json answers (RFC 9457)."""

from typing import Any, ClassVar

import structlog
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext_noop
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from certificates.api.refusals import problem_document, unprocessable
from signing import custody

CONTENT_TYPE = "application/problem+json"

_log = structlog.get_logger("certification")


class CannotSign(exceptions.APIException):
    """What was asked for needs a signature, and the key is out of reach just now."""

    status_code = 503
    title = "This cannot be signed just now"
    default_detail = (
        "The signing key cannot be reached. Nothing was changed: try again in a minute."
    )
    headers: ClassVar[dict[str, str]] = {"Retry-After": "60"}


class DatabaseAway(exceptions.APIException):
    """The database does not answer, or cut the connection. What was sent may be sent again."""

    status_code = 503
    title = gettext_noop("The service cannot answer just now")
    default_detail = gettext_noop(
        "The service cannot reach its records just now. Try again in a moment."
    )
    headers: ClassVar[dict[str, str]] = {"Retry-After": "10"}


def answerable(exc: Exception) -> Exception:
    """Return the exception that tells the caller; why it happened is told to the log only."""
    if isinstance(exc, custody.CannotOpen):
        _log.error("cannot_sign", reason=str(exc))
        return CannotSign()
    if _is_no_fault_of_ours(exc):
        _log.error("database_away", reason=f"{type(exc).__name__}: {exc}".splitlines()[0])
        return DatabaseAway()
    return exc


def _is_no_fault_of_ours(exc: Exception) -> bool:
    """Say whether the database failed, and not a statement of ours.

    A connection that ends while an answer is read is a plain DatabaseError to psycopg2.
    """
    return isinstance(exc, OperationalError | InterfaceError) or type(exc) is DatabaseError


def problem_response(http_status: int, title: str, detail: str) -> HttpResponse:
    """Return a problem document from a plain Django view."""
    return JsonResponse(
        problem_document(http_status, title, detail),
        status=http_status,
        content_type=CONTENT_TYPE,
        headers={"Cache-Control": "no-store"},
    )


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:  # noqa: ARG001
    """Answer an API exception as a problem; anything unexpected is a bug and surfaces."""
    exc = answerable(exc)
    if isinstance(exc, Http404):
        exc = exceptions.NotFound("There is no such thing here.")
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, exceptions.ValidationError):
        exc = unprocessable(_field_problems(exc.detail))
    if not isinstance(exc, exceptions.APIException):
        return None
    set_rollback()
    headers = dict(getattr(exc, "headers", {}))
    auth_header = getattr(exc, "auth_header", None)
    if auth_header:
        headers["WWW-Authenticate"] = auth_header
    title = getattr(exc, "title", None) or _TITLES.get(exc.status_code, "Request failed")
    body = problem_document(
        exc.status_code, title, str(exc.detail), errors=getattr(exc, "errors", ())
    )
    return Response(body, status=exc.status_code, headers=headers, content_type=CONTENT_TYPE)


def _field_problems(detail: Any) -> list[dict[str, str]]:
    """Return what a serializer found wrong, by JSON pointer (RFC 6901)."""
    if not isinstance(detail, dict):
        return [{"pointer": "", "detail": str(one)} for one in detail]
    return [
        {"pointer": f"/{name}", "detail": str(one)}
        for name, found in detail.items()
        for one in (found if isinstance(found, list) else [found])
    ]


_TITLES = {
    status.HTTP_400_BAD_REQUEST: "The request cannot be read",
    status.HTTP_401_UNAUTHORIZED: "An API key is needed",
    status.HTTP_403_FORBIDDEN: "The API key may not do this",
    status.HTTP_404_NOT_FOUND: "Not found",
    status.HTTP_405_METHOD_NOT_ALLOWED: "This address does not take that method",
    status.HTTP_406_NOT_ACCEPTABLE: "No form of the answer is acceptable",
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: "This media type is not taken",
    status.HTTP_429_TOO_MANY_REQUESTS: "Too many requests",
}
