"""What every answer passes: the reader's language, and problems in one form."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from rest_framework.exceptions import APIException

from config import error_views
from config.problems import CONTENT_TYPE, answerable

_IN_A_LANGUAGE = ("text/html", CONTENT_TYPE)
# What operators and programs read has no words of its own in other languages: half a page of
# Django's German around our English would be worse than either.
_IN_ENGLISH = ("/admin/", "/api/")


class CookielessMiddleware:
    """Outside the admin no cookie is read: so none is set, and no answer differs by one.

    Django answers even a cookie it cannot read with a new one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        if not request.path_info.startswith("/admin/"):
            request.COOKIES = {}
        return self.get_response(request)


class LanguageMiddleware(LocaleMiddleware):
    """The language that ?lang= asks for, else the browser's; never a cookie's. Admin: English.

    A page that depends on a cookie cannot be cached for anybody.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Choose the language."""
        request.COOKIES.pop(settings.LANGUAGE_COOKIE_NAME, None)
        super().process_request(request)
        asked = request.GET.get("lang", "")
        if asked not in dict(settings.LANGUAGES):
            if not request.path_info.startswith(_IN_ENGLISH):
                return
            asked = settings.LANGUAGE_CODE
        translation.activate(asked)
        request.LANGUAGE_CODE = asked

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Say the language of pages and problems: keys, files and documents are in none."""
        if response.get("Content-Type", "").startswith(_IN_A_LANGUAGE):
            return super().process_response(request, response)
        return response


class ProblemMiddleware:
    """What a plain view raises for its caller is answered as the API answers it, or as a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponseBase | None:
        """Answer a failure the caller can act on; anything else is a bug and surfaces."""
        exc = answerable(exc)
        if not isinstance(exc, APIException):
            return None
        return error_views.failure(request, exc)
