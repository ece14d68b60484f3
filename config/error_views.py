"""Errors, for people as a page and for programs as a problem document, each with a next step."""

from datetime import timedelta

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from rest_framework.exceptions import APIException
from structlog.contextvars import get_contextvars

from certificates import pages
from config.problems import problem_response

# Who has to wait for longer is told until when; a page reloads itself only within seconds.
_LONG = 60
_OURS = 500


def failure(request: HttpRequest, exc: APIException) -> HttpResponseBase:
    """Answer an exception that a plain view raised for its caller."""
    title = getattr(exc, "title", "The request failed")
    headers = getattr(exc, "headers", {})
    wait = int(headers.get("Retry-After", 0))
    response = _answer(request, exc.status_code, title, str(exc.detail), wait=wait)
    is_page = response["Content-Type"].startswith("text/html")
    if "Retry-After" in headers and is_page and wait < _LONG and request.method == "GET":
        response["Refresh"] = headers["Retry-After"]
    for name, value in headers.items():
        response[name] = value
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 400, or 413 for a body that is not read to its end."""
    if isinstance(exception, RequestDataTooBig):
        return _answer(
            request,
            413,
            gettext_noop("The body is too large"),
            gettext_noop("What was sent is too large. Send less at a time."),
        )
    return _answer(
        request,
        400,
        gettext_noop("The request cannot be read"),
        gettext_noop("The address or the form was damaged on its way. Try again."),
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:  # noqa: ARG001
    """Answer 403."""
    return _answer(
        request,
        403,
        gettext_noop("You may not see this"),
        gettext_noop("Sign in with an account that may, or ask the owner of your organisation."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:  # noqa: ARG001
    """Answer 404."""
    return _answer(
        request,
        404,
        gettext_noop("There is nothing at this address"),
        gettext_noop(
            "The link may be incomplete. Copy it again, or enter the code of the certificate."
        ),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:  # noqa: ARG001
    """Answer a form of the admin that came without its proof: open too long, mostly."""
    return _answer(
        request,
        403,
        gettext_noop("This form is too old"),
        gettext_noop("Go back, load the page anew and send the form once more."),
    )


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer 500: a page, unless what broke is what pages are made with. No database is asked."""
    if request.path.startswith("/api/"):
        return problem_response(500, "The service failed", "This is our mistake. Try again later.")
    try:
        return _answer(
            request,
            500,
            gettext_noop("Something broke on our side"),
            gettext_noop("It is our mistake, not yours, and it has been noted."),
        )
    except Exception:  # noqa: BLE001 - whatever it is, there must be an answer
        return HttpResponse(
            "The service failed. This is our mistake, and it has been noted. "
            "Try again in a minute.\n",
            status=500,
            content_type="text/plain; charset=utf-8",
        )


def _answer(
    request: HttpRequest, status: int, title: str, detail: str, *, wait: int = 0
) -> HttpResponseBase:
    """Answer with a page in the reader's language, or with a problem that programs can match.

    `wait`: seconds after which the same may be asked again.
    """
    if not pages.prefers_html(request, by_default=False):
        return problem_response(status, title, detail)
    context = {
        "status": status,
        "title": gettext(title),
        "detail": gettext(detail),
        "again_at": timezone.now() + timedelta(seconds=wait) if wait >= _LONG else None,
        "is_repeatable": request.method == "GET",
        "request_id": get_contextvars().get("request_id", "") if status == _OURS else "",
    }
    return pages.render(request, "public/problem.html", context, status=status)
