"""Compare what the code can emit with what the operators' document promises."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from observability import catalogue


class Command(BaseCommand):
    """`manage.py check_observability`: exit 0 when code and document agree."""

    help = "Compare events, metrics and spans of the code with docs/OBSERVABILITY.md."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Name each difference."""
        document = Path(settings.ROOT) / "docs" / "OBSERVABILITY.md"
        promised = catalogue.documented(document.read_text(encoding="utf-8"))
        present = catalogue.registered()
        differences = [f"only in {document.name}: {entry}" for entry in sorted(promised - present)]
        differences += [f"only in the code: {entry}" for entry in sorted(present - promised)]
        if differences:
            raise CommandError("\n".join(differences))
        self.stdout.write(f"{len(present)} names: code and {document.name} agree.")
