"""Addresses of verification."""

from django.urls import path

from verification import report_views, views
from verification.api.views import VerifyView

urlpatterns = [
    path("", views.home, name="home"),
    path("verify", views.verify_box, name="verify_box"),
    path("verify/<str:token>", views.public_verify, name="public_verify"),
    path("verify/<str:token>/report", report_views.report_problem, name="report_problem"),
    path("api/v1/verify/<str:token>", VerifyView.as_view(), name="public_verify_api"),
]
