"""The walls a child raises round itself before it touches a stranger's data.

Whatever of them a system lacks is left out; limits and the hook are always there.
"""

import ctypes
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_NEW_USER, _NEW_NET, _NEW_IPC, _NEW_NAMESPACES = 0x10000000, 0x40000000, 0x08000000, 0x00020000
_NO_NEW_PRIVILEGES = 38  # prctl
# Landlock's system calls have these numbers on every architecture (linux/landlock.h).
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH = 1
_READ_FILE, _READ_DIR, _EXECUTE = 1 << 2, 1 << 3, 1 << 0
_EVERY_ACCESS = (1 << 13) - 1  # what the first version of Landlock knows
_TCP = 3
_VERSION_WITH_NET = 4
_FILE_BYTES = 64 * 1024 * 1024
_OPEN_FILES = 128
_READ_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_NONBLOCK
_REFUSED = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.system",
    "os.kill",
    "ctypes.",
)


def raise_walls(*, folder: Path, readable: Iterable[Path], memory: int, cpu: int) -> None:
    """Keep this process to its folder and to what is readable, without network, for ever.

    `memory` is in bytes of address space, `cpu` in seconds.
    """
    paths = [path.resolve() for path in readable if path.exists()]
    library = ctypes.CDLL(None, use_errno=True)
    # Namespaces of its own: no network interface, no shared memory of others.
    library.unshare(_NEW_USER | _NEW_NET | _NEW_IPC | _NEW_NAMESPACES)
    library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if platform.system() == "Linux":
        _landlock(library, folder=folder.resolve(), readable=paths)
    _limit(memory, cpu)
    _hook(folder.resolve(), paths)


def _limit(memory: int, cpu: int) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (most, most))
    # At the first the kernel sends SIGXCPU, which says why; at the second it ends the process.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))


def _landlock(library: Any, *, folder: Path, readable: Iterable[Path]) -> None:
    """Let the kernel refuse every other file, and TCP where it can (landlock(7))."""
    version = library.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return
    with_net = version >= _VERSION_WITH_NET
    attributes = struct.pack("QQ" if with_net else "Q", *([_EVERY_ACCESS, _TCP][: 1 + with_net]))
    ruleset = library.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return
    _allow(library, ruleset, folder, _EVERY_ACCESS)
    for path in readable:
        _allow(library, ruleset, path, _READ_FILE | _READ_DIR | _EXECUTE)
    library.syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _allow(library: Any, ruleset: int, path: Path, access: int) -> None:
    if not path.is_dir():
        access &= _READ_FILE | _EXECUTE
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = struct.pack("=Qi", access, handle)
    library.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    os.close(handle)


def _hook(folder: Path, readable: Iterable[Path]) -> None:
    """Refuse in Python too: the wall that stands on every system, and names what it stopped."""
    allowed = {str(path) for path in (folder, *readable)}
    beneath = tuple(f"{path}{os.sep}" for path in allowed)

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path = arguments[0]
            if isinstance(path, int):
                return
            absolute = os.path.realpath(os.fsdecode(path))
            if absolute not in allowed and not absolute.startswith(beneath):
                raise PermissionError(f"the sandbox has no file {absolute}")
        elif event.startswith(_REFUSED):
            raise PermissionError(f"the sandbox has no {event}")

    sys.addaudithook(refuse)
