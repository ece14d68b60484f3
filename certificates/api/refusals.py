"""The API's refusals: exceptions that config.problems answers as problem+json."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import status
from rest_framework.exceptions import APIException


class Refusal(APIException):
    """A request that was understood and is not met."""

    def __init__(
        self,
        http_status: int,
        title: str,
        detail: str,
        errors: list[dict[str, str]] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status_code = http_status
        self.title = title
        self.errors = errors or []

    def body(self) -> dict[str, Any]:
        """Return the problem document, for one item of an array."""
        return problem_document(self.status_code, self.title, str(self.detail), errors=self.errors)


def problem_document(
    http_status: int, title: str, detail: str, *, errors: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """Return the members of a problem document (RFC 9457 section 3.1)."""
    body = {"type": "about:blank", "title": title, "status": http_status, "detail": detail}
    return {**body, "errors": [*errors]} if errors else body


def unprocessable(errors: list[dict[str, str]]) -> Refusal:
    """Refuse fields (422)."""
    return Refusal(
        status.HTTP_422_UNPROCESSABLE_ENTITY,
        "Some fields are wrong",
        f"{len(errors)} field problem{'s' * (len(errors) != 1)}; nothing was stored.",
        errors,
    )


def conflict(detail: str, *, pointer: str = "") -> Refusal:
    """Refuse what contradicts what is there (409)."""
    errors = [{"pointer": pointer, "detail": detail}] if pointer else []
    return Refusal(status.HTTP_409_CONFLICT, "This contradicts what is stored", detail, errors)


def too_many(count: int, limit: int) -> Refusal:
    """Refuse an array that is too long (413)."""
    return Refusal(
        status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
        "The array is too long",
        f"It has {count:,} items; send at most {limit:,} at a time. Nothing was stored.",
    )
