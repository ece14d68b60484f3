"""The catalogue of spans and the one way to open them (OBSERVABILITY-spec, section 3)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import cast

from opentelemetry import context, trace
from opentelemetry.context import Context
from structlog.contextvars import get_contextvars

_tracer = trace.get_tracer("certification")
_LINKS = context.create_key("certification.links")


class Span(StrEnum):
    """Every span of ours."""

    ISSUE = "cert.issue"
    SIGN_JWS = "cert.sign_jws"
    RENDER_PDF = "cert.render.pdf"
    RENDER_PNG = "cert.render.png"
    RENDER_OPENBADGES = "cert.render.openbadges"
    VERIFY_PUBLIC = "cert.verify.public"
    OFFLINE_CLAIM_VERIFY = "cert.offline_claim.verify"


ATTRIBUTES = frozenset(
    {
        "cert.certificate_id",
        "cert.template_id",
        "cert.tenant_id",
        "cert.kid",
        "cert.format",
        "cert.cache",
        "cert.batch_size",
    }
)


def linked(others: Sequence[Context], here: Context) -> Context:
    """Return `here` so that the spans opened in it link to the spans of other contexts."""
    found = [trace.get_current_span(one).get_span_context() for one in others]
    links = [trace.Link(one) for one in found if one.is_valid]
    return context.set_value(_LINKS, links, here)


def are_recorded() -> bool:
    """Say whether this process traces at all."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def record(name: Span, *, at: float, seconds: float, **attributes: str | int) -> None:
    """Write down a span that is over: `at` is its end in Unix time. It is a trace of its own."""
    current = _tracer.start_span(
        name.value,
        context=Context(),
        attributes=_named(name, attributes),
        start_time=int((at - seconds) * 1e9),
    )
    current.end(int(at * 1e9))


@contextmanager
def span(name: Span, **attributes: str | int) -> Iterator[trace.Span]:
    """Open a span; `certificate_id="…"` becomes the attribute `cert.certificate_id`.

    An exception is recorded, sets the status to ERROR, and goes on. Within a task the outbox
    runs, the attribute `attempt` says for which time it tries.
    """
    named = _named(name, attributes)
    attempt = get_contextvars().get("attempt")
    if attempt:
        named["attempt"] = attempt
    links = cast("Sequence[trace.Link] | None", context.get_value(_LINKS))
    with _tracer.start_as_current_span(name.value, attributes=named, links=links) as current:
        yield current


def _named(name: Span, attributes: Mapping[str, str | int]) -> dict[str, str | int]:
    named = {f"cert.{key}": value for key, value in attributes.items()}
    unknown = named.keys() - ATTRIBUTES
    if unknown:
        raise ValueError(f"{name} has no attribute {', '.join(sorted(unknown))}")
    return named
