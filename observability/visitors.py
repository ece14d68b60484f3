"""The one judge of origins in this process, made from the settings before the first visitor."""

from functools import cache

from django.conf import settings

from observability import geography
from observability.origins import Origins


@cache
def origins() -> Origins:
    """Return what tells where requests come from."""
    database: str = settings.GEOIP_DATABASE
    return Origins(
        locate=geography.from_file(database) if database else geography.registered,
        proxies=settings.TRUSTED_PROXIES,
        country_header=settings.COUNTRY_HEADER,
    )
