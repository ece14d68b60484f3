"""Why something that was given cannot be judged: a closed list, each with a status and a sentence.

A refusal is no verdict: nothing was found out about any certificate.
"""

from enum import StrEnum
from http import HTTPStatus

from verification.verdict import gettext_noop


class Why(StrEnum):
    """What is the matter with what was given."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MUCH_WORK = "too_much_work"
    UNKNOWN_KIND = "unknown_kind"
    TWO_KINDS = "two_kinds"
    LOCKED = "locked"
    DAMAGED = "damaged"
    NOTHING_INSIDE = "nothing_inside"
    NO_CODE_SEEN = "no_code_seen"
    NO_CERTIFICATE = "no_certificate"
    SEVERAL = "several"
    ELSEWHERE = "elsewhere"
    NO_LINK = "no_link"

    @property
    def http_status(self) -> HTTPStatus:
        """The status of the answer."""
        return _STATUS.get(self, HTTPStatus.BAD_REQUEST)

    @property
    def sentence(self) -> str:
        """What a person is told; may ask for `limit` in MB and `origin`, by name."""
        return _SENTENCES[self]


class Refused(Exception):
    """There is nothing here that could be judged: why, and what its sentence asks for."""

    def __init__(self, why: Why, **about: object) -> None:
        super().__init__(why.sentence % about)
        self.why = why
        self.about = about


_STATUS = {
    Why.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Why.TOO_MANY_PIXELS: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Why.UNKNOWN_KIND: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}
_SENTENCES = {
    Why.EMPTY: gettext_noop("The file is empty. Choose another, or enter the code."),
    Why.TOO_LARGE: gettext_noop(
        "The file is larger than %(limit)s MB. A certificate is much smaller: give the original, "
        "or enter the code printed on it."
    ),
    Why.TOO_MANY_PIXELS: gettext_noop(
        "The picture has more than 50 million pixels. Give a smaller one, or enter the code."
    ),
    Why.TOO_MUCH_WORK: gettext_noop(
        "Reading the file takes more than any certificate needs, so it was given up. Enter the "
        "code printed on it instead."
    ),
    Why.UNKNOWN_KIND: gettext_noop(
        "This kind of file cannot be checked. Give the certificate as PDF, the badge as PNG, SVG "
        "or JSON, the signed data, or a photo of the QR code as JPEG, PNG or WebP."
    ),
    Why.TWO_KINDS: gettext_noop(
        "The file is made to be read as two different kinds, so it could show you something else. "
        "Ask for the original, or enter the code."
    ),
    Why.LOCKED: gettext_noop(
        "The PDF is locked with a password. Give it without one, or enter the code printed on it."
    ),
    Why.DAMAGED: gettext_noop(
        "The file is damaged or incomplete and cannot be read. Ask for it again, or enter the code."
    ),
    Why.NOTHING_INSIDE: gettext_noop(
        "The file holds no credential, no link and no code of a certificate. If a code is printed "
        "on it, enter that."
    ),
    Why.NO_CODE_SEEN: gettext_noop(
        "No QR code can be read in the picture. Take it closer and in good light, or enter the "
        "code printed beside it."
    ),
    Why.NO_CERTIFICATE: gettext_noop(
        "The QR code in the picture does not lead to a certificate. Enter the code printed on it."
    ),
    Why.SEVERAL: gettext_noop(
        "The file shows the codes of several certificates. Give one certificate at a time."
    ),
    Why.ELSEWHERE: gettext_noop(
        "The link leads to another service, %(origin)s. Ask there; nothing was fetched."
    ),
    Why.NO_LINK: gettext_noop("This is no link. Copy it again, or enter the code."),
}
