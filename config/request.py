"""Requests with headers that Django can read: what it would fail on is taken as not sent."""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """A request whose text is UTF-8, whatever charset its header names.

    Django reads the query in that charset while it makes the request, before any middleware:
    `charset=undefined` would be a failure that nothing answers. Encoded parameters (RFC 2231)
    may name such a charset too, in any header with media types.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        # From a header written with an underscore: it would pass for the real one.
        for name in ("HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE"):
            environ.pop(name, None)
        if not _is_readable(environ.get("HTTP_ACCEPT", "")):
            del environ["HTTP_ACCEPT"]
        super().__init__(environ)

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        """Read the media type, and leave the charset alone."""
        try:
            found = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (LookupError, ValueError):
            found = "", {}
        self.content_type, self.content_params = found


class Application(WSGIHandler):
    """Django's handler, with such requests."""

    request_class = Request


def _is_readable(accept: str) -> bool:
    if "'" not in accept:  # no encoded parameter
        return True
    try:
        for kind in accept.split(","):
            parse_header_parameters(kind)
    except (LookupError, ValueError):
        return False
    return True
