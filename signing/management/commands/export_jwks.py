"""Write every published document of keys as static files, for a second origin."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from signing import publication, whole_files

INDEX = "index.json"
_READABLE = 0o644  # by the web server, which is somebody else


class Command(BaseCommand):
    """`manage.py export_jwks DIR`: each file is replaced whole, so DIR may be served meanwhile."""

    help = "Write key sets, single keys and DID documents as static files for a second origin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read where to."""
        parser.add_argument("folder", metavar="DIR", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write what is published, then take away what no longer is."""
        folder: Path = options["folder"]
        if folder.exists() and not folder.is_dir():
            raise CommandError(f"{folder} is a file. Name a folder.")
        if folder.exists() and any(folder.iterdir()) and not (folder / INDEX).is_file():
            raise CommandError(
                f"{folder} holds something else than an export. Name an empty or a new folder."
            )
        try:
            written = _write(folder)
            _sweep(folder, written)
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error.strerror}") from error
        self.stdout.write(f"{len(written) - 1} documents are in {folder}; {INDEX} lists them.")


def _write(folder: Path) -> set[Path]:
    """Write a file for each document, laid out by its address; the index first of all.

    A run that is stopped at any point leaves a folder that the next run knows as its own.
    """
    documents = list(publication.everything())
    index = {
        "documents": [
            {
                "path": one.path,
                "headers": {
                    "Content-Type": one.document.content_type,
                    **publication.headers(one.document.etag),
                },
            }
            for one in documents
        ],
        "gone": publication.gone(),
    }
    written = {folder / INDEX}
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps(index, indent=1).encode() + b"\n"
    whole_files.replace(folder / INDEX, content, mode=_READABLE)
    for one in documents:
        file = folder / one.path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        whole_files.replace(file, one.document.body, mode=_READABLE)
        written.add(file)
    return written


def _sweep(folder: Path, written: set[Path]) -> None:
    """Delete the files of an earlier export that are published no more."""
    for file in list(folder.rglob("*")):
        if file.is_file() and file not in written:
            file.unlink()
