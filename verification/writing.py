"""The thread that writes down, once a second, what this process counted of verifications."""

import threading
from multiprocessing import util

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from verification import buffer, bursts

_log = structlog.get_logger("certification")
_lock = threading.Lock()
_thread: threading.Thread | None = None


def start() -> None:
    """Start the thread with the first visit, so that a forked child starts its own."""
    global _thread  # noqa: PLW0603 - one writer a process
    if not settings.VERIFICATION_FLUSH_SECONDS or (_thread is not None and _thread.is_alive()):
        return
    with _lock:
        if _thread is not None and _thread.is_alive():
            return
        _thread = threading.Thread(target=_write_for_ever, name="verifications", daemon=True)
        _thread.start()
        # Unlike atexit, this also runs at the end of a multiprocessing child.
        util.Finalize(None, _write, exitpriority=10)


def _write_for_ever() -> None:
    pause = threading.Event()
    while not pause.wait(settings.VERIFICATION_FLUSH_SECONDS):
        close_old_connections()
        _write()


def _write() -> None:
    now = timezone.now()  # noqa: TID251 - the thread is an interface: it has the clock
    try:
        bursts.share(now=now)
        buffer.drain(now=now)
    except (DatabaseError, InterfaceError) as error:
        _log.warning("verification.counts_wait", error=type(error).__name__)
