"""What a letter says: other apps know the facts, the templates here know the words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language_bidi


@dataclass(frozen=True)
class Letter:
    """To whom, in which language, and the facts `templates/mail/<kind>` puts into words."""

    to: str
    language: str
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Wording:
    """A letter in words. The subject is one line."""

    subject: str
    text: str
    html: str


# Returns the letter about a thing, or why there is none to be sent (any more).
Compose = Callable[[UUID], Letter | str]

_composers: dict[str, Compose] = {}


class UnknownKind(Exception):
    """Nobody composes letters of this kind."""


def register(kind: str, compose: Compose) -> None:
    """Let an app compose the letters of a kind; it does so when they go out."""
    _composers[kind] = compose


def compose(*, kind: str, subject_id: UUID) -> Letter | str:
    """Return the letter, or the reason it must not be sent. Raises UnknownKind."""
    try:
        composer = _composers[kind]
    except KeyError:
        raise UnknownKind(f"no app composes letters of kind {kind!r}") from None
    return composer(subject_id)


def word(letter: Letter, *, kind: str) -> Wording:
    """Put a letter into its language: plain text, and HTML that says the same."""
    with translation.override(letter.language):
        facts = {
            **letter.facts,
            "language": letter.language,
            "direction": "rtl" if get_language_bidi() else "ltr",
        }
        subject = render_to_string(f"mail/{kind}.subject.txt", facts)
        return Wording(
            # A title with a line break in it would be a second header.
            subject=" ".join(subject.split()),
            text=render_to_string(f"mail/{kind}.txt", facts).strip() + "\n",
            html=render_to_string(f"mail/{kind}.html", facts),
        )
