"""Request bodies: JSON as RFC 8259 writes it, and nothing that only looks like it."""

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MAX_DEPTH = 32
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class TooLarge(APIException):
    """A body beyond what is read (413)."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    title = "The body is too large"


class StrictJSONParser(BaseParser):
    """Refuse invalid UTF-8, duplicate members, NaN, NUL and deep nesting with a 400."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,  # noqa: ARG002 - DRF calls it so
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> Any:
        """Return the parsed body."""
        try:
            text = _read(stream).decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParseError(f"The body is not UTF-8 (byte {error.start}).") from error
        try:
            body = json.loads(text, object_pairs_hook=_members, parse_constant=_constant)
            _check(body)
        except RecursionError as error:
            raise ParseError("The body is nested too deeply.") from error
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {error}.") from error
        return body


def _read(stream: IO[bytes]) -> bytes:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise TooLarge(f"The body is larger than {limit // 1024 // 1024} MiB. Send less at a time.")
    return body


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is given twice")
    return members


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _check(body: Any) -> None:
    """Refuse what no database and no other parser could hold: deep trees, half characters."""
    stack: list[tuple[int, Any]] = [(1, body)]
    while stack:
        depth, value = stack.pop()
        if depth > MAX_DEPTH:
            raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, str) and _LONE_SURROGATE.search(value):
            raise ValueError("a text holds half a surrogate pair")
        if isinstance(value, float) and math.isinf(value):
            raise ValueError("a number is too large")
        if isinstance(value, dict):
            stack += [(depth, name) for name in value]
            stack += [(depth + 1, member) for member in value.values()]
        elif isinstance(value, list):
            stack += [(depth + 1, item) for item in value]
