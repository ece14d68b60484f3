"""EMAIL_URL."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.email import email_settings


class TestEmailSettings:
    def test_reads_a_submission_server(self) -> None:
        found = email_settings("submission://us%40er:p%2Fw@mail.example.org")
        assert found["EMAIL_HOST"] == "mail.example.org"
        assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == (587, True)
        assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("us@er", "p/w")

    def test_reads_tls_from_the_start(self) -> None:
        found = email_settings("smtps://mail.example.org:4650?timeout=3")
        assert (found["EMAIL_PORT"], found["EMAIL_USE_SSL"]) == (4650, True)
        assert found["EMAIL_TIMEOUT"] == 3

    @pytest.mark.parametrize(("url", "name"), [("console:", "console"), ("file:///m", "filebased")])
    def test_reads_backends_without_a_server(self, url: str, name: str) -> None:
        assert email_settings(url)["EMAIL_BACKEND"].split(".")[-2] == name

    @pytest.mark.parametrize("url", ["mail.example.org", "http://x", "smtp://", "smtp://h:port"])
    def test_names_the_variable_it_cannot_read(self, url: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
            email_settings(url)
