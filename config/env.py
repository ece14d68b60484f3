"""Typed readers of the environment that fail loudly and name the variable."""

import base64
import binascii
import ipaddress
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


def env_str(name: str, default: str | None = None) -> str:
    """Return NAME, or the content of the file NAME_FILE points to, or the default."""
    value = _read(name)
    if value is not None:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set. Set {name}, or {name}_FILE to a path.")
    return default


def env_bool(name: str, *, default: bool) -> bool:
    """Return a truth value; anything but 1/0, true/false, yes/no, on/off stops the start."""
    value = _read(name)
    if value is None:
        return default
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is not a truth value; use true or false.")


def env_int(name: str, default: int, *, minimum: int = 0, maximum: int | None = None) -> int:
    """Return a whole number not below `minimum`, nor above `maximum`."""
    value = _read(name)
    if value is None:
        return default
    try:
        number = int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.") from error
    if number < minimum:
        raise ImproperlyConfigured(f"{name}={number} is below the minimum of {minimum}.")
    if maximum is not None and number > maximum:
        raise ImproperlyConfigured(f"{name}={number} is above the maximum of {maximum}.")
    return number


def env_list(name: str, default: list[str]) -> list[str]:
    """Return comma-separated words without blanks."""
    value = _read(name)
    if value is None:
        return default
    return [word.strip() for word in value.split(",") if word.strip()]


def env_networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return comma-separated addresses and networks (10.0.0.0/8); none where it is not given."""
    networks = []
    for word in env_list(name, []):
        try:
            networks.append(ipaddress.ip_network(word))
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}: {error}.") from error
    return networks


def env_key(name: str, value: str) -> bytes:
    """Return 32 bytes from their base64 form, as KEY_ENCRYPTION_KEY is given."""
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ImproperlyConfigured(f"{name} is not base64.") from error
    if len(key) != 32:  # noqa: PLR2004 - AES-256
        raise ImproperlyConfigured(f"{name} holds {len(key)} bytes; it must hold 32, as base64.")
    return key


def env_secret(name: str, *, kept_in: Path, make: Callable[[], str] = lambda: "") -> str:
    """Return a secret; in embedded mode make it once and keep it, readable by its owner only."""
    value = _read(name)
    if value is not None:
        return value
    path = kept_in / name.lower()
    kept_in.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # O_EXCL: when two processes start together, one of them makes the secret.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        secret = make() or secrets.token_urlsafe(48)
        file.write(secret)
    return secret


def make_key() -> str:
    """Return 32 random bytes as base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def _read(name: str) -> str | None:
    value = os.environ.get(name)
    if value:
        return value
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE={path!r} cannot be read: {error}.") from error
