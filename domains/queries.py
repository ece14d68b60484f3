"""Reads of domains for pages."""

from domains.models import DomainProof
from tenants.models import Tenant


def confirmed_domain(tenant: Tenant) -> DomainProof | None:
    """Return the domain a tenant has proved to own; what is not proved is nothing to show."""
    proof: DomainProof | None = getattr(tenant, "domain_proof", None)
    return proof if proof and proof.state == DomainProof.State.CONFIRMED else None
