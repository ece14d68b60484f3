"""Keep what a process knows inside the process. Imports no Django: it may run before it."""

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4


def keep_memory_private() -> None:
    """Leave no core file of this process, and let no other process of the same user read it.

    The limit holds for children and for programs they become. The second (Linux: prctl(2),
    PR_SET_DUMPABLE) also stops debuggers and cores that are piped to a program, which heed no
    limit; a forked child keeps it, a new program starts without.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
