"""What an operator types into the search box: a code, a pasted link, a name, an address, an id."""

import json
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from certificates.tokens import MalformedToken, read_token


def find_certificates(certificates: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Narrow certificates to what was typed. A code or link finds exactly one, or nothing."""
    token = _token_in(text)
    if token:
        return certificates.filter(token=token)
    return certificates.filter(
        _person(text) | _id(text) | Q(completion__event_id=text) | _course(text)
    )


def find_completions(completions: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Narrow completions to what was typed."""
    token = _token_in(text)
    if token:
        return completions.filter(token=token)
    return completions.filter(_person(text) | _id(text) | Q(event_id=text) | _course(text))


def _token_in(text: str) -> str:
    """Return the token of a code or of a link of ours; a link may carry a path behind it."""
    path = text.partition("?")[0].partition("#")[0]
    for part in path.split("/"):
        try:
            return read_token(part)
        except MalformedToken:
            continue
    return ""


def _person(text: str) -> Q:
    # SQLite keeps JSON as text with \u escapes, PostgreSQL as characters: ask for both.
    escaped = json.dumps(text)[1:-1]
    return (
        Q(recipient__names__icontains=text)
        | Q(recipient__names__icontains=escaped)
        | Q(recipient__email__iexact=text)
        | Q(recipient__external_id=text)
    )


def _course(text: str) -> Q:
    return Q(course_version__version_id=text) | Q(course_version__title__icontains=text)


def _id(text: str) -> Q:
    try:
        return Q(pk=UUID(text))
    except ValueError:
        return Q(pk__in=())
