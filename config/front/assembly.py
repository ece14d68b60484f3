"""Puts the front together from the settings; everything here runs once, or off the way of a hit."""

from functools import cache
from pathlib import Path
from typing import Any

import structlog
from csp.constants import HEADER as CONTENT_SECURITY_POLICY
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.urls import resolve

from config.front.admission import Admission, Rules
from config.front.application import WSGI, Front
from config.front.copies import Copy, Document
from config.front.generation import Generation, slot
from config.front.memory import Memory
from config.front.store import Entry, Headers, Kinds, Store
from config.front.telling import Ledger
from config.front.verdicts import Verdicts
from config.front.watching import Watcher
from observability import batches, health, visitors
from observability.batches import Kind
from signing import publication
from verification import recording

_log = structlog.get_logger("front")


def in_front_of(application: WSGI) -> Front:
    """Return the front of an application, watching and telling from now on."""
    store, ledger, visits = Store(), Ledger(batches.record), Ledger(recording.note_hits)
    watcher = Watcher(
        store=store,
        generation=generation(),
        copy=Copy(Path(settings.DATA_DIR) / "published"),
        prepare=prepare,
    )
    watcher.start()
    ledger.start()
    visits.start()
    health.register_probe("key_documents", lambda: _something_is_published(store))
    said = rules()
    verdicts = Verdicts(
        application,
        memory=Memory(),
        generation=generation(),
        admission=Admission(said),
        kinds=verdict_kinds,
        tell=visits.tell,
        origin=visitors.origins().of,
        is_away=watcher.is_away,
    )
    return Front(
        verdicts,
        store=store,
        generation=generation(),
        rules=said,
        tell=ledger.tell,
        refresh=watcher.wake,
    )


@cache
def generation() -> Generation:
    """Return the counter that the processes of this host share, or one of our own."""
    try:
        return Generation.shared(Path(settings.DATA_DIR))
    except OSError as error:
        # The watcher asks the database anyway: changes arrive half a second later.
        _log.warning("front.generation_not_shared", error=str(error))
        return Generation.private()


def announce(**_: Any) -> None:
    """Tell the processes of this host that published keys changed."""
    generation().bump()


def forget(*, token: str, **_: Any) -> None:
    """Tell the processes of this host that a certificate's verdict changed."""
    generation().bump(slot(token))


def verdict_kinds(path: str) -> tuple[Kind, Kind]:
    """Return what log and metrics call an answered verdict, and "you have it already"."""
    match = resolve(path)
    return _kinds(str(match.url_name), match.route)["GET"]


def prepare(document: Document) -> Entry:
    """Return a document with its headers, as Django gives them."""
    etag = publication.Document(document.content_type, document.body).etag
    said = list(publication.headers(etag).items())
    length = ("Content-Length", str(len(document.body)))
    return Entry(
        path=document.path,
        etag=etag,
        body=document.body,
        found=[("Content-Type", document.content_type), *said, length],
        unchanged=[*said, ("Content-Length", "0")],
        kinds=_kinds(document.endpoint, document.route),
    )


@cache
def _kinds(endpoint: str, route: str) -> Kinds:
    def kind(method: str, status: int) -> Kind:
        return Kind(
            endpoint=endpoint,
            request=f"{method} {route}",
            status=status,
            log_format=settings.LOG_FORMAT,
        )

    reading = {method: (kind(method, 200), kind(method, 304)) for method in ("GET", "HEAD")}
    return reading | {"OPTIONS": (kind("OPTIONS", 204),) * 2}


def rules() -> Rules:
    """Return what the settings, by way of the middleware, say of every answer."""
    return Rules(
        admits=_admits,
        everywhere=[
            ("X-Frame-Options", settings.X_FRAME_OPTIONS),
            (CONTENT_SECURITY_POLICY, build_policy()),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
            ("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
        ],
        https_only=_strict_transport(),
        proxy_header=settings.SECURE_PROXY_SSL_HEADER or ("", ""),
        preflight=[*publication.PREFLIGHT.items(), ("Content-Length", "0")],
    )


def _strict_transport() -> Headers:
    if not settings.SECURE_HSTS_SECONDS:
        return []
    value = f"max-age={settings.SECURE_HSTS_SECONDS}"
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        value += "; includeSubDomains"
    if settings.SECURE_HSTS_PRELOAD:
        value += "; preload"
    return [("Strict-Transport-Security", value)]


def _admits(environ: dict[str, Any]) -> bool:
    """Ask Django whether the Host is one of ALLOWED_HOSTS."""
    request = HttpRequest()
    request.META = environ
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def _something_is_published(store: Store) -> None:
    if not store.entries:
        raise RuntimeError("no key document is loaded")
