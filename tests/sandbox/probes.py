"""What a stranger's data might make a library do, as functions for the child."""

import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

Answer = tuple[Any, bytes]


def echo(request: dict[str, Any], folder: Path) -> Answer:
    names = sorted(path.name for path in folder.iterdir())
    return {"got": request, "files": names}, b"\0bytes\n"


def environment(request: dict[str, Any], folder: Path) -> Answer:
    return sorted(os.environ), b""


def read(request: dict[str, Any], folder: Path) -> Answer:
    return None, Path(request["path"]).read_bytes()


def read_beneath_python(request: dict[str, Any], folder: Path) -> Answer:
    """Read as a library in C does, past Python's own hook."""
    from lxml import etree  # type: ignore[import-untyped]

    tree = etree.parse(request["path"])
    return None, etree.tostring(tree)


def write(request: dict[str, Any], folder: Path) -> Answer:
    Path(request["path"]).write_text("x")
    return None, b""


def connect(request: dict[str, Any], folder: Path) -> Answer:
    with socket.create_connection(("127.0.0.1", request["port"]), timeout=2) as link:
        link.sendall(b"hello")
    return None, b""


def start(request: dict[str, Any], folder: Path) -> Answer:
    return subprocess.run(["/bin/true"], check=False).returncode, b""


def end_another(request: dict[str, Any], folder: Path) -> Answer:
    os.kill(request["process"], 0)
    return None, b""


def read_beside(request: dict[str, Any], folder: Path) -> Answer:
    """Read what a folder beside ours holds, whose name begins with the name of ours."""
    return None, Path(f"{folder}-of-another/secret").read_bytes()


def sleep(request: dict[str, Any], folder: Path) -> Answer:
    time.sleep(60)
    return None, b""


def nap(request: dict[str, Any], folder: Path) -> Answer:
    time.sleep(request["seconds"])
    return "awake", b""


def spin(request: dict[str, Any], folder: Path) -> Answer:
    while True:
        pass


def swell(request: dict[str, Any], folder: Path) -> Answer:
    return len(bytearray(2 * 1024**3)), b""


def die(request: dict[str, Any], folder: Path) -> Answer:
    os.abort()


def flood(request: dict[str, Any], folder: Path) -> Answer:
    return None, bytes(2 * 1024 * 1024)


def fill_the_disk(request: dict[str, Any], folder: Path) -> Answer:
    with (folder / "big").open("wb") as file:
        for _ in range(200):
            file.write(bytes(1024 * 1024))
    return None, b""


PRELOAD = ("lxml.etree",)
