"""The learner's page and the files of a certificate."""

import html
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from certificates import addresses, files, pages, paper, proof, queries, rerendering, tokens
from certificates.models import Artifact, Certificate, Completion, RenderJob
from certificates.proof import Proof

_IMMUTABLE = "private, max-age=31536000, immutable"
_PICTURE_WIDTH = 1600
# An SVG opened by itself is a document: it shows the mark inside it and does nothing.
_FILE_POLICY = "default-src 'none'; img-src data:; sandbox"


@require_safe
def learner_certificate(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show a certificate to whoever has its link; say so while it is being made."""
    token = _read(token)
    certificate = queries.certificate_by_token(token)
    if certificate is None:
        return _being_issued(request, token)
    if certificate.is_private:
        raise Http404
    now = timezone.now()
    found = proof.examine(certificate, now=now)
    state = certificate.state(now=now)
    stands = state in {Certificate.State.ISSUED, Certificate.State.EXPIRED}
    shown = _downloads(certificate, found.sha256) if stands and found.fields else {}
    response = pages.render(
        request,
        "certificates/learner.html",
        {**_facts(certificate, found), "state": state.value, **shown},
        cache_control=pages.NO_CACHE if stands else pages.NO_STORE,
        may_be_found=bool(shown) and _may_be_found(certificate),
    )
    if shown.get("is_preparing"):
        _ask_again(response)
    return response


@require_safe
def certificate_file(
    request: HttpRequest, token: str, name: str, digest: str = ""
) -> HttpResponseBase:
    """Give out a stored file. Under its content's address it never changes."""
    token = _read(token)
    certificate = queries.certificate_by_token(token)
    if certificate is None:
        if queries.pending_completion(token) is None:
            raise Http404
        raise files.NotReady
    if certificate.is_private:
        raise Http404
    try:
        file = files.find(certificate, name, digest=digest)
    except files.NotReady:
        if name == files.ON_DEMAND:
            paper.ask_for_letter(certificate=certificate, now=timezone.now())
        raise
    except files.Damaged:
        rerendering.mend(certificate=certificate, now=timezone.now())
        raise
    fields = proof.examine(certificate, now=timezone.now()).fields
    response = HttpResponse(file.content, content_type=file.content_type)
    disposition = content_disposition_header(
        as_attachment=name not in files.SHOWN,
        filename=files.download_name(fields, name, file.sha256) if fields else name,
    )
    response["Content-Disposition"] = disposition or "attachment"
    response["X-Robots-Tag"] = "noindex"
    answer = pages.with_etag(
        request, response, cache_control=_IMMUTABLE if digest else "private, no-cache"
    )
    answer["Content-Security-Policy"] = _FILE_POLICY
    return answer


def _read(text: str) -> str:
    """Return the token of an address; whatever is none is simply not there."""
    try:
        return tokens.read_token(text)
    except tokens.MalformedToken as error:
        raise Http404 from error


def _may_be_found(certificate: Certificate) -> bool:
    """Say whether its holder wants search engines to list it."""
    is_public = certificate.visibility is Certificate.Visibility.PUBLIC
    return is_public and not certificate.tenant.is_sample


def _being_issued(request: HttpRequest, token: str) -> HttpResponseBase:
    completion: Completion | None = queries.pending_completion(token)
    if completion is None:
        raise Http404
    response = pages.render(
        request,
        "certificates/being_issued.html",
        {
            "completion": completion,
            "issuer": pages.issuer_head(completion.tenant),
            "sample": completion.tenant.is_sample,
            "held": completion.state == Completion.State.HELD,
            "here": reverse("learner_certificate", args=[tokens.format_token(token)]),
        },
    )
    if completion.state == Completion.State.ACCEPTED:
        _ask_again(response)
    return response


def _ask_again(response: HttpResponseBase) -> None:
    """Let programs and browsers come back by themselves, without a script."""
    seconds = files.NotReady.headers["Retry-After"]
    response["Retry-After"] = response["Refresh"] = seconds


def _facts(certificate: Certificate, found: Proof) -> dict[str, Any]:
    tenant, fields = certificate.tenant, found.fields
    written = tokens.format_token(certificate.token)
    newer = certificate.successor
    return {
        "fields": fields,
        **(pages.dates(fields, tenant) if fields else {}),
        "issuer": pages.issuer_head(tenant, name=fields.issuer_name if fields else ""),
        "sample": tenant.is_sample,
        "revoked_on": pages.day(certificate.revoked_at, tenant),
        "code": written,
        "here": reverse("learner_certificate", args=[written]),
        "base_url": settings.BASE_URL,
        "page_url": addresses.page_url(certificate.token),
        "verify_url": addresses.verify_url(certificate.token),
        "verify_path": reverse("public_verify", args=[written]),
        "embed_code": _embed_code(certificate, found),
        "qr_path": reverse("certificate_qr", args=[written]),
        "owner_path": reverse("owner_link", args=[written]),
        "newer_path": (
            reverse("learner_certificate", args=[tokens.format_token(newer.token)]) if newer else ""
        ),
        "linkedin_url": _linkedin(certificate, found),
    }


def _embed_code(certificate: Certificate, found: Proof) -> str:
    """Return what the author of a web site puts into a page: a frame, and nothing that runs."""
    title = html.escape(found.fields.achievement_name) if found.fields else ""
    address = addresses.embed_url(certificate.token)
    return (
        f'<iframe src="{address}" title="{title}" width="420" height="180" loading="lazy" '
        'style="border:0"></iframe>'
    )


def _downloads(certificate: Certificate, sha256: str) -> dict[str, Any]:
    """Return the files that are there, at the addresses of their contents, and what is not."""
    prefetch_related_objects([certificate], "artifacts")  # looked through for each paper
    found = queries.artifacts_of(certificate)
    job: RenderJob | None = getattr(certificate, "render_job", None)
    is_held = job is not None and job.state == RenderJob.State.HELD
    # The reason begins with the name of a template's field: to a learner, that is words.
    held_reason = job.reason.replace("_", " ") if job and is_held else ""
    picture = found.get(Artifact.Format.PNG)
    page = certificate.template_version.layout.get("page", {})
    return {
        "pdf": _link(certificate, found.get(Artifact.Format.PDF)),
        "letter": _letter(certificate) if Artifact.Format.PDF in found else "",
        "png": _link(certificate, picture),
        "badge": _link(certificate, found.get(Artifact.Format.OPENBADGES)),
        "badge_svg": _link(certificate, found.get(Artifact.Format.BADGE_SVG)),
        "thumbnail": _link(certificate, found.get(Artifact.Format.THUMBNAIL)),
        "card": _link(certificate, found.get(Artifact.Format.CARD)),
        "jws": addresses.file_path(certificate.token, files.SIGNED, sha256),
        "width": _PICTURE_WIDTH,
        "height": round(_PICTURE_WIDTH * page.get("height", 210) / page.get("width", 297)),
        "held_reason": held_reason,
        "is_preparing": picture is None and not held_reason,
    }


def _link(certificate: Certificate, artifact: Artifact | None) -> dict[str, Any] | None:
    if artifact is None:
        return None
    name = files.NAMES[artifact.format]
    return {"path": addresses.file_path(certificate.token, name, artifact.sha256)}


def _letter(certificate: Certificate) -> str:
    """Return where the PDF for Letter paper is, or where to ask for it."""
    made = queries.artifacts_of(certificate, paper=files.LETTER).get(Artifact.Format.PDF)
    if made is not None:
        return addresses.file_path(certificate.token, files.ON_DEMAND, made.sha256)
    written = tokens.format_token(certificate.token)
    return reverse("certificate_file", args=[written, files.ON_DEMAND])


def _linkedin(certificate: Certificate, found: Proof) -> str:
    """Return LinkedIn's own form for adding a certification, filled in; no learner's name."""
    if found.fields is None:
        return ""
    issued = pages.day(found.fields.issued_at, certificate.tenant)
    expires = pages.day(found.fields.expires_at, certificate.tenant)
    values: dict[str, Any] = {
        "startTask": "CERTIFICATION_NAME",
        "name": found.fields.achievement_name,
        "organizationName": found.fields.issuer_name,
        "issueYear": issued.year if issued else "",
        "issueMonth": issued.month if issued else "",
    }
    if expires:
        values |= {"expirationYear": expires.year, "expirationMonth": expires.month}
    values |= {
        "certUrl": addresses.verify_url(certificate.token),
        "certId": tokens.format_token(certificate.token),
    }
    return "https://www.linkedin.com/profile/add?" + urlencode(values)
