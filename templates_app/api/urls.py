"""Addresses of the templates API."""

from django.urls import path

from templates_app.api.views import Templates

urlpatterns = [path("templates", Templates.as_view(), name="templates")]
