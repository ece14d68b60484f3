"""Every Prometheus metric of ours: names, labels and buckets (OBSERVABILITY-spec, section 2).

No live gauges: whatever is a gauge is computed when /metrics is read, from the database or
from counters, because a gauge per process means nothing in a service of many processes.
"""

import bisect
from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import Counter, Histogram, disable_created_metrics

from observability.rum import PAGES
from observability.user_agents import CLASSES, UNKNOWN

# One process and many would otherwise export different series.
disable_created_metrics()  # type: ignore[no-untyped-call]

# Series of cert_issued_total a process may open before template_id becomes `other`.
SERIES_BUDGET = 2_000

METRICS_SERIES_OVERFLOW = Counter(
    "cert_metrics_series_overflow_total", "Label values folded into `other`.", ["metric"]
)


class _IssuedCounter(Counter):
    """Counts by tenant and template, within the budget of series."""

    def labels(self, *values: object, **named: object) -> "_IssuedCounter":
        """Return the series, or the tenant's `other` when the budget is spent."""
        tenant_id, template_id = values or (named["tenant_id"], named["template_id"])
        key = (str(tenant_id), str(template_id))
        if key not in self._metrics and len(self._metrics) >= SERIES_BUDGET:
            METRICS_SERIES_OVERFLOW.labels("cert_issued_total").inc()
            key = (key[0], "other")
        return super().labels(*key)


API_REQUESTS = Counter(
    "cert_api_requests_total", "Responses, by URL name and status.", ["endpoint", "status"]
)
API_DURATION = Histogram(
    "cert_api_duration_seconds",
    "Time to answer, by URL name.",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5),
)
ISSUED = _IssuedCounter(
    "cert_issued_total", "Certificates that became visible.", ["tenant_id", "template_id"]
)
REVOKED = Counter("cert_revoked_total", "Certificates withdrawn.", ["reason"])
VERIFICATION = Counter("cert_verification_total", "Public verifications answered.", ["result"])
OFFLINE_CLAIM = Counter("cert_offline_claim_total", "Offline claims decided.", ["status"])
RENDER_DURATION = Histogram(
    "cert_render_duration_seconds",
    "Time to render one format, without queueing.",
    ["format"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60),
)
ISSUANCE_LATENCY = Histogram(
    "cert_issuance_latency_seconds",
    "From the completion's acceptance to the visible certificate.",
    buckets=(0.25, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60, 120, 300, 900),
)

COMPLETION_EVENTS = Counter("cert_completion_events_total", "Completions accepted.", ["tenant_id"])
BACKFILL_COMPLETIONS = Counter(
    "cert_backfill_completions_total",
    "Completions marked as backfill, left out of the latency.",
    ["tenant_id"],
)
ISSUANCE_FAILURES = Counter(
    "cert_issuance_failures_total",
    "Completions that ended without a certificate.",
    ["tenant_id", "reason"],
)
TENANT_REVOKED = Counter(
    "cert_tenant_revoked_total", "Certificates withdrawn, superseded ones left out.", ["tenant_id"]
)
TENANT_VERIFICATION = Counter(
    "cert_tenant_verification_total", "Verifications by tenant.", ["tenant_id", "result"]
)
PUBLIC_VERIFY_CACHE_REQUESTS = Counter(
    "cert_public_verify_cache_requests_total", "Verifications by cache outcome.", ["outcome"]
)
PUBLIC_VERIFY_DURATION = Histogram(
    "cert_public_verify_duration_seconds",
    "Time of a public verification, by cache outcome.",
    ["cache"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5),
)
RENDER_FAILURES = Counter(
    "cert_render_failures_total", "Renders that failed or were held back.", ["format", "reason"]
)
ARTIFACTS_DAMAGED = Counter(
    "cert_artifacts_damaged_total", "Stored files found missing or altered.", ["format", "reason"]
)
KID_ROTATIONS = Counter("cert_kid_rotations_total", "Key rotations.", ["trigger"])
VERIFY_ANOMALY = Counter("cert_verify_anomaly_total", "Verification anomalies.", ["kind"])
RUM_LCP = Histogram(
    "cert_rum_lcp_seconds",
    "Largest Contentful Paint, as browsers report it.",
    ["page"],
    buckets=(0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 6, 10),
)
RUM_INP = Histogram(
    "cert_rum_inp_seconds",
    "Interaction to Next Paint, as browsers report it.",
    ["page"],
    buckets=(0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2),
)
RUM_CLS = Histogram(
    "cert_rum_cls",
    "Cumulative Layout Shift, as browsers report it.",
    ["page"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1),
)
RUM_REPORTS = Counter("cert_rum_reports_total", "Reports of browsers, by outcome.", ["outcome"])
PUBLIC_VERIFY_COUNTRY = Counter(
    "cert_public_verify_country_total", "Verifications by country.", ["country"]
)
PUBLIC_VERIFY_USER_AGENT = Counter(
    "cert_public_verify_user_agent_total", "Verifications by user-agent class.", ["ua_class"]
)
MAIL = Counter("cert_mail_total", "Letters, by how they went.", ["outcome"])
METRICS_COLLECT_ERRORS = Counter(
    "cert_metrics_collect_errors_total", "Gauges that could not be read at scrape."
)

# Computed at scrape (observability.collectors): name and help.
GAUGES: dict[str, str] = {
    "cert_public_verify_cache_hit_ratio": "Hits of all verifications since start.",
    "cert_outbox_lag_seconds": "Age of the oldest message that is due and not sent.",
    "cert_render_queue_depth": "Render jobs queued or running.",
    "cert_outbox_dead_letters": "Outbox messages given up on.",
    "cert_kid_rotation_due_timestamp_seconds": "When the next key rotation must have happened.",
    "cert_beat_last_run_timestamp_seconds": "When the clock last ran.",
    "cert_build_info": "Always 1; labels tell the version.",
}

RESULTS = ("issued", "revoked", "not_found", "invalid")
REVOCATION_REASONS = (
    "issued_in_error",
    "fraud",
    "superseded",
    "key_compromise",
    "learner_request",
    "other",
)
FAILURE_REASONS = (
    "invalid_completion",
    "credential_lint",
    "signing",
    "storage",
    "retries_exhausted",
    "other",
)
FORMATS = ("pdf", "png", "openbadges")
ARTIFACT_FORMATS = (*FORMATS, "badge-svg", "thumbnail", "card")
RENDER_FAILURE_REASONS = ("timeout", "resource_limit", "layout", "font", "storage", "other")

_CLOSED: list[tuple[Counter | Histogram, list[tuple[str, ...]]]] = [
    (REVOKED, [(reason,) for reason in REVOCATION_REASONS]),
    (VERIFICATION, [(result,) for result in RESULTS]),
    (OFFLINE_CLAIM, [("verified",), ("rejected",)]),
    (RENDER_DURATION, [(form,) for form in FORMATS]),
    (RENDER_FAILURES, [(form, reason) for form in FORMATS for reason in RENDER_FAILURE_REASONS]),
    (
        ARTIFACTS_DAMAGED,
        [(form, reason) for form in ARTIFACT_FORMATS for reason in ("missing", "altered")],
    ),
    (PUBLIC_VERIFY_CACHE_REQUESTS, [("hit",), ("miss",)]),
    (PUBLIC_VERIFY_DURATION, [("hit",), ("miss",)]),
    (KID_ROTATIONS, [("scheduled",), ("manual",), ("compromise",)]),
    (VERIFY_ANOMALY, [("token_burst",)]),
    (PUBLIC_VERIFY_COUNTRY, [(UNKNOWN,)]),
    (PUBLIC_VERIFY_USER_AGENT, [(kind,) for kind in CLASSES]),
    (MAIL, [("sent",), ("dropped",), ("bounced",)]),
    (RUM_LCP, [(page,) for page in PAGES]),
    (RUM_INP, [(page,) for page in PAGES]),
    (RUM_CLS, [(page,) for page in PAGES]),
    (RUM_REPORTS, [(one,) for one in ("counted", "apart", "bot", "limited", "refused")]),
    (METRICS_SERIES_OVERFLOW, [("cert_issued_total",)]),
]

# A labelled series that appears only with its first use hides that first jump from increase().
for _metric, _label_sets in _CLOSED:
    for _labels in _label_sets:
        _metric.labels(*_labels)


def initialise_tenant(*, tenant_id: str, template_ids: Iterable[str]) -> None:
    """Start a tenant's series at 0; calling it again changes nothing."""
    for metric in (COMPLETION_EVENTS, BACKFILL_COMPLETIONS, TENANT_REVOKED):
        metric.labels(tenant_id)
    for reason in FAILURE_REASONS:
        ISSUANCE_FAILURES.labels(tenant_id, reason)
    for result in RESULTS:
        TENANT_VERIFICATION.labels(tenant_id, result)
    for template_id in template_ids:
        ISSUED.labels(tenant_id, template_id)


def observe_many(series: Histogram, amounts: list[float]) -> None:
    """Observe all amounts with one write a bucket; the library knows only one amount at a time."""
    series._sum.inc(sum(amounts))  # noqa: SLF001
    bounds: list[float] = series._upper_bounds  # noqa: SLF001
    for place, number in Tally(bisect.bisect_left(bounds, amount) for amount in amounts).items():
        series._buckets[place].inc(number)  # noqa: SLF001
