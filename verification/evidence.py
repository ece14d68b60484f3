"""Whatever an employer holds, to a verdict: a code, a link, a signed document, a file.

A file proves nothing by what it shows. It is good if the credential in it is on our record and
the file itself was made for that certificate, byte by byte, or says and shows the same. What was
edited around a good credential is an altered file.
"""

import hashlib
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from certificates import keeping
from certificates.files import A4
from certificates.models import Artifact, Certificate, Securing
from verification import comparison, documents, opening, verdict
from verification.comparison import CHECKS, Comparison, Finding
from verification.expectations import expected_of
from verification.kinds import Kind
from verification.lookup import CouldNotCheck, Report, look_up
from verification.opening import Opened
from verification.refusals import Refused
from verification.texts import examine_text, one_of
from verification.uploads import too_large

_FORMATS = {Kind.PDF: Artifact.Format.PDF, Kind.PICTURE: Artifact.Format.OPENBADGES}
_REVISIONS = 3  # of what was issued, the newest: each costs a page to draw


def examine_file(*, content: bytes, now: datetime) -> Report:
    """Return the report on a PDF, a badge, a signed document or a photo of a code.

    Raises Refused where there is nothing to judge, and CouldNotCheck.
    """
    if len(content) > settings.VERIFY_FILE_LIMIT:
        raise too_large()
    try:
        return _examine(content, now=now)
    except (DatabaseError, InterfaceError) as error:
        raise CouldNotCheck from error


def _examine(content: bytes, *, now: datetime) -> Report:
    issued = Artifact.objects.filter(sha256=hashlib.sha256(content).hexdigest())
    made = issued.select_related("certificate").first()
    if made is not None:
        report = _of_issued(made.certificate, content, now=now)
        return _decided(report, verdict.compare_file(report.verdict, is_ours=True))
    opened = opening.open_file(content)
    if not (opened.compact or opened.document or opened.texts):
        return documents.unknown(opened.origins, now=now)
    if opened.texts:
        report = examine_text(text=_text(opened), now=now)
    else:
        report = documents.examine(opened, now=now)
        if opened.is_carried and report.verdict.state is verdict.State.MALFORMED:
            # Of a file it is no matter of a code that somebody typed.
            report = replace(report, verdict=verdict.off_record(signature=verdict.Signature.BAD))
        if report.verdict.file is not None and not opened.is_carried:
            return report  # a document is all there is, and it was compared
    if report.certificate is None or report.fields is None:
        if report.verdict.file is not None:
            return report
        return replace(report, verdict=verdict.not_compared(report.verdict))
    found = _compare(content, opened, report)
    checked = verdict.with_file(report.verdict, CHECKS[found.finding])
    # Where the holder shares the name with nobody, no forged page draws it out.
    rows = () if report.certificate.is_private else found.rows
    return _decided(replace(report, rows=rows), checked)


def _of_issued(certificate: Certificate, content: bytes, *, now: datetime) -> Report:
    """Return the report on the certificate whose issued file this is, byte by byte.

    Where it was signed again, the file may carry the former signature, which is judged by itself.
    """
    if Securing.objects.filter(certificate=certificate).count() > 1:
        try:
            opened = opening.open_file(content)
        except Refused:
            opened = None
        if opened is not None and opened.compact:
            return documents.examine_document(compact=opened.compact, now=now)
    return look_up(text=certificate.token, now=now)


def _text(opened: Opened) -> str:
    """Return the text to judge. What somebody wrote is taken as it is, like in the box."""
    if opened.kind is Kind.TEXT and len(opened.texts) == 1:
        return opened.texts[0]
    return one_of(opened.texts)


def _compare(content: bytes, opened: Opened, report: Report) -> Comparison:
    """Compare what a file shows with what was issued for its certificate."""
    certificate, fields = report.certificate, report.fields
    assert certificate is not None  # noqa: S101 - the caller looked
    assert fields is not None  # noqa: S101
    if opened.kind == Kind.PDF:
        page, issued = opening.lay_beside(
            content, _issued(certificate, opened.kind), kind=opened.kind
        )
        expected = expected_of(certificate, fields)
        return comparison.compare(page, issued, expected, carries=opened.is_carried)
    if not opened.is_carried:
        return Comparison(Finding.CODE_ALONE)
    if opened.kind == Kind.PICTURE:
        _, issued = opening.lay_beside(content, _issued(certificate, opened.kind), kind=opened.kind)
        if any(each.looks == comparison.SAME for each in issued):
            return Comparison(Finding.AS_ISSUED)
    return Comparison(Finding.OTHER_PICTURE)


def _issued(certificate: Certificate, kind: Kind) -> list[bytes]:
    """Return what was issued of a kind, as far as storage gives it, the newest first."""
    files = []
    kept = certificate.artifacts.filter(format=_FORMATS[kind], paper=A4).order_by("-revision")
    for artifact in kept[:_REVISIONS]:
        try:
            files.append(keeping.recall(artifact))
        except (keeping.Unfit, keeping.StorageAway):
            continue
    return files


def _decided(report: Report, decided: verdict.Verdict) -> Report:
    return documents.trusted_only(replace(report, verdict=decided))
