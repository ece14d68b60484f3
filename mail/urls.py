"""Addresses of mail."""

from django.urls import path

from mail.views import BouncesView

urlpatterns = [path("mail/bounces", BouncesView.as_view(), name="mail_bounces")]
