"""What a process knows stays inside it, when it crashes too."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECRET = b"the-secret-of-this-process"
CORE_PATTERN = Path("/proc/sys/kernel/core_pattern")
CRASHES = """
import os, resource, sys
from config import hardening
try:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print("lifted", flush=True)
except ValueError:
    pass
if sys.argv[1] == "guarded":
    hardening.keep_memory_private()
secret = "-".join(["the", "secret", "of", "this", "process"])
os.abort()
"""
DIES_WITH_ITS_PARENT = """
import ctypes
from config import hardening, server
server.end_with_parent()
hardening.keep_memory_private()
signal = ctypes.c_int()
ctypes.CDLL(None).prctl(2, ctypes.byref(signal), 0, 0, 0)  # PR_GET_PDEATHSIG
print(signal.value, ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))  # PR_GET_DUMPABLE
"""


def run(program: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


class TestKeepMemoryPrivate:
    @pytest.mark.skipif(
        not CORE_PATTERN.exists() or CORE_PATTERN.read_text().startswith(("|", "/")),
        reason="core files do not go to the working directory here",
    )
    def test_leaves_no_core_file(self, tmp_path: Path) -> None:
        (tmp_path / "guarded").mkdir()
        (tmp_path / "open").mkdir()

        assert run(CRASHES, "guarded", folder=tmp_path / "guarded").returncode == -signal.SIGABRT
        assert list((tmp_path / "guarded").iterdir()) == []

        # This very process is guarded; only with CAP_SYS_RESOURCE can a child lift its limit.
        unguarded = run(CRASHES, "open", folder=tmp_path / "open")
        assert unguarded.returncode == -signal.SIGABRT
        if "lifted" in unguarded.stdout:
            [core] = (tmp_path / "open").iterdir()
            assert SECRET in core.read_bytes(), "the search finds what there is to find"

    @pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux")
    def test_lets_a_child_end_with_its_parent_all_the_same(self, tmp_path: Path) -> None:
        assert run(DIES_WITH_ITS_PARENT, folder=tmp_path).stdout.split() == ["15", "0"]
