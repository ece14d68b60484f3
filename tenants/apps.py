"""Wiring of the tenants app and of the admin site that everything hangs on."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class TenantsConfig(AppConfig):
    """Wiring."""

    name = "tenants"


class AdminSiteConfig(AdminConfig):
    """Wiring."""

    default_site = "tenants.admin_site.OperatorsSite"
