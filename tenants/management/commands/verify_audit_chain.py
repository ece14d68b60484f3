"""Say whether the audit chains are whole, and where the first one breaks."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from observability import audit
from tenants.models import Tenant


class Command(BaseCommand):
    """`manage.py verify_audit_chain [--tenant SLUG]`: exit 0 intact, 1 broken."""

    help = "Verify the audit chain of every tenant and of the platform, or of one tenant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read whose chain."""
        parser.add_argument("--tenant", metavar="SLUG")

    def handle(self, *_args: Any, tenant: str | None = None, **_options: Any) -> None:
        """Verify."""
        slugs = dict(Tenant.objects.values_list("pk", "slug")) | {"": "the platform"}
        chains = list(audit.chains())
        if tenant:
            chains = [tenant_id for tenant_id, slug in slugs.items() if slug == tenant]
            if not chains:
                raise CommandError(f"There is no tenant {tenant!r}.")
        broken = [found for chain in chains if (found := audit.verify_chain(tenant_id=chain))]
        if broken:
            raise CommandError(
                "\n".join(
                    f"Chain of {slugs.get(one.tenant_id, one.tenant_id)} is broken: "
                    f"record {one.sequence} is {one.wrong}."
                    for one in broken
                )
            )
        self.stdout.write(f"Intact: {len(chains)} audit chain(s).")
