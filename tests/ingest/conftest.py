"""The two tenants of the samples, with the whole catalogue loaded."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from certificates import catalogue
from templates_app.models import TemplateVersion
from tenants.models import Tenant
from tests.factories.rows import (
    make_template,
    make_tenant,
    make_version,
)

SAMPLES = Path(__file__).parents[2] / "samples"
# The samples reach into October 2026; whatever is later in them must be refused as future.
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def tenants(db: None) -> dict[str, Tenant]:
    """Return both tenants by slug."""
    made = {slug: make_tenant(slug=slug, name=slug) for slug in ("harbourline", "alnahr")}
    lines = (SAMPLES / "courses.csv").read_text(encoding="utf-8").splitlines()
    loaded = catalogue.load(lines=lines, tenant=None, now=NOW)
    assert (loaded.created, loaded.problems) == (9, [])
    return made


@pytest.fixture
def issuers(tenants: dict[str, Tenant]) -> dict[str, Tenant]:
    """Return both tenants, each with a published design, so that certificates can follow."""
    for tenant in tenants.values():
        make_version(make_template(tenant), state=TemplateVersion.State.PUBLISHED)
    return tenants
