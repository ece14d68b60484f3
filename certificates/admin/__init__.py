"""Operators' screens of certificates, one module a screen, and their part of the overview."""

from django.contrib import admin

from certificates import dashboard
from certificates.admin import case, certificate, completion, course, files, theft
from tenants.admin_site import OperatorsSite

__all__ = ["case", "certificate", "completion", "course", "files", "theft"]

if isinstance(admin.site, OperatorsSite):
    admin.site.add_panel(dashboard.issued_panel, place=1)
    admin.site.add_panel(dashboard.funnel_panel, place=2)
    admin.site.add_panel(dashboard.files_panel, place=3)
    admin.site.add_panel(dashboard.inbox_panel, place=4)
