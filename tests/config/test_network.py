"""Tests reach nothing beyond this machine."""

import socket
import urllib.request

import pytest


class TestNetwork:
    def test_an_address_beyond_this_machine_is_refused(self) -> None:
        with (
            socket.socket() as client,
            pytest.raises(RuntimeError, match=r"reach 192\.0\.2\.1"),
        ):
            client.connect(("192.0.2.1", 80))

    def test_a_name_beyond_this_machine_is_not_looked_up(self) -> None:
        with pytest.raises(RuntimeError, match=r"look up example\.org"):
            urllib.request.urlopen("http://example.org/")

    def test_the_loopback_is_reached(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            socket.create_connection(("localhost", listener.getsockname()[1])).close()
