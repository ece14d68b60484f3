"""A child sees its folder and nothing else, has no secrets, and ends in time."""

import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sandbox import running
from sandbox.running import Failed, Limits, Stopped, run

SHORT = Limits(memory=512 * 1024**2, cpu=1, wall=8)


def probe(name: str, request: dict[str, Any] | None = None, limits: Limits = SHORT) -> Any:
    return run(f"tests.sandbox.probes:{name}", request or {}, files={}, limits=limits)


class TestRun:
    def test_gives_back_facts_and_bytes(self) -> None:
        facts, content = run("tests.sandbox.probes:echo", {"a": "é"}, files={"1.img": b"x"})
        assert facts == {"got": {"a": "é"}, "files": ["1.img"]}
        assert content == b"\0bytes\n"

    def test_takes_no_environment_along(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SECRET_KEY", "planted")
        facts, _ = probe("environment")
        assert set(facts) <= {"HOME", "LANG", "TMPDIR", "LC_CTYPE"}

    @pytest.mark.parametrize("way", ["read", "read_beneath_python"])
    def test_reads_no_file_of_others(self, way: str, tmp_path: Path) -> None:
        planted = tmp_path / "planted.xml"
        planted.write_text("<secret>planted</secret>")
        with pytest.raises(Failed) as refused:
            probe(way, {"path": str(planted)})
        assert "<secret>" not in str(refused.value)

    @pytest.mark.parametrize("path", ["/etc/passwd", "/proc/self/environ", "manage.py"])
    def test_reads_nothing_of_the_system(self, path: str) -> None:
        with pytest.raises(Failed):
            probe("read", {"path": path})

    def test_writes_nowhere_else(self, tmp_path: Path) -> None:
        with pytest.raises(Failed):
            probe("write", {"path": str(tmp_path / "x")})
        assert not (tmp_path / "x").exists()

    def test_has_no_network(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as canary:
            canary.settimeout(0)
            with pytest.raises(Failed):
                probe("connect", {"port": canary.getsockname()[1]})
            with pytest.raises(BlockingIOError):
                canary.accept()

    def test_starts_no_process(self) -> None:
        with pytest.raises(Failed):
            probe("start")

    def test_ends_no_process_of_others(self) -> None:
        with pytest.raises(Failed, match="the sandbox has no os"):
            probe("end_another", {"process": os.getpid()})

    def test_names_of_folders_do_not_run_into_each_other(self) -> None:
        with pytest.raises(Failed, match="the sandbox has no file"):
            probe("read_beside")

    def test_is_ended_when_the_clock_runs_out(self) -> None:
        with pytest.raises(Stopped, match="longer than 2 seconds") as stopped:
            probe("sleep", limits=Limits(wall=2))
        assert stopped.value.limit == "timeout"

    def test_has_its_clock_stand_still_while_it_waits_for_the_processor(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        began = time.monotonic()
        monkeypatch.setattr(running, "_waited", lambda _: time.monotonic() - began - 0.1)
        limits = Limits(wall=0.5)
        assert probe("nap", {"seconds": 1}, limits)[0] == "awake"

    def test_is_ended_when_the_machine_has_no_time_for_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(running, "_waited", lambda _: 1000.0)
        with pytest.raises(Stopped, match="too little of the processor in 1 seconds") as stopped:
            probe("sleep", limits=Limits(wall=0.2, patience=1))
        assert stopped.value.limit == "timeout"

    def test_is_ended_when_it_has_used_its_processor_time(self) -> None:
        with pytest.raises(Stopped, match="1 seconds of the processor") as stopped:
            probe("spin")
        assert stopped.value.limit == "timeout"

    def test_gets_no_more_memory(self) -> None:
        with pytest.raises(Stopped, match="512 MiB") as stopped:
            probe("swell")
        assert stopped.value.limit == "resource_limit"

    def test_that_crashes_is_an_answer_too(self) -> None:
        with pytest.raises(Stopped, match="SIGABRT") as stopped:
            probe("die")
        assert stopped.value.limit == "resource_limit"

    def test_answers_no_more_than_it_may(self) -> None:
        assert len(run("tests.sandbox.probes:flood", {}, files={})[1]) == 2 * 1024 * 1024
        with pytest.raises(Stopped, match="more than 1 MiB") as stopped:
            probe("flood", limits=Limits(answer=1024 * 1024))
        assert stopped.value.limit == "resource_limit"

    def test_cannot_fill_the_disk(self) -> None:
        with pytest.raises((Failed, Stopped)):
            probe("fill_the_disk")

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts it")
    def test_knows_how_long_a_process_waited(self) -> None:
        waited = running._waited(os.getpid())
        assert 0 <= waited <= running._waited(os.getpid())
        assert running._waited(2**22 + 1) == 0

    def test_leaves_no_folder_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        probe("echo")
        assert list(tmp_path.iterdir()) == []
