"""Addresses of health, metrics, and what browsers report."""

from django.urls import path

from observability import views

urlpatterns = [
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("rum", views.rum_report, name="rum"),
]
