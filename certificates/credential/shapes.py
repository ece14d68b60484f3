"""Credentials of one shape: composed and linted once, then only what differs is filled in. Pure.

In a batch most credentials differ in seven values, and composing and linting each costs more than
signing it. The slow way, `lint(add_claims(compose(award)))`, stays the reference: whatever comes
from here equals it byte for byte, and an award that might not takes the slow way.
"""

import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from certificates.credential.compose import Award, add_claims, compose, email_hash
from certificates.credential.lint import LintedCredential, NotLinted, lint
from certificates.moments import with_offset

_quoted = json.JSONEncoder(ensure_ascii=False).encode
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_URN = "urn:uuid:"
# Whole seconds and an offset of hours and minutes: what the schema calls a date-time.
_TIME_LENGTHS = {len("2026-01-01T00:00:00Z"), len("2026-01-01T00:00:00+00:00")}

# What stands in the slots while a shape is learned: valid values that nobody would ever write.
_STAND_IN = {
    "credential": "0f5a3e62-5c1d-4b7e-8a90-1b2c3d4e5f60",
    "subject": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "recipient_name": "stand-in for the name of somebody",
    "email": "stand-in@certificates.invalid",
    "email_salt": "2e7d1c0b9a8f6e5d4c3b2a1908f7e6d5",
    "grade": "stand-in for a grade",
}
_STAND_IN_TIME = datetime(1901, 2, 3, 4, 5, 6, tzinfo=UTC)
_STAND_IN_INDEX = 9_182_736_450
_TWICE = {"credential", "subject", "index"}  # as a member, and as a claim or within another


@dataclass(frozen=True, slots=True)
class _Template:
    """A linted payload with a `%s` for each slot, and which value goes into which."""

    text: str
    order: tuple[str, ...]


class Shapes:
    """The shapes of one issuer's credentials, learned as they come."""

    def __init__(self, *, issuer: Mapping[str, Any]) -> None:
        self._issuer = issuer
        self._met: set[Hashable] = set()
        self._templates: dict[Hashable, _Template | None] = {}

    def lint(self, award: Award) -> LintedCredential:
        """Return the bytes to sign, or raise NotLinted, as the slow way would."""
        completed = with_offset(award.completed_at)
        base, _, credential = award.credential_url.rpartition("/")
        if (
            award.evidence
            or award.issuer != self._issuer
            or len(completed) not in _TIME_LENGTHS
            or award.status_index < 0
            or not _ID.fullmatch(credential)
            or not award.subject_id.startswith(_URN)
            or not _ID.fullmatch(award.subject_id, len(_URN))
        ):
            return _slowly(award)
        shape = (
            base,
            award.achieved,
            award.valid_from,
            award.awarded_at,
            award.valid_until,
            award.status_list_url,
            bool(award.email),
            bool(award.grade),
        )
        if shape not in self._met:
            self._met.add(shape)  # the first may be the only one: not worth a template
            return _slowly(award)
        if shape not in self._templates:
            self._templates[shape] = _learned(award)
        template = self._templates[shape]
        if template is None:
            return _slowly(award)
        values = {
            "credential": credential,
            "subject": award.subject_id[len(_URN) :],
            "index": award.status_index,
            "completed": completed,
            "recipient_name": _quoted(award.recipient_name),
            "hash": email_hash(award) if award.email else "",
            "email_salt": _quoted(award.email_salt),
            "grade": _quoted(award.grade),
        }
        payload = template.text % tuple([values[name] for name in template.order])
        return LintedCredential(payload.encode(), award.subject_id)


def _slowly(award: Award) -> LintedCredential:
    return lint(add_claims(compose(award)))


def _learned(award: Award) -> _Template | None:
    """Return the template of an award's shape, or None where it has no usable one."""
    stand_in = replace(
        award,
        credential_url=f"{award.credential_url.rpartition('/')[0]}/{_STAND_IN['credential']}",
        subject_id=_URN + _STAND_IN["subject"],
        recipient_name=_STAND_IN["recipient_name"],
        email=award.email and _STAND_IN["email"],
        email_salt=_STAND_IN["email_salt"],
        completed_at=_STAND_IN_TIME,
        grade=award.grade and _STAND_IN["grade"],
        status_index=_STAND_IN_INDEX,
    )
    try:
        text = _slowly(stand_in).payload.decode()
    except NotLinted:
        return None  # the slow way tells the reasons, for each award its own
    slots = {
        _STAND_IN["credential"]: "credential",
        _STAND_IN["subject"]: "subject",
        str(_STAND_IN_INDEX): "index",
        with_offset(_STAND_IN_TIME): "completed",
        _quoted(_STAND_IN["recipient_name"]): "recipient_name",
    }
    if award.email:
        slots[email_hash(stand_in)] = "hash"
        slots[_quoted(_STAND_IN["email_salt"])] = "email_salt"
    if award.grade:
        slots[_quoted(_STAND_IN["grade"])] = "grade"
    found = re.split("({})".format("|".join(map(re.escape, slots))), text)
    order = tuple(slots[part] for part in found[1::2])
    # Otherwise the issuer's or the course's own words hold a stand-in.
    expected = sorted([*slots.values(), *_TWICE])
    if sorted(order) != expected:
        return None
    return _Template("%s".join(part.replace("%", "%%") for part in found[::2]), order)
