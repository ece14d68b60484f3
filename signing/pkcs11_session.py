"""The session of this process with a PKCS #11 token (OASIS PKCS #11 2.40).

A process opens the token when it first needs it and keeps one session, which threads use in turn.
A fork never copies a session: the library is closed before it, as PKCS #11 asks, and parent and
child open it again when they need it.
"""

import hashlib
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pkcs11
from django.conf import settings
from pkcs11.exceptions import (
    MultipleTokensReturned,
    NoSuchToken,
    PinExpired,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
    TokenNotRecognised,
    UserPinNotInitialized,
)

from signing.vault import CannotOpen

T = TypeVar("T")

_PIN_REFUSED = (
    *(PinIncorrect, PinInvalid, PinLenRange, PinLocked, PinExpired),
    UserPinNotInitialized,
)


class TokenAway(CannotOpen):
    """The token does not answer; it may come back."""


class TokenMisconfigured(TokenAway):
    """PKCS11_MODULE, PKCS11_TOKEN or PKCS11_PIN is wrong: waiting does not help."""


@dataclass
class _Connection:
    """What this process has open: a session, and the keys it looked up there."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    library: Any = None
    session: Any = None
    opened_with: tuple[str, ...] = field(default=(), repr=False)
    keys: dict[bytes, Any] = field(default_factory=dict)
    # A token locks itself after a few wrong PINs, so a refused one is not tried a second time.
    refused: tuple[str, ...] = field(default=(), repr=False)

    def close(self) -> None:
        """Forget the session and close the library: that ends every session and the sign-in."""
        library, self.library, self.session = self.library, None, None
        self.keys.clear()
        if library is not None:
            with suppress(PKCS11Error):  # what is gone needs no closing
                library.finalize()


_open = _Connection()


def configured() -> bool:
    """Say whether new keys are to be made in a token."""
    return bool(settings.PKCS11_MODULE)


def in_session(action: Callable[[Any], T]) -> T:
    """Return what `action` does in the session; a session that was cut is opened anew, once."""
    with _open.lock:
        was_open = _open.session is not None
        try:
            return action(_session())
        except PKCS11Error as error:
            _open.close()
            if not was_open:
                raise _explained(error) from None
        try:
            return action(_session())
        except PKCS11Error as error:
            _open.close()
            raise _explained(error) from None


def probe() -> None:
    """Raise TokenAway, which says what to do, where the token cannot be used."""
    in_session(lambda session: session.token)


def close() -> None:
    """Close the token in this process; the next use opens it again."""
    with _open.lock:
        _open.close()


def remembered(key_id: bytes, look_up: Callable[[], Any]) -> Any:
    """Return a key's handle, looked up once a session. Call it in the session."""
    if key_id not in _open.keys:
        _open.keys[key_id] = look_up()
    return _open.keys[key_id]


def forget(key_id: bytes) -> None:
    """Drop a key's handle. Call it in the session."""
    _open.keys.pop(key_id, None)


def _session() -> Any:
    wanted = (settings.PKCS11_MODULE, settings.PKCS11_TOKEN, _fingerprint_of_pin())
    if _open.session is not None and _open.opened_with == wanted:
        return _open.session
    _open.close()
    if not configured():
        raise TokenMisconfigured(
            "PKCS11_MODULE is not set, and a key lies in a token. Set PKCS11_MODULE, PKCS11_TOKEN"
            " and PKCS11_PIN again."
        )
    if _open.refused == wanted:
        raise _pin_refused()
    _open.library = pkcs11.lib(settings.PKCS11_MODULE)
    token = _open.library.get_token(token_label=settings.PKCS11_TOKEN)
    try:
        _open.session = token.open(rw=True, user_pin=settings.PKCS11_PIN)
    except _PIN_REFUSED:
        _open.refused = wanted
        raise
    _open.opened_with = wanted
    return _open.session


def _fingerprint_of_pin() -> str:
    return hashlib.sha256(settings.PKCS11_PIN.encode()).hexdigest()


def _explained(error: PKCS11Error) -> TokenAway:
    """Return the error that names the variable and the remedy."""
    if isinstance(error, _PIN_REFUSED):
        return _pin_refused()
    if isinstance(error, (NoSuchToken, TokenNotRecognised, MultipleTokensReturned)):
        return TokenMisconfigured(
            f"PKCS11_TOKEN={settings.PKCS11_TOKEN!r} is not the label of one token that"
            f" PKCS11_MODULE={settings.PKCS11_MODULE!r} knows. List them: pkcs11-tool --module"
            f" {settings.PKCS11_MODULE} --list-slots"
        )
    if "while loading" in str(error):
        return TokenMisconfigured(
            f"PKCS11_MODULE={settings.PKCS11_MODULE!r} cannot be loaded. Set it to the path of the"
            " token maker's library (.so)."
        )
    return TokenAway(
        f"the token {settings.PKCS11_TOKEN!r} of PKCS11_TOKEN does not answer"
        f" ({type(error).__name__}). See that it is plugged in or reachable; nothing is lost:"
        " what could not be signed is tried again."
    )


def _pin_refused() -> TokenMisconfigured:
    return TokenMisconfigured(
        f"PKCS11_PIN does not open the token {settings.PKCS11_TOKEN!r}. Set PKCS11_PIN, or"
        " PKCS11_PIN_FILE, to its user PIN and start again. It was tried once and is not tried"
        " again, because a token locks itself after a few wrong PINs."
    )


def _before_fork() -> None:
    _open.lock.acquire()
    _open.close()


def _after_fork_in_parent() -> None:
    _open.lock.release()


def _after_fork_in_child() -> None:
    _open.lock = threading.RLock()


os.register_at_fork(
    before=_before_fork,
    after_in_parent=_after_fork_in_parent,
    after_in_child=_after_fork_in_child,
)
