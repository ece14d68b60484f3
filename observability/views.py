"""Health, metrics, and what browsers report: without cookie, session or cache."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from observability import collectors, exposition, health, rum, visitors
from observability import metrics as measures
from observability.user_agents import BROWSERS

_REPORTED = {
    "LCP": measures.RUM_LCP,
    "INP": measures.RUM_INP,
    "CLS": measures.RUM_CLS,
}
_limit = rum.Limit(120)


@never_cache
@require_safe
def livez(_request: HttpRequest) -> HttpResponse:
    """Say that this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Say whether this process can do its work, and what it waits for."""
    checks = health.readiness()
    ready = all(checks.values())
    body = {"ready": ready, "checks": {k: "ok" if v else "failed" for k, v in checks.items()}}
    return JsonResponse(body, status=200 if ready else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics of every process of this host to the holder of METRICS_TOKEN."""
    if not exposition.may_read(request.headers.get("Authorization", "")):
        response = HttpResponse(status=401)
        response["WWW-Authenticate"] = "Bearer"
        return response
    return HttpResponse(collectors.exposition(), content_type=CONTENT_TYPE_LATEST)


# Nothing is changed and nobody is signed in; the browser itself says which site a report is from.
@csrf_exempt
@never_cache
@require_POST
def rum_report(request: HttpRequest) -> HttpResponse:
    """Take what the script of our pages measured in a browser."""
    outcome = _take(request)
    measures.RUM_REPORTS.labels(outcome).inc()
    # One too many is dropped in silence: a refusal would stand in the reader's console as an error.
    return HttpResponse(status=400 if outcome == "refused" else 204)


def _take(request: HttpRequest) -> str:
    origins = visitors.origins()
    if not _limit.admits(origins.address(request.META)):
        return "limited"
    if request.headers.get("Sec-Fetch-Site") != "same-origin":
        return "refused"
    try:
        report = rum.read(request.read(rum.LONGEST + 1))
    except rum.NoReport:
        return "refused"
    if origins.of(request.META).ua_class not in BROWSERS:
        return "bot"
    if not report.is_apart:
        _REPORTED[report.metric].labels(report.page).observe(report.value)
    return "apart" if report.is_apart else "counted"
