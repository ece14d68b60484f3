"""What is shown elsewhere: the card in other sites' frames, and the QR code of the link."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from certificates import addresses, files, pages, proof, queries, tokens
from certificates.models import Artifact, Certificate
from templates_app.rendering import qr

_DRAWING = "default-src 'none'; sandbox"


@require_safe
def embed(request: HttpRequest, token: str) -> HttpResponseBase:
    """Answer a small card without a script, which other sites may show in a frame."""
    certificate = _shared(token)
    if certificate is None:
        return pages.render(
            request, "certificates/card_gone.html", {}, status=404, may_be_framed=True
        )
    now = timezone.now()
    found, state = proof.examine(certificate, now=now), certificate.state(now=now)
    stands = state in {Certificate.State.ISSUED, Certificate.State.EXPIRED}
    written, fields = tokens.format_token(certificate.token), found.fields
    picture = queries.artifacts_of(certificate).get(Artifact.Format.THUMBNAIL)
    return pages.render(
        request,
        "certificates/card.html",
        {
            "fields": fields if stands else None,
            **(pages.dates(fields, certificate.tenant) if fields else {}),
            "issuer": pages.issuer_head(
                certificate.tenant, name=fields.issuer_name if fields else ""
            ),
            "sample": certificate.tenant.is_sample,
            "state": state.value if fields else "altered",
            "revoked_on": pages.day(certificate.revoked_at, certificate.tenant),
            "thumbnail": addresses.file_path(
                certificate.token, files.NAMES[picture.format], picture.sha256
            )
            if picture
            else "",
            "verify_path": reverse("public_verify", args=[written]),
            "here": reverse("embed", args=[written]),
        },
        cache_control=pages.NO_CACHE if stands and fields else pages.NO_STORE,
        may_be_framed=True,
    )


@require_safe
def qr_code(request: HttpRequest, token: str) -> HttpResponseBase:
    """Answer the verify link as a QR code, drawn as SVG: sharp on a slide and on paper."""
    certificate = _shared(token)
    if certificate is None:
        raise Http404
    svg = qr.svg(addresses.verify_url(certificate.token))
    response = HttpResponse(svg, content_type="image/svg+xml")
    response["X-Robots-Tag"] = "noindex"
    answer = pages.with_etag(request, response, cache_control="private, max-age=86400")
    answer["Content-Security-Policy"] = _DRAWING
    return answer


def _shared(token: str) -> Certificate | None:
    """Return the certificate of an address, unless there is none or nobody may see it."""
    try:
        certificate = queries.certificate_by_token(tokens.read_token(token))
    except tokens.MalformedToken:
        return None
    return None if certificate is None or certificate.is_private else certificate
