"""What it costs to keep a file so that a power cut cannot tear it, and to check it when it is read.

Both sides in one run, in turn: Django's own storage, which names a file before its bytes are on
the disk and believes what it reads, and ours. Wall time is the disk's and depends on the machine;
CPU time is ours. No limit: what is bought is not speed.

Run: python benchmarks/files.py [FOLDER]   (on the disk that MEDIA_ROOT will be on)
"""

import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from django.conf import settings  # noqa: E402 - the path comes first

settings.configure(USE_TZ=True)

from django.core.files.base import ContentFile  # noqa: E402
from django.core.files.storage import FileSystemStorage  # noqa: E402

from certificates.folder import Folder  # noqa: E402

ROUNDS, SIZE = 200, 100_000


def kept(storage: FileSystemStorage, number: int) -> str:
    """Write a file under its hash and return where it is."""
    content = number.to_bytes(4, "big") * (SIZE // 4)
    digest = hashlib.sha256(content).hexdigest()
    return storage.save(f"artifacts/{digest[:2]}/{digest}.pdf", ContentFile(content))


def believed(storage: FileSystemStorage, path: str) -> bytes:
    """Read a file as it is."""
    with storage.open(path) as file:
        return bytes(file.read())


def checked(storage: FileSystemStorage, path: str) -> bytes:
    """Read a file and compare its hash with its name."""
    content = believed(storage, path)
    if hashlib.sha256(content).hexdigest() != Path(path).stem:
        raise SystemExit(f"{path} is damaged")
    return content


def spent(act: Callable[[], object]) -> tuple[float, float]:
    """Return wall and CPU milliseconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        django = FileSystemStorage(location=f"{folder}/django")
        ours = Folder(location=f"{folder}/ours")
        sides = {"Django writes": (django, kept), "we write": (ours, kept)}
        times: dict[str, list[tuple[float, float]]] = {
            name: [] for name in (*sides, "reads as it is", "reads and checks")
        }
        for number in range(ROUNDS):
            for name, (storage, write) in sides.items():
                times[name].append(spent(partial(write, storage, number)))
            path = kept(ours, number)
            times["reads as it is"].append(spent(partial(believed, ours, path)))
            times["reads and checks"].append(spent(partial(checked, ours, path)))
    print(f"{ROUNDS} files of {SIZE:,} bytes, median")
    for name, found in times.items():
        wall, cpu = (statistics.median(side) for side in zip(*found, strict=True))
        print(f"  {name:18} {wall:8.3f} ms  CPU {cpu:7.3f} ms")


if __name__ == "__main__":
    main()
