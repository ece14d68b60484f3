"""The child's side: import trusted code, raise the walls, only then read the request.

Started as `python -I child.py ROOT FOLDER CALL MEMORY CPU`, CALL being `module:function`. The
request is JSON on standard input; the answer on standard output is a line of JSON, then bytes.
A module names in PRELOAD what its function would import by itself only when it is too late.
"""

import json
import mimetypes
import os
import sys
import sysconfig
from importlib import import_module
from pathlib import Path
from typing import Any


def main(root: str, folder: str, call: str, memory: str, cpu: str) -> int:
    """Serve one request and return the exit status."""
    sys.path.insert(0, root)
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    from sandbox.walls import raise_walls  # noqa: PLC0415 - the path comes first

    module, _, function = call.partition(":")
    room = import_module(module)
    for name in getattr(room, "PRELOAD", ()):
        import_module(name)
    mimetypes.init()  # reads files of the system when it is first asked
    work = getattr(room, function)
    raise_walls(
        folder=Path(folder), readable=_readable(Path(root)), memory=int(memory), cpu=int(cpu)
    )
    try:
        facts, content = work(json.load(sys.stdin), Path(folder))
        status: dict[str, Any] = {"ok": facts}
    except MemoryError:
        status, content = {"stopped": "memory"}, b""
    except BaseException as error:  # noqa: BLE001 - whatever it was, the parent is told in words
        status, content = {"failed": f"{type(error).__name__}: {error}"[:2000]}, b""
    answer.write(json.dumps(status).encode() + b"\n" + content)
    answer.flush()
    return 0


def _readable(root: Path) -> list[Path]:
    """Return what code is imported from, fonts, shared libraries, and what Python itself opens."""
    places = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    packages = ("templates_app", "sandbox", "tenants", "fonts")
    devices = ("/dev/null", "/dev/urandom", "/lib", "/lib64", "/usr/lib")
    return [
        *(Path(place) for place in sorted(places)),
        *(root / name for name in packages),
        *(Path(device) for device in devices),
    ]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
