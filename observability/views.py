"""Health and metrics: for machines, without cookie, session or cache."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from observability import collectors, exposition, health


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
