"""Addresses of verification."""

from django.urls import path

from verification import views
from verification.api.views import VerifyView

urlpatterns = [
    path("", views.home, name="home"),
    path("verify", views.verify_box, name="verify_box"),
    path("verify/<str:token>", views.public_verify, name="public_verify"),
    path("api/v1/verify/<str:token>", VerifyView.as_view(), name="public_verify_api"),
]
