"""Errors, for people as a page and for programs as a problem document, each with a next step."""

from typing import cast

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext, gettext_noop
from rest_framework.exceptions import APIException

from certificates import pages
from config.problems import problem_response


def failure(request: HttpRequest, exc: APIException) -> HttpResponseBase:
    """Answer an exception that a plain view raised for its caller."""
    title = getattr(exc, "title", "The request failed")
    headers = getattr(exc, "headers", {})
    response = _answer(request, exc.status_code, title, str(exc.detail))
    if "Retry-After" in headers and response["Content-Type"].startswith("text/html"):
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


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500: as a page if one can be made, for whatever broke may be what pages need."""
    title = gettext_noop("The service failed")
    detail = gettext_noop("This is our mistake, and it has been noted. Try again in a minute.")
    try:
        answer = _answer(request, 500, title, detail)
    except Exception:  # noqa: BLE001 - the first failure is the one that is told
        text = f"{title}. {detail}\n"
        return HttpResponse(text, status=500, content_type="text/plain; charset=utf-8")
    return cast("HttpResponse", answer)


def _answer(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponseBase:
    """Answer with a page in the reader's language, or with a problem that programs can match."""
    if not pages.prefers_html(request, by_default=False):
        return problem_response(status, title, detail)
    context = {"status": status, "title": gettext(title), "detail": gettext(detail)}
    return pages.render(request, "public/problem.html", context, status=status)
