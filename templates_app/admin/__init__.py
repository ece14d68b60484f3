"""Designers' screens, one module each: templates, their versions, images, fonts."""

from templates_app.admin import assets, fonts, templates, versions

__all__ = ["assets", "fonts", "templates", "versions"]
