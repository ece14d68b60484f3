"""Load the catalogue from a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from certificates import catalogue
from tenants.models import Tenant


class Command(BaseCommand):
    """`load_courses FILE [--tenant SLUG]`."""

    help = "Load course versions from a CSV file; loading again updates."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--tenant", help="Every row goes to this tenant.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load, and say what happened."""
        tenant = None
        if options["tenant"]:
            tenant = Tenant.objects.filter(slug=options["tenant"]).first()
            if tenant is None:
                raise CommandError(f"There is no tenant {options['tenant']!r}.", returncode=2)
        try:
            with options["file"].open(encoding="utf-8-sig", newline="") as file:
                loaded = catalogue.load(lines=file, tenant=tenant, now=timezone.now())
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(
                f"{options['file']} cannot be read: {error}", returncode=2
            ) from error
        self.stdout.write(f"Course versions: {loaded.created} new, {loaded.updated} updated")
        if loaded.problems:
            raise CommandError("\n".join(loaded.problems), returncode=1)
