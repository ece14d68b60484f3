"""What error pages and error mails may show of the settings."""

import re

from django.views.debug import SafeExceptionReporterFilter


class Filter(SafeExceptionReporterFilter):
    """Django's own, which hides secrets by their names, knowing the names it would miss."""

    hidden_settings = re.compile(
        SafeExceptionReporterFilter.hidden_settings.pattern + "|PIN|PEPPER|BROKER|REDIS",
        re.IGNORECASE,
    )
