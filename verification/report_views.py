"""Report a problem with a certificate to whoever issued it."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from certificates import cases, pages, queries, tokens
from certificates.models import Case, Certificate
from verification.report_forms import ReportForm


# Nobody is signed in: there is nothing to forge, and no cookie is wanted.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def report_problem(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the form, or put what was written into the issuer's inbox."""
    certificate = _find(token)
    form = ReportForm(request.POST if request.method == "POST" else None)
    was_sent = form.is_valid()
    if was_sent:
        cases.report(
            certificate=certificate,
            subject=Case.Subject(form.cleaned_data["subject"]),
            text=form.cleaned_data["text"],
            contact=form.cleaned_data["contact"],
            now=timezone.now(),
        )
    written = tokens.format_token(certificate.token)
    context = {
        "form": form,
        "was_sent": was_sent,
        "chosen": form["subject"].value(),
        "issuer": pages.issuer_head(certificate.tenant),
        "sample": certificate.tenant.is_sample,
        "here": reverse("report_problem", args=[written]),
        "verify_path": reverse("public_verify", args=[written]),
    }
    status = 400 if form.is_bound and not was_sent else 200
    return pages.render(request, "verification/problem.html", context, status=status)


def _find(token: str) -> Certificate:
    try:
        certificate = queries.certificate_by_token(tokens.read_token(token))
    except tokens.MalformedToken as error:
        raise Http404 from error
    if certificate is None:
        raise Http404
    return certificate
