"""Whether a version is a draft or in use."""

from django.utils.safestring import SafeString

from templates_app.models import TemplateVersion
from tenants.pills import pill


def version_pill(version: TemplateVersion) -> SafeString:
    """Return whether a version is a draft or in use."""
    if version.state == TemplateVersion.State.PUBLISHED:
        return pill("good", "published")
    return pill("waiting", "draft")
