"""A reported completion: what every door checks before intake sees it.

Pure. The rules are those of the contract (section 5) and hold for the API, files and events
alike; each door translates its own form into the flat names used here, and the problems back
into its own pointers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from certificates import names
from certificates.moments import read_time

# What may be later than our clock: the platform's clock is not ours.
CLOCK_TOLERANCE = timedelta(minutes=5)
NAME_LIMIT = 200
ID_LIMIT = 128
GRADE_LIMIT = 200
EMAIL_LIMIT = 254
SHOWN_LIMIT = 60
_TIME_LIMIT = 64

LIMITS = {
    "event_id": ID_LIMIT,
    "recipient_id": ID_LIMIT,
    "recipient_email": EMAIL_LIMIT,
    "course_id": ID_LIMIT,
    "course_version_id": ID_LIMIT,
    "course_title": 10_000,
    "grade": GRADE_LIMIT,
    "language": 35,
    "template_id": 10,
}

REQUIRED = ("event_id", "recipient_id", "recipient_name", "course_version_id", "completed_at")

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Half of a pair: no encoding can carry it to a database or a page.
_SURROGATE = re.compile("[\ud800-\udfff]")
_LANGUAGE = re.compile(
    r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-[A-Za-z0-9]{5,8})*"
)
_EMAIL = re.compile(r"[^\s@<>\"(),:;\\]+@[^\s@<>\"(),:;\\]+\.[^\s@<>\"(),:;\\.]+")


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field, and what to do. `field` is the flat name."""

    field: str
    code: str
    detail: str
    severity: Literal["error", "warning"] = "error"
    remedy: str = ""
    value: str = ""


@dataclass(frozen=True)
class ReportedCompletion:
    """One completion as a platform reported it, checked. Times are aware."""

    event_id: str
    recipient_id: str
    recipient_name: str
    course_version_id: str
    completed_at: datetime
    recipient_email: str = ""
    language: str = ""
    course_id: str = ""
    course_title: str = ""
    occurred_at: datetime | None = None
    grade: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    template_id: str = ""
    is_backfill: bool = False
    warnings: tuple[FieldProblem, ...] = ()


def check_completion(
    draft: Mapping[str, Any], *, now: datetime, required: tuple[str, ...] = REQUIRED
) -> tuple[ReportedCompletion | None, list[FieldProblem]]:
    """Check one draft of flat, textual fields (`details` is an object, `is_backfill` a bool).

    Returns the completion, or None where an error stands in the way, and all problems found:
    a person who mends a file wants them all at once.
    """
    checks = _Checks(draft)
    values: dict[str, Any] = {name: checks.text(name) for name in LIMITS}
    values["recipient_name"] = checks.name()
    values["completed_at"] = checks.time("completed_at", now=now)
    values["occurred_at"] = checks.time("occurred_at", now=now)
    values["recipient_email"] = checks.email(values["recipient_email"])
    values["language"] = checks.language(values["language"])
    values["details"] = draft.get("details") or {}
    values["is_backfill"] = bool(draft.get("is_backfill"))
    for name in required:
        if not values[name] and not checks.has_error(name):
            checks.error(name, "missing_field", "is empty", "Give it a value.")
    problems = checks.problems
    if any(problem.severity == "error" for problem in problems):
        return None, problems
    return ReportedCompletion(**values, warnings=tuple(problems)), problems


def read_name(text: str) -> tuple[str, list[FieldProblem]]:
    """Return a name as it must be printed, for a door that takes nothing else. Empty stays empty.

    Only errors come back: whoever corrects one name sees it before it is printed.
    """
    checks = _Checks({"recipient_name": text})
    name = checks.name()
    return name, [problem for problem in checks.problems if problem.severity == "error"]


def read_grade(text: str) -> tuple[str, list[FieldProblem]]:
    """Return a grade as it must be printed, for a door that corrects one. Empty stays empty."""
    checks = _Checks({"grade": text})
    return checks.text("grade"), checks.problems


def shown(value: str) -> str:
    """Return as much of a reported value as a problem may quote, safe for a terminal."""
    head = value[:SHOWN_LIMIT]
    return "".join(symbol if symbol.isprintable() else "\ufffd" for symbol in head)


class _Checks:
    """The problems of one draft, collected field by field."""

    def __init__(self, draft: Mapping[str, Any]) -> None:
        self.draft = draft
        self.problems: list[FieldProblem] = []

    def error(self, name: str, code: str, detail: str, remedy: str = "") -> None:
        self._add(name, code, detail, remedy, "error")

    def warn(self, name: str, code: str, detail: str, remedy: str = "") -> None:
        self._add(name, code, detail, remedy, "warning")

    def has_error(self, name: str) -> bool:
        return any(p.field == name and p.severity == "error" for p in self.problems)

    def text(self, name: str) -> str:
        """Return a trimmed text without controls or line breaks, within its limit."""
        value = self._within(name, LIMITS[name])
        if "\n" in value or "\t" in value:
            self.error(name, "control_characters", "holds a tab or a line break", "Remove it.")
            return ""
        return value

    def name(self) -> str:
        """Return the recipient's name as it must be printed."""
        name = "recipient_name"
        value = self._within(name, NAME_LIMIT)
        if not value:
            return ""
        folded = names.fold(value)
        if folded != value:
            self.warn(name, "control_characters", "white space was folded to one space")
        if not names.is_visible(folded):
            self.error(name, "missing_field", "holds no visible character", "Give a name.")
            return ""
        for doubt in names.doubts(folded):
            self._add(name, doubt.code, doubt.detail, doubt.remedy, doubt.severity)
        return folded

    def email(self, value: str) -> str:
        if value and not _EMAIL.fullmatch(value):
            self.warn(
                "recipient_email",
                "bad_email",
                "is no e-mail address; left out",
                "Give an address, or leave it empty.",
            )
            return ""
        return value

    def language(self, value: str) -> str:
        if value and not _LANGUAGE.fullmatch(value):
            self.warn(
                "language",
                "bad_language",
                "is no BCP 47 tag; the course's language is used",
                "Use a tag such as en, pt-BR or zh-Hant.",
            )
            return ""
        return value

    def time(self, name: str, *, now: datetime) -> datetime | None:
        """Return an RFC 3339 time with its offset, not later than the clock tolerance."""
        value = self._within(name, _TIME_LIMIT)
        if not value:
            return None
        moment = read_time(value)
        if moment is None:
            self.error(
                name,
                "bad_date",
                "is not an RFC 3339 time with an offset",
                "Write it like 2026-03-01T09:30:00+01:00.",
            )
            return None
        if moment > now + CLOCK_TOLERANCE:
            self.error(
                name, "future_date", "lies in the future", "Report a completion when it happened."
            )
            return None
        return moment

    def _within(self, name: str, limit: int) -> str:
        value = names.trim(str(self.draft.get(name) or ""))
        if value.isascii() and value.isprintable() and len(value) <= limit:
            return value  # nearly all values: none of the questions below is worth asking
        if CONTROL.search(value):
            self.error(
                name,
                "control_characters",
                "holds a control or bidi control character",
                "Remove it.",
            )
            return ""
        if _SURROGATE.search(value):
            self.error(name, "bad_encoding", "holds half of a surrogate pair", "Send it as UTF-8.")
            return ""
        if len(value) > limit:
            self.error(
                name,
                "field_too_long",
                f"has {len(value):,} characters; the limit is {limit}",
                "Shorten it.",
            )
            return ""
        return value

    def _add(
        self, name: str, code: str, detail: str, remedy: str, severity: Literal["error", "warning"]
    ) -> None:
        value = shown(str(self.draft.get(name) or ""))
        self.problems.append(FieldProblem(name, code, detail, severity, remedy, value))
