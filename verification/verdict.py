"""Facts about a certificate to a verdict and the checks behind it (contract, section 4)."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus


class Result(StrEnum):
    """The four answers; a metric label, so a closed list."""

    ISSUED = "issued"
    REVOKED = "revoked"
    NOT_FOUND = "not_found"
    INVALID = "invalid"


class State(StrEnum):
    """What the reader is told; each has a page of its own name."""

    IN_FORCE = "in_force"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"
    MISTYPED = "mistyped"
    MALFORMED = "malformed"
    ALTERED = "altered"
    COMPROMISED = "compromised"


class Signature(StrEnum):
    """What the signature is worth."""

    GOOD = "good"
    BAD = "bad"
    COMPROMISED = "compromised"


class Outcome(StrEnum):
    """How one check ended. One that did not run has not passed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True)
class Check:
    """One thing looked at, and what came out."""

    name: str
    outcome: Outcome
    detail: str


@dataclass(frozen=True)
class Facts:
    """What is known when signature and row were both read.

    `stolen_at`: since when the signing key is; beside a good signature our record is older.
    `has_domain`: an internet domain says that the issuer is its own.
    """

    signature: Signature
    matches_record: bool
    issuer_matches: bool
    is_revoked: bool
    is_superseded: bool
    expires_at: datetime | None
    stolen_at: datetime | None = None
    has_domain: bool = False


@dataclass(frozen=True)
class Verdict:
    """The answer, and why."""

    result: Result
    state: State
    in_force: bool | None
    checks: tuple[Check, ...]

    @property
    def http_status(self) -> HTTPStatus:
        """The status of the answer: a withdrawn certificate is an answer, not an error."""
        return _HTTP_STATUS[self.result]

    @property
    def may_be_stored(self) -> bool:
        """Say whether a cache may keep the answer, to ask again with its ETag."""
        return self.result is Result.ISSUED


_HTTP_STATUS = {
    Result.ISSUED: HTTPStatus.OK,
    Result.REVOKED: HTTPStatus.OK,
    Result.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Result.INVALID: HTTPStatus.BAD_REQUEST,
}


def gettext_noop(text: str) -> str:
    """Mark a sentence for translators: pages translate it, the JSON form carries it as it is."""
    return text


_PASSED, _FAILED = Outcome.PASSED, Outcome.FAILED
_SIGNED = Check("signature", _PASSED, gettext_noop("Nothing was changed since it was signed."))
_FORGED = Check(
    "signature", _FAILED, gettext_noop("The signed document does not match its signature.")
)
_FOREIGN = Check(
    "signature", _FAILED, gettext_noop("The signed document is not the one on our record.")
)
_RECORDED = Check(
    "signature",
    _PASSED,
    gettext_noop(
        "The key that signed it was withdrawn later; our own record of it is older, so it holds."
    ),
)
_STANDS = Check("status", _PASSED, gettext_noop("Not withdrawn."))
_WITHDRAWN = Check("status", _FAILED, gettext_noop("Withdrawn by the issuer."))
_REPLACED = Check("status", _FAILED, gettext_noop("Replaced by a newer certificate."))
_ENDLESS = Check("expiry", _PASSED, gettext_noop("It has no end date."))
_NOT_ENDED = Check("expiry", _PASSED, gettext_noop("The end date has not been reached."))
_ENDED = Check("expiry", _FAILED, gettext_noop("The end date has passed."))
_ISSUER = Check("issuer", _PASSED, gettext_noop("The signing key belongs to the named issuer."))
_PROVED_ISSUER = Check(
    "issuer",
    _PASSED,
    gettext_noop("The signing key belongs to the named issuer, whose domain confirms it."),
)
_OTHER_ISSUER = Check("issuer", _FAILED, gettext_noop("The document names another issuer."))
_NO_FILE = Check("file", Outcome.NOT_CHECKED, gettext_noop("No file was given to compare."))
_SAME_FILE = Check("file", _PASSED, gettext_noop("The file is the one that was issued."))
_OTHER_FILE = Check(
    "file", _FAILED, gettext_noop("The file was changed since it was issued; look at its page.")
)
_PAPER = Check(
    "file",
    Outcome.NOT_CHECKED,
    gettext_noop("A picture proves nothing by itself: compare it with what is signed."),
)
_DID_NOT_RUN = gettext_noop("This check did not run.")


def decide(facts: Facts, *, now: datetime) -> Verdict:
    """Return the verdict. An untrusted document is invalid whatever else its row says."""
    return _untrusted(facts) or _trusted(facts, now)


def unknown() -> Verdict:
    """Return the verdict on a well-formed code that stands for no certificate (yet)."""
    return Verdict(Result.NOT_FOUND, State.UNKNOWN, in_force=None, checks=_complete())


def unreadable(*, mistyped: bool) -> Verdict:
    """Return the verdict on a text that is no code."""
    return _invalid(State.MISTYPED if mistyped else State.MALFORMED)


def compare_file(verdict: Verdict, *, is_ours: bool) -> Verdict:
    """Return the verdict on a file, from the verdict on the credential it carries.

    A changed file is invalid even around a good credential: what it shows may be made up.
    """
    if verdict.result is Result.INVALID:
        return verdict
    checks = {check.name: check for check in verdict.checks}
    if not is_ours:
        return _invalid(State.ALTERED, checks["signature"], _OTHER_FILE)
    return replace(verdict, checks=(*verdict.checks[:-1], _SAME_FILE))


def look_at_paper(verdict: Verdict) -> Verdict:
    """Return the verdict on the code in a photo: what else the photo shows was not looked at."""
    if verdict.result is Result.INVALID:
        return verdict
    return replace(verdict, checks=(*verdict.checks[:-1], _PAPER))


def by_signature_alone(expires_at: datetime | None, *, now: datetime) -> Verdict:
    """Return the verdict where there is nothing but a good signature: withdrawn is not known."""
    expiry = _end(expires_at, now)
    has_ended = expiry is _ENDED
    return Verdict(
        Result.ISSUED,
        State.EXPIRED if has_ended else State.IN_FORCE,
        in_force=False if has_ended else None,
        checks=_complete(_SIGNED, expiry),
    )


def reattest(verdict: Verdict) -> Verdict:
    """Return the verdict on an older form of a document, whose key was withdrawn since."""
    if verdict.result is Result.INVALID:
        return verdict
    return replace(verdict, checks=(_RECORDED, *verdict.checks[1:]))


def off_record(*, signature: Signature, stolen_at: datetime | None = None) -> Verdict:
    """Return the verdict on a signed document that names a certificate and is not its own."""
    if signature is Signature.COMPROMISED:
        return _invalid(State.COMPROMISED, _stolen(stolen_at, "does not show this document"))
    return _invalid(State.ALTERED, _FORGED if signature is Signature.BAD else _FOREIGN)


def _untrusted(facts: Facts) -> Verdict | None:
    if facts.signature is Signature.COMPROMISED:
        missing = "does not show that it was signed before"
        return _invalid(State.COMPROMISED, _stolen(facts.stolen_at, missing))
    if facts.signature is Signature.BAD:
        return _invalid(State.ALTERED, _FORGED)
    if not facts.matches_record:
        return _invalid(State.ALTERED, _FOREIGN)
    if not facts.issuer_matches:
        return _invalid(State.ALTERED, _SIGNED, _OTHER_ISSUER)
    return None


def _trusted(facts: Facts, now: datetime) -> Verdict:
    status, expiry = _status(facts), _end(facts.expires_at, now)
    signed = _SIGNED if facts.stolen_at is None else _RECORDED
    issuer = _PROVED_ISSUER if facts.has_domain else _ISSUER
    checks = (signed, status, expiry, issuer, _NO_FILE)
    if status is not _STANDS:
        state = State.SUPERSEDED if status is _REPLACED else State.REVOKED
        return Verdict(Result.REVOKED, state, in_force=False, checks=checks)
    if expiry is _ENDED:
        return Verdict(Result.ISSUED, State.EXPIRED, in_force=False, checks=checks)
    return Verdict(Result.ISSUED, State.IN_FORCE, in_force=True, checks=checks)


def _status(facts: Facts) -> Check:
    if facts.is_superseded:
        return _REPLACED
    return _WITHDRAWN if facts.is_revoked else _STANDS


def _end(expires_at: datetime | None, now: datetime) -> Check:
    if expires_at is None:
        return _ENDLESS
    return _NOT_ENDED if now < expires_at else _ENDED


def _stolen(at: datetime | None, missing: str) -> Check:
    """Say why a sound signature proves nothing. Pages say it in words of their own."""
    since = f" on {at.astimezone(UTC):%Y-%m-%d}" if at else ""
    return Check(
        "signature", _FAILED, f"Signed with a key that was stolen{since}; our record {missing}."
    )


def _invalid(state: State, *ran: Check) -> Verdict:
    return Verdict(Result.INVALID, state, in_force=None, checks=_complete(*ran))


def _complete(*ran: Check) -> tuple[Check, ...]:
    """Return all five checks: those that ran, the others as not checked."""
    by_name = {check.name: check for check in (_NO_FILE, *ran)}
    return tuple(
        by_name.get(name, Check(name, Outcome.NOT_CHECKED, _DID_NOT_RUN))
        for name in ("signature", "status", "expiry", "issuer", "file")
    )
