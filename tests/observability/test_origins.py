# ruff: noqa: E501 - names of programs are as long as they are
"""A visitor is a country and a class of program: by whom that is said, and what is believed."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from observability import checks, geography, visitors
from observability.origins import Origin, Origins
from observability.user_agents import CLASSES, classify
from tests.observability import mmdb

PROXY, VISITOR = "10.1.1.1", "130.60.1.1"


def origins(**options: Any) -> Origins:
    return Origins(locate=lambda address: f"at {address}", **options)


def behind(*networks: str, **options: Any) -> Origins:
    return origins(proxies=[ip_network(network) for network in networks], **options)


class TestAddress:
    @pytest.mark.parametrize("said", ["", "1.2.3.4", "1.2.3.4, 10.1.1.1"])
    def test_is_the_peer_s_where_no_proxy_is_named(self, said: str) -> None:
        environ = {"REMOTE_ADDR": VISITOR, "HTTP_X_FORWARDED_FOR": said}
        assert origins().address(environ) == VISITOR
        assert behind("10.0.0.0/8").address(environ) == VISITOR

    @pytest.mark.parametrize(
        ("said", "address"),
        [
            ("1.2.3.4", "1.2.3.4"),
            ("9.9.9.9, 1.2.3.4", "1.2.3.4"),  # the visitor wrote the first
            ("9.9.9.9, 1.2.3.4, 10.2.2.2", "1.2.3.4"),  # two proxies of ours
            ("1.2.3.4:55123", "1.2.3.4"),
            ("[2001:db8::7]:443", "2001:db8::7"),
            ("2001:db8::7", "2001:db8::7"),
            ("::ffff:1.2.3.4", "1.2.3.4"),
            ("", PROXY),
            (", ,", PROXY),
            ("10.3.3.3", PROXY),
            (",".join(["6.6.6.6"] * 5_000), "6.6.6.6"),
        ],
    )
    def test_is_what_our_proxies_say(self, said: str, address: str) -> None:
        environ = {"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": said}
        assert behind("10.0.0.0/8").address(environ) == address

    @pytest.mark.parametrize("peer", ["", "unix:", "nonsense", "::1%eth0", "1.2.3.4.5", "é"])
    def test_survives_any_peer(self, peer: str) -> None:
        assert behind("10.0.0.0/8").of({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": "x"})

    def test_is_never_remembered_but_for_proxies(self) -> None:
        ours = behind("10.0.0.0/8", country_header="CF-IPCountry")
        for number in range(20):
            peer, said = f"130.60.1.{number}", f"200.1.1.{number}"
            ours.of({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": said})
            ours.of({"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": said})
        assert ours._trusted == {PROXY}


class TestCountry:
    def test_is_a_trusted_proxy_s_word_first(self) -> None:
        ours = behind("10.0.0.0/8", country_header="CF-IPCountry")
        said = {"HTTP_CF_IPCOUNTRY": "ch", "HTTP_X_FORWARDED_FOR": VISITOR}
        assert ours.of({"REMOTE_ADDR": PROXY, **said}).country == "CH"
        assert ours.of({"REMOTE_ADDR": "8.8.8.8", **said}).country == "at 8.8.8.8"

    @pytest.mark.parametrize("said", ["XX", "T1", "", "CHE", "é1", "C\n", "<>"])
    def test_is_unknown_where_the_proxy_knows_none(self, said: str) -> None:
        ours = behind("10.0.0.0/8", country_header="CF-IPCountry")
        environ = {"REMOTE_ADDR": PROXY, "HTTP_CF_IPCOUNTRY": said}
        assert ours.of(environ).country == "unknown"

    @pytest.mark.parametrize(
        ("address", "country"),
        [
            ("130.60.1.1", "CH"),
            ("200.160.2.3", "BR"),
            ("2001:620::1", "CH"),
            ("127.0.0.1", "unknown"),
            ("192.168.1.1", "unknown"),
            ("", "unknown"),
            ("x" * 5_000, "unknown"),
        ],
    )
    def test_is_that_of_the_registration(self, address: str, country: str) -> None:
        assert geography.registered(address) == country

    def test_is_the_operator_s_file_s_where_there_is_one(
        self, tmp_path: Path, settings: Any
    ) -> None:
        settings.GEOIP_DATABASE = str(mmdb.write(tmp_path / "c.mmdb", lower="NO", upper="PE"))
        visitors.origins.cache_clear()
        ours = visitors.origins()
        visitors.origins.cache_clear()
        places = [ours.of({"REMOTE_ADDR": a}).country for a in ("1.1.1.1", "130.60.1.1", "x", "")]
        assert places == ["NO", "PE", "unknown", "unknown"]
        assert checks.origins() == []


class TestPrivacy:
    @pytest.mark.parametrize(
        ("environ", "is_private"),
        [
            ({}, False),
            ({"HTTP_DNT": "0"}, False),
            ({"HTTP_DNT": "1"}, True),
            ({"HTTP_SEC_GPC": "1"}, True),
        ],
    )
    def test_is_asked_for(self, environ: dict[str, str], is_private: bool) -> None:
        assert origins().of({"REMOTE_ADDR": VISITOR, **environ}).is_private is is_private

    def test_keeps_neither_address_nor_name(self) -> None:
        environ = {"REMOTE_ADDR": VISITOR, "HTTP_USER_AGENT": "Somebody/1.0"}
        found = Origins(locate=geography.registered).of(environ)
        assert found == Origin("CH", "unknown", is_private=False)


class TestChecks:
    def test_name_a_header_that_anybody_could_send(self, settings: Any) -> None:
        settings.COUNTRY_HEADER = "CF-IPCountry"
        (error,) = checks.origins()
        assert error.id == "observability.E003"
        settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
        assert checks.origins() == []

    @pytest.mark.parametrize("content", [None, b"", b"no database"])
    def test_name_a_file_that_cannot_be_read(
        self, settings: Any, tmp_path: Path, content: bytes | None
    ) -> None:
        file = tmp_path / "c.mmdb"
        if content is not None:
            file.write_bytes(content)
        settings.GEOIP_DATABASE = str(file)
        (error,) = checks.origins()
        assert error.id == "observability.E004"
        assert str(file) in error.msg


# As these programs name themselves.
NAMES = {
    "browser_desktop": [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
    ],
    "browser_mobile": [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
    ],
    "link_preview": [
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "WhatsApp/2.23.20.0",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    ],
    "search_bot": [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.0.0 Safari/537.36",
    ],
    "ai_bot": [
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
    ],
    "http_library": [
        *("curl/8.9.1", "python-requests/2.32.3", "Go-http-client/2.0", "okhttp/4.12.0"),
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/130.0.0.0 Safari/537.36",
    ],
    "monitor": [
        "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
        "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
        "Blackbox Exporter/0.25.0",
    ],
    "unknown": ["", "hello", "é" * 100, "Mozilla", "\x00\xff"],
}


class TestClassify:
    @pytest.mark.parametrize(
        ("kind", "name"), [(kind, name) for kind, names in NAMES.items() for name in names]
    )
    def test_knows_programs_by_name(self, kind: str, name: str) -> None:
        assert classify(name) == kind

    def test_has_no_other_class(self) -> None:
        assert set(NAMES) == set(CLASSES)

    def test_looks_at_the_beginning_only(self) -> None:
        assert classify("x" * 1_000_000 + "Googlebot/2.1") == "unknown"
